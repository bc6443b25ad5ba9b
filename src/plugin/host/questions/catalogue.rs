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
                let products = ASKED.with(|asked| asked.lookups.products(&query, limit));
                Ok(products.into_iter().map(convert::product).collect::<Vec<_>>())
            },
            |found| found.len().to_string(),
        )
    }

    fn details(&mut self, sku: String) -> wasmtime::Result<Answer<Option<String>>> {
        self.answer(
            format!("catalogue.details `{}`", line(&sku)),
            &Capability::Catalogue,
            |_| {
                let found = ASKED.with(|asked| asked.lookups.products(&sku, LIMITS.products as usize));
                Ok(found.iter().find(|it| it.sku == sku).map(|it| convert::product_details(it).to_string()))
            },
            |found| if found.is_some() { "found".to_owned() } else { "none".to_owned() },
        )
    }
}
