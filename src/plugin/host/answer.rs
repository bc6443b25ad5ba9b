//! Whether what a plugin wants done may be done. One action that may not spoils the whole answer: half of what
//! was meant is nothing anybody meant.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    model::{Action, Choice, Content, Urgency},
    plugin::contract::{Capability, world::types as wit},
};

/// Actions of one answer.
const MAX_ACTIONS: usize = 32;
const MAX_CHOICES: usize = 20;
/// Bytes of a name: a tag, key, kind, team or order number.
const MAX_NAME: usize = 256;
const MAX_URL: usize = 2048;
/// A timer further off than this is a mistake.
const MAX_TIMER_MS: i64 = 400 * 24 * 60 * 60 * 1000;

/// Against what an answer is held.
pub struct Bounds<'a> {
    /// The plugin's name, to which its timers belong.
    pub plugin: &'a str,
    pub granted: &'a BTreeSet<Capability>,
    pub now_ms: i64,
}

impl Bounds<'_> {
    /// The actions in the domain's words, or why the answer is refused.
    pub fn accept(&self, actions: Vec<wit::Action>) -> Result<Vec<Action>, String> {
        if actions.len() > MAX_ACTIONS {
            return Err(format!("{} actions; {MAX_ACTIONS} are allowed", actions.len()));
        }
        actions.into_iter().map(|action| self.action(action)).collect()
    }

    fn action(&self, action: wit::Action) -> Result<Action, String> {
        let (word, needed) = needs(&action);
        if !self.granted.contains(&needed) {
            return Err(format!("`{word}` needs the grant `{needed}`"));
        }
        self.convert(action).map_err(|why| format!("`{word}`: {why}"))
    }

    fn convert(&self, action: wit::Action) -> Result<Action, String> {
        let owner = || self.plugin.to_owned();
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
                Action::OpenTicket { id: String::new(), kind: name(it.kind)?, text: it.text, urgency: Urgency::Normal }
            }
            wit::Action::CloseTicket(it) => Action::CloseTicket { id: name(it)? },
            wit::Action::AskSatisfaction(it) => Action::AskSatisfaction { content: content(it)? },
            wit::Action::Silence(it) => Action::Silence { reason: it },
        })
    }

    fn due(&self, due_ms: i64) -> Result<i64, String> {
        let horizon = self.now_ms.saturating_add(MAX_TIMER_MS);
        match due_ms {
            _ if due_ms < self.now_ms => Err("it is due in the past".to_owned()),
            _ if due_ms > horizon => Err("it is due more than 400 days ahead".to_owned()),
            _ => Ok(due_ms),
        }
    }
}

/// The action's word, and the grant it needs.
fn needs(action: &wit::Action) -> (&'static str, Capability) {
    match action {
        wit::Action::Reply(_) => ("reply", Capability::Reply),
        wit::Action::Silence(_) => ("silence", Capability::Reply),
        wit::Action::Notify(_) => ("notify", Capability::Notify),
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
    }
}

fn content(content: wit::Content) -> Result<Content, String> {
    Ok(match content {
        wit::Content::Text(text) => Content::Text { text: said(text)? },
        wit::Content::Link(it) => Content::Link { text: it.text, url: url(it.url)? },
        wit::Content::Image(it) => Content::Image { url: url(it.url)?, caption: it.caption },
        wit::Content::Choices(it) => {
            if it.choices.is_empty() || it.choices.len() > MAX_CHOICES {
                return Err(format!("{} choices; 1 to {MAX_CHOICES} are allowed", it.choices.len()));
            }
            let choice = |it: wit::Choice| Ok(Choice { label: name(it.label)?, value: name(it.value)? });
            let choices = it.choices.into_iter().map(choice).collect::<Result<_, String>>()?;
            Content::Choices { text: said(it.text)?, choices }
        }
    })
}

/// Words that somebody reads: not blank.
fn said(text: String) -> Result<String, String> {
    if text.trim().is_empty() { Err("the text is empty".to_owned()) } else { Ok(text) }
}

/// One short line.
fn name(text: String) -> Result<String, String> {
    let fits = !text.trim().is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control);
    if fits { Ok(text) } else { Err(format!("a name takes one line of 1 to {MAX_NAME} bytes")) }
}

/// An absolute http(s) URL with a host.
fn url(text: String) -> Result<String, String> {
    let is_web = text.len() <= MAX_URL
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
    use super::*;

    const NOW: i64 = 1_764_000_000_000;

    fn accept(action: wit::Action, granted: &[Capability]) -> Result<Vec<Action>, String> {
        let granted = granted.iter().cloned().collect();
        Bounds { plugin: "probe", granted: &granted, now_ms: NOW }.accept(vec![action])
    }

    fn timer(due_ms: i64, payload: &str) -> wit::Action {
        wit::Action::SetTimer(wit::TimerRequest {
            key: "again".to_owned(),
            due_ms,
            priority: 0,
            payload: payload.to_owned(),
        })
    }

    fn link(url: &str) -> wit::Action {
        wit::Action::Reply(wit::Content::Link(wit::LinkContent { text: String::new(), url: url.to_owned() }))
    }

    #[test]
    fn an_action_needs_its_grant() {
        let reply = || wit::Action::Reply(wit::Content::Text("Hello".to_owned()));
        assert_eq!(accept(reply(), &[Capability::Tag]).unwrap_err(), "`reply` needs the grant `reply`");
        assert_eq!(
            accept(wit::Action::Untag("vip".to_owned()), &[Capability::Reply]).unwrap_err(),
            "`untag` needs the grant `tag`"
        );
        let content = Content::text("Hello");
        assert_eq!(accept(reply(), &[Capability::Reply]), Ok(vec![Action::Reply { content }]));
    }

    #[test]
    fn a_plugins_timer_is_its_own_and_within_reach() {
        let set = accept(timer(NOW + 1, "{\"n\":1}"), &[Capability::Timer]).unwrap();
        assert!(matches!(&set[..], [Action::SetTimer { owner, .. }] if owner == "probe"));
        for (due_ms, payload) in
            [(NOW - 1, "{}"), (i64::MAX, "{}"), (NOW + MAX_TIMER_MS + 1, "{}"), (NOW, "{"), (NOW, "")]
        {
            assert!(accept(timer(due_ms, payload), &[Capability::Timer]).is_err(), "{due_ms} {payload}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for url in ["", "example.com", "javascript:alert(1)", "ftp://example.com/", "/path", "https://", "http://a b/"]
        {
            assert!(accept(link(url), &[Capability::Reply]).is_err(), "{url}");
        }
        accept(link("https://example.com/pay?order=A1"), &[Capability::Reply]).unwrap();
        for action in [
            wit::Action::Reply(wit::Content::Text(" \n".to_owned())),
            wit::Action::Reply(wit::Content::Choices(wit::ChoicesContent { text: "?".to_owned(), choices: vec![] })),
            wit::Action::Tag(String::new()),
            wit::Action::Tag("a\nb".to_owned()),
            wit::Action::Tag("x".repeat(MAX_NAME + 1)),
        ] {
            assert!(accept(action, &[Capability::Reply, Capability::Tag]).is_err());
        }
    }
}
