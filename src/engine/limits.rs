//! The storm guard: two robots must not talk to each other all night.

use super::{Playbook, rules::BY_ID};
use crate::model::{Content, Conversation, WhySilent};

/// How long the clerk knows its own words when they come back.
const ECHO_MS: i64 = 10 * 60_000;
/// Keys of `Conversation::answered_ms` beside the rules' (`rule:<id>`).
const SAID: &str = "said:";
const HEARD: &str = "heard:";
const URGENT: &str = "urgent:";
/// The shortest text that is told for an echo: customers, too, say "hello!".
const ECHO_CHARS: usize = 8;

/// The tag of a conversation that went over the limit.
pub const STORM: &str = "storm";

/// Looks at a message before anything answers it: why it must not be answered, if it must not.
pub fn check(conversation: &Conversation, playbook: &Playbook, text: Option<&str>, now_ms: i64) -> Option<WhySilent> {
    let guard = &playbook.shop.storm_guard;
    let since = now_ms.saturating_sub(guard.per.as_ms());
    let recent = conversation.recent_replies_ms.iter().filter(|at| **at > since).count();
    if guard.replies > 0 && recent >= guard.replies {
        return Some(WhySilent::TooManyReplies);
    }
    let text = text?;
    if text.chars().count() >= ECHO_CHARS && conversation.answered_ms.contains_key(&key(SAID, text)) {
        return Some(WhySilent::OwnWords);
    }
    let window_ms = guard.repeat?.as_ms();
    let heard_ms = conversation.answered_ms.get(&key(HEARD, text))?;
    (now_ms - heard_ms < window_ms).then_some(WhySilent::SaidAgain)
}

/// Remembers what the customer said, where the store wants repetitions answered once.
pub fn remember_heard(conversation: &mut Conversation, playbook: &Playbook, text: &str, now_ms: i64) {
    if playbook.shop.storm_guard.repeat.is_some() {
        conversation.answered_ms.insert(key(HEARD, text), now_ms);
    }
}

/// Remembers the clerk's last words, to know an echo.
pub fn remember_said(conversation: &mut Conversation, content: &Content, now_ms: i64) {
    conversation.answered_ms.retain(|it, at| !it.starts_with(SAID) || *at == now_ms);
    conversation.answered_ms.insert(key(SAID, &content.to_plain_text()), now_ms);
}

/// Whether people are to be told of an urgent ticket: not of each message of somebody who is angry.
pub fn is_news(conversation: &mut Conversation, playbook: &Playbook, kind: &str, now_ms: i64) -> bool {
    let told_ms = conversation.answered_ms.insert(format!("{URGENT}{kind}"), now_ms);
    told_ms.is_none_or(|at| now_ms.saturating_sub(at) >= playbook.shop.handback_ms)
}

/// Forgets what no limit asks for any more, so that a conversation does not grow with its age.
pub fn prune(conversation: &mut Conversation, playbook: &Playbook, now_ms: i64) {
    let guard = &playbook.shop.storm_guard;
    let since = now_ms.saturating_sub(guard.per.as_ms());
    conversation.recent_replies_ms.retain(|at| *at > since);
    // The newest are enough to know that there were too many.
    let surplus = conversation.recent_replies_ms.len().saturating_sub(guard.replies);
    conversation.recent_replies_ms.drain(..surplus);
    conversation.answered_ms.retain(|name, at| {
        let age_ms = now_ms.saturating_sub(*at);
        if name.starts_with(SAID) {
            age_ms < ECHO_MS
        } else if name.starts_with(HEARD) {
            guard.repeat.is_some_and(|window| age_ms < window.as_ms())
        } else if name.starts_with(URGENT) {
            age_ms < playbook.shop.handback_ms
        } else {
            let rule = name.strip_prefix(BY_ID).and_then(|id| playbook.rules.by_id(id));
            rule.is_some_and(|rule| rule.rests(age_ms))
        }
    });
}

/// Words by their fingerprint (FNV-1a, 64 bits): the row need not hold them twice, and two texts that share one would only
/// cost an answer that the storm guard holds back.
fn key(prefix: &str, text: &str) -> String {
    let print = text
        .trim()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |print, byte| (print ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{prefix}{print:016x}")
}
