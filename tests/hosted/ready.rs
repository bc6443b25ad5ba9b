//! Hosts that start at once: what takes seconds to compile, the script engine and the shipped plugins, is compiled once and
//! kept with the build.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Duration,
};

use nightclerk::{
    plugin::{
        contract::Trust,
        host::{CallLimits, Compiler, HostSettings, PluginEntry, PluginHost},
        shipped::SHIPPED,
    },
    template,
};

/// Compiled code.
static COMPILED: LazyLock<PathBuf> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hosted-cache");
    let host = host(dir.path(), &cache, true, BTreeMap::new());
    fs::write(host.dir().join("any.js"), "export const message = () => {}").unwrap();
    host.load_dir();
    host.make_scripts_ready();
    cache
});

/// A host on this folder's `plugins`, with nothing embedded.
pub fn host_in(dir: &Path, entries: BTreeMap<String, PluginEntry>) -> PluginHost {
    let cache = dir.join("cache");
    fs::create_dir(&cache).unwrap();
    for entry in fs::read_dir(&*COMPILED).unwrap().flatten() {
        fs::copy(entry.path(), cache.join(entry.file_name())).unwrap();
    }
    host(dir, &cache, false, entries)
}

fn host(dir: &Path, cache: &Path, with_shipped: bool, plugins: BTreeMap<String, PluginEntry>) -> PluginHost {
    PluginHost::new(HostSettings {
        dir: dir.join("plugins"),
        embedded: if with_shipped { SHIPPED } else { &[] },
        cache_dir: cache.to_owned(),
        compiler: Compiler::Child(env!("CARGO_BIN_EXE_nightclerk").into()),
        archive_dir: dir.join("versions"),
        // A busy machine must not make a promise look broken.
        limits: CallLimits { timeout: Duration::from_secs(5), ..CallLimits::default() },
        plugins,
        trust: Trust::default(),
        shadow_dir: dir.join("shadows"),
        render: template::render,
    })
    .unwrap()
}
