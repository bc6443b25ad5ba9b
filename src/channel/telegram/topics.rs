//! Topics of a forum: how they are begun and closed, and what Telegram says where there are none.

use serde_json::{Value, json};

use super::{Telegram, probes};
use crate::{
    channel::{Answer, Probe, Rendered, Uncertain, json_api},
    model::topic::Sign,
};

/// The longest name of a topic.
const MAX_NAME: usize = 128;

impl Telegram {
    pub(super) fn begin_topic(&self, chat: &Value, title: &str) -> Rendered {
        let name: String = title.chars().take(MAX_NAME).collect();
        let request = json_api::post(&self.create_topic, &json!({ "chat_id": chat, "name": name }));
        // No key tells repeats apart. A topic that stays empty is the lesser evil beside a card that nobody sees.
        Rendered::Request { request: Box::new(request), uncertain: Uncertain::Resend }
    }

    pub(super) fn mark_topic(&self, sign: Sign, chat: &Value, thread: i64) -> Rendered {
        let url = match sign {
            Sign::Close => &self.close_topic,
            Sign::Reopen => &self.reopen_topic,
        };
        let request = json_api::post(url, &json!({ "chat_id": chat, "message_thread_id": thread }));
        Rendered::Request { request: Box::new(request), uncertain: Uncertain::Resend }
    }
}

/// Whether the topic is as it was to be.
pub fn is_so_already(description: &str) -> bool {
    description.contains("TOPIC_NOT_MODIFIED")
}

/// Whether somebody deleted the topic.
pub fn is_gone(description: &str) -> bool {
    ["message thread not found", "TOPIC_DELETED", "TOPIC_ID_INVALID"].iter().any(|sign| description.contains(sign))
}

/// Whether the group has no topics, or the bot may not manage them.
pub fn are_not_to_be_had(description: &str) -> bool {
    let description = description.to_ascii_lowercase();
    description.contains("not a forum")
        || description.contains("forum_disabled")
        || (description.contains("not enough rights") && description.contains("topic"))
}

/// What to ask of a room in which each customer is to have a topic.
pub fn examine(calls: &probes::Calls, room: &str, bot: Option<i64>) -> Vec<Probe> {
    let id = room.parse::<i64>().map_or_else(|_| json!(room), |number| json!(number));
    let group = room.to_owned();
    let forum = Probe::new(json_api::post(&calls.get_chat, &json!({ "chat_id": id })), move |response, answer| match (
        &answer["ok"],
        &answer["result"]["is_forum"],
    ) {
        (Value::Bool(true), Value::Bool(true)) => Answer::well(format!("the group {group} has topics")),
        (Value::Bool(true), _) => Answer::look(format!(
            "the group {group} has no topics, and cards stand in the group itself: switch topics on in the group's \
                 settings, or take `topics` out of store.toml"
        )),
        _ => Answer::ill(format!("the bot is not in the group {group}: {}", probes::why(response, answer))),
    });
    let group = room.to_owned();
    let asked = json!({ "chat_id": id, "user_id": bot });
    let rights = Probe::new(json_api::post(&calls.get_chat_member, &asked), move |_, answer| {
        let member = &answer["result"];
        let may = member["status"] == "creator" || member["can_manage_topics"] == true;
        if may {
            Answer::well(format!("the bot may manage topics in the group {group}"))
        } else {
            Answer::look(format!(
                "the bot may not manage topics in the group {group}, and cards stand in the group itself: make it an \
                 administrator who may"
            ))
        }
    });
    vec![forum, rights]
}
