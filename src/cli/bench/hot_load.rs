//! From saving a plugin file to the first answer from it.

use std::{
    fs,
    time::{Duration, Instant},
};

use miette::{IntoDiagnostic, Report, WrapErr, miette};
use serde_json::json;

use super::{
    daemon::{Daemon, Site},
    messages::{Kind, Messages, Webhook},
    platform::{Api, Connection},
};
use crate::plugin::{contract::manifest, shipped};

const ROUNDS: usize = 5;

/// Median time from writing a new `greeting.wasm` to the first welcome with its words.
pub async fn measure(site: &Site, daemon: &Daemon, api: &mut Api) -> Result<Duration, Report> {
    let file = site.plugins().join("greeting.wasm");
    let shipped = shipped::beside(&site.plugins()).find(|(name, _)| *name == "greeting.wasm");
    let original = match shipped {
        Some((_, bytes)) => bytes.to_vec(),
        None => fs::read(&file).into_diagnostic().wrap_err("the greeting plugin cannot be read")?,
    };
    let mut connection = Connection::open(daemon.address).await?;
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let words = format!("This is version {round} of the greeting.");
        let bytes = manifest::rewrite(&original, |manifest| set_words(manifest, &words)).into_diagnostic()?;
        while api.bodies.try_recv().is_ok() {}
        // Written beside and renamed, as the build command does.
        let new = file.with_extension("wasm.new");
        fs::write(&new, bytes).into_diagnostic()?;
        let began = Instant::now();
        fs::rename(&new, &file).into_diagnostic()?;
        let newcomers = Messages::new(&[Kind::StandardWebhooks], u64::MAX)?;
        let took = loop {
            let Webhook { request, .. } = newcomers.next(daemon.address)?;
            connection.send(request).await?;
            let mut seen = None;
            while let Ok((arrived, body)) = api.bodies.try_recv() {
                if seen.is_none() && body.windows(words.len()).any(|window| window == words.as_bytes()) {
                    seen = Some(arrived - began);
                }
            }
            if let Some(took) = seen {
                break took;
            }
            if began.elapsed() > Duration::from_secs(30) {
                return Err(miette!("the new greeting never answered"));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        times.push(took);
    }
    times.sort_unstable();
    Ok(times[ROUNDS / 2])
}

/// Puts other words into every text the plugin has by default.
fn set_words(manifest: &mut serde_json::Value, words: &str) {
    let Some(settings) = manifest["settings"].as_object_mut() else { return };
    for setting in settings.values_mut() {
        if setting["type"] == "string" && setting["default"].as_str().is_some_and(|text| !text.is_empty()) {
            setting["default"] = json!(words);
        }
    }
}
