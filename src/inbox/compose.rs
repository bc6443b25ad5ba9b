//! From a decision's replies to the messages that go into the outbox.

use std::{collections::HashMap, sync::Arc};

use crate::{
    channel::split::split,
    engine::Playbook,
    model::{Action, Address, Content, Decision, Event, EventKind, ReplyContext, TraceId},
    outbox::ChannelHandle,
    store::NewMessage,
};

/// Writes the messages of `decision`, in order, and takes what they use up from the conversation's
/// reply context.
pub fn compose(
    event: &Event,
    decision: &mut Decision,
    channels: &HashMap<String, Arc<ChannelHandle>>,
    notify: impl Fn(&str) -> Option<Address>,
    not_before_ms: i64,
) -> Vec<NewMessage> {
    let notice = matches!(event.kind, EventKind::Timer(_) | EventKind::Order(_)) && !Playbook::answers(event);
    let mut messages = Vec::new();
    let mut used = 0_u8;
    for action in &decision.actions {
        let (address, content, to_customer) = match action {
            // Of an order whose customer the shop has not named yet, nobody can be told.
            Action::Reply { .. } | Action::AskSatisfaction { .. } if event.address.chat.is_empty() => continue,
            Action::Reply { content } | Action::AskSatisfaction { content } => (event.address.clone(), content, true),
            Action::Notify { to, content } => match notify(to) {
                Some(address) => (address, content, false),
                None => continue,
            },
            _ => continue,
        };
        for part in parts(content, channels.get(&address.channel)) {
            let context = if to_customer {
                let mut context = after(&decision.conversation.reply, used);
                used = used.saturating_add(1);
                if notice {
                    // A notice answers nothing that was said, so there is nothing to quote.
                    context.data = serde_json::Value::Null;
                }
                context
            } else {
                ReplyContext::default()
            };
            messages.push(NewMessage {
                address: address.clone(),
                content: part,
                context,
                key: TraceId::key(event, messages.len()),
                not_before_ms: if to_customer { not_before_ms } else { 0 },
                notice,
            });
        }
    }
    decision.conversation.reply = after(&decision.conversation.reply, used);
    messages
}

/// The reply context that is left after `used` messages.
fn after(context: &ReplyContext, used: u8) -> ReplyContext {
    ReplyContext { budget: context.budget.map(|budget| budget.saturating_sub(used)), ..context.clone() }
}

/// Cuts a text that is too long for the channel; other content is the channel's own business.
fn parts(content: &Content, channel: Option<&Arc<ChannelHandle>>) -> Vec<Content> {
    let Some(channel) = channel else { return vec![content.clone()] };
    let capabilities = channel.channel.capabilities();
    match content {
        Content::Text { text } => {
            split(text, capabilities.max_length, capabilities.unit).into_iter().map(Content::text).collect()
        }
        other => {
            let plain = other.to_plain_text();
            if capabilities.unit.length(&plain) <= capabilities.max_length {
                vec![other.clone()]
            } else {
                split(&plain, capabilities.max_length, capabilities.unit).into_iter().map(Content::text).collect()
            }
        }
    }
}
