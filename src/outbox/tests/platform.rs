//! A platform that takes JSON and answers as the test says, and the channel that speaks to it.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Semaphore};

use super::*;
use crate::{
    channel::{Attempt, Capabilities, Channel, Outcome, Outgoing, Rendered, SetUp, TokenRequest, Unit},
    webhook::{Inbound, WebhookRequest},
};

/// A request as the platform got it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub chat: String,
    pub text: String,
    pub key: String,
    pub attempt: u64,
    pub fallback: bool,
    /// An earlier attempt may have been taken.
    pub in_doubt: bool,
    pub token: Option<String>,
    /// Requests with the same text before this one.
    pub before: usize,
}

pub enum Answer {
    /// Answers with this status and body.
    Say(StatusCode, Value),
    /// Takes the message and never answers.
    Silence,
    /// Takes the message and answers when the gate opens.
    Gate(Arc<Semaphore>),
}

impl Answer {
    pub fn ok() -> Self {
        Self::word("ok")
    }

    /// A 200 whose body says what the channel is to make of it.
    pub fn word(word: &str) -> Self {
        Self::Say(StatusCode::OK, json!({ "is": word }))
    }

    pub fn status(status: u16) -> Self {
        Self::Say(StatusCode::from_u16(status).unwrap(), json!({}))
    }
}

pub struct Platform {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    /// Tokens asked for.
    pub tokens: Arc<AtomicUsize>,
    /// Of those, new ones that had to be made.
    pub forced: Arc<AtomicUsize>,
    /// Whether it gives the same token until another is forced.
    pub keeps_tokens: Arc<AtomicBool>,
    /// Whether the token endpoint refuses.
    pub no_tokens: Arc<AtomicBool>,
    files: Arc<Mutex<HashMap<String, Kept>>>,
}

/// A file, and how often it was asked for.
struct Kept {
    status: StatusCode,
    body: &'static [u8],
    asked: usize,
}

impl Platform {
    pub async fn start(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let platform = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
            tokens: Arc::default(),
            forced: Arc::default(),
            keeps_tokens: Arc::default(),
            no_tokens: Arc::default(),
            files: Arc::default(),
        };
        let files = platform.files.clone();
        let (seen, tokens, no_tokens) = (platform.seen.clone(), platform.tokens.clone(), platform.no_tokens.clone());
        let (forced, keeps_tokens) = (platform.forced.clone(), platform.keeps_tokens.clone());
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, tokens, no_tokens) = (seen.clone(), tokens.clone(), no_tokens.clone());
                let (answer, files) = (answer.clone(), files.clone());
                let (forced, keeps_tokens) = (forced.clone(), keeps_tokens.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    let (seen, tokens, no_tokens) = (seen.clone(), tokens.clone(), no_tokens.clone());
                    let (answer, files) = (answer.clone(), files.clone());
                    let (forced, keeps_tokens) = (forced.clone(), keeps_tokens.clone());
                    async move {
                        if let Some(kept) = files.lock().unwrap().get_mut(request.uri().path()) {
                            kept.asked += 1;
                            let mut response = Response::new(Full::new(Bytes::from_static(kept.body)));
                            *response.status_mut() = kept.status;
                            return Ok(response);
                        }
                        if request.uri().path() == "/token" {
                            let asked = tokens.fetch_add(1, Ordering::SeqCst) + 1;
                            let is_forced = request.uri().query().is_some_and(|it| it.contains("force=true"));
                            let made = forced.fetch_add(usize::from(is_forced), Ordering::SeqCst);
                            let kept = 1 + made + usize::from(is_forced);
                            let number = if keeps_tokens.load(Ordering::SeqCst) { kept } else { asked };
                            return Ok::<_, Infallible>(give_token(number, &no_tokens).await);
                        }
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        let said = answer(&take(&seen, &body));
                        Ok(respond(said).await)
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        platform
    }

    /// From now on this is what lies at a path.
    pub fn keeps(&self, path: &str, status: StatusCode, body: &'static [u8]) {
        self.files.lock().unwrap().insert(path.to_owned(), Kept { status, body, asked: 0 });
    }

    pub fn fetched(&self, path: &str) -> usize {
        self.files.lock().unwrap()[path].asked
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The texts that came for this chat, in order.
    pub fn texts(&self, chat: &str) -> Vec<String> {
        self.seen().into_iter().filter(|seen| seen.chat == chat).map(|seen| seen.text).collect()
    }

    pub async fn until_seen(&self, count: usize) -> Vec<Seen> {
        eventually(async || Some(self.seen()).filter(|seen| seen.len() >= count)).await
    }
}

fn take(all: &Mutex<Vec<Seen>>, body: &[u8]) -> Seen {
    let body: Value = serde_json::from_slice(body).unwrap();
    let text = |key: &str| body[key].as_str().unwrap().to_owned();
    let mut all = all.lock().unwrap();
    let seen = Seen {
        chat: text("chat"),
        text: text("text"),
        key: text("key"),
        attempt: body["attempt"].as_u64().unwrap(),
        fallback: body["fallback"].as_bool().unwrap(),
        in_doubt: body["in_doubt"].as_bool().unwrap(),
        token: body["token"].as_str().map(str::to_owned),
        before: all.iter().filter(|seen| seen.text == text("text")).count(),
    };
    all.push(seen.clone());
    seen
}

async fn respond(answer: Answer) -> Response<Full<Bytes>> {
    let (status, body) = match answer {
        Answer::Say(status, body) => (status, body),
        Answer::Silence => std::future::pending().await,
        Answer::Gate(gate) => {
            gate.acquire().await.unwrap().forget();
            (StatusCode::OK, json!({ "is": "ok" }))
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response
}

/// Numbered tokens; slow, so that those who want one meet.
async fn give_token(number: usize, no_tokens: &AtomicBool) -> Response<Full<Bytes>> {
    tokio::time::sleep(Duration::from_millis(50)).await;
    let body = if no_tokens.load(Ordering::SeqCst) {
        json!({ "error": "the secret is wrong" })
    } else {
        json!({ "token": format!("token-{number}"), "life": 7200 })
    };
    Response::new(Full::new(Bytes::from(body.to_string())))
}

/// Says everything in JSON.
#[derive(Clone)]
pub struct JsonChannel {
    pub url: String,
    pub capabilities: Capabilities,
    pub uncertain: Uncertain,
    /// Ask `/token` first.
    pub wants_token: bool,
    /// Nothing leaves the daemon.
    pub local: bool,
    /// Refuses to render this text.
    pub closed_to: Option<&'static str>,
}

impl JsonChannel {
    pub fn new(url: &str) -> Self {
        let capabilities = Capabilities {
            max_length: 1000,
            unit: Unit::Chars,
            max_caption: 1000,
            per_second: 0,
            chat_gap_ms: 0,
            budget_is_final: false,
            answers_in_response: false,
        };
        let uncertain = Uncertain::ResendOnce;
        Self { url: url.to_owned(), capabilities, uncertain, wants_token: false, local: false, closed_to: None }
    }
}

impl Channel for JsonChannel {
    fn receive(&self, _request: &WebhookRequest<'_>) -> Inbound {
        Inbound::refuse(StatusCode::NOT_FOUND, "it only sends")
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn render(&self, message: &Outgoing<'_>) -> Rendered {
        let text = message.content.to_plain_text();
        if self.local {
            return Rendered::Local;
        }
        if self.closed_to == Some(&text) {
            return Rendered::Closed("the platform takes no reply after a day");
        }
        let body = json!({
            "chat": message.chat, "text": text, "key": message.key, "attempt": message.attempt,
            "fallback": message.fallback, "token": message.token, "in_doubt": message.in_doubt,
        });
        let request = Request::post(format!("{}/send?secret=s3cret", self.url))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()));
        Rendered::Request { request: Box::new(request.unwrap()), uncertain: self.uncertain }
    }

    fn classify(&self, response: &Response<Bytes>, attempt: &Attempt) -> Outcome {
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        match (response.status().as_u16(), body["is"].as_str().unwrap_or_default()) {
            (200, "ok") => Outcome::Sent(Some("platform-id".to_owned())),
            (200, "known") => Outcome::AlreadySent,
            (200, "stale token") => Outcome::RefreshToken,
            (200, "other way") => Outcome::Fallback,
            (200, "used up") if attempt.in_doubt => Outcome::AlreadySent,
            (200, "used up") => Outcome::Fallback,
            (200, "moved") => Outcome::Moved("b".to_owned()),
            (200, "slow down") => Outcome::SlowDown(body["after_ms"].as_u64().unwrap_or(0), None),
            (404, _) => Outcome::Refused("there is nothing here".to_owned()),
            (200, "blocked") => Outcome::Drop("the customer blocked the shop".to_owned()),
            (200, "banned") => Outcome::StopChannel("the account is banned".to_owned()),
            (200, "panic") => panic!("a bug in the channel"),
            _ => Outcome::Retry(body["after_ms"].as_u64()),
        }
    }

    fn set_up(&self, _webhook_url: &str) -> SetUp {
        SetUp::default()
    }

    fn token(&self, force: bool) -> Option<TokenRequest> {
        fn parse(body: &[u8]) -> Result<(String, u64), String> {
            let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            match (body["token"].as_str(), body["life"].as_u64()) {
                (Some(token), Some(life)) => Ok((token.to_owned(), life)),
                _ => Err(body["error"].as_str().unwrap_or("no token").to_owned()),
            }
        }
        let request = Request::get(format!("{}/token?secret=s3cret&force={force}", self.url)).body(Bytes::new());
        self.wants_token.then(|| TokenRequest { request: request.unwrap(), parse })
    }
}
