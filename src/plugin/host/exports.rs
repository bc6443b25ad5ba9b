//! The hooks of a component: where each is, and how it is called.

use std::{array, fmt::Display};

use wasmtime::{
    AsContextMut,
    component::{Component, ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lower},
};

use super::{convert, failure::Misshapen, guest::Guest};
use crate::{
    model::{Hook, HookCall, Moment},
    plugin::contract::{
        PluginError,
        world::{ExportedHook, types},
    },
};

const HOOKS: usize = Hook::ALL.len();
/// The one function of a hook's interface.
const HANDLE: &str = "handle";

/// What a plugin answers: an outcome, or an error of its own.
type Answer = Result<types::Outcome, String>;

/// Where a component's hooks are, by hook.
pub struct Exports([Option<ComponentExportIndex>; HOOKS]);

impl Exports {
    /// # Errors
    /// An interface lacks its function.
    pub fn find(component: &Component, hooks: &[ExportedHook]) -> Result<Self, PluginError> {
        let mut found = array::from_fn(|_| None);
        for ExportedHook { hook, interface } in hooks {
            let instance = component.get_export_index(None, interface.as_str());
            let handle = instance.and_then(|instance| component.get_export_index(Some(&instance), HANDLE));
            let missing = || PluginError::WrongWorld(format!("its `{interface}` has no function `{HANDLE}`"));
            if let Some(place) = found.get_mut(*hook as usize) {
                *place = Some(handle.ok_or_else(missing)?);
            }
        }
        Ok(Self(found))
    }

    /// Instantiates the component and asks it what the moment's hook is for.
    pub fn call(
        &self,
        pre: &InstancePre<Guest>,
        mut store: impl AsContextMut<Data = Guest>,
        asked: &HookCall<'_>,
    ) -> wasmtime::Result<Answer> {
        let hook = asked.moment.hook();
        let at =
            self.0.get(hook as usize).and_then(Option::as_ref).ok_or_else(|| misshapen(hook, "it is not there"))?;
        let instance = pre.instantiate(&mut store)?;
        let ask = Ask { instance, at, hook };
        let belongs = || convert::context(asked).ok_or_else(|| misshapen(hook, "it belongs to a customer"));
        match &asked.moment {
            Moment::Welcome { message } => ask.put(store, (belongs()?, message.map(convert::message))),
            Moment::Message { message } => ask.put(store, (belongs()?, convert::message(message))),
            Moment::Order { event, order } => ask.put(store, (belongs()?, convert::order_event(event, order, asked))),
            Moment::PaymentReminder { order, attempt, last } => {
                let order = convert::order(order, asked);
                ask.put(store, (belongs()?, types::PaymentReminder { order, attempt: *attempt, last: *last }))
            }
            Moment::ShippingNotice { order } | Moment::ReviewRequest { order } => {
                ask.put(store, (belongs()?, convert::order(order, asked)))
            }
            Moment::Timer { timer } => ask.put(store, (belongs()?, convert::timer(timer))),
            Moment::ShiftBegins | Moment::Daily => ask.put(store, (convert::store_context(asked),)),
        }
    }
}

struct Ask<'a> {
    instance: Instance,
    at: &'a ComponentExportIndex,
    hook: Hook,
}

impl Ask<'_> {
    fn put<P>(&self, mut store: impl AsContextMut<Data = Guest>, params: P) -> wasmtime::Result<Answer>
    where
        P: ComponentNamedList + Lower,
    {
        let handle = self.instance.get_typed_func::<P, (Answer,)>(&mut store, self.at);
        let (answer,) = handle.map_err(|error| misshapen(self.hook, format!("{error:#}")))?.call(&mut store, params)?;
        Ok(answer)
    }
}

fn misshapen(hook: Hook, why: impl Display) -> wasmtime::Error {
    Misshapen(format!("`on-{hook}`: {why}")).into()
}
