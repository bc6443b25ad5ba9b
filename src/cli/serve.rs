//! `nightclerk serve`.

use std::time::Duration;

use clap::Args;
use miette::{IntoDiagnostic, Report};

use super::{Global, logging, plugin};
use crate::{config::Config, daemon};

#[derive(Args)]
pub struct ServeArgs {
    /// Build the plugins whose sources stand in the plugins folder first.
    #[arg(long)]
    build: bool,
}

pub fn run(global: &Global, args: &ServeArgs) -> Result<(), Report> {
    let config = Config::load(&global.config)?;
    logging::start(&config.log, global.verbose)?;
    if args.build {
        plugin::build_all(&config.plugins.dir)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().into_diagnostic()?;
    let outcome = runtime.block_on(daemon::run(&global.config, config));
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}
