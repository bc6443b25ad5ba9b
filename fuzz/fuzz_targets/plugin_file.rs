#![no_main]
use nightclerk_fuzz::fuzz_target;
use std::sync::LazyLock;

use nightclerk::plugin::contract::{Manifest, manifest, samples, settle, world};
use serde_json::{Map, Value};

/// The smallest component there is.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

static NOTHING_GIVEN: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

// A plugin file comes from outside: reading it must never do more than fail.
fuzz_target!(|bytes: &[u8]| {
    let _ = world::hooks(bytes);
    look_at(manifest::read(bytes).ok());
    // The same bytes as what a sound component says of itself.
    look_at(manifest::read(&manifest::attach(EMPTY, bytes)).ok());
});

fn look_at(manifest: Option<Manifest>) {
    let Some(Manifest { contract, settings, .. }) = manifest else { return };
    let _ = world::check_version(contract);
    let _ = settle(&settings, &NOTHING_GIVEN);
    settle(&settings, &samples(&settings)).expect("samples are good settings");
}
