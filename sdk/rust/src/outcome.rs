//! Short ways to say what is to be done.

use crate::{
    Action, Choice, ChoicesContent, Content, Handover, ImageContent, LinkContent, NewTicket, Notification, OrderRemark,
    Outcome, TimerRequest,
};

impl Outcome {
    /// Leaves the moment to the next plugin, then to the built-in answer.
    pub fn pass() -> Self {
        Self::Pass
    }

    /// Says something to the customer.
    pub fn reply(content: impl Into<Content>) -> Self {
        Self::of(Action::reply(content))
    }

    /// Deliberately says nothing; `reason` is shown to the store, not to the customer.
    pub fn silence(reason: impl Into<String>) -> Self {
        Self::of(Action::Silence(reason.into()))
    }

    /// Does one thing in the clerk's place, and says nothing unless it is a reply.
    pub fn of(action: Action) -> Self {
        Self::Handled(vec![action])
    }

    /// Does one thing beside what the clerk does; the next plugins are asked all the same.
    pub fn also(action: Action) -> Self {
        Self::Also(vec![action])
    }

    /// Does one more thing. The first one turns a pass into an answer.
    #[must_use]
    pub fn and(self, action: Action) -> Self {
        match self {
            Self::Pass => Self::of(action),
            Self::Also(mut actions) => {
                actions.push(action);
                Self::Also(actions)
            }
            Self::Handled(mut actions) => {
                actions.push(action);
                Self::Handled(actions)
            }
        }
    }
}

impl Action {
    /// Needs the grant `reply`.
    pub fn reply(content: impl Into<Content>) -> Self {
        Self::Reply(content.into())
    }

    /// Tells a person or team of the store. Needs the grant `notify` or `notify:<that one>`.
    pub fn notify(to: impl Into<String>, content: impl Into<Content>) -> Self {
        Self::Notify(Notification { to: to.into(), content: content.into() })
    }

    /// Puts a tag on the customer. Needs the grant `tag`.
    pub fn tag(tag: impl Into<String>) -> Self {
        Self::Tag(tag.into())
    }

    /// Needs the grant `tag`.
    pub fn untag(tag: impl Into<String>) -> Self {
        Self::Untag(tag.into())
    }

    /// A note on an order that the warehouse must see. Needs the grant `remark`.
    pub fn remark(order_id: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Remark(OrderRemark { order_id: order_id.into(), text: text.into() })
    }

    /// Calls [`crate::OnTimer::on_timer`] at `due_ms`; replaces a timer with the same key. Needs the grant `timer`.
    pub fn set_timer(key: impl Into<String>, due_ms: i64, payload: &serde_json::Value) -> Self {
        Self::SetTimer(TimerRequest { key: key.into(), due_ms, priority: 0, payload: payload.to_string() })
    }

    /// Needs the grant `timer`.
    pub fn cancel_timer(key: impl Into<String>) -> Self {
        Self::CancelTimer(key.into())
    }

    /// Hands the conversation to a team or agent. Needs the grant `assign`.
    pub fn assign(to: impl Into<String>) -> Self {
        Self::Assign(to.into())
    }

    /// Hands it from one to another, with a note. Needs the grant `transfer`.
    pub fn transfer(to: impl Into<String>, note: impl Into<String>) -> Self {
        Self::Transfer(Handover { to: to.into(), note: note.into() })
    }

    /// Needs the grant `ticket`.
    pub fn open_ticket(kind: impl Into<String>, text: impl Into<String>) -> Self {
        Self::OpenTicket(NewTicket { kind: kind.into(), text: text.into(), urgency: None })
    }

    /// A ticket that cannot wait. Needs the grant `ticket`.
    pub fn open_urgent_ticket(kind: impl Into<String>, text: impl Into<String>) -> Self {
        Self::OpenTicket(NewTicket { kind: kind.into(), text: text.into(), urgency: Some("urgent".into()) })
    }

    /// Closes a ticket by its id, as [`crate::Context::open_tickets`] has it. Needs the grant `ticket`.
    pub fn close_ticket(id: impl Into<String>) -> Self {
        Self::CloseTicket(id.into())
    }

    /// Asks how satisfied the customer is. Needs the grant `ask-satisfaction`.
    pub fn ask_satisfaction(content: impl Into<Content>) -> Self {
        Self::AskSatisfaction(content.into())
    }
}

impl Content {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn link(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self::Link(LinkContent { text: text.into(), url: url.into() })
    }

    pub fn image(url: impl Into<String>) -> Self {
        Self::Image(ImageContent { url: url.into(), caption: None })
    }

    /// A question with answers to choose from.
    pub fn choices(text: impl Into<String>, choices: impl IntoIterator<Item = Choice>) -> Self {
        Self::Choices(ChoicesContent { text: text.into(), choices: choices.into_iter().collect() })
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Choice {
    /// `value` comes back as the customer's message.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}
