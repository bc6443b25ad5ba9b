//! Whether the daemon would carry an answer out, in its words.

use super::{grants::Grants, limits::LIMITS};
use crate::{Action, Content, Outcome};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Against what an answer is held.
pub struct Bounds<'a> {
    pub grants: &'a Grants,
    pub now_ms: i64,
    /// The moment was a timer's.
    pub after_a_timer: bool,
    /// The moment belongs to a customer.
    pub of_a_customer: bool,
}

impl Bounds<'_> {
    pub fn check(&self, outcome: &Outcome) -> Result<(), String> {
        let (Outcome::Also(actions) | Outcome::Handled(actions)) = outcome else { return Ok(()) };
        let new_timers = if self.after_a_timer { LIMITS.new_timers_of_a_timer } else { LIMITS.new_timers };
        let count = |is: fn(&Action) -> bool| actions.iter().filter(|action| is(action)).count();
        for (what, count, allowed) in [
            ("actions", actions.len(), LIMITS.actions),
            ("notices", count(|it| matches!(it, Action::Notify(_))), LIMITS.notices),
            ("new tickets", count(|it| matches!(it, Action::OpenTicket(_))), LIMITS.new_tickets),
            ("new timers", count(|it| matches!(it, Action::SetTimer(_))), new_timers),
        ] {
            if count > allowed {
                return Err(format!("{count} {what}; {allowed} are allowed"));
            }
        }
        actions.iter().try_for_each(|action| self.action(action))
    }

    fn action(&self, action: &Action) -> Result<(), String> {
        let (word, needed) = needs(action);
        let of_a_customer = !matches!(action, Action::Notify(_) | Action::Extra(_));
        let checked = if of_a_customer && !self.of_a_customer {
            Err("there is no customer at this moment".to_owned())
        } else {
            needed.map_or(Ok(()), |needed| self.grants.permit(&needed)).and_then(|()| self.words(action))
        };
        checked.map_err(|why| format!("`{word}`: {why}"))
    }

    fn words(&self, action: &Action) -> Result<(), String> {
        match action {
            Action::Reply(it) | Action::AskSatisfaction(it) => content(it),
            Action::Notify(it) => name(&it.to).and_then(|()| content(&it.content)),
            Action::Tag(it) | Action::Untag(it) | Action::CancelTimer(it) | Action::Assign(it) => name(it),
            Action::CloseTicket(it) => name(it),
            Action::Remark(it) => name(&it.order_id).and_then(|()| said(&it.text)),
            Action::SetTimer(it) => {
                name(&it.key)?;
                self.due(it.due_ms)?;
                let json = serde_json::from_str::<serde_json::Value>(&it.payload);
                json.map(drop).map_err(|error| format!("the payload is not JSON: {error}"))
            }
            Action::Transfer(it) => name(&it.to),
            Action::OpenTicket(it) => {
                name(&it.kind)?;
                match it.urgency.as_deref() {
                    None | Some("normal" | "urgent") => Ok(()),
                    Some(other) => Err(format!("`{other}` is no urgency; there are normal and urgent")),
                }
            }
            Action::Silence(_) => Ok(()),
            Action::Extra(it) => Err(unknown(&it.name)),
        }
    }

    fn due(&self, due_ms: i64) -> Result<(), String> {
        let rest = LIMITS.timer_after_timer_seconds;
        match due_ms {
            _ if due_ms < self.now_ms => Err("it is due in the past".to_owned()),
            _ if due_ms > self.now_ms + LIMITS.timer_ahead_days * DAY_MS => {
                Err(format!("it is due more than {} days ahead", LIMITS.timer_ahead_days))
            }
            _ if self.after_a_timer && due_ms < self.now_ms + rest * 1000 => {
                Err(format!("a timer sets a timer at least {rest} seconds ahead"))
            }
            _ => Ok(()),
        }
    }
}

/// The action's word, and the grant it needs.
fn needs(action: &Action) -> (&'static str, Option<String>) {
    let (word, needed) = match action {
        Action::Reply(_) => ("reply", "reply"),
        Action::Silence(_) => ("silence", "reply"),
        Action::Notify(it) => return ("notify", Some(format!("notify:{}", it.to))),
        Action::Tag(_) => ("tag", "tag"),
        Action::Untag(_) => ("untag", "tag"),
        Action::Remark(_) => ("remark", "remark"),
        Action::SetTimer(_) => ("set-timer", "timer"),
        Action::CancelTimer(_) => ("cancel-timer", "timer"),
        Action::Assign(_) => ("assign", "assign"),
        Action::Transfer(_) => ("transfer", "transfer"),
        Action::OpenTicket(_) => ("open-ticket", "ticket"),
        Action::CloseTicket(_) => ("close-ticket", "ticket"),
        Action::AskSatisfaction(_) => ("ask-satisfaction", "ask-satisfaction"),
        Action::Extra(_) => return ("extra", None),
    };
    (word, Some(needed.to_owned()))
}

fn unknown(name: &str) -> String {
    format!("this host knows no `{name}`; a newer one may")
}

fn content(content: &Content) -> Result<(), String> {
    match content {
        Content::Text(text) => said(text),
        Content::Link(it) => url(&it.url),
        Content::Image(it) => url(&it.url),
        Content::Choices(it) => {
            if it.choices.is_empty() || it.choices.len() > LIMITS.choices {
                return Err(format!("{} choices; 1 to {} are allowed", it.choices.len(), LIMITS.choices));
            }
            it.choices.iter().try_for_each(|it| name(&it.label).and_then(|()| name(&it.value)))?;
            said(&it.text)
        }
        Content::Extra(it) => Err(unknown(&it.name)),
    }
}

fn said(text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err("the text is empty".to_owned()) } else { Ok(()) }
}

fn name(text: &str) -> Result<(), String> {
    let longest = LIMITS.name_bytes;
    let fits = !text.trim().is_empty() && text.len() <= longest && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(format!("a name takes one line of 1 to {longest} bytes")) }
}

/// An absolute http(s) URL with a host.
fn url(text: &str) -> Result<(), String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let plain = text.len() <= LIMITS.url_bytes && text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_web = plain && host.is_some_and(|host| !host.is_empty());
    if is_web { Ok(()) } else { Err("the URL is not an absolute http or https one".to_owned()) }
}
