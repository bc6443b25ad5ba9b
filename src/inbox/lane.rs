//! One lane: a thread that decides the events of its conversations one after the other.
//!
//! A lane does not wait for the disk. It decides the next event of a conversation on the state that its last decision
//! left, hands the decision to the store, and goes on; a task of the lane's waits for the commits, in their order, and
//! hands on what came of them. What makes that safe are versions: a decision names the rows it was made on, and the
//! store refuses it where one of them is not the one it names. Then the event comes back to the lane and is decided
//! again (`chat` keeps the order). So two lanes, two browser tabs or two daemons that meet at one order cannot lose
//! what the other one did, and nobody holds a lock.

mod making;

use std::{
    collections::{HashMap, VecDeque},
    hash::{Hash, Hasher, RandomState},
    num::NonZeroUsize,
    sync::{Arc, atomic::Ordering},
};

use lru::LruCache;
use metrics::Histogram;
use tokio::sync::{Notify, mpsc};

use super::{
    Services,
    case::Made,
    chat::{Arrival, Chat},
    drafts::Drafts,
    job::{Job, Work},
    outcomes::{Commit, HandOn, Progress, UnderWay},
    unsaid::Unsaid,
};
use crate::{
    model::{Action, Address, Conversation, Event, OutsideQuestion, Versioned},
    store::{Decided, Received},
};

/// A lane's stack: templates are read and guests run on it. What is not touched takes no memory.
const STACK_BYTES: usize = 16 << 20;

/// An event as what it was delivered as: by its channel and the platform's id.
#[derive(Clone)]
struct Delivery(Arc<Event>);

impl Delivery {
    fn key(&self) -> (&str, &str) {
        (&self.0.channel, &self.0.dedupe)
    }
}

impl PartialEq for Delivery {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Delivery {}

impl Hash for Delivery {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.key().hash(hasher);
    }
}

struct Lane {
    number: usize,
    services: Services,
    drafts: Drafts,
    /// Conversations with something under way.
    chats: HashMap<Address, Chat>,
    /// The others, as they are in the store.
    remembered: LruCache<Address, Versioned<Arc<Conversation>>>,
    /// Deliveries whose commits are under way, each with its newest commit, and the same in commit order.
    deduped: HashMap<Delivery, u64>,
    in_order: VecDeque<(u64, Delivery)>,
    commits: u64,
    progress: Arc<Progress>,
    /// Commits that were heard to have come back.
    came_back: u64,
    under_way: mpsc::UnboundedSender<UnderWay>,
    unsaid: Unsaid,
    /// Draws versions.
    random: RandomState,
    drawn: u64,
    /// How long decisions take.
    decisions: Histogram,
}

/// Starts the lane's thread, and the task that hands on the outcome of its commits. `remembers`: so many conversations, lest a
/// busy one is read from disk at each message.
pub fn start(
    number: usize,
    remembers: NonZeroUsize,
    services: Services,
    drafts: Drafts,
    timer_set: Arc<Notify>,
    lanes: super::outcomes::Lanes,
    mut work: mpsc::Receiver<Work>,
) -> std::io::Result<()> {
    let (under_way, outcomes) = mpsc::unbounded_channel();
    let progress = Arc::new(Progress::default());
    let hand_on = HandOn {
        lane: number,
        services: services.clone(),
        drafts: drafts.clone(),
        timer_set,
        progress: progress.clone(),
        lanes,
    };
    tokio::spawn(hand_on.run(outcomes));
    let mut lane = Lane {
        number,
        services,
        drafts,
        chats: HashMap::new(),
        remembered: LruCache::new(remembers),
        deduped: HashMap::new(),
        in_order: VecDeque::new(),
        commits: 0,
        progress,
        came_back: 0,
        under_way,
        unsaid: Unsaid::default(),
        random: RandomState::new(),
        decisions: metrics::histogram!("nightclerk_decision_seconds"),
        drawn: 0,
    };
    std::thread::Builder::new().name(format!("lane-{number}")).stack_size(STACK_BYTES).spawn(move || {
        while let Some(work) = work.blocking_recv() {
            lane.take(work);
        }
    })?;
    Ok(())
}

impl Lane {
    fn take(&mut self, work: Work) {
        self.catch_up();
        let address = match work {
            Work::New(job) => {
                let address = job.event.address.clone();
                if let Some(job) = self.is_new(job) {
                    self.arrive(job);
                }
                address
            }
            Work::CameBack { address, number, job } => {
                self.came_back += 1;
                if let Some(job) = &job {
                    self.forget_delivery(&Delivery(job.event.clone()), number);
                }
                self.remembered.pop(&address);
                self.chats.entry(address.clone()).or_default().came_back(number, job);
                address
            }
            Work::Answered { address, job } => {
                self.chats.entry(address.clone()).or_default().answered(job);
                address
            }
            Work::Received { address, job } => {
                self.chats.entry(address.clone()).or_default().received(job);
                address
            }
        };
        while let Some(job) = self.chats.get_mut(&address).and_then(Chat::next) {
            self.decide(job);
        }
    }

    /// The job, unless its event was seen before: then who brought it hears of that.
    fn is_new(&mut self, mut job: Job) -> Option<Job> {
        if job.received.is_some() {
            return Some(job);
        }
        let known = self.deduped.contains_key(&Delivery(job.event.clone()))
            || match self.services.store.find_event(&job.event.channel, &job.event.dedupe) {
                Ok(found) => found.is_some(),
                Err(error) => {
                    job.tell(Err(error));
                    return None;
                }
            };
        if !known {
            return Some(job);
        }
        // The event is in the log, or in a commit ahead of this barrier.
        let commit = Commit::Duplicate(self.services.store.barrier());
        self.send(UnderWay { commit, number: self.commits, job, kv: Vec::new(), sets_timer: false });
        None
    }

    fn arrive(&mut self, job: Job) {
        let arrival = match self.chats.get_mut(&job.event.address) {
            Some(chat) => chat.arrive(job),
            None => Arrival::Decide(job),
        };
        match arrival {
            Arrival::Decide(job) => self.decide(job),
            Arrival::Held => {}
            Arrival::Receive(job) => {
                let number = self.number_of(&job);
                let received = Received { event: job.event.clone(), received_ms: job.now_ms };
                let commit = Commit::Receive(self.services.store.receive(received));
                self.send(UnderWay { commit, number, job, kv: Vec::new(), sets_timer: false });
            }
        }
    }

    /// Forgets what is durable by now.
    fn catch_up(&mut self) {
        let completed = self.progress.completed.load(Ordering::Acquire);
        // One of these may be on its way back to here: then nobody can say which are written.
        if self.progress.came_back.load(Ordering::Acquire) != self.came_back {
            return;
        }
        while let Some((number, ..)) = self.in_order.front()
            && *number <= completed
            && let Some((number, delivery)) = self.in_order.pop_front()
        {
            self.forget_delivery(&delivery, number);
            let address = &delivery.0.address;
            let Some(chat) = self.chats.get_mut(address) else { continue };
            chat.completed(completed);
            if chat.is_at_rest()
                && let Some((address, chat)) = self.chats.remove_entry(address)
                && let Some(latest) = chat.latest
            {
                self.remembered.put(address, latest);
            }
        }
    }

    /// The commit is done with; if there is a newer one of the same event, that is still under way.
    fn forget_delivery(&mut self, delivery: &Delivery, number: u64) {
        if self.deduped.get(delivery).is_some_and(|newest| *newest == number) {
            self.deduped.remove(delivery);
        }
    }

    fn decide(&mut self, mut job: Job) {
        let span = job.span.clone();
        let _entered = span.enter();
        match self.make_whatever_comes(&job) {
            Ok(Made::Decision(decided)) => self.commit(job, *decided),
            Ok(Made::Question(question)) => self.ask(job, question),
            Ok(Made::Elsewhere(address)) => {
                Arc::make_mut(&mut job.event).address = address;
                job.tries += 1;
                self.send(UnderWay {
                    commit: Commit::Elsewhere,
                    number: self.commits,
                    job,
                    kv: Vec::new(),
                    sets_timer: false,
                });
            }
            // It is acknowledged, so nobody sends it again; those behind it wait with it.
            Err(error) if job.received.is_some() => {
                tracing::error!(%error, "an event waits: it cannot be decided now");
                self.chats.entry(job.event.address.clone()).or_default().ask();
                self.send(UnderWay {
                    commit: Commit::Later,
                    number: self.commits,
                    job,
                    kv: Vec::new(),
                    sets_timer: false,
                });
            }
            Err(error) => job.tell(Err(error)),
        }
    }

    fn commit(&mut self, job: Job, decided: Decided) {
        let address = decided.event.address.clone();
        let number = self.number_of(&job);
        let latest = Versioned::new(Arc::new(decided.decision.conversation.clone()), decided.version);
        let chat = self.chats.entry(address).or_default();
        chat.commit(number);
        chat.latest = Some(latest);
        self.drafts.stage(&decided.decision.kv, decided.version);
        let kv = decided.decision.kv.iter().map(|write| (write.plugin.clone(), write.key.clone())).collect();
        let sets_timer = decided.decision.actions.iter().any(|action| matches!(action, Action::SetTimer { .. }));
        let contradicts = self.contradicts(&decided);
        let pending = self.services.store.commit(decided);
        self.send(UnderWay { commit: Commit::Decided { pending, contradicts }, number, job, kv, sets_timer });
    }

    /// Writes the event down, if that is not done yet, so that it can be acknowledged, and asks.
    fn ask(&mut self, job: Job, question: OutsideQuestion) {
        let number = self.number_of(&job);
        let chat = self.chats.entry(job.event.address.clone()).or_default();
        chat.ask();
        let commit = match job.received {
            Some(_) => Commit::Asked(question),
            None => {
                let received = Received { event: job.event.clone(), received_ms: job.now_ms };
                Commit::Asking(self.services.store.receive(received), question)
            }
        };
        self.send(UnderWay { commit, number, job, kv: Vec::new(), sets_timer: false });
    }

    /// The number of a commit that is handed in now.
    fn number_of(&mut self, job: &Job) -> u64 {
        self.commits += 1;
        let delivery = Delivery(job.event.clone());
        self.deduped.insert(delivery.clone(), self.commits);
        self.in_order.push_back((self.commits, delivery));
        self.commits
    }

    fn send(&self, under_way: UnderWay) {
        // The receiver lives as long as this sender does.
        let _ = self.under_way.send(under_way);
    }
}
