//! `when`: what must be so, beside the words, for a rule to answer.

use jiff::civil::{DateTime, Weekday};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    engine::{
        order_word::STATUSES,
        schedule::{DaySpan, Window, wall_moment},
    },
    model::{Contact, Order, OrderStatus},
    setting::{Delay, OneOrMore, PathStep, Problem, hint},
};

/// The word for a customer without an order.
const NO_ORDER: &str = "none";

/// `when = { … }`: all that is given must be so.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WhenSettings {
    /// Whether people are there.
    pub open: Option<bool>,
    /// The channel, by its `id`.
    pub channel: OneOrMore,
    /// The customer's language, by its tag; `zh` is also `zh-Hant`.
    pub language: OneOrMore,
    /// Whether it is the first message of the conversation.
    pub first: Option<bool>,
    /// Whether the customer paid for an order before.
    pub bought: Option<bool>,
    /// One of these tags must be there.
    pub tag: OneOrMore,
    /// None of these tags may be there.
    pub no_tag: OneOrMore,
    /// The customer's tier: the tag `tier:…`.
    pub tier: OneOrMore,
    /// One of the customer's groups: the tag `group:…`.
    pub group: OneOrMore,
    /// The order that the customer names, else their newest: its state, or `none`.
    pub order: OneOrMore,
    /// The order is older than this.
    pub placed_over: Option<Delay>,
    /// The order is newer than this.
    pub placed_within: Option<Delay>,
    /// It was delivered longer ago than this.
    pub delivered_over: Option<Delay>,
    /// It was delivered within this.
    pub delivered_within: Option<Delay>,
    /// The order comes to more than this.
    pub total_over: Option<f64>,
    /// The order comes to less than this.
    pub total_under: Option<f64>,
    /// The order's currency.
    pub currency: OneOrMore,
    /// From this day or moment on, on the store's wall: `2026-11-11`, `2026-11-11 20:00`.
    pub from: Option<String>,
    /// Up to this day, included, or this moment.
    pub until: Option<String>,
    /// A stretch of the day: `22:00-06:00`.
    pub time: Option<Window>,
    /// The days of the week.
    pub days: Option<Vec<DaySpan>>,
}

impl WhenSettings {
    /// Whether nothing but an order can meet them.
    pub fn wants_order(&self) -> bool {
        let states = self.order.as_slice();
        let age = [&self.placed_over, &self.placed_within, &self.delivered_over, &self.delivered_within];
        (!states.is_empty() && states.iter().all(|it| it != NO_ORDER))
            || age.into_iter().any(Option::is_some)
            || self.total_over.is_some()
            || self.total_under.is_some()
            || !self.currency.as_slice().is_empty()
    }
}

/// What the conditions are held against.
pub struct Circumstances<'a> {
    pub open: bool,
    pub channel: &'a str,
    pub language: &'a str,
    pub first: bool,
    pub tags: &'a [String],
    /// The customer's newest orders, newest first; asked only where a condition speaks of them.
    pub orders: &'a dyn Fn() -> Vec<Order>,
    /// Whether the customer named this order.
    pub named: &'a dyn Fn(&Order) -> bool,
    pub now_ms: i64,
    /// The same moment on the store's wall.
    pub wall: DateTime,
}

/// Conditions, checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When {
    settings: WhenSettings,
    statuses: Vec<Option<OrderStatus>>,
    from: Option<DateTime>,
    until: Option<DateTime>,
    weekdays: Vec<Weekday>,
}

impl When {
    /// Notes each mistake, at its place under `path` of `file`.
    pub fn compile(
        settings: &WhenSettings,
        file: &'static str,
        path: &[PathStep],
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut wrong = |key: &str, message: String, hint: String| {
            problems.push(Problem::new(file, [path, &[key.into()]].concat(), message).hint(hint));
        };
        let words = || STATUSES.iter().map(|(word, _)| *word).chain([NO_ORDER]);
        let mut statuses = Vec::new();
        for word in settings.order.as_slice() {
            match STATUSES.iter().find(|(known, _)| known == word) {
                Some((_, status)) => statuses.push(Some(*status)),
                None if word == NO_ORDER => statuses.push(None),
                None => wrong("order", format!("`{word}` is no state of an order"), hint(word, words())),
            }
        }
        let mut moment = |key: &str, text: &Option<String>, ends: bool| {
            let text = text.as_deref()?;
            let moment = wall_moment(text, ends);
            if moment.is_none() {
                let hint = "write a day or a moment: \"2026-11-11\", \"2026-11-11 20:00\"".to_owned();
                wrong(key, format!("`{text}` is no day of the calendar"), hint);
            }
            moment
        };
        let from = moment("from", &settings.from, false);
        let until = moment("until", &settings.until, true);
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            wrong("until", format!("ends before it begins, at {from}"), "swap the two".to_owned());
        }
        let both = [
            ("placed_within", settings.placed_over, settings.placed_within),
            ("delivered_within", settings.delivered_over, settings.delivered_within),
        ];
        for (key, over, within) in both {
            if let (Some(over), Some(within)) = (over, within)
                && within.as_ms() <= over.as_ms()
            {
                wrong(key, "nothing is older and newer at once".to_owned(), "make it longer than the other".to_owned());
            }
        }
        if let (Some(over), Some(under)) = (settings.total_over, settings.total_under)
            && under <= over
        {
            wrong("total_under", format!("nothing is over {over} and under {under}"), "swap the two".to_owned());
        }
        for currency in settings.currency.as_slice() {
            if !(currency.len() == 3 && currency.bytes().all(|it| it.is_ascii_uppercase())) {
                wrong(
                    "currency",
                    format!("`{currency}` is no currency"),
                    "write it like \"CNY\" or \"EUR\"".to_owned(),
                );
            }
        }
        if settings.order.as_slice() == [NO_ORDER] && settings.asks_for_an_order() {
            wrong(
                "order",
                "without an order there is no age and no total".to_owned(),
                "remove the one or the other".to_owned(),
            );
        }
        let weekdays = settings.days.iter().flatten().flat_map(|span| span.weekdays()).collect();
        Self { settings: settings.clone(), statuses, from, until, weekdays }
    }

    /// How many conditions there are: the more, the more specific the rule.
    pub fn count(&self) -> usize {
        let WhenSettings {
            open,
            channel,
            language,
            first,
            bought,
            tag,
            no_tag,
            tier,
            group,
            order,
            placed_over,
            placed_within,
            delivered_over,
            delivered_within,
            total_over,
            total_under,
            currency,
            from,
            until,
            time,
            days,
        } = &self.settings;
        let lists = [channel, language, tag, no_tag, tier, group, order, currency];
        let given = [
            open.is_some(),
            first.is_some(),
            bought.is_some(),
            placed_over.is_some() || placed_within.is_some(),
            delivered_over.is_some() || delivered_within.is_some(),
            total_over.is_some() || total_under.is_some(),
            from.is_some() || until.is_some(),
            time.is_some(),
            days.is_some(),
        ];
        lists.iter().filter(|it| !it.as_slice().is_empty()).count() + given.iter().filter(|it| **it).count()
    }

    pub fn holds(&self, here: &Circumstances<'_>) -> bool {
        let WhenSettings { open, channel, language, first, bought, tag, no_tag, tier, group, .. } = &self.settings;
        let one_of = |list: &OneOrMore, fits: &dyn Fn(&str) -> bool| {
            list.as_slice().is_empty() || list.as_slice().iter().any(|it| fits(it))
        };
        let tagged = |tag: &str| here.tags.iter().any(|it| it == tag);
        open.is_none_or(|it| it == here.open)
            && first.is_none_or(|it| it == here.first)
            && one_of(channel, &|it| it == here.channel)
            && one_of(language, &|it| speaks(here.language, it))
            && one_of(tag, &tagged)
            && !no_tag.as_slice().iter().any(|it| tagged(it))
            && one_of(tier, &|it| tagged(&format!("{}{it}", Contact::TIER)))
            && one_of(group, &|it| tagged(&format!("{}{it}", Contact::GROUP)))
            && self.is_time(here)
            && bought.is_none_or(|it| it == (here.orders)().iter().any(is_bought))
            && self.is_order(here)
    }

    fn is_time(&self, here: &Circumstances<'_>) -> bool {
        self.from.is_none_or(|from| from <= here.wall)
            && self.until.is_none_or(|until| here.wall < until)
            && self.settings.time.is_none_or(|window| window.holds(here.wall.time()))
            && (self.weekdays.is_empty() || self.weekdays.contains(&here.wall.date().weekday()))
    }

    fn is_order(&self, here: &Circumstances<'_>) -> bool {
        if self.statuses.is_empty() && !self.settings.asks_for_an_order() {
            return true;
        }
        let orders = (here.orders)();
        let Some(order) = orders.iter().find(|it| (here.named)(it)).or(orders.first()) else {
            return self.statuses.contains(&None);
        };
        let WhenSettings {
            placed_over, placed_within, delivered_over, delivered_within, total_over, total_under, ..
        } = &self.settings;
        let age = |since: Option<i64>| since.map(|since| here.now_ms.saturating_sub(since));
        let aged = |since: Option<i64>, over: &Option<Delay>, within: &Option<Delay>| {
            over.is_none_or(|over| age(since).is_some_and(|age| age > over.as_ms()))
                && within.is_none_or(|within| age(since).is_some_and(|age| age <= within.as_ms()))
        };
        let total = order.total.as_ref();
        let currency = self.settings.currency.as_slice();
        (self.statuses.is_empty() || self.statuses.contains(&Some(order.status)))
            && aged(order.placed_ms, placed_over, placed_within)
            && aged(order.delivered_ms, delivered_over, delivered_within)
            && total_over.is_none_or(|over| total.is_some_and(|it| it.amount() > over))
            && total_under.is_none_or(|under| total.is_some_and(|it| it.amount() < under))
            && (currency.is_empty() || total.is_some_and(|it| currency.contains(&it.currency)))
    }
}

impl WhenSettings {
    fn asks_for_an_order(&self) -> bool {
        self.placed_over.is_some()
            || self.placed_within.is_some()
            || self.delivered_over.is_some()
            || self.delivered_within.is_some()
            || self.total_over.is_some()
            || self.total_under.is_some()
            || !self.currency.as_slice().is_empty()
    }
}

/// Whether money was received for it.
fn is_bought(order: &Order) -> bool {
    order.paid_ms.is_some() || matches!(order.status, OrderStatus::Paid | OrderStatus::Shipped | OrderStatus::Delivered)
}

/// Whether a language is the one named, or a more special form of it.
fn speaks(language: &str, named: &str) -> bool {
    let rest = language
        .get(..named.len())
        .filter(|it| it.eq_ignore_ascii_case(named))
        .and_then(|_| language.get(named.len()..));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_includes_its_scripts() {
        assert!(speaks("zh-Hant", "zh") && speaks("EN", "en") && !speaks("zho", "zh") && !speaks("zh", "zh-Hant"));
    }
}
