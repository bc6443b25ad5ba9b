//! Setting the webhook, and asking whether all is well.

use http::Uri;
use serde_json::{Value, json};

use crate::{
    channel::{Answer, Probe, SetUp, json_api},
    setting::Secret,
};

/// The kinds of updates that are read.
const UPDATES: [&str; 4] = ["message", "callback_query", "business_connection", "business_message"];

/// The methods that are called for it; they hold the token.
pub struct Calls {
    pub get_me: Uri,
    pub get_webhook_info: Uri,
    pub set_webhook: Uri,
    pub get_chat: Uri,
    pub get_chat_member: Uri,
}

pub fn set_up(calls: &Calls, webhook_url: &str, secret_token: &Secret) -> SetUp {
    let body = json!({
        "url": webhook_url,
        "secret_token": secret_token.expose(),
        "allowed_updates": UPDATES,
        "max_connections": 40,
    });
    let url = webhook_url.to_owned();
    let set = Probe::new(json_api::post(&calls.set_webhook, &body), move |response, answer| match &answer["ok"] {
        Value::Bool(true) => Answer::well(format!("Telegram posts to {url}")),
        _ => Answer::ill(format!("Telegram does not take the webhook: {}", why(response, answer))),
    });
    SetUp { probes: vec![set], by_hand: Vec::new() }
}

pub fn examine(calls: &Calls, username: Option<&str>, webhook_url: Option<&str>) -> Vec<Probe> {
    let (username, webhook_url) = (username.map(str::to_owned), webhook_url.map(str::to_owned));
    vec![
        Probe::new(json_api::get(&calls.get_me), move |response, answer| {
            let Some(name) = answer["result"]["username"].as_str() else {
                return Answer::ill(format!(
                    "the bot's token is not accepted: {}; take it anew from @BotFather",
                    why(response, answer)
                ));
            };
            let known = Answer::well(format!("the token is that of @{name}"));
            match &username {
                Some(written) if !written.eq_ignore_ascii_case(name) => {
                    known.and(Answer::ill(format!("`username` is {written}: write `username = \"{name}\"`")))
                }
                None => known.and(Answer::look(format!(
                    "write `username = \"{name}\"`, so that in groups the names of other bots do not count"
                ))),
                Some(_) => known,
            }
        }),
        Probe::new(json_api::get(&calls.get_webhook_info), move |response, answer| {
            let info = &answer["result"];
            let Some(url) = info["url"].as_str() else {
                return Answer::ill(format!("Telegram does not tell of its webhook: {}", why(response, answer)));
            };
            webhook(url, info, webhook_url.as_deref())
        }),
    ]
}

fn webhook(url: &str, info: &Value, expected: Option<&str>) -> Answer {
    let mut findings = match expected {
        _ if url.is_empty() => return Answer::ill("no webhook is set: run `nightclerk channel setup` for it"),
        Some(expected) if url != expected => {
            Answer::ill("the webhook leads elsewhere: run `nightclerk channel setup` for it")
        }
        _ => Answer::well("the webhook is set"),
    };
    if let Some(updates) = info["allowed_updates"].as_array()
        && let Some(missing) = UPDATES.iter().find(|it| !updates.iter().any(|update| update == *it))
    {
        findings = findings.and(Answer::ill(format!(
            "Telegram was told not to send `{missing}`: run `nightclerk channel setup` for it"
        )));
    }
    if let Some(error) = info["last_error_message"].as_str() {
        let waiting = info["pending_update_count"].as_u64().unwrap_or(0);
        let words = format!("Telegram's last delivery failed: {error:.200}; {waiting} updates wait");
        findings = findings.and(if waiting > 0 { Answer::ill(words) } else { Answer::look(words) });
    }
    findings
}

pub fn why(response: &http::Response<bytes::Bytes>, answer: &Value) -> String {
    json_api::reason(response, answer["description"].as_str())
}
