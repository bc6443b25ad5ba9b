//! The hooks of a component: where each is, and how it is called.

use std::{
    array,
    fmt::Display,
    sync::atomic::{AtomicBool, Ordering},
};

use wasmtime::{
    AsContextMut,
    component::{Component, ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lower, TypedFunc},
};

use super::{convert, failure::Misshapen, guest::Guest};
use crate::{
    model::{Hook, HookCall, Moment},
    plugin::contract::{
        PluginError,
        world::{ExportedHook, PREPARE, types},
    },
};

const HOOKS: usize = Hook::ALL.len();
/// The one function of a hook's interface.
const HANDLE: &str = "handle";
/// The one of `PREPARE`.
const OF_SETTINGS: &str = "of-settings";

/// What a plugin answers: an outcome, or an error of its own.
type Answer = Result<types::Outcome, String>;

/// Where a component's functions are.
pub struct Exports {
    hooks: [Option<HookAt>; HOOKS],
    /// What makes something of its settings once.
    prepare: Option<ComponentExportIndex>,
}

struct HookAt {
    place: ComponentExportIndex,
    /// Its function takes and gives what the host thinks it does; found out at the first call, as it takes some instance.
    fits: AtomicBool,
}

impl Exports {
    /// # Errors
    /// An interface lacks its function.
    pub fn find(component: &Component, hooks: &[ExportedHook]) -> Result<Self, PluginError> {
        let function = |interface: &str, name: &str| {
            let instance = component.get_export_index(None, interface)?;
            component.get_export_index(Some(&instance), name)
        };
        let mut found = array::from_fn(|_| None);
        for ExportedHook { hook, interface } in hooks {
            let missing = || PluginError::WrongWorld(format!("its `{interface}` has no function `{HANDLE}`"));
            if let Some(found) = found.get_mut(*hook as usize) {
                let place = function(interface, HANDLE).ok_or_else(missing)?;
                *found = Some(HookAt { place, fits: AtomicBool::new(false) });
            }
        }
        Ok(Self { hooks: found, prepare: function(PREPARE, OF_SETTINGS) })
    }

    /// Whether it makes something of its settings once.
    pub fn prepares(&self) -> bool {
        self.prepare.is_some()
    }

    /// Instantiates the component and has it make of its settings what its calls will ask for; `None` where it does not.
    pub fn prepare(
        &self,
        pre: &InstancePre<Guest>,
        mut store: impl AsContextMut<Data = Guest>,
    ) -> wasmtime::Result<Option<Result<Vec<u8>, String>>> {
        let Some(at) = &self.prepare else { return Ok(None) };
        let instance = pre.instantiate(&mut store)?;
        let of_settings = instance.get_typed_func::<(), (Result<Vec<u8>, String>,)>(&mut store, at)?;
        let (prepared,) = of_settings.call(&mut store, ())?;
        Ok(Some(prepared))
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
            self.hooks.get(hook as usize).and_then(Option::as_ref).ok_or_else(|| misshapen(hook, "it is not there"))?;
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
    at: &'a HookAt,
    hook: Hook,
}

impl Ask<'_> {
    /// `P`: the same for a hook at each of its calls.
    fn put<P>(&self, mut store: impl AsContextMut<Data = Guest>, params: P) -> wasmtime::Result<Answer>
    where
        P: ComponentNamedList + Lower,
    {
        let function = self.instance.get_func(&mut store, self.at.place);
        let function = function.ok_or_else(|| misshapen(self.hook, "it is no function"))?;
        let handle = if self.at.fits.load(Ordering::Relaxed) {
            // To compare all the types of an answer takes nearly half as long as to make an instance.
            // SAFETY: the type is the component's, so it is that of the function that fitted before, in another instance.
            #[allow(unsafe_code)]
            unsafe {
                TypedFunc::new_unchecked(function)
            }
        } else {
            let handle = function.typed(&store).map_err(|error| misshapen(self.hook, format!("{error:#}")))?;
            self.at.fits.store(true, Ordering::Relaxed);
            handle
        };
        let (answer,): (Answer,) = handle.call(&mut store, params)?;
        Ok(answer)
    }
}

fn misshapen(hook: Hook, why: impl Display) -> wasmtime::Error {
    Misshapen(format!("`on-{hook}`: {why}")).into()
}
