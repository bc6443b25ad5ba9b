//! What the customers of the bench say, in the manner of two kinds of channel.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use miette::{IntoDiagnostic, Report, miette};
use serde_json::{Value, json};

use crate::{clock, setting::Secret, webhook::standard::SigningKey};

/// The key of the bench's generic channel, as `channels.toml` writes it.
pub const SECRET: &str = "whsec_bmlnaHRjbGVyay1iZW5jaC1zZWNyZXQtMzItYnl0ZXM=";
/// The secret of the bench's Telegram channel, which comes with each of its webhooks.
pub const TELEGRAM_SECRET: &str = "bench-secret";

/// The question of the bar: of a known customer, answered by a rule.
const QUESTION: &[&str] = &["Do you ship abroad?"];
/// What customers of a store ask, in two languages: about goods, orders and money, a third of it troubles, which open tickets.
pub const OF_ALL_KINDS: &[&str] = &[
    "Do you ship abroad?",
    "多少钱一盒？",
    "Where is my order?",
    "快递三天没动了，怎么回事？",
    "Which tea do you recommend?",
    "杯子收到就是碎的",
    "I would like to change my address.",
    "可以开发票吗？",
    "How long does delivery take?",
    "我要退货",
    "There is a bag missing from my parcel.",
    "现在有什么优惠？",
];

/// Runs of messages that this process made: no two of them say the same.
static RUNS: AtomicU64 = AtomicU64::new(0);
/// Bits of a number that tell the messages of one run apart, and those that tell runs apart: as many as a double holds
/// exactly, since peers read JSON's numbers so.
const MESSAGE_BITS: u32 = 24;
const RUN_BITS: u32 = 28;

/// How a channel writes a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// The generic channel, by Standard Webhooks.
    StandardWebhooks,
    /// The Bot API of Telegram: updates in, `sendMessage` out.
    Telegram,
}

impl Kind {
    /// Where the bench's channel of this kind takes webhooks.
    pub const fn path(self) -> &'static str {
        match self {
            Self::StandardWebhooks => "/hooks/bench",
            Self::Telegram => "/hooks/bench-telegram",
        }
    }
}

/// A webhook, and by what its answer is known.
pub struct Webhook {
    pub request: Request<Full<Bytes>>,
    pub key: String,
}

/// Makes the webhooks of one customer message each.
#[derive(Clone)]
pub struct Messages {
    signing: SigningKey,
    /// In turn.
    kinds: &'static [Kind],
    /// In turn.
    words: &'static [&'static str],
    /// Where they are sent, if not to the bench's own channels.
    path: Option<Arc<str>>,
    /// The number of the run's first message.
    first: u64,
    chats: u64,
    next: Arc<AtomicU64>,
}

impl Messages {
    /// Messages dealt out over `chats` conversations.
    pub fn new(kinds: &'static [Kind], chats: u64) -> Result<Self, Report> {
        let signing =
            SigningKey::parse(&Secret::new(SECRET)).map_err(|mistake| miette!("the bench's key {mistake}"))?;
        // Told apart from what an earlier bench said to the same server, too.
        let run = clock::now_ms().unsigned_abs() / 100 + RUNS.fetch_add(1, Ordering::Relaxed);
        let first = (run % (1 << RUN_BITS)) << MESSAGE_BITS;
        Ok(Self { signing, kinds, words: QUESTION, path: None, first, chats, next: Arc::default() })
    }

    /// The same in other words.
    #[must_use]
    pub fn saying(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    /// The same for a server that takes them there.
    #[must_use]
    pub fn sent_to(mut self, path: &str) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Whether every conversation has had a message.
    pub fn went_round(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.chats
    }

    /// The next message.
    pub fn next(&self, host: SocketAddr) -> Result<Webhook, Report> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let kind = self.kinds.get(number as usize % self.kinds.len()).copied().unwrap_or(Kind::StandardWebhooks);
        let chat = self.first + number % self.chats;
        let words = self.words.get(number as usize % self.words.len()).copied().unwrap_or_default();
        let text = format!("{words} ({number})");
        let path = self.path.as_deref().unwrap_or(kind.path());
        let request = Request::post(path).header("host", host.to_string()).header("content-type", "application/json");
        let (request, body, key) = match kind {
            Kind::StandardWebhooks => {
                let id = format!("m-{}", self.first + number);
                let body = json!({
                    "type": "message.received",
                    "timestamp": "2026-11-24T21:30:00Z",
                    "data": {
                        "id": id,
                        "chat_id": format!("c-{chat}"),
                        "sender": { "id": format!("customer-{chat}"), "name": "Ana" },
                        "text": text,
                    }
                })
                .to_string();
                let timestamp = clock::now_ms() / 1000;
                let signature = self.signing.sign(&id, &timestamp.to_string(), body.as_bytes());
                let request = request
                    .header("webhook-id", &id)
                    .header("webhook-timestamp", timestamp)
                    .header("webhook-signature", signature);
                (request, body, id)
            }
            Kind::Telegram => {
                let body = json!({
                    "update_id": self.first + number,
                    "message": {
                        "message_id": number + 1,
                        "date": clock::now_ms() / 1000,
                        "chat": { "id": chat, "type": "private", "first_name": "Ana" },
                        "from": { "id": chat, "is_bot": false, "first_name": "Ana", "language_code": "en" },
                        "text": text,
                    }
                })
                .to_string();
                (request.header("x-telegram-bot-api-secret-token", TELEGRAM_SECRET), body, chat.to_string())
            }
        };
        Ok(Webhook { request: request.body(Full::new(Bytes::from(body))).into_diagnostic()?, key })
    }
}

/// By what a reply tells which message it answers: the generic channel's `in_reply_to`, Telegram's `chat_id` (JSON or a
/// form, as bots send it), or, for the bare server, the echoed message.
pub fn answered(body: &[u8]) -> Option<String> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        let mut fields = form_urlencoded::parse(body);
        return fields.find_map(|(name, value)| (name == "chat_id").then(|| value.into_owned()));
    };
    let data = &body["data"];
    let id = data["in_reply_to"].as_str().or_else(|| data["id"].as_str()).map(str::to_owned);
    id.or_else(|| match &body["chat_id"] {
        Value::String(chat) => Some(chat.clone()),
        Value::Number(chat) => Some(chat.to_string()),
        _ => Some(body["message"]["chat"]["id"].as_u64()?.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_known_by_its_message_however_a_server_writes_it() {
        for (body, key) in [
            (r#"{"type":"message.reply","data":{"in_reply_to":"m-1","text":"yes"}}"#, "m-1"),
            (r#"{"type":"message.received","data":{"id":"m-2"}}"#, "m-2"),
            (r#"{"chat_id":"4711","text":"yes"}"#, "4711"),
            (r#"{"chat_id":4712,"text":"yes"}"#, "4712"),
            (r#"{"update_id":1,"message":{"chat":{"id":4713}}}"#, "4713"),
            ("text=yes%2C+we+do&chat_id=4714", "4714"),
        ] {
            assert_eq!(answered(body.as_bytes()).as_deref(), Some(key), "{body}");
        }
        assert_eq!(answered(br#"{"type":"message.reply"}"#), None);
    }

    #[test]
    fn no_two_runs_say_the_same() {
        let host = SocketAddr::from(([127, 0, 0, 1], 1));
        for kinds in [&[Kind::StandardWebhooks][..], &[Kind::Telegram][..]] {
            let (one, other) = (Messages::new(kinds, 10).unwrap(), Messages::new(kinds, 10).unwrap());
            assert_ne!(one.next(host).unwrap().key, other.next(host).unwrap().key);
        }
    }
}
