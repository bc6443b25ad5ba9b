//! The host's functions on a machine that is no WebAssembly: answered by the bench of the call under way.

use std::cell::RefCell;

use super::{limits::LIMITS, world::World};

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Ends a call that broke a limit of the host's, as the daemon would.
pub(super) struct Stopped(pub String);

/// Runs a call with this world behind the host's functions, and gives the world back.
pub(super) fn during<T>(world: World, call: impl FnOnce() -> T) -> (T, World) {
    WORLD.set(Some(world));
    let result = call();
    (result, WORLD.take().unwrap_or_default())
}

fn ask<T>(question: impl FnOnce(&mut World) -> T) -> T {
    let answer = WORLD.with_borrow_mut(|world| {
        let world =
            world.as_mut().expect("the host answers only while a plugin is called, in a test by a `testing::Bench`");
        world.questions += 1;
        (world.questions <= LIMITS.questions).then(|| question(world))
    });
    // Outside the borrow, so that the world survives the unwinding.
    answer.unwrap_or_else(|| {
        let why = format!("it asked the host more than {} times", LIMITS.questions);
        std::panic::resume_unwind(Box::new(Stopped(why)))
    })
}

pub mod general {
    use super::ask;
    pub use crate::bindings::nightclerk::plugin::host::Level;

    pub fn settings() -> String {
        ask(|world| serde_json::Value::Object(world.settings.clone()).to_string())
    }

    pub fn render(template: &str, variables: &str) -> Result<String, String> {
        ask(|world| world.render(template, variables))
    }

    pub fn log(level: Level, text: &str) {
        ask(|world| world.log(level, text));
    }

    pub fn store_field(name: &str) -> Option<String> {
        ask(|world| world.store_fields.get(name).cloned())
    }

    pub fn customer_field(name: &str) -> Option<String> {
        ask(|world| world.customer_fields.get(name).cloned())
    }
}

pub mod orders {
    use super::ask;
    use crate::Order;

    pub fn find(id: &str) -> Result<Option<Order>, String> {
        ask(|world| world.find_order(id))
    }

    pub fn newest() -> Result<Vec<Order>, String> {
        ask(|world| world.newest_orders())
    }

    pub fn details(shop: &str, id: &str) -> Result<Option<String>, String> {
        ask(|world| world.order_details(shop, id))
    }
}

pub mod catalogue {
    use super::ask;
    use crate::Product;

    pub fn find(query: &str, limit: u32) -> Result<Vec<Product>, String> {
        ask(|world| world.find_products(query, limit))
    }

    pub fn details(sku: &str) -> Result<Option<String>, String> {
        ask(|world| world.product_details(sku))
    }
}

pub mod kv {
    use super::super::{keys::Keys, limits::LIMITS, world::World};
    use super::ask;

    /// The keys, where they are granted.
    fn granted(world: &mut World) -> Result<&mut Keys, String> {
        world.grants.permit("kv").map(|()| &mut world.keys)
    }

    pub fn get(key: &str) -> Result<Option<Vec<u8>>, String> {
        ask(|world| granted(world)?.get(key))
    }

    pub fn set(key: &str, value: &[u8], expires_ms: Option<i64>) -> Result<(), String> {
        ask(|world| granted(world)?.set(key, Some(value), expires_ms))
    }

    pub fn delete(key: &str) -> Result<(), String> {
        ask(|world| granted(world)?.set(key, None, None))
    }

    pub fn keys(prefix: &str, after: &str, limit: u32) -> Result<Vec<String>, String> {
        ask(|world| Ok(granted(world)?.keys(prefix, after, limit.min(LIMITS.keys_page))))
    }

    pub fn delete_prefix(prefix: &str) -> Result<u32, String> {
        ask(|world| Ok(granted(world)?.delete_prefix(prefix)))
    }

    pub fn compare_and_set(
        key: &str,
        expected: Option<&[u8]>,
        value: Option<&[u8]>,
        expires_ms: Option<i64>,
    ) -> Result<bool, String> {
        ask(|world| granted(world)?.compare_and_set(key, expected, value, expires_ms))
    }
}

pub mod tickets {
    use super::ask;
    use crate::Ticket;

    pub fn open() -> Result<Vec<Ticket>, String> {
        ask(|world| world.open_tickets())
    }
}

pub mod http {
    use super::ask;
    use crate::{HttpRequest, HttpResponse};

    pub fn send(request: &HttpRequest) -> Result<HttpResponse, String> {
        ask(|world| world.network.send(request, &world.grants))
    }
}
