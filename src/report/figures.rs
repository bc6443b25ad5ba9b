//! What is shown: each figure with its name and how it comes from the counts. docs/figures.md says each in words.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{
    share::{Marks, Share, Times},
    tally::Tally,
};
use crate::model::Money;

/// In which language the figures are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    #[default]
    En,
    Zh,
}

impl Tongue {
    /// The one of the two that a reader of this language is likelier to read.
    pub fn for_readers_of(tag: &str) -> Self {
        if tag == "zh" || tag.starts_with("zh-") { Self::Zh } else { Self::En }
    }

    pub fn pick<'a>(self, en: &'a str, zh: &'a str) -> &'a str {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

/// A figure: what it is called, and what it comes to.
pub struct Figure {
    /// In JSON, CSV and the documentation.
    pub key: &'static str,
    pub en: &'static str,
    pub zh: &'static str,
    pub value: fn(&Tally) -> Value,
    /// Under which heading it is shown.
    pub part: Part,
}

/// Headings, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Answering,
    Selling,
    After,
    People,
}

impl Part {
    pub const ALL: [Self; 4] = [Self::Answering, Self::Selling, Self::After, Self::People];

    pub fn title(self, tongue: Tongue) -> &'static str {
        match self {
            Self::Answering => tongue.pick("Answering", "接待"),
            Self::Selling => tongue.pick("Selling", "销售"),
            Self::After => tongue.pick("After the sale", "售后与评价"),
            Self::People => tongue.pick("Clerk and people", "夜小二与人工"),
        }
    }
}

/// What a figure comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Count(u64),
    Share(Share),
    Seconds(Times),
    /// So much of one for each of another.
    Ratio(Option<f64>),
    Marks(Marks),
    /// By currency; never added across.
    Money(Vec<Money>),
    /// In milliseconds; `None` where nobody knows.
    Lasted(Option<i64>),
}

impl Value {
    /// Whether there is anything to show: what is not known is not nought.
    pub fn is_known(&self) -> bool {
        match self {
            Self::Count(_) => true,
            Self::Share(share) => share.of > 0,
            Self::Seconds(times) => times.count > 0,
            Self::Ratio(ratio) => ratio.is_some(),
            Self::Marks(marks) => marks.count > 0,
            Self::Money(money) => !money.is_empty(),
            Self::Lasted(ms) => ms.is_some(),
        }
    }

    /// For a person; what is not known is a dash.
    pub fn shown(&self) -> String {
        match self {
            Self::Count(count) => count.to_string(),
            Self::Share(share) => match share.value() {
                Some(value) => format!("{:.1}% ({}/{})", value * 100.0, share.part, share.of),
                None => "–".to_owned(),
            },
            Self::Seconds(times) => times.mean_seconds().map_or_else(|| "–".to_owned(), seconds),
            Self::Ratio(ratio) => ratio.map_or_else(|| "–".to_owned(), |it| format!("{it:.2}")),
            Self::Marks(marks) => match marks.mean() {
                Some(mean) => format!("{mean:.2} ({})", marks.count),
                None => "–".to_owned(),
            },
            Self::Money(money) if money.is_empty() => "–".to_owned(),
            Self::Money(money) => money.iter().map(Money::to_string).collect::<Vec<_>>().join(", "),
            Self::Lasted(ms) => ms.map_or_else(|| "–".to_owned(), |ms| seconds(ms as f64 / 1000.0)),
        }
    }

    /// One number for a table of numbers, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(*count as f64),
            Self::Share(share) => share.value(),
            Self::Seconds(times) => times.mean_seconds(),
            Self::Ratio(ratio) => *ratio,
            Self::Marks(marks) => marks.mean(),
            Self::Money(money) => match money.as_slice() {
                [one] => Some(one.amount()),
                _ => None,
            },
            Self::Lasted(ms) => ms.map(|ms| ms as f64 / 1000.0),
        }
    }

    pub fn json(&self) -> Json {
        match self {
            Self::Count(count) => json!(count),
            Self::Share(share) => json!(share),
            Self::Seconds(times) => json!(times),
            Self::Ratio(ratio) => json!(ratio),
            Self::Marks(marks) => json!({ "count": marks.count, "mean": marks.mean() }),
            Self::Money(money) => json!(money),
            Self::Lasted(ms) => json!(ms.map(|ms| ms as f64 / 1000.0)),
        }
    }
}

/// `0.8 s`, `42 s`, `12 min`, `3.5 h`.
pub fn seconds(seconds: f64) -> String {
    match seconds {
        it if it < 0.01 => format!("{:.0} ms", it * 1000.0),
        it if it < 10.0 => format!("{it:.2} s"),
        it if it < 120.0 => format!("{it:.0} s"),
        it if it < 7200.0 => format!("{:.0} min", it / 60.0),
        it => format!("{:.1} h", it / 3600.0),
    }
}

fn sales(tally: &Tally) -> Value {
    let money = tally.orders.sales.iter().map(|(currency, it)| Money { minor: it.minor, currency: currency.clone() });
    Value::Money(money.collect())
}

/// Sales by contact who paid, rounded to the nearest of the smallest coin.
fn average_order(tally: &Tally) -> Value {
    let money = tally.orders.sales.iter().filter_map(|(currency, it)| {
        let contacts = i64::try_from(it.contacts).ok().filter(|it| *it > 0)?;
        let minor = (it.minor + contacts / 2).div_euclid(contacts);
        Some(Money { minor, currency: currency.clone() })
    });
    Value::Money(money.collect())
}

fn refunded(tally: &Tally) -> Value {
    let money = tally.refunds.money.iter().map(|(currency, minor)| Money { minor: *minor, currency: currency.clone() });
    Value::Money(money.collect())
}

fn answer_ratio(tally: &Tally) -> Value {
    let heard = tally.answers.heard;
    Value::Ratio((heard > 0).then(|| (tally.answers.by_clerk + tally.answers.by_people) as f64 / heard as f64))
}

macro_rules! figures {
    ($($part:ident { $($key:literal, $en:literal, $zh:literal, $value:expr;)* })*) => {
        /// All figures, in the order in which they are shown.
        pub static FIGURES: &[Figure] = &[
            $($(Figure { key: $key, en: $en, zh: $zh, value: $value, part: Part::$part },)*)*
        ];
    };
}

figures! {
    Answering {
        "contacts", "contacts who asked", "接待客户数", |it| Value::Count(it.contacts);
        "conversations", "conversations", "会话数", |it| Value::Count(it.conversations.received);
        "reply_rate", "reply rate", "回复率",
            |it| Value::Share(Share::new(it.conversations.answered, it.conversations.received));
        "first_response", "first response", "首次响应时间", |it| Value::Seconds(it.answers.first);
        "first_response_in_time", "first response within 10 s", "首响 10 秒内",
            |it| Value::Share(Share::new(it.answers.first_in_time, it.answers.first.count));
        "response", "average response", "平均响应时间", |it| Value::Seconds(it.answers.all);
        "answer_ratio", "messages for each of the customers'", "答问比", answer_ratio;
        "resolution_rate", "resolution rate", "解决率",
            |it| Value::Share(Share::new(it.conversations.solved, it.conversations.received));
        "not_understood", "questions not understood", "未能识别的问题", |it| Value::Count(it.answers.not_understood);
        "satisfaction", "satisfied (4 or 5 of 5)", "满意率",
            |it| Value::Share(Share::new(it.satisfaction.satisfied(), it.satisfaction.answered()));
        "satisfaction_mean", "satisfaction, of 5", "满意度均分", |it| Value::Marks(it.satisfaction.marks());
        "satisfaction_answered", "of those asked, told", "评价参与率",
            |it| Value::Share(Share::new(it.satisfaction.answered(), it.satisfaction.asked));
        "opted_out", "want no unasked messages", "退订", |it| Value::Count(it.opted_out);
    }
    Selling {
        "inquiry_conversion", "inquiry conversion", "咨询转化率",
            |it| Value::Share(Share::new(it.orders.contacts_converted, it.contacts));
        "order_success", "order success", "下单成功率",
            |it| Value::Share(Share::new(it.orders.contacts_paid, it.orders.contacts_ordered));
        "orders_placed", "orders placed", "下单数", |it| Value::Count(it.orders.placed);
        "orders_sold", "orders paid", "成交订单数", |it| Value::Count(it.orders.sold);
        "sales", "sales", "销售额", sales;
        "average_order_value", "sales by paying contact", "客单价", average_order;
        "sold_without_price", "orders paid of unknown price", "金额未知的成交", |it| Value::Count(it.orders.without_price);
        "reminders", "payment reminders", "催付次数", |it| Value::Count(it.reminders.sent);
        "reminder_conversion", "orders paid after a reminder", "催付转化率",
            |it| Value::Share(Share::new(it.reminders.orders_paid, it.reminders.orders));
    }
    After {
        "refunds_asked", "refunds asked for", "退款申请数", |it| Value::Count(it.refunds.asked);
        "refunds_settled", "refunds settled", "退款完成数", |it| Value::Count(it.refunds.settled);
        "refunds_refused", "refunds refused", "退款拒绝数", |it| Value::Count(it.refunds.refused);
        "refunded", "money that went back", "退款金额", refunded;
        "refund_time", "from asking to the money", "退款完结时长", |it| Value::Seconds(it.refunds.settling);
        "dispute_rate", "refunds the platform decided", "退款纠纷率", |it| {
            let told = it.refunds.told_who_decided;
            Value::Share(Share::new(told.saturating_sub(it.refunds.without_platform), told))
        };
        "settled_without_platform", "refunds settled without the platform", "自主完结率",
            |it| Value::Share(Share::new(it.refunds.without_platform, it.refunds.told_who_decided));
        "dsr_described", "DSR: as described", "描述相符", |it| Value::Marks(it.described);
        "dsr_service", "DSR: service", "服务态度", |it| Value::Marks(it.service);
        "dsr_shipping", "DSR: shipping", "物流服务", |it| Value::Marks(it.shipping);
    }
    People {
        "by_clerk_alone", "answered by the clerk alone", "夜小二独立接待率",
            |it| Value::Share(Share::new(it.conversations.by_clerk_alone, it.conversations.answered));
        "handed_over", "handed over", "转人工率",
            |it| Value::Share(Share::new(it.conversations.handed_over, it.conversations.received));
        "taken", "of those, taken by a person", "人工接起率",
            |it| Value::Share(Share::new(it.conversations.taken, it.conversations.handed_over));
        "taking_time", "until a person took it", "人工接起时长", |it| Value::Seconds(it.answers.taking);
        "people_response", "people's average response", "人工平均响应时间", |it| Value::Seconds(it.answers.people);
        "people_response_in_time", "people's response within 40 s", "人工响应 40 秒内",
            |it| Value::Share(Share::new(it.answers.people_in_time, it.answers.people.count));
        "tickets_opened", "tickets opened", "新建工单", |it| Value::Count(it.tickets_opened);
        "tickets_closed", "tickets closed", "关闭工单", |it| Value::Count(it.tickets_closed);
        "online", "online", "在线时长", |it| Value::Lasted(it.online_ms);
    }
}
