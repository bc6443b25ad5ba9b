//! What the targets share: a channel made from its settings, and requests with true signatures, so that the
//! fuzzer gets past the door and reaches the parser behind it.

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use nightclerk::{
    channel::{self, Capabilities, Channel},
    engine::{Playbook, View},
    model::{
        Address, Conversation, Event, EventKind, Lookups, Message, NoPlugins, Order, Product, ReplyContext, Ticket,
    },
    source::{self, Source, SourceSettings},
    webhook::{Inbound, WebhookRequest},
};
use sha2::Sha256;

/// Makes of a closure over bytes, or over text, what libFuzzer runs. It is linked in by `run`; whoever only checks or lints
/// the targets needs none.
#[macro_export]
macro_rules! fuzz_target {
    (|$bytes:ident: &[u8]| $body:expr) => {
        #[unsafe(no_mangle)]
        extern "C" fn LLVMFuzzerInitialize(_: *const i32, _: *const *const *const u8) -> i32 {
            $crate::die_of_panics();
            0
        }

        #[unsafe(no_mangle)]
        extern "C" fn LLVMFuzzerTestOneInput(data: *const u8, size: usize) -> i32 {
            fn run($bytes: &[u8]) {
                $body
            }
            // SAFETY: libFuzzer hands over `size` bytes that stay as they are during the call.
            run(if size == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, size) } });
            0
        }
    };
    (|$text:ident: &str| $body:expr) => {
        $crate::fuzz_target!(|bytes: &[u8]| {
            let Ok($text) = std::str::from_utf8(bytes) else { return };
            $body
        });
    };
}

/// A panic ends the process where it happens, also where the product would catch it, so that libFuzzer keeps the input.
pub fn die_of_panics() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        told(panic);
        std::process::abort();
    }));
}

/// A fixed present, in milliseconds.
pub const NOW_MS: i64 = 1_764_000_000_000;

/// The channel that `settings` (a `[[channel]]` table without `id`) describe.
pub fn channel(settings: &str) -> Box<dyn Channel> {
    let settings = toml::from_str(settings).expect("settings of a known channel");
    channel::build("fuzz", &settings).expect("usable settings")
}

/// The source of this kind that `settings` describe.
pub fn source(kind: &str, settings: &str) -> Box<dyn Source> {
    let settings = toml::Deserializer::parse(settings).expect("settings in TOML");
    let settings = SourceSettings::of_kind(kind, settings).expect("settings of a known source");
    source::build("fuzz", &settings).expect("usable settings")
}

/// Gives one request to the channel and checks what must hold of any answer.
pub fn receive(
    channel: &dyn Channel,
    method: Method,
    path: &str,
    query: &[(&str, &str)],
    headers: &[(&str, String)],
    body: &[u8],
) {
    give(|request| channel.receive(request), method, path, query, headers, body);
    let Capabilities { max_length, .. } = channel.capabilities();
    assert!(max_length > 0);
}

/// Gives one request to a receiver and checks what must hold of any events.
pub fn give(
    receive: impl FnOnce(&WebhookRequest<'_>) -> Inbound,
    method: Method,
    path: &str,
    query: &[(&str, &str)],
    headers: &[(&str, String)],
    body: &[u8],
) {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            map.insert(name, value);
        }
    }
    let query: Vec<_> = query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let request = WebhookRequest { method: &method, path, query: &query, headers: &map, body, now_ms: NOW_MS };
    if let Inbound::Events { events, .. } = receive(&request) {
        for event in events {
            assert!(!event.dedupe.is_empty(), "an event without a dedupe id");
            assert!(!event.address.channel.is_empty(), "an event without a channel");
        }
    }
}

pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Has the store decide on a message of a customer whom it does not know yet, and on the same words again.
pub fn decide(playbook: &Playbook, words: &str) {
    let mut conversation = Conversation::default();
    for (number, now_ms) in [NOW_MS, NOW_MS + 60_000].into_iter().enumerate() {
        let message = Message {
            id: number.to_string(),
            sender: "ana".to_owned(),
            text: Some(words.to_owned()),
            reply: ReplyContext::default(),
            ..Message::default()
        };
        let event = Event {
            channel: "shop".to_owned(),
            dedupe: number.to_string(),
            address: Address::new("shop", "ana"),
            at_ms: now_ms,
            kind: EventKind::Message(message),
        };
        let view = View {
            conversation: &conversation,
            order: None,
            lookups: &Nothing(playbook),
            recorded: &[],
            may_wait: false,
            now_ms,
        };
        conversation = playbook.decide(&event, &view, &NoPlugins).conversation;
    }
}

/// A store in which nothing is kept yet.
struct Nothing<'a>(&'a Playbook);

impl Lookups for Nothing<'_> {
    fn order(&self, _: &str, _: &str) -> Option<Order> {
        None
    }

    fn orders(&self) -> Vec<Order> {
        Vec::new()
    }

    fn products(&self, query: &str, limit: usize) -> Vec<Product> {
        self.0.products(query, limit)
    }

    fn kv(&self, _: &str, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn kv_keys(&self, _: &str, _: &str, _: &str, _: usize) -> Vec<String> {
        Vec::new()
    }

    fn tickets(&self) -> Vec<Ticket> {
        Vec::new()
    }
}
