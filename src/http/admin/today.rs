//! What waits now, and what the clerk did alone.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};

use super::{Admin, ErrorView, refusal::store_failed};
use crate::{
    clock,
    desk::{
        Queue, from_bytes,
        morning::{self, DeadLetter, Morning, Queued, Undecided, UnreachableOrder, Waits},
        queue_key,
    },
    engine::Playbook,
    model::{Alone, DESK},
    store::{Store, StoreError, wait},
};

/// Of each kind.
const MOST: usize = 1000;
/// Events read at once.
const PAGE: usize = 500;
/// What was received this long ago and is not decided waits for no answer from outside any more.
const UNDECIDED_MS: i64 = 60_000;

#[utoipa::path(get, path = "/v1/today", responses((status = 200, body = Object), (status = 503, body = ErrorView)))]
pub async fn today(State(admin): State<Admin>) -> Response {
    let (in_force, now_ms) = (admin.in_force.load_full(), clock::now_ms());
    match list(&admin.store, &in_force.playbook, None, now_ms).await {
        Ok(morning) => Json(morning).into_response(),
        Err(error) => store_failed(&error),
    }
}

/// The list as it is now, for one reader or for all.
///
/// # Errors
/// The store cannot be read.
pub async fn list(
    store: &Arc<dyn Store>,
    playbook: &Playbook,
    reader: Option<&str>,
    now_ms: i64,
) -> Result<Morning, StoreError> {
    let waits = waits(store, playbook, now_ms).await?;
    let (since_ms, until_ms) = playbook.alone_before(reader, now_ms);
    let mut alone = Alone { since_ms, until_ms, ..Alone::default() };
    let mut after = 0;
    loop {
        let page = wait(store.decided_since(since_ms, after, PAGE)).await?;
        for record in &page {
            let logged = &record.logged;
            after = logged.id;
            let is_colleagues = playbook.is_colleagues(&logged.event.address);
            if !is_colleagues {
                morning::count(&mut alone, logged.received_ms, &logged.event.kind, &logged.actions, &logged.trace);
            }
        }
        if page.len() < PAGE {
            break;
        }
    }
    let mut list = morning::list(&waits, alone, now_ms);
    if let Some(reader) = reader {
        list.items.retain(|it| !it.owner.as_deref().is_some_and(|owner| playbook.is_for_another_reader(reader, owner)));
    }
    Ok(list)
}

async fn waits(store: &Arc<dyn Store>, playbook: &Playbook, now_ms: i64) -> Result<Waits, StoreError> {
    let tickets = wait(store.open_tickets(MOST)).await?;
    let teams: Vec<String> = playbook.people().teams().map(|(name, _)| name.to_owned()).collect();
    let reading = store.clone();
    let queues = tokio::task::spawn_blocking(move || {
        let mut queued = Vec::new();
        for team in teams {
            let queue: Queue = from_bytes(reading.kv(DESK, &queue_key(&team), now_ms)?.value.as_deref());
            queued.extend(queue.waiting.into_iter().map(|it| Queued {
                team: team.clone(),
                address: it.address,
                since_ms: it.since_ms,
                urgent: it.urgent,
            }));
        }
        Ok(queued)
    });
    let queued = queues.await.unwrap_or(Err(StoreError::Closed))?;
    let undecided = wait(store.undecided(0, MOST)).await?.into_iter();
    let undecided = undecided
        .filter(|it| now_ms.saturating_sub(it.received_ms) >= UNDECIDED_MS)
        .map(|it| Undecided { id: it.id, channel: it.event.channel, since_ms: it.received_ms })
        .collect();
    let dead = wait(store.dead(MOST)).await?.into_iter();
    let dead =
        dead.map(|it| DeadLetter { id: it.id, channel: it.message.address.channel, since_ms: it.created_ms }).collect();
    let orders =
        wait(store.unreachable_orders(MOST)).await?.into_iter().filter(|it| playbook.is_to_be_told(it, now_ms));
    let unreachable = orders.map(|it| UnreachableOrder { since_ms: it.updated_ms, shop: it.shop, id: it.id }).collect();
    Ok(Waits { tickets, queued, undecided, dead, unreachable })
}
