//! What a plugin is told, and what it may ask.

use std::ops::Deref;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Context, Error, HttpRequest, HttpResponse, Level, LocalTime, Order, OrderDetails, Product, StoreContext, Ticket,
    host,
};

/// All that is known of the store is known of a moment that belongs to a customer, too.
impl Deref for Context {
    type Target = StoreContext;

    fn deref(&self) -> &StoreContext {
        &self.store
    }
}

impl Context {
    /// An order by its number, at the shop of the order at hand or of the customer's orders.
    ///
    /// # Errors
    /// Without the grant `orders`, unless it is the order at hand.
    pub fn find_order(&self, id: &str) -> Result<Option<Order>, Error> {
        Ok(host::orders::find(id)?)
    }

    /// The customer's newest orders, newest first, at most ten.
    ///
    /// # Errors
    /// Without the grant `orders`.
    pub fn customer_orders(&self) -> Result<Vec<Order>, Error> {
        Ok(host::orders::newest()?)
    }

    /// The customer's open tickets, oldest first.
    ///
    /// # Errors
    /// Without the grant `ticket`.
    pub fn open_tickets(&self) -> Result<Vec<Ticket>, Error> {
        Ok(host::tickets::open()?)
    }

    /// More of the customer, by a name that `host.customer-field` of the contract knows.
    pub fn customer_field(&self, name: &str) -> Option<String> {
        host::general::customer_field(name)
    }
}

impl StoreContext {
    /// The text of the customer's language.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        if self.reads(&["zh"]) { zh } else { en }
    }

    /// Whether the customer reads one of these languages: `zh-Hans-CN` is `zh-Hans`, `zh-Hant` is not. A plugin that has no
    /// words for a customer passes, and the clerk speaks with its own.
    pub fn reads(&self, tags: &[&str]) -> bool {
        let is =
            |tag: &&str| self.language.strip_prefix(*tag).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        tags.iter().any(is)
    }

    /// The time on the store's wall.
    ///
    /// # Errors
    /// The daemon said something that is not a time.
    pub fn local(&self) -> Result<LocalTime, Error> {
        LocalTime::read(&self.local_time).ok_or_else(|| format!("`{}` is not a time", self.local_time).into())
    }

    /// When people are back, in words that stand in a sentence: `tomorrow at 09:00`.
    pub fn back(&self) -> Option<&str> {
        self.opens.as_ref().map(|opens| opens.text.as_str())
    }

    /// Fills a template of the store's template language (`{{ name }}`, `{% if .. %}`).
    ///
    /// # Errors
    /// The template is wrong, or takes too long.
    pub fn render(&self, template: &str, variables: &impl Serialize) -> Result<String, Error> {
        Ok(host::general::render(template, &serde_json::to_string(variables)?)?)
    }

    /// Writes to the daemon's log, under the plugin's name.
    pub fn log(&self, level: Level, text: &str) {
        host::general::log(level, text);
    }

    /// More of the store, by a name that `host.store-field` of the contract knows.
    pub fn store_field(&self, name: &str) -> Option<String> {
        host::general::store_field(name)
    }

    /// All that the clerk knows of an order.
    ///
    /// # Errors
    /// It is not the order at hand, and `orders` is not granted.
    pub fn order_details(&self, shop: &str, id: &str) -> Result<Option<OrderDetails>, Error> {
        Ok(host::orders::details(shop, id)?.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    /// Products that match a text, best first.
    ///
    /// # Errors
    /// Without the grant `catalogue`.
    pub fn find_products(&self, query: &str, limit: u32) -> Result<Vec<Product>, Error> {
        Ok(host::catalogue::find(query, limit)?)
    }

    /// A value of the plugin's own key-value space, which all customers share.
    ///
    /// # Errors
    /// Without the grant `kv`, or when the value is not a `T`.
    pub fn kv_get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        host::kv::get(key)?.map(|value| Ok(serde_json::from_slice(&value)?)).transpose()
    }

    /// Keeps a value, as JSON; committed with the event, or not at all when the plugin fails.
    ///
    /// # Errors
    /// Without the grant `kv`, or when the space is full.
    pub fn kv_set(&self, key: &str, value: &impl Serialize) -> Result<(), Error> {
        Ok(host::kv::set(key, &serde_json::to_vec(value)?, None)?)
    }

    /// Keeps a value until then.
    ///
    /// # Errors
    /// Without the grant `kv`, or when the space is full.
    pub fn kv_set_until(&self, key: &str, value: &impl Serialize, expires_ms: i64) -> Result<(), Error> {
        Ok(host::kv::set(key, &serde_json::to_vec(value)?, Some(expires_ms))?)
    }

    /// Keeps a value if what is kept now is `expected`; whether it was. `None` is for no value.
    ///
    /// # Errors
    /// Without the grant `kv`, or when the space is full.
    pub fn kv_compare_and_set<T: Serialize>(
        &self,
        key: &str,
        expected: Option<&T>,
        value: Option<&T>,
    ) -> Result<bool, Error> {
        let bytes = |value: Option<&T>| value.map(serde_json::to_vec).transpose();
        let (expected, value) = (bytes(expected)?, bytes(value)?);
        Ok(host::kv::compare_and_set(key, expected.as_deref(), value.as_deref(), None)?)
    }

    /// Forgets a value.
    ///
    /// # Errors
    /// Without the grant `kv`.
    pub fn kv_delete(&self, key: &str) -> Result<(), Error> {
        Ok(host::kv::delete(key)?)
    }

    /// A page of the keys that begin with `prefix`: those after `after`, in order.
    ///
    /// # Errors
    /// Without the grant `kv`.
    pub fn kv_keys(&self, prefix: &str, after: &str, limit: u32) -> Result<Vec<String>, Error> {
        Ok(host::kv::keys(prefix, after, limit)?)
    }

    /// Forgets all keys that begin with `prefix`, at most a thousand; how many.
    ///
    /// # Errors
    /// Without the grant `kv`.
    pub fn kv_delete_prefix(&self, prefix: &str) -> Result<u32, Error> {
        Ok(host::kv::delete_prefix(prefix)?)
    }

    /// Calls a host that was granted by name.
    ///
    /// # Errors
    /// Without the grant `http:<host>`, or when no answer came.
    pub fn http_send(&self, request: &HttpRequest) -> Result<HttpResponse, Error> {
        Ok(host::http::send(request)?)
    }
}

impl HttpRequest {
    /// A GET without headers.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: "GET".into(), url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// A POST of JSON.
    ///
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
