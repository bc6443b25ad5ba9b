//! `channels.toml`: the store's accounts on the platforms.

use std::{ops::Range, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    forgiving::{self, Finding},
    source::Folder,
};
use crate::{
    channel::{self, Channel, ChannelSettings, webchat::WebChat},
    desk::CONSOLE,
    setting::{Secret, hint, nearest},
    source::{self, Source, SourceSettings},
};

const FILE: &str = "channels.toml";
/// The keys that every channel has, whatever its platform.
const ENVELOPE: [&str; 4] = ["id", "path_token", "per_second", "allow_private_targets"];

/// One `[[channel]]`, opened: nothing of it can fail any more.
pub struct ChannelEntry {
    /// The channel's name: its webhooks arrive at `/hooks/<id>`.
    pub id: String,
    /// A segment that must follow in the webhook's URL, for platforms whose signatures are weak.
    pub path_token: Option<Secret>,
    /// Messages per second, in place of what the platform is known to allow.
    pub per_second: Option<u32>,
    /// Whether replies may go to loopback and private addresses.
    pub allow_private_targets: bool,
    pub channel: Arc<dyn Channel>,
    /// What reads reports of orders at the same URL, where the kind is a shop's too.
    pub source: Option<Arc<dyn Source>>,
    /// The same, where it is the chat that the daemon's own page talks to.
    pub web_chat: Option<Arc<WebChat>>,
}

/// What every channel has, whatever its platform.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Envelope {
    /// The channel's name, of your choice: 1 to 32 of a-z, 0-9 and `-`. Its webhooks arrive at `/hooks/<id>`.
    id: String,
    /// A segment that must follow in the webhook's URL: `/hooks/<id>/<path_token>`.
    #[serde(default)]
    path_token: Option<Secret>,
    /// Messages per second, in place of what the platform is known to allow.
    #[serde(default)]
    #[schemars(range(min = 1), extend("x-below" = "no message would ever be sent"))]
    per_second: Option<u32>,
    /// Whether replies may go to loopback and private addresses, for trying things out.
    #[serde(default)]
    allow_private_targets: bool,
}

/// The description of the file: the entries of each platform.
pub fn schema(generator: &mut SchemaGenerator) -> Value {
    let envelope = generator.subschema_for::<Envelope>().to_value();
    let of_kind = |(kind, settings): (&str, Schema)| {
        let mut entry = settings.to_value();
        if let Some(keys) = entry["properties"].as_object_mut() {
            keys.extend(envelope["properties"].as_object().cloned().unwrap_or_default());
            keys.insert("kind".to_owned(), json!({ "const": kind, "description": "The platform." }));
        }
        let required = [&envelope["required"], &entry["required"], &json!(["kind"])];
        let required: Vec<_> = required.into_iter().filter_map(Value::as_array).flatten().cloned().collect();
        entry["required"] = required.into();
        if let (Some(title), Some(entry)) = (entry["title"].as_str().map(str::to_owned), entry.as_object_mut()) {
            entry.insert("description".to_owned(), title.into());
        }
        entry
    };
    let kinds: Vec<_> = ChannelSettings::schemas(generator).into_iter().map(of_kind).collect();
    json!({
        "type": "object",
        "description": "The store's accounts on the platforms.",
        "properties": { "channel": { "type": "array", "items": { "oneOf": kinds } } },
        "additionalProperties": false,
    })
}

/// Reads all channels; each mistake is noted, and the channel left out.
pub fn read(folder: &mut Folder) -> Vec<ChannelEntry> {
    let text = folder.text(FILE);
    let table = match forgiving::parse(&text) {
        Ok(table) => table.into_inner(),
        Err(findings) => {
            folder.found(FILE, findings, None);
            return Vec::new();
        }
    };
    let mut entries: Vec<ChannelEntry> = Vec::new();
    for (key, value) in table {
        let span = value.span();
        match (key.get_ref().as_ref(), value.into_inner()) {
            ("channel", DeValue::Array(channels)) => {
                for entry in channels.into_iter() {
                    let span = entry.span();
                    let Some(entry) = read_one(folder, entry) else { continue };
                    if entries.iter().any(|other| other.id == entry.id) {
                        let message = format!("a second channel has the id `{}`", entry.id);
                        folder.add(FILE, Some(span), message, Some("give each channel an id of its own".to_owned()));
                    } else if let Some(other) =
                        entries.iter().find(|it| it.web_chat.is_some() && entry.web_chat.is_some())
                    {
                        let message = format!("the page at /chat/ talks to `{}` already", other.id);
                        folder.add(FILE, Some(span), message, Some("keep one channel of kind `webchat`".to_owned()));
                    } else {
                        entries.push(entry);
                    }
                }
            }
            // `[channel]`, where there is one.
            ("channel", entry @ DeValue::Table(_)) => entries.extend(read_one(folder, Spanned::new(span, entry))),
            ("channel", _) => {
                let hint = Some("write each channel under a `[[channel]]` line of its own".to_owned());
                folder.add(FILE, Some(span), "`channel` is not a list".to_owned(), hint);
            }
            (other, _) => {
                let hint = nearest(other, &["channel"]).map(|near| format!("did you mean `[[{near}]]`?"));
                let message = format!("unknown key `{other}`");
                folder.add(FILE, Some(key.span()), message, hint.or(Some("remove it".to_owned())));
            }
        }
    }
    entries
}

fn read_one(folder: &mut Folder, entry: Spanned<DeValue<'_>>) -> Option<ChannelEntry> {
    let span = entry.span();
    let DeValue::Table(table) = entry.into_inner() else {
        folder.add(FILE, Some(span), "a channel is a table".to_owned(), None);
        return None;
    };
    let mut envelope = DeTable::new();
    let mut platform = DeTable::new();
    let mut kind = None;
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "kind" => kind = Some(value),
            name if ENVELOPE.contains(&name) => drop(envelope.insert(key, value)),
            _ => drop(platform.insert(key, value)),
        }
    }
    let envelope_span = envelope.get("id").map_or(span.clone(), Spanned::span);
    let envelope = forgiving::read_table(Spanned::new(span.clone(), envelope), |table| Envelope::deserialize(table));
    let envelope = note(folder, envelope, &span)?;
    if let Err(message) = check_id(&envelope.id) {
        folder.add(FILE, Some(envelope_span), message, Some("for example `telegram` or `shop-2`".to_owned()));
        return None;
    }
    let Some(kind) = kind else {
        let hint = Some(format!("add `kind = \"…\"`: {}", ChannelSettings::KINDS.join(", ")));
        folder.add(FILE, Some(span), "this channel has no `kind`".to_owned(), hint);
        return None;
    };
    let Some(name) = kind.get_ref().as_str() else {
        folder.add(FILE, Some(kind.span()), "`kind` is a text".to_owned(), None);
        return None;
    };
    if !ChannelSettings::KINDS.contains(&name) {
        let hint = hint(name, ChannelSettings::KINDS.iter().copied());
        folder.add(FILE, Some(kind.span()), format!("unknown kind `{name}`"), Some(hint));
        return None;
    }
    let shop = SourceSettings::KINDS.contains(&name).then(|| platform.clone());
    let platform = Spanned::new(span.clone(), platform);
    let settings = forgiving::read_table(platform, |table| ChannelSettings::of_kind(name, table));
    let settings = note(folder, settings, &span)?;
    let Envelope { id, path_token, per_second, allow_private_targets } = envelope;
    let (channel, web_chat): (Arc<dyn Channel>, _) = match &settings {
        ChannelSettings::WebChat(settings) => {
            let web_chat = Arc::new(open(folder, WebChat::new(&id, settings), &span)?);
            (web_chat.clone(), Some(web_chat))
        }
        settings => (Arc::from(open(folder, channel::build(&id, settings), &span)?), None),
    };
    let source = match shop {
        Some(shop) => {
            let shop = Spanned::new(span.clone(), shop);
            let settings = forgiving::read_table(shop, |table| SourceSettings::of_kind(name, table));
            let settings = note(folder, settings, &span)?;
            Some(Arc::from(open(folder, source::build(&id, &settings), &span)?))
        }
        None => None,
    };
    Some(ChannelEntry { id, path_token, per_second, allow_private_targets, channel, source, web_chat })
}

fn open<T>(folder: &mut Folder, built: Result<T, String>, around: &Range<usize>) -> Option<T> {
    built.map_err(|message| folder.add(FILE, Some(around.clone()), message, None)).ok()
}

fn note<T>(folder: &mut Folder, result: Result<T, Vec<Finding>>, around: &Range<usize>) -> Option<T> {
    result.map_err(|findings| folder.found(FILE, findings, Some(around))).ok()
}

fn check_id(id: &str) -> Result<(), String> {
    let well_formed = (1..=32).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    match (well_formed, id) {
        (true, "clerk" | CONSOLE) => Err(format!("the id `{id}` is the clerk's own")),
        (true, _) => Ok(()),
        (false, _) => Err(format!("the id `{id}` is not 1 to 32 of a-z, 0-9 and `-`")),
    }
}
