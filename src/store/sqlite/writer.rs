//! The one thread that writes: everything that waits becomes one transaction, with one sync to disk.
//!
//! Commands are carried out in the order in which they came. A decision that rests on a row which has moved is refused
//! by itself; the others of its group are written. So is one that cannot be written at all: then what was done of the
//! group is rolled back and done again without it, and who was decided on what it would have left finds the row where
//! it was, and is refused as well. Nothing is answered before the sync.

use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        mpsc::{self, Receiver},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use metrics::Histogram;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::{
    checkpoint::Checkpointer,
    command::Command,
    errand::ErrandFor,
    identity::Identity,
    known::KnownIds,
    ledger::{Appended, Ledger, NextIds},
};
use crate::{
    seldom::Seldom,
    store::{Committed, MessageState, Pending, StoreError},
};

/// How much the writer does at once.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// Commands in one transaction.
    pub group: usize,
    /// Rows of a kind deleted in one transaction.
    pub expire: usize,
    /// Pages in the write-ahead log from which on they are moved into the file.
    pub checkpoint_pages: i64,
}

impl Bounds {
    /// A group is written in a few tens of milliseconds at most; the log stays about 16 MB long.
    pub const DEFAULT: Self = Self { group: 512, expire: 1000, checkpoint_pages: 4000 };
}

/// The way to the writer; closing it lets the writer finish what it has.
pub struct WriterHandle {
    commands: RwLock<Option<mpsc::Sender<Command>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl WriterHandle {
    /// # Errors
    /// The system refuses a thread, or the file cannot be read.
    pub fn start(
        connection: Connection,
        checkpointer: Connection,
        identity: Identity,
        daemon: i64,
        known: Arc<KnownIds>,
        bounds: Bounds,
    ) -> Result<Self, StoreError> {
        let next = NextIds::read(&connection).map_err(|error| StoreError::Read(error.to_string()))?;
        let refused = |error: std::io::Error| StoreError::Open(format!("the system refuses a thread: {error}"));
        let checkpointer = Checkpointer::start(checkpointer, bounds.checkpoint_pages).map_err(refused)?;
        let commits = metrics::histogram!("nightclerk_store_commit_seconds");
        let writer = Writer {
            connection,
            identity,
            daemon,
            known,
            next,
            bounds,
            checkpointer,
            failures: Seldom::new(),
            in_doubt: false,
            commits,
        };
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(refused)?;
        Ok(Self { commands: RwLock::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Hands in what `command` makes of the sending end, and returns the other.
    pub fn send<T>(&self, command: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Command) -> Pending<T> {
        let (done, pending) = oneshot::channel();
        let commands = self.commands.read().unwrap_or_else(PoisonError::into_inner);
        match &*commands {
            // Where the writer is gone the command comes back, and goes to `refuse`.
            Some(sender) => {
                if let Err(mpsc::SendError(command)) = sender.send(command(done)) {
                    command.refuse(&StoreError::Closed);
                }
            }
            None => {
                let _ = done.send(Err(StoreError::Closed));
            }
        }
        pending
    }

    /// Hands in a piece of work for which there is no command of its own.
    pub fn errand<T: Send + 'static>(
        &self,
        work: impl Fn(&Ledger<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Pending<T> {
        self.send(|done| Command::Errand(Box::new(ErrandFor::new(work, done))))
    }

    /// The same for work that deletes what must not be read from the disk any more.
    pub fn wiping_errand<T: Send + 'static>(
        &self,
        work: impl Fn(&Ledger<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Pending<T> {
        self.send(|done| Command::Errand(Box::new(ErrandFor::new(work, done).wiping())))
    }

    /// Returns when everything handed in is written and the log is moved into the file.
    pub fn close(&self) {
        drop(self.commands.write().unwrap_or_else(PoisonError::into_inner).take());
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer panicked");
        }
    }
}

/// How long settlements wait for an event to share a sync with. Nobody's answer hangs on one, while events
/// that arrive during a sync for settlements alone would wait for two.
const COMPANY: Duration = Duration::from_millis(2);

/// Adds to the group all that waits; `false` once nothing more can come.
fn gather(commands: &Receiver<Command>, group: &mut Vec<Command>, most: usize) -> bool {
    let mut only_settlements = group.iter().all(Command::is_settlement);
    let patience = Instant::now() + COMPANY;
    while group.len() < most {
        let next = match commands.try_recv() {
            Err(mpsc::TryRecvError::Empty) if only_settlements => {
                match commands.recv_timeout(patience.saturating_duration_since(Instant::now())) {
                    Err(mpsc::RecvTimeoutError::Disconnected) => Err(mpsc::TryRecvError::Disconnected),
                    other => other.map_err(|_| mpsc::TryRecvError::Empty),
                }
            }
            other => other,
        };
        match next {
            Ok(command) => {
                only_settlements &= command.is_settlement();
                group.push(command);
            }
            Err(mpsc::TryRecvError::Empty) => break,
            Err(mpsc::TryRecvError::Disconnected) => return false,
        }
    }
    true
}

struct Writer {
    connection: Connection,
    identity: Identity,
    daemon: i64,
    known: Arc<KnownIds>,
    next: NextIds,
    bounds: Bounds,
    checkpointer: Checkpointer,
    failures: Seldom,
    /// Something could not be written, and nothing of a message's size was since.
    in_doubt: bool,
    /// How long the groups take.
    commits: Histogram,
}

/// What one command came to, once its group is durable.
enum Outcome {
    Appended(Appended),
    Done,
    /// There is more to delete.
    More,
    /// Nothing was written.
    Refused(StoreError),
}

/// Why an attempt to write a group was rolled back.
enum Setback {
    /// The command at this place cannot be written; the others can be tried without it.
    Command(usize, StoreError),
    Group(StoreError),
}

impl Writer {
    fn run(mut self, commands: &Receiver<Command>) {
        let mut group = Vec::with_capacity(self.bounds.group);
        // Deleting goes on in the next group, beside what has come in by then.
        let mut unfinished = None;
        loop {
            match unfinished.take() {
                Some(command) => group.push(command),
                None => match commands.recv() {
                    Ok(command) => group.push(command),
                    Err(mpsc::RecvError) => break,
                },
            }
            let open = gather(commands, &mut group, self.bounds.group);
            let commands = group.len();
            let outcomes = self.write(&group);
            if group.iter().any(Command::wipes) {
                self.checkpointer.wipe(&self.connection);
            }
            for (command, outcome) in group.drain(..).zip(outcomes) {
                let rest = resolve(command, outcome);
                unfinished = unfinished.or(rest);
            }
            if !open {
                // The next start takes it up again.
                if let Some(command) = unfinished {
                    command.refuse(&StoreError::Closed);
                }
                break;
            }
            self.checkpointer.after_group(commands, &self.connection);
        }
        let Self { connection, checkpointer, .. } = self;
        checkpointer.finish(&connection);
    }

    /// Writes a group, and says what became of each command, in order.
    fn write(&mut self, group: &[Command]) -> Vec<Result<Outcome, StoreError>> {
        let mut failed: Vec<Option<StoreError>> = vec![None; group.len()];
        // Each round but the last finds one more command that fails.
        loop {
            match self.attempt(group, &failed) {
                Ok(outcomes) => return outcomes,
                Err(Setback::Command(index, error)) => {
                    self.in_doubt = true;
                    failed[index] = Some(error);
                }
                Err(Setback::Group(error)) => {
                    self.in_doubt = true;
                    if let Some(before) = self.failures.untold() {
                        tracing::error!(%error, commands = group.len(), before, "a group of writes failed");
                    }
                    let outcomes = group.iter().map(|command| match command {
                        Command::Barrier { .. } => Ok(Outcome::Done),
                        _ => Err(error.clone()),
                    });
                    return outcomes.collect();
                }
            }
        }
    }

    /// Writes all commands but the `failed` ones in one transaction. Without a failure there is no savepoint and
    /// nothing is done twice; with one, everything is rolled back and tried again without it.
    fn attempt(
        &mut self,
        group: &[Command],
        failed: &[Option<StoreError>],
    ) -> Result<Vec<Result<Outcome, StoreError>>, Setback> {
        if group.iter().all(|command| matches!(command, Command::Barrier { .. })) {
            return Ok(group.iter().map(|_| Ok(Outcome::Done)).collect());
        }
        let whole = |error: rusqlite::Error| Setback::Group(StoreError::Write(error.to_string()));
        self.identity.check().map_err(Setback::Group)?;
        let began = Instant::now();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(whole)?;
        let mut ledger = Ledger::new(&transaction, self.daemon, &self.known, self.next);
        let mut outcomes = Vec::with_capacity(group.len());
        for (index, (command, failure)) in group.iter().zip(failed).enumerate() {
            outcomes.push(match failure {
                Some(error) => Err(error.clone()),
                None => Ok(apply(&mut ledger, command, self.bounds, self.in_doubt)
                    .map_err(|error| Setback::Command(index, error))?),
            });
        }
        let next = ledger.next;
        transaction.commit().map_err(whole)?;
        self.commits.record(began.elapsed());
        self.next = next;
        self.in_doubt &=
            !group.iter().zip(failed).any(|(command, failure)| failure.is_none() && command.is_full_sized());
        Ok(outcomes)
    }
}

fn apply(ledger: &mut Ledger<'_>, command: &Command, bounds: Bounds, in_doubt: bool) -> Result<Outcome, StoreError> {
    let write = |error: rusqlite::Error| StoreError::Write(error.to_string());
    match command {
        Command::Commit { prepared, .. } => {
            let prepared = prepared.as_ref().map_err(Clone::clone)?;
            ledger.append(prepared).map(Outcome::Appended).map_err(write)
        }
        Command::Receive { prepared, .. } => {
            let prepared = prepared.as_ref().map_err(Clone::clone)?;
            ledger.receive(prepared).map(Outcome::Appended).map_err(write)
        }
        Command::Settle { id, settlement, .. } => {
            if ledger.settle(*id, settlement).map_err(write)? {
                return Ok(Outcome::Done);
            }
            let why = match ledger.state_of(*id).map_err(write)? {
                None => format!("there is no message {id}"),
                Some(state) => format!("message {id} is {} already", word_for(state)),
            };
            Ok(Outcome::Refused(StoreError::Conflict(why)))
        }
        Command::Expire { now_ms, .. } => {
            let more = ledger.expire(*now_ms, bounds.expire).map_err(write)?;
            Ok(if more { Outcome::More } else { Outcome::Done })
        }
        Command::Errand(errand) => errand.run(ledger).map(|()| Outcome::Done).map_err(write),
        Command::Barrier { .. } => Ok(Outcome::Done),
        Command::Probe { .. } => ledger.touch(in_doubt).map(|()| Outcome::Done).map_err(write),
    }
}

fn word_for(state: MessageState) -> &'static str {
    match state {
        MessageState::Pending => "waiting to be sent",
        MessageState::Sent => "sent",
        MessageState::Dead => "a dead letter",
        MessageState::Dropped => "dropped",
    }
}

/// Tells whoever handed the command in; returns it where it is not finished. Who does not listen any more does
/// not need to know.
fn resolve(command: Command, outcome: Result<Outcome, StoreError>) -> Option<Command> {
    match (command, outcome) {
        (command @ Command::Expire { .. }, Ok(Outcome::More)) => return Some(command),
        (command, Ok(Outcome::Refused(error)) | Err(error)) => command.refuse(&error),
        (command, Ok(Outcome::Appended(Appended::Stale))) => command.refuse(&StoreError::Stale),
        (
            Command::Commit { done, .. } | Command::Receive { done, .. },
            Ok(Outcome::Appended(Appended::Duplicate { event_id, queued })),
        ) => {
            let _ = done.send(Ok(Committed::Duplicate { event_id, queued }));
        }
        (Command::Commit { prepared, done }, Ok(Outcome::Appended(Appended::New { event_id, first_message }))) => {
            let committed =
                prepared.map(|prepared| Committed::New { event_id, queued: prepared.into_queued(first_message) });
            let _ = done.send(committed);
        }
        (Command::Receive { done, .. }, Ok(Outcome::Appended(Appended::New { event_id, .. }))) => {
            let _ = done.send(Ok(Committed::New { event_id, queued: Vec::new() }));
        }
        // `apply` gives a commit no other outcome.
        (Command::Commit { done, .. } | Command::Receive { done, .. }, _) => drop(done.send(Err(StoreError::Closed))),
        (
            Command::Settle { done, .. }
            | Command::Expire { done, .. }
            | Command::Barrier { done }
            | Command::Probe { done },
            Ok(_),
        ) => drop(done.send(Ok(()))),
        (Command::Errand(errand), Ok(_)) => errand.finish(Ok(())),
    }
    None
}
