//! The thread that calls shadows, behind the answers: what it does delays nobody.

use std::{
    collections::BTreeMap,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    super::{loader::Loader, outcome::Outcome, scene::Scene},
    keys::{Own, ShadowLookups},
    likeness::{Example, unlikeness},
    second_version::Shadow,
    state::Which,
};
use crate::model::{Failure, HookCall, KvWrite, Lookups, TraceId};

/// Events that may wait to be shown to shadows; further ones are not.
const WAITING: usize = 256;
/// How often what is known is written down.
const KEEP_EVERY: Duration = Duration::from_secs(1);

/// An event that a shadow is to be shown.
struct Job {
    shadow: Arc<Shadow>,
    scene: Scene,
    lookups: Arc<dyn Lookups>,
    /// What the keys held that the version in place has written.
    before: BTreeMap<String, Option<Vec<u8>>>,
    event: Option<TraceId>,
    /// What the version in place made of it.
    in_place: Result<Outcome, Failure>,
}

enum Work {
    Show(Box<Job>),
    /// Something is known that was not written down yet.
    Keep,
}

/// The way to the thread.
pub struct Runner {
    jobs: SyncSender<Work>,
    shadows: Arc<Mutex<Vec<Weak<Shadow>>>>,
}

impl Runner {
    /// # Errors
    /// The system refuses a thread.
    pub fn start(loader: Arc<Loader>) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::sync_channel(WAITING);
        let shadows: Arc<Mutex<Vec<Weak<Shadow>>>> = Arc::default();
        let kept = shadows.clone();
        thread::Builder::new().name("plugin-shadow".to_owned()).spawn(move || run(&loader, &waiting, &kept))?;
        Ok(Self { jobs, shadows })
    }

    /// Keeps what is known of this one, too, from now on.
    pub fn watch(&self, shadow: &Arc<Shadow>) {
        let mut shadows = self.shadows.lock().unwrap_or_else(PoisonError::into_inner);
        shadows.retain(|it| it.strong_count() > 0);
        shadows.push(Arc::downgrade(shadow));
    }

    /// The version in place has answered. The shadow is shown the same.
    pub fn saw(
        &self,
        shadow: &Arc<Shadow>,
        call: &HookCall<'_>,
        result: &Result<Outcome, Failure>,
        wrote: &[KvWrite],
        took: Duration,
    ) {
        if !shadow.counts(call) {
            return;
        }
        shadow.count(Which::InPlace, call, result, took);
        let Some(lookups) = call.lookups.later() else { return self.stir() };
        let name = shadow.name();
        let written = call.written.iter().filter(|write| write.plugin == name).chain(wrote);
        // What the version in place wrote about this event, the shadow is not to find.
        let before = written.map(|write| (write.key.clone(), lookups.kv(name, &write.key))).collect();
        let job = Job {
            shadow: shadow.clone(),
            scene: Scene { written: Vec::new(), ..Scene::of(call) },
            lookups,
            before,
            event: call.event,
            in_place: result.clone(),
        };
        if self.jobs.try_send(Work::Show(Box::new(job))).is_err() {
            shadow.change(|state| state.missed += 1);
        }
    }

    /// Has what is known be written down within a moment. A thread that is busy does so anyway.
    pub fn stir(&self) {
        drop(self.jobs.try_send(Work::Keep));
    }

    /// Writes down what is known now.
    pub fn keep(&self) {
        keep(&self.shadows);
    }
}

fn run(loader: &Loader, jobs: &Receiver<Work>, shadows: &Mutex<Vec<Weak<Shadow>>>) {
    let (mut kept, mut has_news) = (Instant::now(), false);
    loop {
        // Where all is written down, it sleeps until something happens.
        let work = if has_news { jobs.recv_timeout(KEEP_EVERY) } else { jobs.recv().map_err(RecvTimeoutError::from) };
        match work {
            // A fault of the host's own costs this comparison alone.
            Ok(Work::Show(job)) => drop(catch_unwind(AssertUnwindSafe(|| show(loader, *job)))),
            Ok(Work::Keep) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        has_news = kept.elapsed() < KEEP_EVERY;
        if !has_news {
            keep(shadows);
            kept = Instant::now();
        }
    }
    keep(shadows);
}

fn keep(shadows: &Mutex<Vec<Weak<Shadow>>>) {
    let all: Vec<_> = shadows.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect();
    all.iter().for_each(|shadow| shadow.keep());
}

/// Calls the shadow, and notes what it makes of the event.
fn show(loader: &Loader, job: Job) {
    let Job { shadow, scene, lookups, before, event, in_place } = job;
    let own = shadow.lock().keys.clone();
    let lookups = ShadowLookups { lookups, own, before, now_ms: scene.now_ms };
    let hook = scene.ask(&lookups, |asked: &HookCall<'_>| asked.moment.hook());
    let (result, kv, took) = if shadow.version().hooks.contains(&hook) {
        let called = scene.ask(&lookups, |asked| loader.call(&shadow.unheard, asked));
        (called.result, called.kv, Some(called.took))
    } else {
        (Ok(Outcome::Pass), Vec::new(), None)
    };
    drop(lookups);
    let unlike = unlikeness(&in_place, &result);
    shadow.change(|state| {
        if let Some(took) = took {
            state.shadow.count(result.as_ref().err(), took);
        }
        if !kv.is_empty() {
            Arc::make_mut(&mut state.keys).extend(kv.into_iter().map(Own::of));
        }
        state.note(unlike, |what| Some(Example { event: event?.to_string(), hook, what }));
    });
}
