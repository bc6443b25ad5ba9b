//! Accepts connections under limits, and lets them finish when the daemon stops.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
};
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

/// Who has come to a full house asks within this time, or makes room. Heads come in one piece.
const TIME_TO_ASK: Duration = Duration::from_secs(1);

/// Connections that have not asked for anything yet, in the order they came.
#[derive(Default)]
struct Unasked(Mutex<BTreeMap<u64, (Instant, CancellationToken)>>);

impl Unasked {
    fn add(&self, number: u64) -> CancellationToken {
        let gone = CancellationToken::new();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number, (Instant::now(), gone.clone()));
        gone
    }

    fn remove(&self, number: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }

    /// Shows the one that has taken longest out, if that was too long. Says after what time to ask again.
    fn give_up_oldest(&self) -> Duration {
        let mut unasked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(oldest) = unasked.first_entry() else { return TIME_TO_ASK };
        match TIME_TO_ASK.checked_sub(oldest.get().0.elapsed()) {
            Some(left) if !left.is_zero() => left,
            _ => {
                oldest.remove().1.cancel();
                TIME_TO_ASK
            }
        }
    }
}

/// A place for one more. A house full of those who have asked leaves callers in the kernel's queue instead of refusing
/// them; for those who have not, nobody has to wait.
async fn slot(slots: &Arc<Semaphore>, unasked: &Unasked) -> Option<OwnedSemaphorePermit> {
    while slots.available_permits() == 0 {
        let patience = unasked.give_up_oldest();
        match tokio::time::timeout(patience, slots.clone().acquire_owned()).await {
            Ok(slot) => return slot.ok(),
            Err(_) => continue,
        }
    }
    slots.clone().acquire_owned().await.ok()
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
        let slot = tokio::select! {
            slot = slot(&slots, &unasked) => slot,
            () = stop.cancelled() => break,
        };
        let Some(slot) = slot else { break };
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
