//! Whether what a plugin wants done may be done. One action that may not spoils the whole answer: half of what
//! was meant is nothing anybody meant.

use serde_json::Value;

use super::{seat::Seat, text::line};
use crate::{
    model::{Action, Choice, Content, HookCall, Moment, Urgency},
    plugin::contract::{Capability, LIMITS, world::types as wit},
};

const SECOND_MS: i64 = 1000;
const DAY_MS: i64 = 24 * 60 * 60 * SECOND_MS;

/// Against what an answer is held.
pub struct Bounds<'a> {
    /// The plugin, to which its timers belong.
    pub seat: &'a Seat,
    pub asked: &'a HookCall<'a>,
}

impl Bounds<'_> {
    /// The actions in the domain's words, or why the answer is refused.
    pub fn accept(&self, actions: Vec<wit::Action>) -> Result<Vec<Action>, String> {
        let new_timers = if self.is_a_timer() { LIMITS.new_timers_of_a_timer } else { LIMITS.new_timers };
        let count = |is: fn(&wit::Action) -> bool| actions.iter().filter(|action| is(action)).count();
        for (what, count, allowed) in [
            ("actions", actions.len(), LIMITS.actions),
            ("notices", count(|it| matches!(it, wit::Action::Notify(_))), LIMITS.notices),
            ("new tickets", count(|it| matches!(it, wit::Action::OpenTicket(_))), LIMITS.new_tickets),
            ("new timers", count(|it| matches!(it, wit::Action::SetTimer(_))), new_timers),
        ] {
            if count > allowed {
                return Err(format!("{count} {what}; {allowed} are allowed"));
            }
        }
        actions.into_iter().map(|action| self.action(action)).collect()
    }

    fn action(&self, action: wit::Action) -> Result<Action, String> {
        let (word, needed) = needs(&action);
        let of_a_customer = !matches!(action, wit::Action::Notify(_) | wit::Action::Extra(_));
        let converted = if of_a_customer && self.asked.customer.is_none() {
            Err("there is no customer at this moment".to_owned())
        } else {
            needed.map_or(Ok(()), |needed| self.seat.permit(&needed)).and_then(|()| self.convert(action))
        };
        converted.map_err(|why| format!("`{word}`: {why}"))
    }

    fn convert(&self, action: wit::Action) -> Result<Action, String> {
        let owner = || self.seat.name().to_owned();
        Ok(match action {
            wit::Action::Reply(it) => Action::Reply { content: content(it)? },
            wit::Action::Notify(it) => Action::Notify { to: name(it.to)?, content: content(it.content)? },
            wit::Action::Tag(it) => Action::Tag { tag: name(it)? },
            wit::Action::Untag(it) => Action::Untag { tag: name(it)? },
            wit::Action::Remark(it) => Action::Remark { order_id: name(it.order_id)?, text: said(it.text)? },
            wit::Action::SetTimer(it) => Action::SetTimer {
                at: None,
                key: name(it.key)?,
                due_ms: self.due(it.due_ms)?,
                priority: it.priority,
                payload: json(&it.payload)?,
                owner: owner(),
            },
            wit::Action::CancelTimer(it) => Action::CancelTimer { at: None, key: name(it)?, owner: owner() },
            wit::Action::Assign(it) => Action::Assign { to: name(it)? },
            wit::Action::Transfer(it) => Action::Transfer { to: name(it.to)?, note: it.note },
            wit::Action::OpenTicket(it) => {
                let urgency = urgency(it.urgency.as_deref())?;
                Action::OpenTicket { id: String::new(), kind: name(it.kind)?, text: it.text, urgency }
            }
            wit::Action::CloseTicket(it) => Action::CloseTicket { id: name(it)? },
            wit::Action::AskSatisfaction(it) => Action::AskSatisfaction { content: content(it)? },
            wit::Action::Silence(it) => Action::Silence { reason: it },
            wit::Action::Extra(it) => return Err(unknown(&it)),
        })
    }

    fn is_a_timer(&self) -> bool {
        matches!(self.asked.moment, Moment::Timer { .. })
    }

    fn due(&self, due_ms: i64) -> Result<i64, String> {
        let now_ms = self.asked.now_ms;
        let horizon = now_ms.saturating_add(LIMITS.timer_ahead_days * DAY_MS);
        let rest_ms = LIMITS.timer_after_timer_seconds * SECOND_MS;
        match due_ms {
            _ if due_ms < now_ms => Err("it is due in the past".to_owned()),
            _ if due_ms > horizon => Err(format!("it is due more than {} days ahead", LIMITS.timer_ahead_days)),
            _ if self.is_a_timer() && due_ms < now_ms.saturating_add(rest_ms) => {
                let seconds = LIMITS.timer_after_timer_seconds;
                Err(format!("a timer sets a timer at least {seconds} seconds ahead"))
            }
            _ => Ok(due_ms),
        }
    }
}

/// The action's word, and the grant it needs; none for what no host knows yet.
fn needs(action: &wit::Action) -> (&'static str, Option<Capability>) {
    let (word, needed) = match action {
        wit::Action::Reply(_) => ("reply", Capability::Reply),
        wit::Action::Silence(_) => ("silence", Capability::Reply),
        wit::Action::Notify(it) => ("notify", Capability::Notify(Some(it.to.clone()))),
        wit::Action::Tag(_) => ("tag", Capability::Tag),
        wit::Action::Untag(_) => ("untag", Capability::Tag),
        wit::Action::Remark(_) => ("remark", Capability::Remark),
        wit::Action::SetTimer(_) => ("set-timer", Capability::Timer),
        wit::Action::CancelTimer(_) => ("cancel-timer", Capability::Timer),
        wit::Action::Assign(_) => ("assign", Capability::Assign),
        wit::Action::Transfer(_) => ("transfer", Capability::Transfer),
        wit::Action::OpenTicket(_) => ("open-ticket", Capability::Ticket),
        wit::Action::CloseTicket(_) => ("close-ticket", Capability::Ticket),
        wit::Action::AskSatisfaction(_) => ("ask-satisfaction", Capability::AskSatisfaction),
        wit::Action::Extra(_) => return ("extra", None),
    };
    (word, Some(needed))
}

fn urgency(word: Option<&str>) -> Result<Urgency, String> {
    match word {
        None | Some("normal") => Ok(Urgency::Normal),
        Some("urgent") => Ok(Urgency::Urgent),
        Some(other) => Err(format!("`{}` is no urgency; there are normal and urgent", line(other))),
    }
}

fn unknown(extra: &wit::Extra) -> String {
    format!("this host knows no `{}`; a newer one may", line(&extra.name))
}

fn content(content: wit::Content) -> Result<Content, String> {
    Ok(match content {
        wit::Content::Text(text) => Content::Text { text: said(text)? },
        wit::Content::Link(it) => Content::Link { text: it.text, url: url(it.url)? },
        wit::Content::Image(it) => Content::Image { url: url(it.url)?, caption: it.caption },
        wit::Content::Choices(it) => {
            if it.choices.is_empty() || it.choices.len() > LIMITS.choices {
                return Err(format!("{} choices; 1 to {} are allowed", it.choices.len(), LIMITS.choices));
            }
            let choice = |it: wit::Choice| Ok(Choice { label: name(it.label)?, value: name(it.value)? });
            let choices = it.choices.into_iter().map(choice).collect::<Result<_, String>>()?;
            Content::Choices { text: said(it.text)?, choices }
        }
        wit::Content::Extra(it) => return Err(unknown(&it)),
    })
}

/// Words that somebody reads: not blank.
fn said(text: String) -> Result<String, String> {
    if text.trim().is_empty() { Err("the text is empty".to_owned()) } else { Ok(text) }
}

/// One short line.
fn name(text: String) -> Result<String, String> {
    let fits = !text.trim().is_empty() && text.len() <= LIMITS.name_bytes && !text.chars().any(char::is_control);
    if fits { Ok(text) } else { Err(format!("a name takes one line of 1 to {} bytes", LIMITS.name_bytes)) }
}

/// An absolute http(s) URL with a host.
fn url(text: String) -> Result<String, String> {
    let is_web = text.len() <= LIMITS.url_bytes
        && text.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
        });
    if is_web { Ok(text) } else { Err("the URL is not an absolute http or https one".to_owned()) }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("the payload is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        model::Hook,
        plugin::{
            contract::Manifest,
            host::{seat::PluginEntry, trial},
        },
    };

    const WISHES: [&str; 7] = ["reply", "notify:warehouse", "tag", "timer", "ticket", "remark", "assign"];

    /// What becomes of the actions of a plugin that wishes for `WISHES`, at a sample of the hook.
    fn answer(hook: Hook, actions: Vec<wit::Action>, grants: &[&str]) -> Result<Vec<Action>, String> {
        let manifest: Manifest = serde_json::from_value(serde_json::json!({
            "contract": "1.0", "name": "probe", "version": "1.0.0", "capabilities": WISHES,
        }))
        .unwrap();
        let grants = grants.iter().map(|grant| grant.parse().unwrap()).collect();
        let seat = Seat::new(&Arc::new(manifest), &PluginEntry { grants, ..PluginEntry::default() }).unwrap();
        trial::with_sample(hook, |asked| Bounds { seat: &seat, asked }.accept(actions))
    }

    fn accept(action: wit::Action, grants: &[&str]) -> Result<Vec<Action>, String> {
        answer(Hook::Message, vec![action], grants)
    }

    fn timer(due_ms: i64, payload: &str) -> wit::Action {
        wit::Action::SetTimer(wit::TimerRequest {
            key: "again".to_owned(),
            due_ms,
            priority: 0,
            payload: payload.to_owned(),
        })
    }

    fn reply(text: &str) -> wit::Action {
        wit::Action::Reply(wit::Content::Text(text.to_owned()))
    }

    fn notify(to: &str) -> wit::Action {
        let content = wit::Content::Text("Look here".to_owned());
        wit::Action::Notify(wit::Notification { to: to.to_owned(), content })
    }

    fn link(url: &str) -> wit::Action {
        wit::Action::Reply(wit::Content::Link(wit::LinkContent { text: String::new(), url: url.to_owned() }))
    }

    fn refusal(action: wit::Action, grants: &[&str]) -> String {
        accept(action, grants).unwrap_err()
    }

    #[test]
    fn a_refusal_says_what_to_write_where() {
        let vip = || wit::Action::Untag("vip".to_owned());
        assert_eq!(refusal(vip(), &["reply"]), "`untag`: add \"tag\" to the grants of [probe] in plugins.toml");
        assert_eq!(
            refusal(wit::Action::AskSatisfaction(wit::Content::Text("?".to_owned())), &["reply"]),
            "`ask-satisfaction`: declare `ask-satisfaction` in the capabilities of its manifest"
        );
        assert_eq!(
            refusal(notify("sales"), &["notify"]),
            "`notify`: declare `notify:sales` in the capabilities of its manifest"
        );
        assert_eq!(accept(vip(), &["tag"]), Ok(vec![Action::Untag { tag: "vip".to_owned() }]));
        accept(notify("warehouse"), &["notify"]).unwrap();
    }

    #[test]
    fn a_plugins_timer_is_its_own_and_within_reach() {
        let now = trial::NOW_MS;
        let set = accept(timer(now, "{\"n\":1}"), &["timer"]).unwrap();
        assert!(matches!(&set[..], [Action::SetTimer { owner, .. }] if owner == "probe"));
        let beyond = now + LIMITS.timer_ahead_days * DAY_MS + 1;
        for (due_ms, payload) in [(now - 1, "{}"), (i64::MAX, "{}"), (beyond, "{}"), (now, "{"), (now, "")] {
            assert!(accept(timer(due_ms, payload), &["timer"]).is_err(), "{due_ms} {payload}");
        }
    }

    #[test]
    fn a_timer_cannot_keep_the_house_busy() {
        let now = trial::NOW_MS;
        let soon = |seconds| answer(Hook::Timer, vec![timer(now + seconds * SECOND_MS, "{}")], &["timer"]);
        assert!(soon(59).unwrap_err().contains("at least 60 seconds ahead"));
        soon(60).unwrap();
        let two = vec![timer(now + 60 * SECOND_MS, "{}"), timer(now + 61 * SECOND_MS, "{}")];
        assert_eq!(answer(Hook::Timer, two, &["timer"]).unwrap_err(), "2 new timers; 1 are allowed");
        let many = (0..17).map(|_| timer(now, "{}")).collect();
        assert_eq!(answer(Hook::Message, many, &["timer"]).unwrap_err(), "17 new timers; 16 are allowed");
    }

    #[test]
    fn people_are_not_flooded() {
        let notices = (0..9).map(|_| notify("warehouse")).collect();
        assert_eq!(answer(Hook::Message, notices, &["notify"]).unwrap_err(), "9 notices; 8 are allowed");
    }

    #[test]
    fn towards_no_customer_only_a_notice_works() {
        answer(Hook::Daily, vec![notify("warehouse")], &["notify"]).unwrap();
        let refused = answer(Hook::Daily, vec![reply("Hello")], &["reply"]).unwrap_err();
        assert_eq!(refused, "`reply`: there is no customer at this moment");
    }

    #[test]
    fn what_a_later_minor_version_knows_is_refused_by_name() {
        let extra = wit::Extra { name: "send-card".to_owned(), json: "{}".to_owned() };
        assert_eq!(refusal(wit::Action::Extra(extra), &[]), "`extra`: this host knows no `send-card`; a newer one may");
    }

    #[test]
    fn nonsense_is_refused() {
        for url in ["", "example.com", "javascript:alert(1)", "ftp://example.com/", "/path", "https://", "http://a b/"]
        {
            assert!(accept(link(url), &["reply"]).is_err(), "{url}");
        }
        accept(link("https://example.com/pay?order=A1"), &["reply"]).unwrap();
        for action in [
            reply(" \n"),
            wit::Action::Reply(wit::Content::Choices(wit::ChoicesContent { text: "?".to_owned(), choices: vec![] })),
            wit::Action::Tag(String::new()),
            wit::Action::Tag("a\nb".to_owned()),
            wit::Action::Tag("x".repeat(LIMITS.name_bytes + 1)),
        ] {
            assert!(accept(action, &["reply", "tag"]).is_err());
        }
    }
}
