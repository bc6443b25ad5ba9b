//! The yardstick: a bare hyper server that acknowledges each webhook and answers it, and stores nothing.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::TcpListener;

/// Serves until the process ends. Each request's body is sent on to `api` as the answer.
pub async fn serve(api: SocketAddr) -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1024).build(connector);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let client = client.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let client = client.clone();
            async move {
                let body = request.into_body().collect().await?.to_bytes();
                tokio::spawn(async move {
                    let reply = Request::post(format!("http://{api}/replies"))
                        .header("content-type", "application/json")
                        .body(Full::new(body));
                    if let Ok(reply) = reply
                        && let Ok(response) = client.request(reply).await
                    {
                        let _ = response.into_body().collect().await;
                    }
                });
                let mut response = Response::new(Full::<Bytes>::default());
                *response.status_mut() = StatusCode::ACCEPTED;
                Ok::<_, hyper::Error>(response)
            }
        });
        tokio::spawn(async move {
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
