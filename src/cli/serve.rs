//! `nightclerk serve`.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use miette::{IntoDiagnostic, Report};

use super::{Global, logging, mistakes, plugin};
use crate::{
    config::Config,
    daemon::{self, Prepared},
};

#[derive(Args)]
pub struct ServeArgs {
    /// Build the plugins whose sources stand in the plugins folder first.
    #[arg(long)]
    build: bool,
}

/// Exit code 0: it was told to stop; 2: the configuration cannot be run, and every mistake was shown.
pub fn run(global: &Global, args: &ServeArgs) -> Result<ExitCode, Report> {
    // Before anything is held against the plugins folder, as that is what it fills. Of a configuration that cannot be
    // read, `prepare` tells.
    if args.build
        && let Ok(config) = Config::load(&global.config)
    {
        plugin::build_all(&config.plugins.dir)?;
    }
    match daemon::prepare(&global.config) {
        Ok(prepared) => serve(global, prepared).map(|()| ExitCode::SUCCESS),
        Err(error) => Ok(mistakes::show(error, &global.config)),
    }
}

fn serve(global: &Global, prepared: Prepared) -> Result<(), Report> {
    logging::start(&prepared.daemon.log, global.verbose)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().into_diagnostic()?;
    let outcome = runtime.block_on(daemon::run(&global.config, prepared));
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}
