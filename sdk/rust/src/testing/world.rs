//! What the bench knows: the stand-in for the daemon's store, catalogue and network.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use minijinja::{Environment, UndefinedBehavior, value::Serde};
use serde_json::{Map, Value};

use super::{
    grants::Grants,
    keys::Keys,
    limits::{LIMITS, cut},
    network::Network,
};
use crate::{Level, Order, OrderDetails, Product, Ticket, Time};

/// What one rendering may take; like the rest of the environment, the daemon's (`src/template.rs`).
const TEMPLATE_FUEL: u64 = 20_000;

#[derive(Default)]
pub struct World {
    pub grants: Grants,
    pub settings: Map<String, Value>,
    /// The order the moment is about.
    pub at_hand: Option<OrderDetails>,
    /// The customer's.
    pub orders: Vec<OrderDetails>,
    /// Other customers'.
    pub foreign_orders: Vec<OrderDetails>,
    pub products: Vec<Product>,
    pub tickets: Vec<Ticket>,
    pub keys: Keys,
    pub network: Network,
    pub store_fields: BTreeMap<String, String>,
    pub customer_fields: BTreeMap<String, String>,
    pub log: Vec<(Level, String)>,
    pub questions: u32,
}

impl World {
    pub fn render(&self, template: &str, variables: &str) -> Result<String, String> {
        let variables: Value =
            serde_json::from_str(variables).map_err(|error| format!("the variables are not JSON: {error}"))?;
        let mut environment = Environment::new();
        environment.set_fuel(Some(TEMPLATE_FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_formatter(|output, state, value| match value.is_none() {
            true => Ok(()),
            false => minijinja::escape_formatter(output, state, value),
        });
        environment.render_str(template, Serde(variables)).map_err(|error| error.to_string())
    }

    /// The order at hand, or one that may be seen.
    pub fn find_order(&self, id: &str) -> Result<Option<Order>, String> {
        if let Some(order) = self.at_hand.as_ref().filter(|order| order.id == id) {
            return Ok(Some(in_brief(order)));
        }
        self.grants.permit("orders")?;
        Ok(self.visible().find(|order| order.id == id).map(in_brief))
    }

    /// The order at hand is one of the customer's too.
    pub fn newest_orders(&self) -> Result<Vec<Order>, String> {
        self.grants.permit("orders")?;
        let mut orders: Vec<_> = self.orders.iter().collect();
        if let Some(at_hand) = self.at_hand.as_ref().filter(|it| !orders.iter().any(|other| other.id == it.id)) {
            orders.push(at_hand);
        }
        orders.sort_by_key(|order| std::cmp::Reverse(order.placed_ms));
        Ok(orders.into_iter().take(LIMITS.orders).map(in_brief).collect())
    }

    pub fn order_details(&self, shop: &str, id: &str) -> Result<Option<String>, String> {
        let is_it = |order: &&OrderDetails| order.shop == shop && order.id == id;
        let details = |order: &OrderDetails| {
            let mut order = order.clone();
            order.items.truncate(LIMITS.given_items);
            order.parcels.truncate(LIMITS.given_items);
            order.remarks.truncate(LIMITS.given_items);
            serde_json::to_string(&order).map_err(|error| error.to_string())
        };
        if let Some(order) = self.at_hand.as_ref().filter(is_it) {
            return details(order).map(Some);
        }
        self.grants.permit("orders")?;
        self.visible().find(is_it).map(details).transpose()
    }

    fn visible(&self) -> impl Iterator<Item = &OrderDetails> {
        let any = self.grants.has("orders:any");
        self.orders.iter().chain(self.foreign_orders.iter().filter(move |_| any))
    }

    /// Products named in the text; for an empty text all, those that sell well first.
    pub fn find_products(&self, query: &str, limit: u32) -> Result<Vec<Product>, String> {
        self.grants.permit("catalogue")?;
        let query = query.to_lowercase();
        let matches = |product: &&Product| {
            query.is_empty()
                || query.contains(&product.name.to_lowercase())
                || query.contains(&product.sku.to_lowercase())
        };
        let mut products: Vec<Product> = self.products.iter().filter(matches).cloned().collect();
        products.sort_by_key(|product| !product.hot);
        products.truncate(limit.min(LIMITS.products) as usize);
        Ok(products)
    }

    pub fn product_details(&self, sku: &str) -> Result<Option<String>, String> {
        self.grants.permit("catalogue")?;
        let found = self.products.iter().find(|product| product.sku == sku);
        found.map(serde_json::to_string).transpose().map_err(|error| error.to_string())
    }

    pub fn open_tickets(&self) -> Result<Vec<Ticket>, String> {
        self.grants.permit("ticket")?;
        Ok(self.tickets.clone())
    }

    pub fn log(&mut self, level: Level, text: &str) {
        if self.log.len() < LIMITS.log_lines {
            self.log.push((level, text.to_owned()));
        }
    }
}

/// What a plugin is handed of an order.
pub fn in_brief(order: &OrderDetails) -> Order {
    let status = serde_json::to_value(order.status).ok();
    Order {
        shop: order.shop.clone(),
        id: cut(&order.id),
        status: status.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned(),
        customer_name: order.customer_name.as_deref().map(cut),
        total: order.total.clone(),
        placed: order.placed_ms.map(time),
        payment_url: order.payment_url.clone(),
    }
}

/// A time on the bench's wall, which is UTC's.
fn time(ms: i64) -> Time {
    let wall = Timestamp::from_millisecond(ms).map(|time| TimeZone::UTC.to_datetime(time));
    let text = wall.map(|wall| wall.strftime("%Y-%m-%d %H:%M").to_string());
    Time { ms, text: text.unwrap_or_default() }
}
