//! `nightclerk serve`.

use std::time::Duration;

use miette::{IntoDiagnostic, Report};

use super::{Global, logging};
use crate::{config::Config, daemon};

pub fn run(global: &Global) -> Result<(), Report> {
    let config = Config::load(&global.config)?;
    logging::start(&config.log, global.verbose)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().into_diagnostic()?;
    let outcome = runtime.block_on(daemon::run(&global.config, config));
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}
