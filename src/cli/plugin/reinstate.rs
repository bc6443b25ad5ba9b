//! `nightclerk plugin reinstate`.

use std::path::Path;

use miette::Report;

use super::super::{
    admin_client::{AdminClient, segment},
    output::say,
};

pub fn run(name: &str, config_dir: &Path) -> Result<(), Report> {
    let client = AdminClient::of_folder(config_dir)?;
    client.post(&format!("/v1/plugins/{}/reinstate", segment(name)))?;
    say!("{name} is asked again")?;
    Ok(())
}
