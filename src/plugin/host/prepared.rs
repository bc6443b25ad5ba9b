//! What a plugin made of its settings once, for all its calls.
//!
//! A call has an instance of its own, which would read the settings anew each time: half of what a small plugin does. So one
//! that exports `prepare` is asked once what it makes of them, and is given that, unread, in each call. It learns of nothing
//! but the settings there, so that no call finds in it what another one was about.

use std::sync::Arc;

use super::{
    cache::Digest,
    call, failure,
    sandbox::Sandbox,
    seat::Seat,
    tools::Tools,
    trial::Nothing,
    version::{Seated, Version},
};
use crate::{
    language::Language,
    model::{Failure, HookCall, Moment, StoreFacts},
};

#[derive(Clone)]
pub struct Prepared {
    /// Which version made it: what it means is its own business.
    version: Digest,
    /// None where there is nothing to be had: calls read the settings themselves.
    image: Option<Arc<[u8]>>,
}

/// What the plugin made of the settings of its seat; made now, if it is its first call there.
pub fn of(sandbox: &Sandbox, tools: &Arc<Tools>, seated: &Seated) -> Option<Arc<[u8]>> {
    let Seated { version, seat } = seated;
    if !version.exports.prepares() {
        return None;
    }
    let made = || Prepared { version: version.digest, image: make(sandbox, tools, version, seat) };
    let Prepared { version: by, image } = seat.prepared.get_or_init(made);
    image.clone().filter(|_| *by == version.digest)
}

fn make(sandbox: &Sandbox, tools: &Arc<Tools>, version: &Version, seat: &Seat) -> Option<Arc<[u8]>> {
    let mut store = call::fresh(sandbox, tools, version, Arc::new(seat.with_settings_alone()), None);
    let made = call::run(sandbox, &nothing(), || version.exports.prepare(&version.pre, &mut store));
    let failure = match made {
        Ok(made) => match made? {
            Ok(image) => return Some(image.into()),
            Err(why) => Failure::Said(why),
        },
        Err(error) => failure::of(&error),
    };
    if !seat.on_trial {
        // Its own words may quote a setting that is a secret.
        let why = failure.without_words().to_string();
        tracing::warn!(plugin = seat.name(), why, "the plugin reads its settings with each call");
    }
    None
}

/// No moment, no store and no customer.
fn nothing() -> HookCall<'static> {
    HookCall {
        moment: Moment::Daily,
        now_ms: 0,
        open: false,
        store: StoreFacts {
            name: "",
            clerk: "",
            language: Language::of("en"),
            url: None,
            time_zone: "",
            opens: None,
            offers: &[],
            menu: &[],
            local_time: &|_| String::new(),
        },
        customer: None,
        written: &[],
        lookups: &Nothing,
        recorded: &[],
        event: None,
    }
}
