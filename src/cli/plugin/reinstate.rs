//! `nightclerk plugin reinstate`.

use std::path::Path;

use miette::Report;

use super::{
    super::{admin_client::segment, output::say},
    daemon,
};
use crate::config::Config;

pub fn run(name: &str, config_dir: &Path) -> Result<(), Report> {
    let client = daemon(&Config::load(config_dir)?)?;
    client.post(&format!("/v1/plugins/{}/reinstate", segment(name)))?;
    say!("{name} is asked again")?;
    Ok(())
}
