use std::sync::Arc;

use wasmtime::component::InstancePre;

use super::{
    cache::Digest, exports::Exports, guest::Guest, history::KeptVersion, logbook::Logbook, record::Record, seat::Seat,
};
use crate::{model::Hook, plugin::contract::Manifest};

/// A version of a plugin, checked, compiled and linked.
pub struct Version {
    pub manifest: Arc<Manifest>,
    /// The moments at which it is asked: those whose hooks it exports.
    pub hooks: Vec<Hook>,
    pub digest: Digest,
    /// Of its file: `wasm`, `js`, ….
    pub extension: String,
    pub record: Record,
    pub logbook: Arc<Logbook>,
    pub(super) exports: Exports,
    pub(super) pre: InstancePre<Guest>,
}

/// A version that is asked, on its seat.
#[derive(Clone)]
pub struct Seated {
    pub version: Arc<Version>,
    pub seat: Arc<Seat>,
}

impl Version {
    /// With the beginning of its hash, since authors build more often than they count.
    pub fn called(&self) -> String {
        KeptVersion::new(&self.manifest.version, &self.digest).to_string()
    }
}
