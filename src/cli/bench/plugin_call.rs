//! What one call of a plugin costs: a fresh instance, its answer read and checked.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use miette::{Report, WrapErr, miette};

use crate::{
    model::{Hook, Plugins},
    plugin::{
        contract::{Capability, Trust},
        host::{CallLimits, Compiler, HostSettings, PluginEntry, PluginHost, PluginState, with_sample},
        shipped::SHIPPED,
    },
    template,
};

const CALLS: usize = 100_000;
/// Calls before the clock counts: pages and caches are cold.
const WARM_UP: usize = 200;

/// Times of greeting a new customer with the plugin in `plugins_dir`, else with the shipped one, sorted.
pub fn measure(plugins_dir: &Path, scratch: &Path) -> Result<Vec<Duration>, Report> {
    let entry = PluginEntry { grants: [Capability::Reply, Capability::Kv].into(), ..PluginEntry::default() };
    let host = PluginHost::new(HostSettings {
        dir: plugins_dir.to_owned(),
        embedded: SHIPPED,
        cache_dir: scratch.join("plugin-call"),
        compiler: Compiler::Here,
        archive_dir: scratch.join("plugin-call-versions"),
        shadow_dir: scratch.join("plugin-shadows"),
        limits: CallLimits::default(),
        plugins: BTreeMap::from([("greeting".to_owned(), entry)]),
        trust: Trust::default(),
        render: template::render,
    })
    .map_err(|error| miette!("{error}"))?;
    let loaded = host.load_dir();
    let greeting = loaded.iter().find(|status| status.name == "greeting");
    if greeting.is_none_or(|status| status.state != PluginState::Active) {
        let reason = greeting.and_then(|status| status.reason.clone()).unwrap_or_else(|| "there is none".to_owned());
        return Err(miette!("{reason}")).wrap_err("the greeting plugin cannot be called");
    }
    time_calls(&host)
}

/// Times of greeting a new customer, sorted.
pub fn time_calls(host: &PluginHost) -> Result<Vec<Duration>, Report> {
    with_sample(Hook::Welcome, |asked| {
        let mut times = Vec::with_capacity(CALLS);
        for call in 0..WARM_UP + CALLS {
            let began = Instant::now();
            let answer = host.offer(asked);
            let took = began.elapsed();
            if answer.actions.is_none() {
                return Err(miette!("the greeting plugin did not answer: {:?}", answer.trace));
            }
            if call >= WARM_UP {
                times.push(took);
            }
        }
        times.sort_unstable();
        Ok(times)
    })
}
