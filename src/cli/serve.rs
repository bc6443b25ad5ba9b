//! `nightclerk serve`.

use std::{process::ExitCode, time::Duration};

use miette::{IntoDiagnostic, Report};

use super::{Global, logging, mistakes};
use crate::daemon::{self, Prepared};

/// Exit code 0: it was told to stop; 2: the configuration cannot be run, and every mistake was shown.
pub fn run(global: &Global) -> Result<ExitCode, Report> {
    match daemon::prepare_to_start(&global.config) {
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
