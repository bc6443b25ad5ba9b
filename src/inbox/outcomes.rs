//! Hands on what became of a lane's commits, in their order.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, mpsc};

use super::{
    Accepted, Services,
    drafts::Drafts,
    job::{Job, Work},
    lane_of,
};
use crate::{
    clock,
    model::{OutsideQuestion, Recorded, Reply},
    seldom::Seldom,
    store::{Committed, Pending, StoreError, wait},
};

/// After this long nobody outside is asked for the sake of one event: the plugin, and so the clerk, does without.
const PATIENCE_MS: i64 = 10_000;
/// Between two tries at what the store cannot read or write.
const PAUSE: Duration = Duration::from_secs(1);

/// The ways into all lanes; they do not keep the lanes alive.
pub type Lanes = Arc<OnceLock<Vec<mpsc::WeakSender<Work>>>>;

/// How far the commits of a lane have come.
#[derive(Default)]
pub struct Progress {
    /// All up to this number are written, or came back.
    pub completed: AtomicU64,
    /// How many came back; counted before they are sent to the lane.
    pub came_back: AtomicU64,
}

/// A commit under way, or something that keeps its place among them.
pub struct UnderWay {
    pub commit: Commit,
    pub number: u64,
    pub job: Job,
    pub kv: Vec<(String, String)>,
    pub sets_timer: bool,
}

pub enum Commit {
    Decided {
        pending: Pending<Committed>,
        /// The customer speaks against what a plugin said of late.
        contradicts: bool,
    },
    /// The event is in the log once this resolves.
    Duplicate(Pending<()>),
    /// The event is written down undecided, to be decided after others that wait.
    Receive(Pending<Committed>),
    /// The same, and then this is asked.
    Asking(Pending<Committed>, OutsideQuestion),
    /// It is written down already.
    Asked(OutsideQuestion),
    /// It goes to the lane of another conversation.
    Elsewhere,
    /// It is written down already, and is tried again after a while.
    Later,
}

/// The task of one lane.
pub struct HandOn {
    pub lane: usize,
    pub services: Services,
    pub drafts: Drafts,
    pub timer_set: Arc<Notify>,
    pub progress: Arc<Progress>,
    pub lanes: Lanes,
}

impl HandOn {
    pub async fn run(self, mut outcomes: mpsc::UnboundedReceiver<UnderWay>) {
        while let Some(UnderWay { commit, number, job, kv, sets_timer }) = outcomes.recv().await {
            match commit {
                Commit::Decided { pending, contradicts } => {
                    let committed = wait(pending).await;
                    self.drafts.release(&kv);
                    // Counted by what is kept: a decision that comes back is made again, and may come to something else.
                    if contradicts && matches!(committed, Ok(Committed::New { .. })) {
                        self.services.plugins.contradicted(&job.event.address, job.now_ms);
                    }
                    self.decided(committed, number, job, sets_timer).await;
                }
                Commit::Duplicate(barrier) => {
                    let result = match wait(barrier).await {
                        Ok(()) => find(&self.services, &job).await,
                        Err(error) => Err(error),
                    };
                    told(job, result);
                }
                Commit::Receive(pending) => {
                    let address = job.event.address.clone();
                    let job = received(wait(pending).await, job);
                    self.tell_lane(self.lane, Work::Received { address, job }).await;
                }
                Commit::Asking(pending, question) => {
                    let address = job.event.address.clone();
                    match received(wait(pending).await, job) {
                        Some(job) => self.ask(job, question),
                        None => self.tell_lane(self.lane, Work::Answered { address, job: None }).await,
                    }
                }
                Commit::Asked(question) => self.ask(job, question),
                Commit::Later => self.later(job),
                Commit::Elsewhere => {
                    let lanes = self.lanes.get().map_or(1, Vec::len);
                    let lane = lane_of(&job.event.address, lanes);
                    self.tell_lane(lane, Work::New(job)).await;
                }
            }
            // Only after what came back is counted: see `Lane::catch_up`.
            self.progress.completed.fetch_max(number, Ordering::Release);
        }
    }

    async fn decided(&self, committed: Result<Committed, StoreError>, number: u64, mut job: Job, sets_timer: bool) {
        let address = job.event.address.clone();
        let unwritten = match committed {
            Ok(Committed::New { event_id, queued }) => {
                job.span.in_scope(|| tracing::debug!(log = event_id, "kept"));
                if !queued.is_empty() {
                    self.services.outbox.enqueue(queued.clone());
                }
                if sets_timer {
                    self.timer_set.notify_one();
                }
                job.tell(Ok(Accepted { event_id, queued, decided: true, duplicate: false }));
                return;
            }
            // Another daemon had the same event.
            Ok(Committed::Duplicate { event_id, queued }) => {
                told(job, Ok(Accepted { event_id, queued, decided: true, duplicate: true }));
                None
            }
            Err(StoreError::Stale) => {
                metrics::counter!("nightclerk_decided_again_total").increment(1);
                job.tries += 1;
                Some(job)
            }
            // Written down undecided, it is acknowledged, so nobody sends it again.
            Err(error) if job.received.is_some() && error != StoreError::Closed => {
                tracing::error!(%error, "a decision could not be kept; it is made again");
                Some(job)
            }
            Err(error) => {
                told(job, Err(error));
                None
            }
        };
        self.progress.came_back.fetch_add(1, Ordering::Release);
        self.tell_lane(self.lane, Work::CameBack { address, number, job: unwritten }).await;
    }

    fn later(&self, job: Job) {
        let (lanes, lane) = (self.lanes.clone(), self.lane);
        tokio::spawn(async move {
            tokio::time::sleep(PAUSE).await;
            let address = job.event.address.clone();
            tell(&lanes, lane, Work::Answered { address, job: Some(job) }).await;
        });
    }

    /// Asks off the lane; the answer is durable before the event is decided with it.
    fn ask(&self, mut job: Job, question: OutsideQuestion) {
        let Some(event_id) = job.received else { return };
        let (services, lanes, lane) = (self.services.clone(), self.lanes.clone(), self.lane);
        tokio::spawn(async move {
            let address = job.event.address.clone();
            let (plugin, digest) = (question.plugin.clone(), question.digest);
            let number = u32::try_from(job.recorded.len()).unwrap_or(u32::MAX);
            let reply = match clock::now_ms().saturating_sub(job.now_ms) {
                waited if waited > PATIENCE_MS => Reply::Failed("the customer has waited long enough".to_owned()),
                _ => services.outside.ask(question).await,
            };
            let recorded = Recorded { number, plugin, digest, reply };
            // Where it cannot be written, the decision that follows will say so, and is made again.
            if let Err(error) = wait(services.store.record(event_id, recorded.clone())).await {
                tracing::error!(%error, "an answer from outside could not be written down");
            }
            job.recorded.push(recorded);
            tell(&lanes, lane, Work::Answered { address, job: Some(job) }).await;
        });
    }

    async fn tell_lane(&self, lane: usize, work: Work) {
        tell(&self.lanes, lane, work).await;
    }
}

/// Where the daemon stops, the lane is gone, and who waits hears that nothing was kept.
async fn tell(lanes: &Lanes, lane: usize, work: Work) {
    if let Some(sender) = lanes.get().and_then(|lanes| lanes.get(lane)).and_then(mpsc::WeakSender::upgrade) {
        let _ = sender.send(work).await;
    }
}

/// Where the store cannot write, every event is one.
static NOT_KEPT: Seldom = Seldom::new();

fn told(mut job: Job, result: Result<Accepted, StoreError>) {
    job.span.in_scope(|| match &result {
        Ok(Accepted { event_id, .. }) => {
            metrics::counter!("nightclerk_duplicates_total").increment(1);
            tracing::debug!(log = event_id, "came before");
        }
        Err(error) => {
            if let Some(before) = NOT_KEPT.untold() {
                tracing::error!(%error, before, "an event could not be kept; its sender is told to try again");
            }
        }
    });
    job.tell(result);
}

/// An event that was written down undecided is acknowledged, and goes on without anybody who waits.
fn received(committed: Result<Committed, StoreError>, mut job: Job) -> Option<Job> {
    match committed {
        Ok(Committed::New { event_id, queued }) => {
            job.received = Some(event_id);
            job.span.in_scope(|| tracing::debug!(log = event_id, "kept undecided"));
            job.tell(Ok(Accepted { event_id, queued, decided: false, duplicate: false }));
            Some(job)
        }
        Ok(Committed::Duplicate { event_id, queued }) => {
            told(job, Ok(Accepted { event_id, queued, decided: true, duplicate: true }));
            None
        }
        Err(error) => {
            told(job, Err(error));
            None
        }
    }
}

/// What was accepted earlier under this dedupe id.
async fn find(services: &Services, job: &Job) -> Result<Accepted, StoreError> {
    let event_id = services.store.find_event(&job.event.channel, &job.event.dedupe)?.ok_or(StoreError::Stale)?;
    let queued = wait(services.store.messages_of(event_id)).await?;
    Ok(Accepted { event_id, queued, decided: true, duplicate: true })
}
