//! Both ends of a platform on loopback: a connection of the sender of webhooks, and the API that takes the replies.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming, client::conn::http1 as client_http1, server::conn::http1 as server_http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use miette::{IntoDiagnostic, Report};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// What Telegram answers to `sendMessage`; its bots read it.
const SENT: &[u8] = br#"{"ok":true,"result":{"message_id":1,"date":1764000000,"chat":{"id":1000,"type":"private","first_name":"Ana"},"from":{"id":1,"is_bot":true,"first_name":"bot","username":"bench_bot"},"text":"Yes"}}"#;

/// The API that takes replies. It counts them, and passes their bodies on while somebody watches.
pub struct Api {
    pub address: SocketAddr,
    pub replies: Arc<AtomicU64>,
    watched: Arc<AtomicBool>,
    /// Bodies of the replies with their time of arrival.
    pub bodies: mpsc::UnboundedReceiver<(Instant, Bytes)>,
}

impl Api {
    /// At an address of its own, unless one is named.
    pub async fn start(address: Option<SocketAddr>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)))).await?;
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
                let is_telegram = request.uri().path().starts_with("/bot");
                let body = request.into_body().collect().await?.to_bytes();
                replies.fetch_add(1, Ordering::Relaxed);
                if watched.load(Ordering::Relaxed) {
                    let _ = bodies.send((Instant::now(), body));
                }
                let answer = if is_telegram { SENT } else { b"" };
                let mut response = Response::new(Full::new(Bytes::from_static(answer)));
                if is_telegram {
                    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                }
                Ok::<_, hyper::Error>(response)
            }
        });
        tokio::spawn(server_http1::Builder::new().serve_connection(TokioIo::new(stream), service));
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
