//! What the bench knows: the stand-in for the daemon's store, catalogue and network.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Environment, UndefinedBehavior, value::Serde};
use serde_json::{Map, Value};

use crate::{Action, HttpRequest, HttpResponse, Level, Order, Outcome, Product};

/// What one rendering may take; like the rest of the environment, the daemon's (`src/template.rs`).
const TEMPLATE_FUEL: u64 = 20_000;

#[derive(Default)]
pub struct World {
    pub grants: BTreeSet<String>,
    pub settings: Map<String, Value>,
    /// The order the moment is about.
    pub at_hand: Option<Order>,
    pub orders: Vec<Order>,
    pub products: Vec<Product>,
    pub kv: BTreeMap<String, Vec<u8>>,
    pub http: BTreeMap<String, HttpResponse>,
    pub log: Vec<(Level, String)>,
}

impl World {
    fn granted(&self, capability: &str) -> Result<(), String> {
        match self.grants.contains(capability) {
            true => Ok(()),
            false => Err(format!("`{capability}` is not granted")),
        }
    }

    pub fn render(&self, template: &str, variables: &str) -> Result<String, String> {
        let variables: Value = serde_json::from_str(variables).map_err(|error| error.to_string())?;
        let mut environment = Environment::new();
        environment.set_fuel(Some(TEMPLATE_FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_formatter(|output, state, value| match value.is_none() {
            true => Ok(()),
            false => minijinja::escape_formatter(output, state, value),
        });
        environment.render_str(template, Serde(variables)).map_err(|error| error.to_string())
    }

    pub fn find_order(&self, id: &str) -> Result<Option<Order>, String> {
        self.granted("orders")?;
        Ok(self.at_hand.iter().chain(&self.orders).find(|order| order.id == id).cloned())
    }

    /// The order at hand is one of the customer's too.
    pub fn customer_orders(&self) -> Result<Vec<Order>, String> {
        self.granted("orders")?;
        let mut orders = self.orders.clone();
        if let Some(order) = self.at_hand.as_ref().filter(|it| !orders.iter().any(|other| other.id == it.id)) {
            orders.push(order.clone());
        }
        orders.sort_by_key(|order| std::cmp::Reverse(order.placed_ms));
        orders.truncate(10);
        Ok(orders)
    }

    /// Products named in the text; for an empty text all, those that sell well first.
    pub fn find_products(&self, query: &str, limit: u32) -> Result<Vec<Product>, String> {
        self.granted("catalogue")?;
        let query = query.to_lowercase();
        let matches = |product: &&Product| {
            query.is_empty()
                || query.contains(&product.name.to_lowercase())
                || query.contains(&product.sku.to_lowercase())
        };
        let mut products: Vec<Product> = self.products.iter().filter(matches).cloned().collect();
        products.sort_by_key(|product| !product.hot);
        products.truncate(limit as usize);
        Ok(products)
    }

    pub fn kv_get(&self, key: &str) -> Result<Option<Vec<u8>>, String> {
        self.granted("kv")?;
        Ok(self.kv.get(key).cloned())
    }

    pub fn kv_set(&mut self, key: &str, value: &[u8]) -> Result<(), String> {
        self.granted("kv")?;
        self.kv.insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    pub fn kv_delete(&mut self, key: &str) -> Result<(), String> {
        self.granted("kv")?;
        self.kv.remove(key);
        Ok(())
    }

    pub fn http_send(&self, request: &HttpRequest) -> Result<HttpResponse, String> {
        let host = request.url.split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        self.granted(&format!("http:{host}"))?;
        self.http.get(&request.url).cloned().ok_or_else(|| format!("nobody answers at {}", request.url))
    }

    /// The grants that the daemon asks for before it takes an answer.
    pub fn check_actions(&self, outcome: &Outcome) -> Result<(), String> {
        let Outcome::Handled(actions) = outcome else { return Ok(()) };
        actions.iter().try_for_each(|action| {
            self.granted(match action {
                Action::Reply(_) | Action::Silence(_) => "reply",
                Action::Notify(_) => "notify",
                Action::Tag(_) | Action::Untag(_) => "tag",
                Action::Remark(_) => "remark",
                Action::SetTimer(_) | Action::CancelTimer(_) => "timer",
                Action::Assign(_) => "assign",
                Action::Transfer(_) => "transfer",
                Action::OpenTicket(_) | Action::CloseTicket(_) => "ticket",
                Action::AskSatisfaction(_) => "ask-satisfaction",
            })
        })
    }
}
