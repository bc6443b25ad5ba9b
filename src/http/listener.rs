//! Accepts connections under limits, and lets them finish when the daemon stops.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::caller::Peer;

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

/// Connections that have not asked for anything yet, in the order they came.
#[derive(Default)]
struct Unasked(Mutex<BTreeMap<u64, CancellationToken>>);

impl Unasked {
    fn add(&self, number: u64) -> CancellationToken {
        let gone = CancellationToken::new();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number, gone.clone());
        gone
    }

    fn remove(&self, number: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }

    /// Shows the one that has taken longest out.
    fn give_up_oldest(&self) {
        if let Some((_, gone)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_first() {
            gone.cancel();
        }
    }
}

/// Serves `router` until `stop` is cancelled, then waits for the requests under way, at most `limits.grace`.
pub async fn serve(listener: TcpListener, router: Router, limits: ListenerLimits, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(limits.connections));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(limits.header_bytes.max(8192))
        .pipeline_flush(true);
    let unasked = Arc::new(Unasked::default());
    for number in 0.. {
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
        if slots.available_permits() == 0 {
            // Whoever means to ask has done so long before: a full house is no reason to let others wait for the rest.
            unasked.give_up_oldest();
        }
        // A house full of those who have asked leaves callers in the kernel's queue instead of refusing them.
        let slot = tokio::select! {
            slot = slots.clone().acquire_owned() => slot,
            () = stop.cancelled() => break,
        };
        let Ok(slot) = slot else { break };
        let _ = stream.set_nodelay(true);
        let gone = unasked.add(number);
        let (router, asked) = (router.clone(), unasked.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            asked.remove(number);
            request.extensions_mut().insert(Peer(peer));
            router.clone().oneshot(request)
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        let unasked = unasked.clone();
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                },
                () = gone.cancelled() => tracing::debug!("a connection made room before it had asked"),
            }
            unasked.remove(number);
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still open when the time to stop had passed");
    }
}
