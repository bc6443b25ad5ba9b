//! What an author says of a call that is to be tried: JSON, of which everything may be left out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Facts, Scene, SceneMoment, Search};
use crate::{
    language::Tag,
    model::{
        Choice, Conversation, Hook, Media, Message, Offer, Order, OrderChange, OrderEvent, Product, Ticket, TimerFired,
    },
    plugin::contract::Capability,
};

/// Whose orders they are, where it is not said.
const SHOP: &str = "shop";

/// The whole file. What is not said is as in the sample, or as the store has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// `2026-12-25T21:30:00+08:00`, `2026-12-25 21:30` or `21:30` by the store's clock.
    pub at: Option<String>,
    pub open: Option<bool>,
    /// When people are back, in words.
    pub back: Option<String>,
    pub language: Option<String>,
    pub store: GivenStore,
    pub offers: Option<Vec<GivenOffer>>,
    pub menu: Option<Vec<Choice>>,
    pub channel: Option<String>,
    pub customer: GivenCustomer,
    pub message: Option<GivenMessage>,
    pub order: Option<Order>,
    pub change: Option<OrderChange>,
    /// Of a review.
    pub rating: Option<u8>,
    pub review: Option<String>,
    pub attempt: Option<u32>,
    pub last: Option<bool>,
    pub timer: Option<GivenTimer>,
    pub orders: Vec<Order>,
    /// In place of the store's.
    pub products: Option<Vec<Product>>,
    pub tickets: Vec<Ticket>,
    pub waiting_timers: usize,
    pub keys: BTreeMap<String, String>,
    /// In place of those of `plugins.toml`.
    pub grants: Option<BTreeSet<Capability>>,
    pub settings: Option<Map<String, Value>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GivenStore {
    pub name: Option<String>,
    pub clerk: Option<String>,
    pub url: Option<String>,
    pub time_zone: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenOffer {
    pub text: String,
    #[serde(default)]
    pub url: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GivenCustomer {
    /// The platform's chat; another one is another customer.
    pub chat: Option<String>,
    pub name: Option<String>,
    pub tags: Vec<String>,
    /// Messages they have sent so far.
    pub messages: Option<u64>,
    pub first_seen_ms: Option<i64>,
    pub assigned: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GivenMessage {
    pub id: Option<String>,
    pub text: Option<String>,
    pub media: Vec<Media>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GivenTimer {
    pub key: Option<String>,
    pub payload: Value,
}

/// Why a call cannot be made of what was said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GivenError {
    #[error("`{0}` is no time: write 2026-12-25T21:30:00+08:00, 2026-12-25 21:30 or 21:30")]
    Time(String),
    #[error("there is no time zone `{0}`")]
    Zone(String),
    #[error("`{0}` is no tag of a language: write it as in `zh-Hans`")]
    Language(String),
}

impl Given {
    /// The moment that `at` names on the store's wall; `None` where it names none.
    ///
    /// # Errors
    /// It is no time.
    pub fn at_ms(&self, zone: &TimeZone, now_ms: i64) -> Result<Option<i64>, GivenError> {
        let Some(at) = &self.at else { return Ok(None) };
        let wrong = || GivenError::Time(at.clone());
        if let Ok(timestamp) = at.parse::<Timestamp>() {
            return Ok(Some(timestamp.as_millisecond()));
        }
        let today = || {
            let now = Timestamp::from_millisecond(now_ms).unwrap_or_default();
            zone.to_datetime(now).date()
        };
        let civil = match at.parse::<civil::Time>() {
            Ok(time) if !at.contains(['-', ' ']) => today().to_datetime(time),
            _ => at.parse::<civil::DateTime>().map_err(|_| wrong())?,
        };
        let timestamp = zone.to_timestamp(civil).map_err(|_| wrong())?;
        Ok(Some(timestamp.as_millisecond()))
    }

    /// The zone it names, for a store that has none of its own.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn zone(&self) -> Result<Option<TimeZone>, GivenError> {
        let Some(name) = &self.store.time_zone else { return Ok(None) };
        TimeZone::get(name).map(Some).map_err(|_| GivenError::Zone(name.clone()))
    }

    /// The call: `scene`, with all that was said, and what the plugin `name` finds when it looks things up; products by
    /// `search`, where none are said.
    ///
    /// # Errors
    /// Something that was said cannot be.
    pub fn apply(self, name: &str, mut scene: Scene, search: Option<Search>) -> Result<(Scene, Facts), GivenError> {
        if let Some(zone) = self.zone()? {
            scene.store.time_zone = zone.iana_name().unwrap_or_default().to_owned();
        }
        if let Some(tag) = self.language {
            let tag = Tag::parse(&tag).map_err(|_| GivenError::Language(tag))?;
            tag.as_str().clone_into(&mut scene.store.language);
        }
        scene.open = self.open.unwrap_or(scene.open);
        match self.back {
            Some(text) => scene.store.opens = Some((scene.store.opens.map_or(scene.now_ms, |(at_ms, _)| at_ms), text)),
            None if scene.open => scene.store.opens = None,
            None => {}
        }
        let store = &mut scene.store;
        let GivenStore { name: store_name, clerk, url, .. } = self.store;
        store.name = store_name.unwrap_or_else(|| std::mem::take(&mut store.name));
        store.clerk = clerk.unwrap_or_else(|| std::mem::take(&mut store.clerk));
        store.url = url.or(store.url.take());
        if let Some(offers) = self.offers {
            store.offers = offers.into_iter().map(|it| Offer { text: it.text, url: it.url }).collect();
        }
        store.menu = self.menu.unwrap_or_else(|| std::mem::take(&mut store.menu));
        if let Some((address, conversation)) = &mut scene.customer {
            address.channel = self.channel.unwrap_or_else(|| std::mem::take(&mut address.channel));
            self.customer.tell(&mut address.chat, conversation);
        }
        let with_shop = |order: Order| match order.shop.is_empty() {
            true => Order { shop: SHOP.to_owned(), ..order },
            false => order,
        };
        let at_hand = self.order.map(with_shop);
        let (attempt, last) = (self.attempt, self.last);
        let (change, rating, review) = (self.change, self.rating, self.review);
        let timer = self.timer.unwrap_or_default();
        let said = self.message;
        let or = |order: Order| at_hand.clone().unwrap_or(order);
        scene.moment = match scene.moment {
            SceneMoment::Welcome(message) => SceneMoment::Welcome(said.map(GivenMessage::message).or(message)),
            SceneMoment::Message(message) => SceneMoment::Message(said.map_or(message, GivenMessage::message)),
            SceneMoment::Order { event, order } => {
                let order = or(*order);
                let order_id = order.id.clone();
                let change = change.unwrap_or(event.change);
                let event = OrderEvent { change, order_id, rating, text: review, ..*event };
                SceneMoment::Order { event: Box::new(event), order: Box::new(order) }
            }
            SceneMoment::PaymentReminder { order, attempt: first, last: is_last } => SceneMoment::PaymentReminder {
                order: or(order),
                attempt: attempt.unwrap_or(first),
                last: last.unwrap_or(is_last),
            },
            SceneMoment::ShippingNotice(order) => SceneMoment::ShippingNotice(or(order)),
            SceneMoment::ReviewRequest(order) => SceneMoment::ReviewRequest(or(order)),
            SceneMoment::Timer(fired) => SceneMoment::Timer(TimerFired {
                key: timer.key.unwrap_or(fired.key),
                owner: name.to_owned(),
                due_ms: scene.now_ms,
                payload: timer.payload,
            }),
            store_wide @ (SceneMoment::ShiftBegins | SceneMoment::Daily) => store_wide,
        };
        let facts = Facts {
            orders: self.orders.into_iter().map(with_shop).chain(at_hand).collect(),
            search: search.filter(|_| self.products.is_none()),
            products: self.products.unwrap_or_default(),
            tickets: self.tickets,
            keys: self.keys.into_iter().map(|(key, value)| (key, value.into_bytes())).collect(),
            waiting_timers: self.waiting_timers,
        };
        Ok((scene, facts))
    }
}

impl GivenCustomer {
    fn tell(self, chat: &mut String, conversation: &mut Conversation) {
        if let Some(other) = self.chat {
            *chat = other;
        }
        conversation.sender_name = self.name.or(conversation.sender_name.take());
        conversation.tags.extend(self.tags);
        conversation.received = self.messages.unwrap_or(conversation.received);
        conversation.first_seen_ms = self.first_seen_ms.or(conversation.first_seen_ms);
        conversation.assigned = self.assigned.or(conversation.assigned.take());
    }
}

impl GivenMessage {
    fn message(self) -> Message {
        Message {
            id: self.id.unwrap_or_else(|| "1".to_owned()),
            sender: "1".to_owned(),
            text: self.text,
            media: self.media,
            ..Message::default()
        }
    }
}

/// The sample of a moment, at this time.
pub fn sample(hook: Hook, now_ms: i64) -> Scene {
    let mut scene = crate::plugin::host::with_sample(hook, Scene::of);
    let later_ms = now_ms - scene.now_ms;
    if let Some((at_ms, _)) = &mut scene.store.opens {
        *at_ms += later_ms;
    }
    scene.now_ms = now_ms;
    scene
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(json: Value) -> Given {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_time_is_said_in_full_or_by_the_stores_clock() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let noon = "2026-11-26T12:00:00+08:00".parse::<Timestamp>().unwrap().as_millisecond();
        let at = |text: &str| given(json!({ "at": text })).at_ms(&zone, noon).map(|it| it.unwrap() - noon);
        assert_eq!(at("2026-11-26T12:00:01+08:00"), Ok(1000));
        assert_eq!(at("2026-11-26 21:30"), Ok((9 * 60 + 30) * 60_000));
        assert_eq!(at("21:30"), Ok((9 * 60 + 30) * 60_000));
        for nonsense in ["", "soon", "25:00", "2026-13-01 10:00"] {
            assert_eq!(at(nonsense), Err(GivenError::Time(nonsense.to_owned())), "{nonsense}");
        }
        assert_eq!(given(json!({})).at_ms(&zone, noon), Ok(None));
    }

    #[test]
    fn all_that_is_said_is_what_the_plugin_is_told() {
        let said = given(json!({
            "open": true, "language": "ja", "channel": "web", "customer": { "name": "Ana", "tags": ["vip"] },
            "store": { "name": "茶馆" }, "order": { "id": "A7", "status": "paid" }, "attempt": 2,
            "orders": [{ "id": "A6" }], "keys": { "seen": "1" },
        }));
        let (scene, facts) = said.apply("hello", sample(Hook::PaymentReminder, 5), None).unwrap();
        assert!(scene.open && scene.store.opens.is_none() && scene.now_ms == 5);
        assert_eq!((scene.store.name.as_str(), scene.store.language.as_str()), ("茶馆", "ja"));
        let (address, conversation) = scene.customer.as_ref().unwrap();
        assert_eq!((address.channel.as_str(), &conversation.tags[..]), ("web", &["vip".to_owned()][..]));
        assert!(matches!(&scene.moment, SceneMoment::PaymentReminder { order, attempt: 2, .. } if order.id == "A7"));
        let known: Vec<_> = facts.orders.iter().map(|order| (order.shop.as_str(), order.id.as_str())).collect();
        assert_eq!(known, [("shop", "A6"), ("shop", "A7")]);
        assert_eq!(facts.keys["seen"], b"1");
    }

    #[test]
    fn a_word_that_is_not_known_is_refused() {
        assert!(serde_json::from_value::<Given>(json!({ "mesage": {} })).is_err());
        assert!(given(json!({ "language": "!" })).apply("hello", sample(Hook::Message, 0), None).is_err());
    }
}
