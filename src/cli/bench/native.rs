//! The greeting of `greeting.js` as a function of this program: what the same answer costs without a sandbox, a language and a
//! contract between.

use std::{
    hint::black_box,
    sync::LazyLock,
    time::{Duration, Instant},
};

use regex::Regex;
use serde_json::{Value, json};

use crate::model::{Action, Content, Hook, HookCall, Moment};

const CALLS: usize = 10_000;

static ORDER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("(?i)order|订单").ok());
/// The defaults of the script's manifest, which it reads in every call.
static SETTINGS: LazyLock<String> = LazyLock::new(|| {
    json!({
        "greetings": { "en": ["Hello, {name}!", "Good day, {name}!"], "zh": ["您好，{name}！"] },
        "promo": { "text": "10% off Longjing", "url": "https://example.com/tea" },
        "festivals": [
            { "date": "2026-12-25", "en": "Merry Christmas" },
            { "date": "2027-02-06", "en": "Happy New Year" },
        ],
    })
    .to_string()
});

/// Times of greeting a new customer, sorted.
pub fn measure() -> Vec<Duration> {
    let mut times: Vec<_> = with_a_newcomer(|asked| {
        (0..CALLS)
            .map(|_| {
                let began = Instant::now();
                black_box(greet(black_box(asked)));
                began.elapsed()
            })
            .collect()
    });
    times.sort_unstable();
    times
}

fn with_a_newcomer<T>(ask: impl FnOnce(&HookCall<'_>) -> T) -> T {
    crate::plugin::host::with_sample(Hook::Welcome, ask)
}

fn greet(asked: &HookCall<'_>) -> Vec<Action> {
    let settings: Value = serde_json::from_str(&SETTINGS).unwrap_or_default();
    let language = asked.store.language.tag();
    let local_time = (asked.store.local_time)(asked.now_ms);
    let today = local_time.get(..10).unwrap_or_default();
    let festivals = settings["festivals"].as_array();
    let festival = festivals.into_iter().flatten().find(|it| it["date"] == today);
    let name = asked.customer.and_then(|it| it.conversation.sender_name.as_deref()).unwrap_or("there");
    let greetings = settings["greetings"].get(language).unwrap_or(&settings["greetings"]["en"]);
    let mut lines = vec![greetings[0].as_str().unwrap_or_default().replace("{name}", name)];
    if let Some(festival) = festival.and_then(|it| it["en"].as_str()) {
        lines.push(festival.to_owned());
    }
    if !asked.open {
        lines.push(format!("{} is closed; {} is at the desk.", asked.store.name, asked.store.clerk));
    }
    let said = match asked.moment {
        Moment::Welcome { message: Some(message) } => message.text.as_deref().unwrap_or_default(),
        _ => "",
    };
    if ORDER.as_ref().is_some_and(|order| order.is_match(said)) {
        lines.push("Send me the order number and I will look it up.".to_owned());
    }
    let text = |of: &str| settings["promo"][of].as_str().unwrap_or_default().to_owned();
    let content = Content::Link { text: format!("{}\n{}", lines.join("\n"), text("text")), url: text("url") };
    vec![Action::Reply { content }, Action::Tag { tag: "greeted".to_owned() }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_the_script_says() {
        let actions = with_a_newcomer(greet);
        let said = "Hello, there!\nSample is closed; Clerk is at the desk.\nSend me the order number and I will look it up.\n10% off Longjing";
        let content = Content::Link { text: said.to_owned(), url: "https://example.com/tea".to_owned() };
        assert_eq!(actions, [Action::Reply { content }, Action::Tag { tag: "greeted".to_owned() }]);
    }
}
