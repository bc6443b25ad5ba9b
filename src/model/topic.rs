//! A part of a group's chat in which people of the store speak of one customer, as forums of Telegram have them. It is a
//! chat of its own here: the group's id, and behind it what the topic is called.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Address, ReplyContext};

/// Before the name of a topic that the platform may not have begun yet.
const WANTED: char = '#';
/// Before the platform's own number of one.
const BEGUN: char = '/';
/// Namespace of topics' names (UUID v5): the same customer always has the same.
const TOPICS: Uuid = Uuid::from_u128(0x6e69_6768_7463_6c65_726b_2f74_6f70_2f31);
/// In the reply context: what people read as the name of the topic.
const TITLE: &str = "topic";
/// In the reply context: the message is a sign that closes or opens the topic.
const SIGN: &str = "topic-sign";

/// Which part of a group a chat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic<'a> {
    /// The group itself.
    Whole,
    /// The topic of this name, which is begun with the first message.
    Wanted(&'a str),
    /// The topic of this number.
    Begun(&'a str),
}

/// What is done to a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Close,
    Reopen,
}

/// The name of a customer's topic, which does not tell who they are.
pub fn name(customer: &Address) -> String {
    let name = format!("{}\0{}", customer.channel, customer.chat);
    Uuid::new_v5(&TOPICS, name.as_bytes()).simple().to_string()
}

/// The chat in which a customer is spoken of in a group.
pub fn wanted(group: &str, customer: &Address) -> String {
    format!("{group}{WANTED}{}", name(customer))
}

/// The same once the platform has given it a number.
pub fn begun(chat: &str, number: &str) -> String {
    format!("{}{BEGUN}{number}", parts(chat).0)
}

/// The group of a chat, and which part of it that is.
pub fn parts(chat: &str) -> (&str, Topic<'_>) {
    match chat.split_once([WANTED, BEGUN]) {
        Some((group, name)) if chat[group.len()..].starts_with(WANTED) => (group, Topic::Wanted(name)),
        Some((group, number)) => (group, Topic::Begun(number)),
        None => (chat, Topic::Whole),
    }
}

/// With what people read as the name of the topic.
pub fn titled(mut context: ReplyContext, title: &str) -> ReplyContext {
    put(&mut context, TITLE, title);
    context
}

pub fn title(context: &ReplyContext) -> Option<&str> {
    context.data.get(TITLE)?.as_str()
}

/// A message that is nothing but a sign.
pub fn signed(sign: Sign) -> ReplyContext {
    let mut context = ReplyContext::default();
    put(&mut context, SIGN, if sign == Sign::Close { "close" } else { "reopen" });
    context
}

pub fn sign(context: &ReplyContext) -> Option<Sign> {
    match context.data.get(SIGN)?.as_str()? {
        "close" => Some(Sign::Close),
        _ => Some(Sign::Reopen),
    }
}

fn put(context: &mut ReplyContext, key: &str, value: &str) {
    if !context.data.is_object() {
        context.data = Value::Object(Map::new());
    }
    if let Some(data) = context.data.as_object_mut() {
        data.insert(key.to_owned(), Value::from(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_has_one_topic_in_a_group_that_does_not_tell_who_they_are() {
        let ana = Address::new("shop", "ana");
        let chat = wanted("-100777", &ana);
        assert_eq!(chat, wanted("-100777", &ana));
        assert_ne!(chat, wanted("-100777", &Address::new("shop", "bo")));
        assert!(!chat.contains("ana"));
        assert_eq!(parts(&chat), ("-100777", Topic::Wanted(&name(&ana))));
        assert_eq!(begun(&chat, "42"), "-100777/42");
        assert_eq!(parts("-100777/42"), ("-100777", Topic::Begun("42")));
        assert_eq!(parts("-100777"), ("-100777", Topic::Whole));
    }

    #[test]
    fn a_title_and_a_sign_stand_beside_what_the_channel_keeps_there() {
        let context = ReplyContext { data: serde_json::json!({ "quote": 7 }), ..ReplyContext::default() };
        let context = titled(context, "Ana");
        assert_eq!((title(&context), context.data["quote"].as_i64(), sign(&context)), (Some("Ana"), Some(7), None));
        assert_eq!(sign(&signed(Sign::Close)), Some(Sign::Close));
        assert_eq!(sign(&signed(Sign::Reopen)), Some(Sign::Reopen));
    }
}
