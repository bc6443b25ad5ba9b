//! Both ends of a platform on loopback: the sender of signed webhooks, and the API that takes the replies.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming, client::conn::http1 as client_http1, server::conn::http1 as server_http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use miette::{IntoDiagnostic, Report, miette};
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::{clock, setting::Secret, webhook::standard::SigningKey};

/// The key of the bench's channel, as `channels.toml` writes it.
pub const SECRET: &str = "whsec_bmlnaHRjbGVyay1iZW5jaC1zZWNyZXQtMzItYnl0ZXM=";

/// The webhook path of the bench's channel.
pub const PATH: &str = "/hooks/bench";

/// The API that takes replies. It counts them, and passes their bodies on while somebody watches.
pub struct Api {
    pub address: SocketAddr,
    pub replies: Arc<AtomicU64>,
    watched: Arc<AtomicBool>,
    /// Bodies of the replies with their time of arrival.
    pub bodies: mpsc::UnboundedReceiver<(Instant, Bytes)>,
}

impl Api {
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let replies = Arc::new(AtomicU64::new(0));
        let (sender, bodies) = mpsc::unbounded_channel();
        let watched = Arc::new(AtomicBool::new(true));
        tokio::spawn(accept(listener, replies.clone(), watched.clone(), sender));
        Ok(Self { address, replies, watched, bodies })
    }

    /// Whether bodies are passed on from here. Those of a saturating load would fill the memory.
    pub fn watch(&self, watched: bool) {
        self.watched.store(watched, Ordering::Relaxed);
    }

    pub fn count(&self) -> u64 {
        self.replies.load(Ordering::Relaxed)
    }

    /// Waits until no reply has come for a while.
    pub async fn settle(&self) {
        let mut count = self.count();
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let now = self.count();
            if now == count {
                return;
            }
            count = now;
        }
    }
}

async fn accept(
    listener: TcpListener,
    replies: Arc<AtomicU64>,
    watched: Arc<AtomicBool>,
    bodies: mpsc::UnboundedSender<(Instant, Bytes)>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let (replies, watched, bodies) = (replies.clone(), watched.clone(), bodies.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let (replies, watched, bodies) = (replies.clone(), watched.clone(), bodies.clone());
            async move {
                let body = request.into_body().collect().await?.to_bytes();
                replies.fetch_add(1, Ordering::Relaxed);
                if watched.load(Ordering::Relaxed) {
                    let _ = bodies.send((Instant::now(), body));
                }
                Ok::<_, hyper::Error>(Response::new(Full::<Bytes>::default()))
            }
        });
        tokio::spawn(server_http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// Makes the signed webhooks of one customer message each.
#[derive(Clone)]
pub struct Messages {
    key: SigningKey,
    /// Distinguishes the runs against one store.
    run: Arc<str>,
    chats: u64,
    next: Arc<AtomicU64>,
}

impl Messages {
    /// Messages dealt out over `chats` conversations.
    pub fn new(run: &str, chats: u64) -> Result<Self, Report> {
        let key = SigningKey::parse(&Secret::new(SECRET)).map_err(|mistake| miette!("the bench's key {mistake}"))?;
        Ok(Self { key, run: run.into(), chats, next: Arc::default() })
    }

    /// Whether every conversation has had a message.
    pub fn went_round(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.chats
    }

    /// The next message, and its number.
    pub fn next(&self, host: SocketAddr) -> Result<(u64, Request<Full<Bytes>>), Report> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}-{number}", self.run);
        let chat = number % self.chats;
        let body = json!({
            "type": "message.received",
            "timestamp": "2026-11-24T21:30:00Z",
            "data": {
                "id": id,
                "chat_id": format!("{}-{chat}", self.run),
                "sender": { "id": format!("customer-{chat}"), "name": "Ana" },
                "text": format!("Do you ship abroad? ({number})"),
            }
        })
        .to_string();
        let timestamp = clock::now_ms() / 1000;
        let signature = self.key.sign(&id, &timestamp.to_string(), body.as_bytes());
        let request = Request::post(PATH)
            .header("host", host.to_string())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(Full::new(Bytes::from(body)))
            .into_diagnostic()?;
        Ok((number, request))
    }
}

/// One kept-alive connection of the platform's sender.
pub struct Connection(client_http1::SendRequest<Full<Bytes>>);

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self, Report> {
        let stream = TcpStream::connect(address).await.into_diagnostic()?;
        stream.set_nodelay(true).into_diagnostic()?;
        let (sender, connection) = client_http1::handshake(TokioIo::new(stream)).await.into_diagnostic()?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends one webhook and waits for its acknowledgement.
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<StatusCode, Report> {
        self.0.ready().await.into_diagnostic()?;
        let response = self.0.send_request(request).await.into_diagnostic()?;
        let status = response.status();
        let _ = response.into_body().collect().await;
        Ok(status)
    }
}
