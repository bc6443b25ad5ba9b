//! The platform that customers and people of the store see the clerk's words on. It takes its time to take a message, by
//! the clock of the day, and writes down what everybody saw, once, however often the clerk sent it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::Response;
use serde_json::Value;
use tokio::sync::watch;

use crate::harness::{
    platform::{Platform, Received, json},
    sign,
};

/// The staff room, where there is no waiting.
pub const ROOM: &str = "ROOM";
const LONGEST_MS: i64 = 2000;

/// A message as whoever it was for saw it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub key: String,
    pub chat: String,
    pub text: String,
    /// It answers what a customer said.
    pub answers: bool,
    /// The value of its first button.
    pub button: Option<String>,
    /// When the clerk first sent it, and when it was taken.
    pub sent_ms: i64,
    pub at_ms: i64,
}

#[derive(Default)]
struct State {
    /// How often the clerk was started; what an earlier one was told it never heard.
    clerk: u64,
    /// When what was sent is taken.
    due: BTreeMap<String, (i64, i64)>,
    /// What is being taken just now.
    taking: BTreeMap<String, i64>,
    taken: BTreeMap<String, usize>,
    seen: Vec<Seen>,
    copies: usize,
}

pub struct World {
    platform: Platform,
    state: Arc<Mutex<State>>,
    clock: watch::Sender<i64>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap()
}

/// Half of the messages are taken at once; numbers that look like chance and are the same each time.
fn time_for(key: &str, chat: &str) -> i64 {
    let number = key.bytes().fold(0_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 1_000_003);
    if chat == ROOM || number % 2 == 0 { 0 } else { 1 + number % (LONGEST_MS - 1) }
}

impl World {
    pub async fn start(now_ms: i64) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let (clock, time) = watch::channel(now_ms);
        let book = state.clone();
        let platform =
            Platform::answering_later(move |request| take(book.clone(), time.clone(), request.clone()).boxed());
        Self { platform: platform.await, state, clock }
    }

    pub fn url(&self) -> String {
        self.platform.url()
    }

    pub fn move_to(&self, now_ms: i64) {
        self.clock.send_replace(now_ms);
    }

    /// When the next message is taken.
    pub fn next_ms(&self) -> Option<i64> {
        lock(&self.state).taking.values().min().copied()
    }

    /// Whether a message is being taken, and that takes longer than until then.
    pub fn is_taken_after(&self, key: &str, now_ms: i64) -> bool {
        lock(&self.state).taking.get(key).is_some_and(|due| *due > now_ms)
    }

    /// The clerk was killed: nobody hears what is answered to it.
    pub fn killed(&self) {
        let mut state = lock(&self.state);
        state.clerk += 1;
        state.taking.clear();
    }

    /// What was seen from the message of this number on.
    pub fn seen_from(&self, number: usize) -> Vec<Seen> {
        lock(&self.state).seen[number..].to_vec()
    }

    /// How many copies came of what was taken already.
    pub fn copies(&self) -> usize {
        lock(&self.state).copies
    }
}

async fn take(state: Arc<Mutex<State>>, mut time: watch::Receiver<i64>, request: Received) -> Response<Bytes> {
    assert!(sign::standard_holds(&request.headers, &request.body), "an unsigned reply: {request:?}");
    let (key, body) = (request.header("webhook-id").to_owned(), request.json());
    let data = &body["data"];
    let text_of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (chat, text) = (text_of(&data["chat_id"]), text_of(&data["text"]));
    let now_ms = *time.borrow();
    let (clerk, sent_ms, at_ms) = {
        let mut state = lock(&state);
        if let Some(number) = state.taken.get(&key).copied() {
            let known = &state.seen[number];
            assert_eq!((&known.chat, &known.text), (&chat, &text), "one message, however often it is sent");
            state.copies += 1;
            return json(200, "{}");
        }
        let (sent_ms, at_ms) =
            *state.due.entry(key.clone()).or_insert_with(|| (now_ms, now_ms + time_for(&key, &chat)));
        // What a kill cut short is taken when it comes again.
        let at_ms = at_ms.max(now_ms);
        state.taking.insert(key.clone(), at_ms);
        (state.clerk, sent_ms, at_ms)
    };
    time.wait_for(|now_ms| *now_ms >= at_ms).await.unwrap();
    let mut state = lock(&state);
    if state.clerk != clerk {
        return json(503, "{}");
    }
    state.taking.remove(&key);
    let number = state.seen.len();
    assert!(state.taken.insert(key.clone(), number).is_none(), "taken twice");
    let answers = data["in_reply_to"].is_string();
    let button = data["content"]["choices"][0]["value"].as_str().map(str::to_owned);
    state.seen.push(Seen { key, chat, text, answers, button, sent_ms, at_ms });
    json(200, "{}")
}
