//! The daemon's cost per message, on a store with little history and on one with much.

use std::{path::Path, time::Duration};

use indicatif::ProgressBar;
use miette::{IntoDiagnostic, Report, miette};

use super::{
    daemon::Site,
    load::{Until, saturate},
    messages::{Kind, Messages},
    platform::Api,
};
use crate::{
    model::{
        Action, Address, Content, Conversation, Decision, Event, EventKind, Finding, Message, ReplyContext, Source,
        TraceStep, Version,
    },
    store::{Decided, Journal, Mailbox, NewMessage, Retention, Settlement, SqliteStore, Store},
};

/// Rounds on each store, in turn, so that a slow moment of the machine meets both.
const ROUNDS: usize = 3;
/// Events handed to the writer before waiting for it.
const BATCH: u64 = 1000;

pub struct Cost {
    pub short: Duration,
    pub long: Duration,
}

pub struct Setup<'a> {
    pub dir: &'a Path,
    pub config: &'a Path,
    pub plugins: &'a Path,
    pub history: u64,
    pub connections: usize,
    pub duration: Duration,
}

/// Median time per message at saturation, on a store of 1000 events and on one of `history`.
pub async fn measure(setup: &Setup<'_>, api: &Api, progress: &ProgressBar) -> Result<Cost, Report> {
    let mut sites = Vec::new();
    for (name, count) in [("short", 1000), ("long", setup.history)] {
        let site = Site::lay(&setup.dir.join(name), setup.config, setup.plugins, api.address)?;
        fill(&site.data().join("nightclerk.sqlite"), count, progress).await?;
        sites.push((name, site, Vec::new()));
    }
    for round in 0..ROUNDS {
        for (name, site, costs) in &mut sites {
            progress.set_message(format!("growing history: round {} of {ROUNDS}, {name}", round + 1));
            let (daemon, _) = site.start()?;
            let messages = Messages::new(&[Kind::StandardWebhooks], 5000)?;
            saturate(daemon.address, api, &messages, setup.connections, Until::OnceRound).await?.whole()?;
            let run =
                saturate(daemon.address, api, &messages, setup.connections, Until::Over(setup.duration / 2)).await?;
            costs.push(Duration::from_secs_f64(1.0 / run.whole()?.rate()));
            daemon.stop()?;
        }
    }
    let mut medians = sites.into_iter().map(|(_, _, mut costs)| {
        costs.sort_unstable();
        costs[ROUNDS / 2]
    });
    match (medians.next(), medians.next()) {
        (Some(short), Some(long)) => Ok(Cost { short, long }),
        _ => Err(miette!("no history was measured")),
    }
}

/// Writes `count` answered messages, as the daemon would have.
async fn fill(path: &Path, count: u64, progress: &ProgressBar) -> Result<(), Report> {
    let store = SqliteStore::open(path, Retention::default()).into_diagnostic()?;
    for start in (0..count).step_by(BATCH as usize) {
        progress.set_message(format!("growing history: {start} of {count}"));
        let commits: Vec<_> = (start..count.min(start + BATCH)).map(|number| store.commit(answered(number))).collect();
        let mut settled = Vec::with_capacity(commits.len());
        for commit in commits {
            let committed = commit.await.into_diagnostic()?.into_diagnostic()?;
            let crate::store::Committed::New { queued, .. } = committed else {
                return Err(miette!("the history's events are not distinct"));
            };
            settled.extend(queued.iter().map(|message| {
                store.settle(message.id, Settlement::Sent { platform_id: None, at_ms: message.created_ms })
            }));
        }
        for settlement in settled {
            settlement.await.into_diagnostic()?.into_diagnostic()?;
        }
    }
    store.close();
    Ok(())
}

/// One message of the past, with its answer.
fn answered(number: u64) -> Decided {
    let address = Address::new("bench", format!("past-{}", number % 100_000));
    let at_ms = crate::clock::now_ms();
    let text = "Do you ship abroad? My address is in Lisbon.".to_owned();
    let content = Content::text("Yes, we ship to most countries within a week; what would you like to order?");
    let message =
        Message { id: format!("past-{number}"), sender: address.chat.clone(), text: Some(text), ..Message::default() };
    let event = Event {
        channel: "bench".to_owned(),
        dedupe: format!("past-{number}"),
        address: address.clone(),
        at_ms,
        kind: EventKind::Message(message),
    };
    let conversation = Conversation {
        first_seen_ms: Some(at_ms),
        last_received_ms: Some(at_ms),
        received: 1 + number / 100_000,
        ..Conversation::default()
    };
    let decision = Decision {
        actions: vec![Action::Reply { content: content.clone() }],
        conversation,
        trace: vec![TraceStep::new(Source::rule("abroad"), Finding::Heard { words: vec!["ship abroad".to_owned()] })],
        ..Decision::default()
    };
    let message = NewMessage {
        address,
        content,
        context: ReplyContext::default(),
        key: uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &number.to_le_bytes()).to_string(),
        not_before_ms: 0,
        notice: false,
    };
    Decided {
        event: event.into(),
        decision,
        messages: vec![message],
        received_ms: at_ms,
        basis: Vec::new(),
        version: Version(1),
        received: None,
    }
}
