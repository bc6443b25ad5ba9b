//! The plugins that come with the clerk: components built from `plugins/`, tracked in `plugins/dist/` and embedded
//! here, so that nobody needs a compiler for WebAssembly to run it.

use std::path::Path;

use super::contract::{files_of, plugin_name};

/// Components, each under the name its file would have in the plugins folder.
pub type Components = &'static [(&'static str, &'static [u8])];

/// Seated by the daemon unless the plugins folder has a file of the same name. A static, as a constant's bytes stand in the
/// binary once for each part of it that names them.
pub static SHIPPED: Components = &[
    ("greeting.wasm", include_bytes!("../../plugins/dist/greeting.wasm")),
    ("payment-reminder.wasm", include_bytes!("../../plugins/dist/payment-reminder.wasm")),
    ("review-request.wasm", include_bytes!("../../plugins/dist/review-request.wasm")),
    ("shipping-notice.wasm", include_bytes!("../../plugins/dist/shipping-notice.wasm")),
];

/// The shipped plugin whose file would be called this.
pub fn find(file: &str) -> Option<&'static [u8]> {
    SHIPPED.iter().find(|(name, _)| *name == file).map(|(_, bytes)| *bytes)
}

/// Those whose place no file of the plugins folder takes.
pub fn beside(dir: &Path) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    SHIPPED.iter().copied().filter(|(file, _)| files_of(dir, plugin_name(file)).is_empty())
}
