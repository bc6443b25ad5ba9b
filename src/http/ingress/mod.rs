//! Webhook ingress: read, verify, make durable, acknowledge.

mod budgets;
mod concerns;
mod identifiers;
mod orders;

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{StatusCode, header, request::Parts};

use super::{Public, brake, caller};
use crate::{
    channel::{Channel, Outgoing},
    clock,
    in_force::InForce,
    inbox::{self, Accepted},
    model::{Address, Content, Event, EventKind, Staff},
    outbox::ChannelHandle,
    store::{MessageState, Queued, Settlement, StoreError},
    webhook::{Hold, Inbound, Refusal, WebhookRequest},
};

pub use budgets::{Budget, Budgets};
use budgets::{From, UsedUp};
pub use concerns::{Concerns, Noted};

pub async fn at_root(State(public): State<Public>, Path(id): Path<String>, request: Request) -> Response {
    at_gate(&public, &id, "", request).await
}

pub async fn at_path(
    State(public): State<Public>,
    Path((id, path)): Path<(String, String)>,
    request: Request,
) -> Response {
    at_gate(&public, &id, &path, request).await
}

/// Lets through whom there is a budget for, what names a channel or source, and what passes its gate, if it has one.
async fn at_gate(public: &Public, id: &str, path: &str, request: Request) -> Response {
    let in_force = public.in_force.load_full();
    let (parts, body) = request.into_parts();
    let (caller, connection) = (caller::caller(&in_force.front, &parts), brake::connection(&parts));
    let from = match public.budgets.admit(&in_force.front, caller) {
        Ok(from) => from,
        Err(used_up) => {
            let id = if in_force.listens(id) { id } else { "unknown" };
            public.concerns.refused(id, &UsedUp::refusal());
            public.brake.hold(caller.address, connection.as_deref()).await;
            return counted(id, used_up.into_response());
        }
    };
    match receive(public, &in_force, id, path, from, (parts, body)).await {
        Ok(response) => response,
        // That there is no room is nobody's slip.
        Err(Turned { id, refusal }) if refusal.status.is_server_error() => refused(public, id, refusal),
        // Whatever else is refused counts, so that neither secrets nor names can be guessed at length.
        Err(Turned { id, refusal }) => {
            let response = match public.budgets.refused(from) {
                Ok(()) => refused(public, id, refusal),
                Err(used_up) => {
                    public.concerns.refused(id, &refusal);
                    counted(id, used_up.into_response())
                }
            };
            public.brake.hold(caller.address, connection.as_deref()).await;
            response
        }
    }
}

/// A request that was turned away. `id`: a configured name, or `unknown`.
struct Turned<'a> {
    id: &'a str,
    refusal: Refusal,
}

/// Handles one request to the channel or source `id`. `path` is what follows its name in the URL.
async fn receive<'a>(
    public: &Public,
    in_force: &InForce,
    id: &'a str,
    path: &str,
    from: From,
    (parts, body): (Parts, Body),
) -> Result<Response, Turned<'a>> {
    if !in_force.listens(id) {
        return Err(Turned { id: "unknown", refusal: no_such("no channel has this name\n") });
    }
    let turned = |refusal| Turned { id, refusal };
    let path = match in_force.gates.get(id) {
        None => path,
        Some(gate) => {
            let (given, rest) = path.split_once('/').unwrap_or((path, ""));
            if !gate.matches(given.as_bytes()) {
                return Err(turned(no_such("the path token is missing or another\n")));
            }
            rest
        }
    };
    let body = public.bodies.read(body, in_force.intake).await.map_err(turned)?;
    let query = parts.uri.query().map(parse_query).unwrap_or_default();
    let request = webhook_request(&parts, path, &query, &body);
    let (ack, mut events, ignored, concerns) = match ask(in_force, id, &request) {
        Inbound::Respond(response) => return Ok(count(id, response)),
        Inbound::Refused(refusal) => return Err(turned(refusal)),
        Inbound::Events { ack, events, ignored, concerns } => (ack, events, ignored, concerns),
        Inbound::Unclaimed { ack } => (ack, Vec::new(), 1, Vec::new()),
    };
    public.concerns.accepted(id);
    public.budgets.genuine(from);
    for concern in &concerns {
        public.concerns.note(id, concern);
        match concern.hold {
            Some(Hold::For(ms)) => {
                public.outbox.hold_channel(id, concern.words.clone(), Some(Duration::from_millis(ms)))
            }
            Some(Hold::UntilResumed) => public.outbox.hold_channel(id, concern.words.clone(), None),
            None => {}
        }
    }
    let strange = identifiers::settle(&mut events);
    if strange > 0 && events.is_empty() {
        return Ok(refused(public, id, identifiers::refusal()));
    }
    for event in &mut events {
        bring_home(public, in_force, event);
    }
    let ignored = ignored + strange;
    if ignored > 0 {
        metrics::counter!("nightclerk_ignored_total", "channel" => id.to_owned()).increment(ignored as u64);
    }
    let events = match orders::addressed(in_force, &public.store, events).await {
        Ok(events) => events,
        Err(refusal) => return Ok(refused(public, id, refusal)),
    };
    let Ok(events) = inbox::room_talk_translated(in_force, &public.store, &public.outbox, events).await else {
        return Ok(counted(id, try_again()));
    };
    let Some(_place) = public.budgets.wait(id) else { return Ok(counted(id, try_again())) };
    Ok(match keep(public, in_force.channels.get(id), &request, events).await {
        Ok(answer) => count(id, answer.unwrap_or(ack)),
        Err(_) => {
            public.readiness.doubt();
            counted(id, try_again())
        }
    })
}

/// The conversation as it is known here: shops write numbers in their own way, and platforms give groups new ids.
fn bring_home(public: &Public, in_force: &InForce, event: &mut Event) {
    let address = &mut event.address;
    if let Some(home) = public.outbox.home_of(address) {
        *address = home;
        return;
    }
    let Some(handle) = in_force.channels.get(&address.channel) else { return };
    let written = std::mem::take(&mut address.chat);
    address.chat = handle.channel.chat_id(&written).into_owned();
    // Some countries' numbers have two forms, of which the platform knows a person by one: that is the one to answer.
    if matches!(event.kind, EventKind::Message(_) | EventKind::Opened { .. }) {
        let known = public.outbox.now_at(address);
        // What the platform itself moved elsewhere stays there.
        let is_a_form = known.as_deref().is_none_or(|known| handle.channel.chat_id(known) == address.chat);
        if is_a_form && known.as_deref().unwrap_or(&address.chat) != written {
            public.outbox.found_at(address, &written);
        }
    }
    if let Some(home) = public.outbox.home_of(address) {
        *address = home;
    }
}

/// What cannot be kept now is to be sent again.
pub fn try_again() -> Response {
    let retry_after = [(header::RETRY_AFTER, "1")];
    (StatusCode::SERVICE_UNAVAILABLE, retry_after, "not kept; please try again\n").into_response()
}

/// What the channel makes of a request, or the source of the same name, where it is none of a conversation's.
fn ask(in_force: &InForce, id: &str, request: &WebhookRequest<'_>) -> Inbound {
    let read = in_force.channels.get(id).map(|handle| handle.channel.receive(request));
    match (read, in_force.sources.get(id)) {
        (None | Some(Inbound::Unclaimed { .. }), Some(source)) => source.receive(request, in_force.playbook.zone()),
        (Some(read), _) => read,
        (None, None) => Inbound::Refused(no_such("no channel has this name\n")),
    }
}

/// A stranger learns no more than that there is nothing here; the owner's log says why.
fn no_such(why: &'static str) -> Refusal {
    Refusal { status: StatusCode::NOT_FOUND, why, detail: Some("no channel has this name".to_owned()) }
}

/// Answers a refused request, and tells the owner of it.
pub fn refused(public: &Public, id: &str, refusal: Refusal) -> Response {
    public.concerns.refused(id, &refusal);
    count(id, refusal.into_response())
}

/// Makes the events durable. `Some`: the response that answers the customer in place of the plain ack.
async fn keep(
    public: &Public,
    channel: Option<&Arc<ChannelHandle>>,
    request: &WebhookRequest<'_>,
    mut events: Vec<Event>,
) -> Result<Option<http::Response<Bytes>>, StoreError> {
    if let Some((handle, hold_ms)) = channel.and_then(|handle| Some((handle, handle.hold_ms()?)))
        && events.len() == 1
        && let Some(event) = events.pop()
    {
        // What is said in a staff room is an event of the customer's conversation by now.
        let asker = match &event.kind {
            EventKind::Staff(Staff { room: Some(room), .. }) => room.address.clone(),
            _ => event.address.clone(),
        };
        let accepted = public.inbox.accept(event, request.now_ms, Some(hold_ms)).await?;
        return Ok(answer_in_response(public, handle, request, &asker, accepted));
    }
    public.inbox.accept_all(events, request.now_ms).await?;
    Ok(None)
}

/// Puts the first message that waits for whoever is answered into the response; the others leave on their own. Where a
/// person of the store writes, what they say is for a customer, and no platform gives that to somebody else than it asked for.
fn answer_in_response(
    public: &Public,
    handle: &ChannelHandle,
    request: &WebhookRequest<'_>,
    asker: &Address,
    accepted: Accepted,
) -> Option<http::Response<Bytes>> {
    let (own, others): (Vec<_>, Vec<_>) = accepted
        .queued
        .into_iter()
        .filter(|queued| queued.message.address.channel == handle.id && queued.state != MessageState::Dropped)
        .partition(|queued| queued.message.address == *asker);
    public.outbox.release(others.into_iter().map(|queued| queued.id));
    let mut messages = own.into_iter();
    let first = messages.next()?;
    // A message that was given in an earlier response and asked for again was not seen: give it again.
    let claimed = public.outbox.claim(first.id);
    let given_before = accepted.duplicate && first.state == MessageState::Sent;
    if !(claimed || given_before) {
        return None;
    }
    let response = sync_reply(&*handle.channel, request, &first);
    if claimed {
        if response.is_some() {
            let sent = Settlement::Sent { platform_id: None, at_ms: request.now_ms };
            drop(public.store.settle(first.id, sent));
            public.outbox.release(messages.map(|queued| queued.id));
        } else {
            public.outbox.enqueue(vec![without_hold(first)]);
            public.outbox.release(messages.map(|queued| queued.id));
        }
    }
    response
}

fn sync_reply(channel: &dyn Channel, request: &WebhookRequest<'_>, queued: &Queued) -> Option<http::Response<Bytes>> {
    let message = &queued.message;
    // It has to be fetched first.
    if matches!(message.content, Content::Carried(_)) {
        return None;
    }
    let outgoing = Outgoing {
        chat: &message.address.chat,
        content: &message.content,
        context: &message.context,
        key: &message.key,
        attempt: queued.attempts,
        fallback: false,
        in_doubt: false,
        attached: None,
        token: None,
        now_ms: request.now_ms,
    };
    channel.sync_reply(request, &outgoing)
}

fn without_hold(mut queued: Queued) -> Queued {
    queued.message.not_before_ms = 0;
    queued
}

fn webhook_request<'a>(
    parts: &'a Parts,
    path: &'a str,
    query: &'a [(String, String)],
    body: &'a [u8],
) -> WebhookRequest<'a> {
    WebhookRequest { method: &parts.method, path, query, headers: &parts.headers, body, now_ms: clock::now_ms() }
}

fn parse_query(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn count(channel: &str, response: http::Response<Bytes>) -> Response {
    counted(channel, response.map(Body::from).into_response())
}

/// Counts what a request was answered with.
pub fn counted(channel: &str, response: Response) -> Response {
    let status = response.status().as_u16().to_string();
    // Names that are not configured are not kept apart: they are the caller's choice, and unbounded.
    let channel = if response.status() == StatusCode::NOT_FOUND { "unknown".to_owned() } else { channel.to_owned() };
    metrics::counter!("nightclerk_webhooks_total", "channel" => channel, "status" => status).increment(1);
    response
}
