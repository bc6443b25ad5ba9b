#![no_main]
use libfuzzer_sys::fuzz_target;
use nightclerk::plugin::contract::manifest;

fuzz_target!(|bytes: &[u8]| {
    // A plugin file comes from outside too: reading its manifest must never do more than fail.
    let _ = manifest::read(bytes);
});
