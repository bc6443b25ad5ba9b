//! `nightclerk plugin enable` and `nightclerk plugin disable`.

use std::path::Path;

use miette::Report;

use super::super::output::say;
use crate::config::{Switched, switch_plugin};

pub fn run(name: &str, on: bool, config_dir: &Path) -> Result<(), Report> {
    let is = if on { "enabled" } else { "disabled" };
    match switch_plugin(config_dir, name, on)? {
        Switched::Changed => say!("{name} is {is} in plugins.toml; a running clerk takes it in a moment")?,
        Switched::WasSo => say!("{name} is {is} already")?,
    }
    Ok(())
}
