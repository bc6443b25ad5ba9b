//! What a plugin costs that is a script: a call of it, and the time from saving it to the first answer from it.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use miette::{IntoDiagnostic, Report, miette};

use super::plugin_call;
use crate::{
    model::{Hook, Plugins},
    plugin::{
        contract::{Capability, Trust},
        host::{CallLimits, Compiler, HostSettings, PluginEntry, PluginHost, with_sample},
    },
    template,
};

const ROUNDS: usize = 9;
const NAME: &str = "greeting";
/// A greeting as a script.
pub const SOURCE: &str = include_str!("greeting.js");

pub struct Times {
    /// Of calls, sorted.
    pub call: Vec<Duration>,
    /// Median from saving to the first answer.
    pub saved: Duration,
}

/// In folders of its own in `scratch`.
pub fn measure(scratch: &Path) -> Result<Times, Report> {
    let entry = PluginEntry { grants: [Capability::Reply, Capability::Tag].into(), ..PluginEntry::default() };
    let host = PluginHost::new(HostSettings {
        dir: scratch.join("scripts"),
        embedded: &[],
        cache_dir: scratch.join("scripts-cache"),
        compiler: Compiler::child_of_this(),
        archive_dir: scratch.join("scripts-versions"),
        shadow_dir: scratch.join("plugin-shadows"),
        limits: CallLimits::default(),
        plugins: BTreeMap::from([(NAME.to_owned(), entry)]),
        trust: Trust::default(),
        render: template::render,
    });
    let host = Arc::new(host.map_err(|error| miette!("{error}"))?);
    let file = host.dir().join(format!("{NAME}.js"));
    fs::write(&file, SOURCE).into_diagnostic()?;
    host.load_dir();
    host.make_scripts_ready();
    let call = plugin_call::time_calls(&host)?;
    let _watch = host.clone().watch().map_err(|error| miette!("{error}"))?;
    let mut saved = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let words = format!("This is version {round}");
        let began = Instant::now();
        fs::write(&file, SOURCE.replace("10% off Longjing", &words)).into_diagnostic()?;
        while !with_sample(Hook::Welcome, |asked| format!("{:?}", host.offer(asked).actions)).contains(&words) {
            if began.elapsed() > Duration::from_secs(30) {
                return Err(miette!("the new script never answered"));
            }
            thread::sleep(Duration::from_millis(1));
        }
        saved.push(began.elapsed());
    }
    saved.sort_unstable();
    Ok(Times { call, saved: saved[ROUNDS / 2] })
}
