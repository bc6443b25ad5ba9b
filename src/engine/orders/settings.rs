//! `orders.toml`.

use std::str::FromStr;

use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, de};

use crate::engine::schedule::Window;

/// What the clerk does about orders unasked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct OrdersSettings {
    pub payment_reminder: PaymentReminderSettings,
    pub shipping_notice: ShippingNoticeSettings,
    pub review_request: ReviewRequestSettings,
}

/// Reminding of orders placed and not paid.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentReminderSettings {
    pub enabled: bool,
    /// From the order to the first reminder.
    pub delay: Delay,
    /// From one reminder to the next.
    pub interval: Delay,
    /// Reminders of one order at most.
    pub max: u32,
    /// When the customer may be disturbed, by the store's clock.
    pub allowed: Window,
}

impl Default for PaymentReminderSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            delay: Delay::minutes(30),
            interval: Delay::minutes(12 * 60),
            max: 2,
            allowed: Window::between((9, 0), (21, 30)),
        }
    }
}

/// Telling that a parcel left.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShippingNoticeSettings {
    pub enabled: bool,
}

impl Default for ShippingNoticeSettings {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// Asking for a review after delivery.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewRequestSettings {
    pub enabled: bool,
    /// From the delivery to the request.
    pub delay: Delay,
    /// When the customer may be disturbed, by the store's clock.
    pub allowed: Window,
}

impl Default for ReviewRequestSettings {
    fn default() -> Self {
        Self { enabled: true, delay: Delay::minutes(3 * 24 * 60), allowed: Window::between((10, 0), (20, 0)) }
    }
}

/// How long to wait, as people write it: `30m`, `12h`, `1d 6h`. A day is 24 hours, a week seven days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    ms: i64,
}

impl Delay {
    pub(in crate::engine) const fn minutes(minutes: i64) -> Self {
        Self { ms: minutes * 60_000 }
    }

    /// Never negative.
    pub fn as_ms(self) -> i64 {
        self.ms
    }
}

impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || format!("`{text}` is not a duration; write it like \"30m\", \"12h\" or \"3d\"");
        let span: Span = text.parse().map_err(|_| bad())?;
        let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| bad())?;
        let ms = i64::try_from(duration.as_millis()).map_err(|_| bad())?;
        if ms < 0 { Err(format!("`{text}` is negative; a duration goes forward")) } else { Ok(Self { ms }) }
    }
}

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
