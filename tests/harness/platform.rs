//! A platform's API on loopback: records every request in order, and answers as the test wants.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{
    FutureExt,
    future::{BoxFuture, ready},
};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;

use super::PATIENCE;

/// One request the platform received.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub at: Instant,
}

impl Received {
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A header of an answer that keeps it back for so many milliseconds.
pub const LATE: &str = "x-late-ms";

type Answer = dyn Fn(&Received) -> BoxFuture<'static, Response<Bytes>> + Send + Sync;

/// The API server; ends when dropped.
pub struct Platform {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Platform {
    /// Answers everything with 200 and `{"ok":true}`-like JSON that all platforms' clients accept.
    pub async fn start() -> Self {
        Self::answering(|_| json(200, r#"{"ok":true,"result":{"message_id":1},"messages":[{"id":"m"}],"errcode":0}"#))
            .await
    }

    pub async fn answering(answer: impl Fn(&Received) -> Response<Bytes> + Send + Sync + 'static) -> Self {
        Self::answering_later(move |request| ready(answer(request)).boxed()).await
    }

    /// The same of one that takes its time.
    pub async fn answering_later(
        answer: impl Fn(&Received) -> BoxFuture<'static, Response<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Answer> = Arc::new(answer);
        let task = tokio::spawn(accept(listener, received.clone(), answer));
        Self { address, received, task }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits for at least `count` requests.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            assert!(Instant::now() < deadline, "{} of {count} requests came: {received:#?}", received.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What came in the time a late or doubled message would need.
    pub async fn after_quiet(&self) -> Vec<Received> {
        let mut count = self.received().len();
        let mut quiet = 0;
        while quiet < 10 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = self.received().len();
            quiet = if now == count { quiet + 1 } else { 0 };
            count = now;
        }
        self.received()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn json(status: u16, body: &'static str) -> Response<Bytes> {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", "application/json")
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

async fn accept(listener: TcpListener, received: Arc<Mutex<Vec<Received>>>, answer: Arc<Answer>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let (received, answer) = (received.clone(), answer.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let (received, answer) = (received.clone(), answer.clone());
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await?.to_bytes();
                    let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
                    let request = Received { method, uri, headers, body, at: Instant::now() };
                    let response = answer(&request);
                    received.lock().unwrap().push(request);
                    let response = response.await;
                    if let Some(late) = response.headers().get(LATE).and_then(|it| it.to_str().ok()?.parse().ok()) {
                        tokio::time::sleep(Duration::from_millis(late)).await;
                    }
                    Ok::<_, hyper::Error>(response.map(Full::new))
                }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
