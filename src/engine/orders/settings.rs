//! `orders.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::wordings::WordingSettings;
use crate::{engine::schedule::Window, setting::Delay};

/// What the clerk does about orders unasked.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct OrdersSettings {
    /// What is older than this is no news to anybody: a shop's history, and what was due while the clerk was down.
    #[serde(rename = "max_age")]
    pub max_age: Delay,
    /// The currency of amounts that are told without one.
    pub currency: Option<String>,
    /// What holds for everything the clerk says of orders unasked.
    pub notices: NoticesSettings,
    /// Reminding of orders placed and not paid.
    pub payment_reminder: PaymentReminderSettings,
    /// Telling that a parcel left.
    pub shipping_notice: ShippingNoticeSettings,
    /// Asking for a review after delivery.
    pub review_request: ReviewRequestSettings,
}

impl Default for OrdersSettings {
    fn default() -> Self {
        Self {
            max_age: Delay::minutes(3 * 24 * 60),
            currency: None,
            notices: NoticesSettings::default(),
            payment_reminder: PaymentReminderSettings::default(),
            shipping_notice: ShippingNoticeSettings::default(),
            review_request: ReviewRequestSettings::default(),
        }
    }
}

/// Reminding of orders placed and not paid.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentReminderSettings {
    /// Whether unpaid orders are reminded of.
    pub enabled: bool,
    /// From the order to the first reminder.
    pub delay: Delay,
    /// From one reminder to the next.
    pub interval: Delay,
    /// Reminders of one order at most.
    pub max: u32,
    /// When the customer may be disturbed, by their own clock where the shop tells their time zone, else by the store's.
    pub allowed: Window,
    /// Several ways to say it, each to its part of the customers; `nightclerk report --by wording` tells how they fare.
    pub wording: Vec<WordingSettings>,
}

impl Default for PaymentReminderSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            delay: Delay::minutes(30),
            interval: Delay::minutes(12 * 60),
            max: 2,
            allowed: Window::between((9, 0), (21, 30)),
            wording: Vec::new(),
        }
    }
}

/// Telling that a parcel left.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShippingNoticeSettings {
    /// Whether customers are told that a parcel left.
    pub enabled: bool,
}

impl Default for ShippingNoticeSettings {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// Asking for a review after delivery.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewRequestSettings {
    /// Whether customers are asked for a review after delivery.
    pub enabled: bool,
    /// From the delivery to the request.
    pub delay: Delay,
    /// When the customer may be disturbed, by their own clock where the shop tells their time zone, else by the store's.
    pub allowed: Window,
}

impl Default for ReviewRequestSettings {
    fn default() -> Self {
        Self { enabled: true, delay: Delay::minutes(3 * 24 * 60), allowed: Window::between((10, 0), (20, 0)) }
    }
}

/// What holds for everything the clerk says of orders unasked.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NoticesSettings {
    /// When the customer may be disturbed, by their own clock where the shop tells their time zone, else by the store's.
    pub allowed: Window,
    /// Notices to one customer within a day, reminders and review requests among them.
    pub per_day: usize,
    /// Whether it is told that an order was cancelled.
    pub cancelled: bool,
    /// Whether it is told what becomes of a refund.
    pub refunds: bool,
    /// Whether customers are thanked for a review.
    pub reviews: bool,
    /// Whether an order that is paid on delivery is confirmed.
    pub on_delivery: bool,
}

impl Default for NoticesSettings {
    fn default() -> Self {
        Self {
            allowed: Window::between((8, 0), (22, 0)),
            per_day: 6,
            cancelled: true,
            refunds: true,
            reviews: true,
            on_delivery: true,
        }
    }
}
