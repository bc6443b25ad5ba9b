//! The capability `catalogue`: products of the store.

use super::{super::text::line, Answer};
use crate::plugin::{
    contract::{
        Capability, LIMITS,
        world::{catalogue, types},
    },
    host::{
        convert,
        guest::{ASKED, Guest},
    },
};

impl catalogue::Host for Guest {
    fn find(&mut self, query: String, limit: u32) -> wasmtime::Result<Answer<Vec<types::Product>>> {
        self.answer(
            // Most likely the customer's words.
            format!("catalogue.find ({} characters)", query.chars().count()),
            &Capability::Catalogue,
            |_| {
                let limit = limit.min(LIMITS.products) as usize;
                Ok(ASKED.with(|asked| {
                    let products = asked.lookups.products(&query, limit);
                    products.into_iter().map(|it| convert::product(it, asked.store.language)).collect::<Vec<_>>()
                }))
            },
            |found| found.len().to_string(),
        )
    }

    fn details(&mut self, sku: String) -> wasmtime::Result<Answer<Option<String>>> {
        self.answer(
            format!("catalogue.details `{}`", line(&sku)),
            &Capability::Catalogue,
            |_| {
                Ok(ASKED.with(|asked| {
                    let found = asked.lookups.products(&sku, LIMITS.products as usize);
                    let product = found.iter().find(|it| it.sku == sku);
                    product.map(|it| convert::product_details(it, asked.store.language).to_string())
                }))
            },
            |found| if found.is_some() { "found".to_owned() } else { "none".to_owned() },
        )
    }
}
