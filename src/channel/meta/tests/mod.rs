use serde_json::{Value, json};

use super::*;
use crate::{
    channel::testing::{
        ATTEMPT, NOW_MS, Post, accepted, answer, channel, event, ignored, mistake, outgoing, refused, rendered, vector,
    },
    model::{Colleague, Content, DeliveryStatus, Event, EventKind, Media, Message, ReplyContext},
    webhook::signature::hmac_sha256,
};

mod answers;
mod files;
mod messenger;
mod outgoing;
mod webhook;
mod whatsapp;

const ACCOUNT: &str = "106540352242922";
const SECRET: &str = "app-secret";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn settings(platform: &str) -> String {
    format!(
        "kind = \"meta\"\nplatform = \"{platform}\"\naccount = \"{ACCOUNT}\"\napp_secret = \"{SECRET}\"\n\
         verify_token = \"meatyhamhock\"\naccess_token = \"meta-token\""
    )
}

fn account(platform: &str) -> Box<dyn Channel> {
    channel(&settings(platform))
}

fn signature(secret: &str, body: &str) -> String {
    format!("sha256={}", hex::encode(hmac_sha256(secret.as_bytes(), &[body.as_bytes()])))
}

fn receive(platform: &str, body: &Value) -> Inbound {
    let body = body.to_string();
    Post::new(&body).header("x-hub-signature-256", signature(SECRET, &body)).to(&*account(platform))
}

/// A WhatsApp webhook whose one change has these fields.
fn whatsapp(more: &Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": ACCOUNT },
        "contacts": [{ "profile": { "name": "Sheena" }, "wa_id": "16505551234" }],
    });
    for (key, field) in more.as_object().unwrap() {
        value[key] = field.clone();
    }
    let changes = json!([{ "field": "messages", "value": value }]);
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] })
}

/// A WhatsApp message with these fields.
fn said(id: &str, more: &Value) -> Value {
    let mut message = json!({ "from": "16505551234", "id": id, "timestamp": "1700000000" });
    for (key, field) in more.as_object().unwrap() {
        message[key] = field.clone();
    }
    message
}

/// A Messenger webhook of these things sent to the page.
fn messenger(messaging: &[Value]) -> Value {
    json!({ "object": "page", "entry": [{ "id": ACCOUNT, "time": NOW_MS, "messaging": messaging }] })
}

/// One thing a customer sent to the page.
fn sent(more: &Value) -> Value {
    let mut messaging =
        json!({ "sender": { "id": "24001" }, "recipient": { "id": ACCOUNT }, "timestamp": 1_700_000_000_000_i64 });
    for (key, field) in more.as_object().unwrap() {
        messaging[key] = field.clone();
    }
    messaging
}

fn message_of(event: Event) -> Message {
    match event.kind {
        EventKind::Message(message) => message,
        other => panic!("{other:?}"),
    }
}
