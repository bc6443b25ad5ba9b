//! `nightclerk health`: whether the running clerk takes webhooks, for supervisors and containers.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use miette::{IntoDiagnostic, Report, miette};

use super::{Global, output::say};
use crate::{config::Reading, daemon::address_file::Addresses};

/// A clerk that is well answers within a moment.
const PATIENCE: Duration = Duration::from_secs(3);

pub fn run(global: &Global) -> Result<(), Report> {
    let public = Addresses::read(&Reading::of(&global.config)?.data_dir)?.public;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().into_diagnostic()?;
    runtime.block_on(async {
        let request = Request::get(format!("http://{public}/readyz")).body(Empty::<Bytes>::new()).into_diagnostic()?;
        let answer = Client::builder(TokioExecutor::new()).build_http().request(request);
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) if answer.status().is_success() => {
                say!("the clerk takes webhooks on {public}")?;
                Ok(())
            }
            Ok(Ok(answer)) => Err(miette!("the clerk takes no webhooks now: HTTP {}", answer.status().as_u16())),
            Ok(Err(error)) => Err(miette!("the clerk does not answer on {public}: {error}")),
            Err(_) => Err(miette!("the clerk does not answer on {public} within {} seconds", PATIENCE.as_secs())),
        }
    })
}
