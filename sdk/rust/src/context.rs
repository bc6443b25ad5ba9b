//! What a plugin is told, and what it may ask.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Context, Error, HttpRequest, HttpResponse, Level, Money, Order, Product, host};

impl Context {
    /// The text of the customer's language.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.language.as_str() {
            "zh" => zh,
            _ => en,
        }
    }

    /// The time on the store's wall.
    ///
    /// # Errors
    /// The daemon said something that is not a time.
    pub fn local(&self) -> Result<LocalTime, Error> {
        LocalTime::read(&self.local_time).ok_or_else(|| format!("`{}` is not a time", self.local_time).into())
    }

    /// Fills a template of the store's template language (`{{ name }}`, `{% if .. %}`).
    ///
    /// # Errors
    /// The template is wrong, or takes too long.
    pub fn render(&self, template: &str, variables: &impl Serialize) -> Result<String, Error> {
        Ok(host::render(template, &serde_json::to_string(variables)?)?)
    }

    /// Writes to the daemon's log, under the plugin's name.
    pub fn log(&self, level: Level, text: &str) {
        host::log(level, text);
    }

    /// An order by its number, at the shop of the order at hand or of the customer's orders.
    ///
    /// # Errors
    /// Without the grant `orders`.
    pub fn find_order(&self, id: &str) -> Result<Option<Order>, Error> {
        Ok(host::find_order(id)?)
    }

    /// The customer's newest orders, newest first, at most ten.
    ///
    /// # Errors
    /// Without the grant `orders`.
    pub fn customer_orders(&self) -> Result<Vec<Order>, Error> {
        Ok(host::customer_orders()?)
    }

    /// Products that match a text, best first.
    ///
    /// # Errors
    /// Without the grant `catalogue`.
    pub fn find_products(&self, query: &str, limit: u32) -> Result<Vec<Product>, Error> {
        Ok(host::find_products(query, limit)?)
    }

    /// A value of the plugin's own key-value space, which all customers share.
    ///
    /// # Errors
    /// Without the grant `kv`, or when the value is not a `T`.
    pub fn kv_get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        host::kv_get(key)?.map(|value| Ok(serde_json::from_slice(&value)?)).transpose()
    }

    /// Keeps a value, as JSON; committed with the event, or not at all when the plugin fails.
    ///
    /// # Errors
    /// Without the grant `kv`, or when the space is full.
    pub fn kv_set(&self, key: &str, value: &impl Serialize) -> Result<(), Error> {
        Ok(host::kv_set(key, &serde_json::to_vec(value)?)?)
    }

    /// Forgets a value.
    ///
    /// # Errors
    /// Without the grant `kv`.
    pub fn kv_delete(&self, key: &str) -> Result<(), Error> {
        Ok(host::kv_delete(key)?)
    }

    /// Calls a host that was granted by name.
    ///
    /// # Errors
    /// Without the grant `http:<host>`, or when no answer came.
    pub fn http_send(&self, request: &HttpRequest) -> Result<HttpResponse, Error> {
        Ok(host::http_send(request)?)
    }
}

impl HttpRequest {
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: "GET".into(), url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// # Errors
    /// The body cannot be written as JSON.
    pub fn post_json(url: impl Into<String>, body: &impl Serialize) -> Result<Self, Error> {
        Ok(Self {
            method: "POST".into(),
            url: url.into(),
            headers: vec![("content-type".into(), "application/json".into())],
            body: serde_json::to_vec(body)?,
        })
    }
}

impl Money {
    /// The amount in whole units of the currency, rounded towards zero: 199 for CNY 199.50.
    ///
    /// The currencies without two decimals are those of ISO 4217.
    pub fn whole(&self) -> i64 {
        let scale = match self.currency.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
            | "VUV" | "XAF" | "XOF" | "XPF" => 1,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 1000,
            _ => 100,
        };
        self.minor / scale
    }
}

impl Order {
    /// The items as customers read them: `Mug × 2, Spoon`.
    pub fn items_text(&self, separator: &str) -> String {
        let items: Vec<String> = self
            .items
            .iter()
            .map(|item| match item.quantity {
                0 | 1 => item.title.clone(),
                quantity => format!("{} × {quantity}", item.title),
            })
            .collect();
        items.join(separator)
    }
}

/// A time on the store's wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    pub year: u16,
    pub month: u8,
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    pub minute: u8,
}

impl LocalTime {
    /// Reads the beginning of an RFC 3339 time: `2026-11-24T21:30`.
    fn read(text: &str) -> Option<Self> {
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
        let small = |from: usize| u8::try_from(number(from, from + 2)?).ok();
        Some(Self { year: number(0, 4)?, month: small(5)?, day: small(8)?, hour: small(11)?, minute: small(14)? })
    }

    /// `2026-11-24`.
    pub fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_read_from_the_contracts_form() {
        let time = LocalTime::read("2026-11-24T21:30:00+08:00").unwrap();
        assert_eq!(time, LocalTime { year: 2026, month: 11, day: 24, hour: 21, minute: 30 });
        assert_eq!(time.date(), "2026-11-24");
        for bad in ["", "2026", "yesterday, at noon", "2026-11-24T2"] {
            assert_eq!(LocalTime::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn whole_units_follow_the_currency() {
        for (minor, currency, whole) in [(19_950, "CNY", 199), (500, "JPY", 500), (1_500, "KWD", 1)] {
            assert_eq!(Money { minor, currency: currency.into() }.whole(), whole);
        }
    }
}
