//! From a decision's replies to the messages that go into the outbox.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    channel::split::{shorten, split},
    desk::People,
    engine::Playbook,
    model::{
        Action, Address, Carried, Content, Decision, Event, EventKind, Finding, Part, ReplyContext, StaffDeed, TraceId,
        TraceStep, presentable_name,
        topic::{self, Topic},
    },
    outbox::ChannelHandle,
    store::NewMessage,
};

/// Writes the messages of `decision`, in order, and takes what they use up from the conversation's
/// reply context.
pub fn compose(
    event: &Event,
    decision: &mut Decision,
    channels: &BTreeMap<String, Arc<ChannelHandle>>,
    notify: impl Fn(&str) -> Option<Address>,
    people: &People,
    now_ms: i64,
    not_before_ms: i64,
) -> Vec<NewMessage> {
    let notice = match &event.kind {
        // What a person says answers the customer.
        EventKind::Staff(staff) => !matches!(staff.deed, StaffDeed::Say { .. } | StaffDeed::Phrase { .. }),
        EventKind::Timer(_) | EventKind::Order(_) => !Playbook::answers(event),
        _ => false,
    };
    let allowed = decision.conversation.answering(now_ms);
    let mut letters = Vec::new();
    let mut pause_ms = 0;
    for action in &decision.actions {
        let remark;
        let (address, content, context) = match action {
            // Of an order whose customer the shop has not named yet, nobody can be told.
            Action::Reply { .. } | Action::AskSatisfaction { .. } if event.address.chat.is_empty() => continue,
            Action::Reply { content } | Action::AskSatisfaction { content } => (event.address.clone(), content, None),
            Action::Notify { to, content } => match notify(to) {
                Some(address) => (people.place_of(address, &event.address), content, Some(ReplyContext::default())),
                None => continue,
            },
            Action::Tell { room, content, reply } => {
                (people.place_of(room.clone(), &event.address), content, Some(reply.clone()))
            }
            Action::Remark { order_id, text } => match shop_of(decision, order_id, channels) {
                Some(shop) => {
                    let chat =
                        if event.address.channel == shop { event.address.chat.clone() } else { order_id.clone() };
                    remark = Content::Remark { order: order_id.clone(), text: text.clone() };
                    (Address::new(shop, chat), &remark, Some(ReplyContext::default()))
                }
                None => continue,
            },
            Action::Pause { ms } => {
                pause_ms = ms.saturating_add(pause_ms);
                continue;
            }
            _ => continue,
        };
        let context = context.map(|context| match topic::parts(&address.chat) {
            (_, Topic::Wanted(_)) => topic::titled(context, &title(event, decision)),
            _ => context,
        });
        let parts = parts(content, channels.get(&address.channel));
        letters.extend(parts.into_iter().map(|part| Letter {
            address: address.clone(),
            content: part,
            colleagues: context.clone(),
            pause_ms,
        }));
    }
    let at_once = usize::from(allowed.at_once.unwrap_or(1)).max(1);
    let mut letters = together(letters, at_once);
    let shortened = channels
        .get(&event.address.channel)
        .is_some_and(|channel| fit_budget(&mut letters, allowed.budget.filter(|_| !notice), channel));
    let mut used = 0_u8;
    let messages = letters.into_iter().enumerate().map(|(index, Letter { address, content, colleagues, pause_ms })| {
        // Where nothing holds it back it leaves at once, whatever the clocks say.
        let not_before_ms =
            if pause_ms > 0 { not_before_ms.max(now_ms).saturating_add(pause_ms) } else { not_before_ms };
        let to_customer = colleagues.is_none();
        let context = colleagues.unwrap_or_else(|| {
            let mut context = after(&allowed, used);
            used = used.saturating_add(1);
            if notice {
                // A notice answers nothing that was said, so there is nothing to quote.
                context.data = serde_json::Value::Null;
            }
            context
        });
        NewMessage {
            address,
            content,
            context,
            key: TraceId::key(event, index),
            not_before_ms: if to_customer { not_before_ms } else { 0 },
            notice,
        }
    });
    let messages = messages.collect();
    decision.conversation.spend(used, now_ms);
    if shortened {
        decision.trace.push(TraceStep::new(Part::Limits, Finding::Shortened));
    }
    messages
}

/// What people read as the name of a customer's topic.
fn title(event: &Event, decision: &Decision) -> String {
    let Address { channel, chat } = &event.address;
    match decision.conversation.sender_name.as_deref().and_then(presentable_name) {
        Some(name) => format!("{name} · {channel}"),
        None => format!("{channel} {chat}"),
    }
}

/// One message to be, before it is known what it uses up.
struct Letter {
    address: Address,
    content: Content,
    /// What it answers in, where it is for people of the store; `None` for the customer.
    colleagues: Option<ReplyContext>,
    /// How much later than the decision it leaves, where the platform does not take it together with what goes before.
    pause_ms: i64,
}

impl Letter {
    fn to_customer(&self) -> bool {
        self.colleagues.is_none()
    }
}

/// Puts what the customer is told one after the other into as few messages as the platform lets it be.
fn together(letters: Vec<Letter>, at_once: usize) -> Vec<Letter> {
    let mut packed: Vec<Letter> = Vec::with_capacity(letters.len());
    for letter in letters {
        // It leaves as its platform takes it, alone.
        if matches!(letter.content, Content::Carried(_)) {
            packed.push(letter);
            continue;
        }
        match packed.iter_mut().rfind(|it| it.to_customer()) {
            Some(Letter { content: Content::Several { parts }, .. })
                if letter.to_customer() && parts.len() < at_once =>
            {
                parts.push(letter.content);
            }
            _ if letter.to_customer() && at_once > 1 => {
                packed.push(Letter { content: Content::Several { parts: vec![letter.content] }, ..letter });
            }
            _ => packed.push(letter),
        }
    }
    for letter in &mut packed {
        if let Content::Several { parts } = &mut letter.content
            && parts.len() == 1
            && let Some(only) = parts.pop()
        {
            letter.content = only;
        }
    }
    packed
}

/// Where the platform takes no more than so many messages, in no other way either, the last of them says that there was
/// more. Whether something was left out.
fn fit_budget(letters: &mut Vec<Letter>, budget: Option<u8>, channel: &ChannelHandle) -> bool {
    let capabilities = channel.channel.capabilities();
    let Some(budget) = budget.filter(|budget| *budget > 0 && capabilities.budget_is_final).map(usize::from) else {
        return false;
    };
    let (mut seen, mut rest) = (0, Vec::new());
    letters.retain(|letter| {
        seen += usize::from(letter.to_customer());
        let fits = !letter.to_customer() || seen <= budget;
        if !fits {
            rest.push(letter.content.to_plain_text());
        }
        fits
    });
    if rest.is_empty() {
        return false;
    }
    if let Some(last) = letters.iter_mut().rfind(|letter| letter.to_customer()) {
        let all = format!("{}\n\n{}", last.content.to_plain_text(), rest.join("\n\n"));
        last.content = Content::text(shorten(&all, capabilities.max_length, capabilities.unit));
    }
    true
}

/// The channel of the shop that has an order, if the shop takes remarks there.
fn shop_of(decision: &Decision, order_id: &str, channels: &BTreeMap<String, Arc<ChannelHandle>>) -> Option<String> {
    let order = decision.orders.iter().find(|it| it.id == order_id)?;
    channels.get(&order.shop).filter(|it| it.channel.takes_remarks()).map(|_| order.shop.clone())
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
        // What has no caption there says its words before.
        Content::Carried(carried) => {
            let words = carried.caption.as_deref().filter(|caption| {
                carried.media.kind == "audio" || capabilities.unit.length(caption) > capabilities.max_caption
            });
            let Some(words) = words else { return vec![content.clone()] };
            let bare = Content::Carried(Box::new(Carried { caption: None, ..(**carried).clone() }));
            let words = split(words, capabilities.max_length, capabilities.unit).into_iter().map(Content::text);
            words.chain([bare]).collect()
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
