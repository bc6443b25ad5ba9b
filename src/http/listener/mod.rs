//! Accepts connections under limits, and lets them finish when the daemon stops.

mod arrival;
mod stream;

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, response::Response};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::{
    caller::Peer,
    patience::{Guest, Room},
};
use arrival::{Arriving, Leaving};
use stream::Handover;

pub use stream::Lasting;

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct ListenerLimits {
    /// A request's head must be complete within this time, also on a connection kept alive.
    pub header_timeout: Duration,
    /// Bytes of a request's head.
    pub header_bytes: usize,
    pub connections: usize,
    /// How long open requests may go on once the daemon stops.
    pub grace: Duration,
}

/// Callers whom the kernel lets wait; more are turned away, and come back a second later at the soonest.
pub const BACKLOG: u32 = 4096;
/// How long, and how many bytes, are read of a caller who got an answer before they had said all.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 4 << 20;

/// Serves `router` until `stop` is cancelled, then waits for the requests under way, at most `limits.grace`.
pub async fn serve(listener: TcpListener, router: Router, limits: ListenerLimits, stop: CancellationToken) {
    let house = Room::of(limits.connections);
    let connections = TaskTracker::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(limits.header_bytes.max(8192));
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, or the caller left: neither is worth dying for.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = stop.cancelled() => break,
        };
        let place = tokio::select! {
            place = house.take(1) => place,
            () = stop.cancelled() => break,
        };
        let Some(place) = place else { break };
        let _ = stream.set_nodelay(true);
        let attended = attend(stream, Peer(peer), http.clone(), router.clone(), Arc::new(house.guest()), stop.clone());
        // What lasts for as long as a page is open is a task of its own, which does not hold what a connection needs.
        let lasting = connections.clone();
        connections.spawn(async move {
            if let Some((stream, answer, guest)) = attended.await {
                lasting.spawn(async move {
                    let stream = stream::write(stream, answer).await;
                    Box::pin(linger(stream, &guest)).await;
                    drop(place);
                });
            }
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(limits.grace, connections.wait()).await.is_err() {
        tracing::warn!("some requests were still open when the time to stop had passed");
    }
}

/// Answers what one connection asks, until it ends, has to make room, or the daemon stops. An answer that lasts is given
/// back with the connection, for which it is the last.
async fn attend(
    stream: TcpStream,
    peer: Peer,
    http: http1::Builder,
    router: Router,
    guest: Arc<Guest>,
    stop: CancellationToken,
) -> Option<(TcpStream, Response, Arc<Guest>)> {
    let (speaker, handover) = (guest.clone(), Arc::new(Handover::default()));
    let offered = handover.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(|body| Arriving::new(body, speaker.clone()));
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(speaker.clone());
        let (router, speaker, offered) = (router.clone(), speaker.clone(), offered.clone());
        async move {
            let response = offered.unless_lasting(router.oneshot(request).await?).await;
            Ok::<_, Infallible>(response.map(|body| Leaving::new(body, speaker)))
        }
    });
    let mut connection = http.serve_connection(TokioIo::new(stream), service);
    let mut stopping = false;
    let ended = loop {
        tokio::select! {
            ended = &mut connection => break ended,
            answer = handover.taken() => {
                return Some((connection.into_parts().io.into_inner(), answer, guest));
            }
            () = guest.shown_out.cancelled() => {
                tracing::debug!("a connection made room before it had said all");
                return None;
            }
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    if !stopping {
        // On the heap, as room for it would be kept by every connection.
        Box::pin(linger(connection.into_parts().io.into_inner(), &guest)).await;
    }
    None
}

/// Reads on for a moment: what is closed with bytes unread is reset, and our last answer would be lost with it.
async fn linger(mut stream: TcpStream, guest: &Guest) {
    guest.begins_to_speak();
    let read_on = async {
        let _ = stream.shutdown().await;
        let (mut unread, mut left) = ([0; 4096], LINGER_BYTES);
        while left > 0
            && let Ok(count @ 1..) = stream.read(&mut unread).await
        {
            left = left.saturating_sub(count);
        }
    };
    tokio::select! {
        _ = tokio::time::timeout(LINGER, read_on) => {}
        () = guest.shown_out.cancelled() => {}
    }
}
