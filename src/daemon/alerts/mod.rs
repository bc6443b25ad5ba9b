//! Tells the owner when something needs a person, once for each cause, and again when it is over.
//!
//! A notice does not go through the store: that it cannot be written is one of the things to tell. What was told, and
//! what could not be delivered yet, lies in a small file of its own in the data folder.

mod ledger;
mod troubles;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use serde::Serialize;
use tokio::time::Instant;

use crate::{
    clock, egress,
    http::{
        Readiness,
        admin::{Edits, TroubleView, Troubles},
    },
    in_force::{self, OwnerWebhook},
    outbox::Outbox,
    plugin::host::PluginHost,
    store::Store,
};
use ledger::{Ledger, Notice, Target};
use troubles::Sight;

/// How often one looks while something is wrong or is still to be told, and the shortest time between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often one looks though nobody told of anything: a disk fills in silence, and a store that nobody writes to breaks so.
const LOOK_ANYWAY: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(15);
/// The file of what was told, within the data folder.
const FILE: &str = "alerts.json";

/// Looks after what is wrong, and says so.
#[derive(Clone)]
pub struct Alerts {
    pub data_dir: PathBuf,
    pub in_force: in_force::Current,
    pub outbox: Outbox,
    pub plugins: Arc<PluginHost>,
    pub store: Arc<dyn Store>,
    pub readiness: Arc<Readiness>,
    pub edits: Arc<Edits>,
    /// What is wrong now, for whoever asks.
    pub shown: Troubles,
    pub client: egress::Client,
}

impl Alerts {
    /// Runs until it is aborted.
    pub async fn run(self) {
        let file = self.data_dir.join(FILE);
        let mut ledger = Ledger::read(&file, clock::now_ms());
        let mut dead = BTreeMap::new();
        let mut outbox = self.outbox.troubles();
        let mut plugins = self.plugins.changes();
        let mut edits = self.edits.came.listen();
        let mut doubts = self.readiness.doubts();
        loop {
            let looked = Instant::now();
            let now_ms = clock::now_ms();
            let in_force = self.in_force.load_full();
            let owner = &in_force.owner;
            let troubles = self.look(&mut dead).await;
            let mut targets: Vec<_> = owner.addresses.iter().cloned().map(Target::Chat).collect();
            targets.extend(owner.webhook.is_some().then_some(Target::Webhook));
            let mut changed = ledger.note(troubles, &targets, owner.is_chinese, now_ms);
            self.shown.store(Arc::new(ledger.shown()));
            for mut notice in ledger.due(now_ms) {
                let sent = self.tell(&notice, owner.webhook.as_ref()).await;
                if let Err(error) = &sent {
                    notice.attempts += 1;
                    tracing::warn!(
                        cause = notice.cause,
                        attempts = notice.attempts,
                        error,
                        "the owner could not be told yet"
                    );
                }
                ledger.settle(&notice, sent.is_ok(), clock::now_ms());
                changed = true;
            }
            if changed && let Err(error) = ledger.write(&file) {
                tracing::debug!(%error, "what was told to the owner cannot be kept");
            }
            if !ledger.is_empty() {
                tokio::time::sleep_until(looked + LOOK_EVERY).await;
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_ANYWAY) => {}
                () = outbox.rung() => {}
                () = plugins.rung() => {}
                () = edits.rung() => {}
                () = doubts.rung() => {}
            }
            // Where one thing goes wrong, many do.
            tokio::time::sleep_until(looked + LOOK_EVERY).await;
        }
    }

    /// Everything that is wrong now.
    async fn look(&self, dead: &mut BTreeMap<String, usize>) -> Vec<troubles::Trouble> {
        let in_force = self.in_force.load_full();
        let sight = Sight {
            outbox: &self.outbox,
            plugins: &self.plugins,
            store: &*self.store,
            readiness: &self.readiness,
            edits: &self.edits,
            data_dir: &self.data_dir,
            least_free: in_force.owner.disk_free_bytes,
        };
        sight.look(in_force.owner.is_chinese, dead).await
    }

    async fn tell(&self, notice: &Notice, webhook: Option<&OwnerWebhook>) -> Result<(), String> {
        match &notice.target {
            Target::Chat(address) => self.outbox.tell(address, &notice.text, &notice.key).await,
            Target::Webhook => {
                // Taken out of the configuration meanwhile: nobody is left to be told.
                let Some(webhook) = webhook else { return Ok(()) };
                let request = request(notice, webhook)?;
                let answer = self.client.send(request, webhook.allow_private_targets, PATIENCE).await;
                match answer {
                    Ok(answer) if answer.status().is_success() => Ok(()),
                    Ok(answer) => Err(format!("the webhook answered HTTP {}", answer.status().as_u16())),
                    Err(error) => Err(error.to_string()),
                }
            }
        }
    }
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: jiff::Timestamp,
    data: TroubleView,
}

/// The notice as Standard Webhooks has it.
fn request(notice: &Notice, webhook: &OwnerWebhook) -> Result<Request<Bytes>, String> {
    let kind = if notice.is_over { "trouble.over" } else { "trouble.began" };
    let timestamp = jiff::Timestamp::from_millisecond(notice.at_ms).unwrap_or_default();
    let data = TroubleView { cause: notice.cause.clone(), what: notice.text.clone(), since_ms: notice.since_ms };
    let body = serde_json::to_vec(&Event { kind, timestamp, data }).map_err(|error| error.to_string())?;
    let seconds = (clock::now_ms() / 1000).to_string();
    let signature = webhook.key.sign(&notice.key, &seconds, &body);
    let mut request = Request::post(&webhook.url).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in
        [("webhook-id", &notice.key), ("webhook-timestamp", &seconds), ("webhook-signature", &signature)]
    {
        request = request.header(name, HeaderValue::from_str(value).map_err(|error| error.to_string())?);
    }
    request.body(body.into()).map_err(|error| error.to_string())
}
