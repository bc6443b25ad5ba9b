//! The host's functions on a machine that is no WebAssembly: answered by the bench of the call under way.

use std::cell::RefCell;

use super::world::World;
use crate::{Order, Product};

pub use crate::bindings::nightclerk::plugin::host::{HttpRequest, HttpResponse, Level};

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Runs a call with this world behind the host's functions, and gives the world back.
pub(crate) fn during<T>(world: World, call: impl FnOnce() -> T) -> (T, World) {
    WORLD.set(Some(world));
    let result = call();
    (result, WORLD.take().unwrap_or_default())
}

fn ask<T>(question: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with_borrow_mut(|world| {
        question(
            world.as_mut().expect("the host answers only while a plugin is called, in a test by a `testing::Bench`"),
        )
    })
}

pub fn settings() -> String {
    ask(|world| serde_json::Value::Object(world.settings.clone()).to_string())
}

pub fn render(template: &str, variables: &str) -> Result<String, String> {
    ask(|world| world.render(template, variables))
}

pub fn log(level: Level, text: &str) {
    ask(|world| world.log.push((level, text.to_owned())));
}

pub fn find_order(id: &str) -> Result<Option<Order>, String> {
    ask(|world| world.find_order(id))
}

pub fn customer_orders() -> Result<Vec<Order>, String> {
    ask(|world| world.customer_orders())
}

pub fn find_products(query: &str, limit: u32) -> Result<Vec<Product>, String> {
    ask(|world| world.find_products(query, limit))
}

pub fn kv_get(key: &str) -> Result<Option<Vec<u8>>, String> {
    ask(|world| world.kv_get(key))
}

pub fn kv_set(key: &str, value: &[u8]) -> Result<(), String> {
    ask(|world| world.kv_set(key, value))
}

pub fn kv_delete(key: &str) -> Result<(), String> {
    ask(|world| world.kv_delete(key))
}

pub fn http_send(request: &HttpRequest) -> Result<HttpResponse, String> {
    ask(|world| world.http_send(request))
}
