//! The storm guard: two robots must not talk to each other all night.

use super::{Playbook, rules::BY_ID};
use crate::model::{Content, Conversation, Storm, WhySilent};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Different words that are remembered of the last hour.
const MOST_HEARD: usize = 32;
/// How long the clerk knows its own words when they come back.
const ECHO_MS: i64 = 10 * 60_000;
/// Keys of `Conversation::answered_ms` beside the rules' (`rule:<id>`).
const SAID: &str = "said:";
const URGENT: &str = "urgent:";
const THANKED: &str = "thanked:";
/// How long the pictures that follow each other are one gift.
const BURST_MS: i64 = 60_000;
/// How long the pictures of one album may take to come.
const ALBUM_MS: i64 = 60 * 60_000;
/// The shortest text that is told for an echo: customers, too, say "hello!".
const ECHO_CHARS: usize = 8;

/// The tag of a conversation that went over the limit.
pub const STORM: &str = "storm";

/// Looks at a message before anything answers it: why it must not be answered, if it must not.
pub fn check(conversation: &Conversation, playbook: &Playbook, text: Option<&str>, now_ms: i64) -> Option<WhySilent> {
    let guard = &playbook.shop.storm_guard;
    if guard.replies > 0 && is_storm(conversation, playbook, now_ms) {
        return Some(WhySilent::TooManyReplies);
    }
    let text = text?;
    if text.chars().count() >= ECHO_CHARS && conversation.answered_ms.contains_key(&key(SAID, text)) {
        return Some(WhySilent::OwnWords);
    }
    let heard = conversation.heard_ms.get(&key("", text))?;
    let within = |times: usize, window_ms: i64| {
        let at = heard.len().checked_sub(times).and_then(|place| heard.get(place));
        times > 0 && at.is_some_and(|at| now_ms.saturating_sub(*at) < window_ms)
    };
    let again = guard.repeat.is_some_and(|window| within(1, window.as_ms()))
        || (guard.replies > 0 && within(guard.same_words, HOUR_MS) && !is_choice(conversation, text));
    again.then_some(WhySilent::SaidAgain)
}

/// Whether more was answered than the store allows, or the cool-down after that is not over.
fn is_storm(conversation: &Conversation, playbook: &Playbook, now_ms: i64) -> bool {
    let guard = &playbook.shop.storm_guard;
    let since = now_ms.saturating_sub(guard.per.as_ms());
    let recent = conversation.recent_replies_ms.iter().filter(|at| **at > since).count();
    let (this_hour, day) = replies(conversation, now_ms);
    recent >= guard.replies
        || (guard.hourly > 0 && this_hour >= guard.hourly)
        || (guard.daily > 0 && day >= guard.daily)
        || conversation.storm.as_ref().is_some_and(|storm| now_ms < storm.until_ms)
}

/// Replies of this hour and of the day before its end.
fn replies(conversation: &Conversation, now_ms: i64) -> (u32, u32) {
    let hour = now_ms.div_euclid(HOUR_MS);
    let day = conversation.replies_by_hour.range(hour - 23..=hour).map(|(_, count)| count).sum();
    (conversation.replies_by_hour.get(&hour).copied().unwrap_or(0), day)
}

/// What picks a choice of the menu, or comes from a button, is pressed as often as people like.
fn is_choice(conversation: &Conversation, text: &str) -> bool {
    let number = text.len() <= 2 && text.parse::<usize>().is_ok_and(|it| (1..=conversation.menu.len()).contains(&it));
    number || text.starts_with(BY_ID) || conversation.menu.iter().any(|it| it.value == text || it.label == text)
}

/// Keeps the clerk still for twice as long as after the storm before, unless it is; whether a storm begins.
pub fn cool_down(conversation: &mut Conversation, playbook: &Playbook, now_ms: i64) -> bool {
    let before = conversation.storm.clone().unwrap_or_default();
    if now_ms < before.until_ms {
        return false;
    }
    let calm = now_ms.saturating_sub(before.until_ms) >= DAY_MS;
    let level = if calm { 0 } else { before.level.saturating_add(1) };
    let first_ms = playbook.shop.storm_guard.per.as_ms();
    let still_ms = first_ms.saturating_mul(1 << level.min(20)).min(DAY_MS);
    conversation.storm = Some(Storm { level, until_ms: now_ms.saturating_add(still_ms) });
    true
}

/// Remembers what the customer said, to know whether they go on saying it.
pub fn remember_heard(conversation: &mut Conversation, playbook: &Playbook, text: &str, now_ms: i64) {
    let guard = &playbook.shop.storm_guard;
    let most = guard.same_words.max(usize::from(guard.repeat.is_some()));
    if most == 0 || (guard.replies == 0 && guard.repeat.is_none()) {
        return;
    }
    let heard = conversation.heard_ms.entry(key("", text)).or_default();
    heard.push(now_ms);
    let surplus = heard.len().saturating_sub(most);
    heard.drain(..surplus);
}

pub fn remember_reply(conversation: &mut Conversation, now_ms: i64) {
    conversation.recent_replies_ms.push(now_ms);
    *conversation.replies_by_hour.entry(now_ms.div_euclid(HOUR_MS)).or_default() += 1;
}

/// Remembers the clerk's last words, to know an echo.
pub fn remember_said(conversation: &mut Conversation, content: &Content, now_ms: i64) {
    conversation.answered_ms.retain(|it, at| !it.starts_with(SAID) || *at == now_ms);
    conversation.answered_ms.insert(key(SAID, &content.to_plain_text()), now_ms);
}

/// Whether these were the clerk's last words.
pub fn was_said_last(conversation: &Conversation, text: &str) -> bool {
    conversation.answered_ms.contains_key(&key(SAID, text))
}

/// Whether people are to be told of an urgent ticket: not of each message of somebody who is angry.
pub fn is_news(conversation: &mut Conversation, playbook: &Playbook, kind: &str, now_ms: i64) -> bool {
    let told_ms = conversation.answered_ms.insert(format!("{URGENT}{kind}"), now_ms);
    told_ms.is_none_or(|at| now_ms.saturating_sub(at) >= playbook.shop.handback_ms)
}

/// Whether media that came just before, or the same album, were thanked for; from now on they are.
pub fn is_thanked(conversation: &mut Conversation, album: Option<&str>, now_ms: i64) -> bool {
    let within = |at: Option<i64>, time_ms: i64| at.is_some_and(|at| now_ms.saturating_sub(at) < time_ms);
    let last = conversation.answered_ms.insert(THANKED.to_owned(), now_ms);
    within(last, BURST_MS) || is_thanked_with(conversation, album, now_ms)
}

/// Whether something of this album was answered; from now on it is.
pub fn is_thanked_with(conversation: &mut Conversation, album: Option<&str>, now_ms: i64) -> bool {
    let Some(album) = album else { return false };
    let last = conversation.answered_ms.insert(key(THANKED, album), now_ms);
    last.is_some_and(|at| now_ms.saturating_sub(at) < ALBUM_MS)
}

/// Forgets what no limit asks for any more, so that a conversation does not grow with its age.
pub fn prune(conversation: &mut Conversation, playbook: &Playbook, now_ms: i64) {
    let guard = &playbook.shop.storm_guard;
    let since = now_ms.saturating_sub(guard.per.as_ms());
    conversation.recent_replies_ms.retain(|at| *at > since);
    // The newest are enough to know that there were too many.
    let surplus = conversation.recent_replies_ms.len().saturating_sub(guard.replies);
    conversation.recent_replies_ms.drain(..surplus);
    let hour = now_ms.div_euclid(HOUR_MS);
    conversation.replies_by_hour.retain(|it, _| hour - *it < 24);
    let window_ms = guard.repeat.map_or(HOUR_MS, |window| window.as_ms().max(HOUR_MS));
    let is_fresh =
        |heard: &[i64], window_ms: i64| heard.last().is_some_and(|at| now_ms.saturating_sub(*at) < window_ms);
    conversation.heard_ms.retain(|_, heard| is_fresh(heard, window_ms));
    if conversation.heard_ms.len() > MOST_HEARD {
        let mut last: Vec<i64> = conversation.heard_ms.values().filter_map(|heard| heard.last().copied()).collect();
        last.sort_unstable();
        let oldest = last.get(last.len() - MOST_HEARD).copied().unwrap_or(now_ms);
        conversation.heard_ms.retain(|_, heard| heard.last().is_some_and(|at| *at >= oldest));
    }
    conversation.answered_ms.retain(|name, at| {
        let age_ms = now_ms.saturating_sub(*at);
        if name.starts_with(SAID) {
            age_ms < ECHO_MS
        } else if let Some(album) = name.strip_prefix(THANKED) {
            age_ms < if album.is_empty() { BURST_MS } else { ALBUM_MS }
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
