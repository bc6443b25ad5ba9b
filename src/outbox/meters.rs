//! What is counted of every message. A counter is found by its name and labels, which costs more than to count: each is
//! found once.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use http::StatusCode;
use metrics::{Counter, Histogram};

/// By channel.
#[derive(Default)]
pub struct Meters(Mutex<BTreeMap<String, Arc<Meter>>>);

/// One channel's.
pub struct Meter {
    channel: String,
    sent: OnceLock<(Counter, Histogram)>,
    answers: [OnceLock<Counter>; ANSWERS.len()],
}

/// Few enough to be a metric's label; a platform that asks for fewer messages is told from one that takes none.
const ANSWERS: [&str; 6] = ["none", "2xx", "3xx", "4xx", "429", "5xx"];

impl Meters {
    pub fn of(&self, channel: &str) -> Arc<Meter> {
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match meters.get(channel) {
            Some(meter) => meter.clone(),
            None => {
                let meter = Meter { channel: channel.to_owned(), sent: OnceLock::new(), answers: Default::default() };
                meters.entry(channel.to_owned()).or_insert(Arc::new(meter)).clone()
            }
        }
    }
}

impl Meter {
    /// What the platform answered; `None` for no answer.
    pub fn answered(&self, status: Option<StatusCode>) {
        let class = match status.map(|it| it.as_u16()) {
            None => 0,
            Some(200..300) => 1,
            Some(300..400) => 2,
            Some(429) => 4,
            Some(400..500) => 3,
            Some(_) => 5,
        };
        let find = || {
            let (channel, answer) = (self.channel.clone(), ANSWERS[class]);
            metrics::counter!("nightclerk_platform_answers_total", "channel" => channel, "answer" => answer)
        };
        self.answers[class].get_or_init(find).increment(1);
    }

    /// A message was sent, so long after it was written.
    pub fn sent(&self, waited: Duration) {
        let find = || {
            let sent = metrics::counter!("nightclerk_outbox_sent_total", "channel" => self.channel.clone());
            let delivery = metrics::histogram!("nightclerk_outbox_delivery_seconds", "channel" => self.channel.clone());
            (sent, delivery)
        };
        let (sent, delivery) = self.sent.get_or_init(find);
        sent.increment(1);
        delivery.record(waited);
    }
}
