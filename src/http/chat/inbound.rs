//! What visitors send: messages, that they opened the page, and who the shop says they are.

use axum::{
    Extension, Json,
    extract::{Query, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::{
    cookie::{self, Keeping},
    guest::{Guest, refuse},
};
use crate::{
    channel::webchat::{Visitor, WebChat},
    clock,
    http::{Public, bodies::Whole, ingress},
    in_force::Intake,
    model::Event,
    webhook::Refusal,
};

/// Bytes of a body that is no picture: 4000 characters, each as an escape.
const BODY: usize = 48 * 1024;

/// What became of a message.
#[derive(Serialize)]
struct Taken {
    /// Answers that are on their way to the page.
    answers: usize,
    /// Whether the clerk is still looking for an answer.
    thinking: bool,
}

pub async fn message(State(public): State<Public>, Extension(guest): Extension<Guest>, request: Request) -> Response {
    take(&public, &guest, request, WebChat::written).await
}

pub async fn opened(State(public): State<Public>, Extension(guest): Extension<Guest>, request: Request) -> Response {
    take(&public, &guest, request, WebChat::opened).await
}

async fn take(
    public: &Public,
    guest: &Guest,
    request: Request,
    read: impl FnOnce(&WebChat, &Visitor, &[u8], i64) -> Result<Event, Refusal>,
) -> Response {
    let visitor = match admit(public, guest) {
        Ok(visitor) => visitor,
        Err(refused) => return *refused,
    };
    let now_ms = clock::now_ms();
    let body = json_body(public, request).await;
    match body.and_then(|body| read(&guest.channel, visitor, &body, now_ms)) {
        Ok(event) => keep(public, guest, event, now_ms).await,
        Err(refusal) => refuse(public, guest.channel.id(), refusal),
    }
}

/// The visitor, who may write now.
pub fn admit<'g>(public: &Public, guest: &'g Guest) -> Result<&'g Visitor, Box<Response>> {
    let Some(visitor) = &guest.visitor else { return Err(Box::new(refuse(public, guest.channel.id(), stranger()))) };
    public.chat.limits.write(&visitor.chat, guest.from).map_err(|too_much| {
        let mut response = refuse(public, guest.channel.id(), too_much.refusal());
        response.headers_mut().extend([too_much.retry_after()]);
        Box::new(response)
    })?;
    Ok(visitor)
}

/// Makes the event durable, and tells the visitor's other pages of it.
pub async fn keep(public: &Public, guest: &Guest, mut event: Event, now_ms: i64) -> Response {
    if let Some(reply) = event.kind.reply_mut() {
        reply.languages.clone_from(&guest.languages);
    }
    let address = event.address.clone();
    let id = guest.channel.id();
    // It is never closed.
    let _turn = public.chat.turns.acquire().await.ok();
    match public.inbox.accept(event, now_ms, None).await {
        Ok(accepted) => {
            public.chat.hub.wake(&address);
            let answers = accepted.queued.iter().filter(|it| it.message.address == address).count();
            let taken = Taken { answers, thinking: !accepted.decided };
            ingress::counted(id, (StatusCode::ACCEPTED, Json(taken)).into_response())
        }
        Err(_) => ingress::counted(id, ingress::try_again().into_response()),
    }
}

pub fn stranger() -> Refusal {
    Refusal {
        status: StatusCode::UNAUTHORIZED,
        why: "a visitor without the chat's cookie: the page was not loaded first, or the browser keeps no cookies\n",
        detail: Some("load the chat page first".to_owned()),
    }
}

/// A body that a form of a foreign page cannot send.
async fn json_body(public: &Public, request: Request) -> Result<Whole, Refusal> {
    if !is_json(request.headers()) {
        let why = "the content type is application/json\n";
        return Err(Refusal { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, why, detail: None });
    }
    let intake = public.in_force.load().intake;
    public.bodies.read(request.into_body(), Intake { body_limit: BODY.min(intake.body_limit), ..intake }).await
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).and_then(|it| it.split(';').next());
    essence.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
}

#[derive(Deserialize)]
pub struct Where {
    #[serde(default)]
    embedded: bool,
}

/// Makes the visitor the customer that the shop has signed for; an empty body makes them a stranger again.
pub async fn identify(
    State(public): State<Public>,
    Extension(guest): Extension<Guest>,
    Query(place): Query<Where>,
    request: Request,
) -> Response {
    let id = guest.channel.id();
    let visitor = match admit(&public, &guest) {
        Ok(visitor) => visitor,
        Err(refused) => return *refused,
    };
    let body = match json_body(&public, request).await {
        Ok(body) => body,
        Err(refusal) => return refuse(&public, id, refusal),
    };
    let keeping = Keeping { cross_site: place.embedded, is_secure: guest.is_secure, stays: false };
    let cookie = if body.is_empty() {
        if !visitor.is_customer {
            return StatusCode::NO_CONTENT.into_response();
        }
        cookie::stranger(&public.chat, Keeping { stays: true, ..keeping })
    } else {
        match guest.channel.identified(&body) {
            Ok(customer) => cookie::set_cookie(&public.chat.key.customer(&customer), keeping),
            Err(refusal) => return refuse(&public, id, refusal),
        }
    };
    match cookie {
        Some(cookie) => (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
