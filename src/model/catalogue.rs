use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::language::{ByLanguage, Language};

/// Something the store sells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The store's own number for it.
    pub sku: String,
    /// What it is called.
    pub name: ByLanguage<String>,
    /// Other words customers use for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A decimal with its currency, as shown to customers: `CNY 199.00`. A bare one is in the `currency` of orders.toml.
    #[serde(default)]
    pub price: Option<String>,
    /// Where it can be bought.
    #[serde(default)]
    pub url: Option<String>,
    /// A picture's address, for channels that show products as cards.
    #[serde(default)]
    pub picture: Option<String>,
    /// Feature, advantage, benefit: what the clerk says of it.
    #[serde(default)]
    pub pitch: Option<ByLanguage<String>>,
    /// How many there are; a store that does not count leaves it out.
    #[serde(default)]
    pub stock: Option<u32>,
    /// SKUs to offer instead when it is out of stock.
    #[serde(default)]
    pub substitutes: Vec<String>,
    /// SKUs that go with it.
    #[serde(default)]
    pub complements: Vec<String>,
    /// Whether it sells well and is offered first.
    #[serde(default)]
    pub hot: bool,
}

/// An offer that runs for a while.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// What is said of it.
    pub text: ByLanguage<String>,
    /// The English text beside a `text` without a language.
    #[serde(default)]
    pub text_en: Option<String>,
    /// Where there is more of it.
    #[serde(default)]
    pub url: Option<String>,
    /// The first day, `2026-11-11`, or moment, `2026-11-11 20:00`, by the store's clock; open where absent.
    #[serde(default)]
    pub from: Option<String>,
    /// The last day, included, or the moment at which it is over; open where absent.
    #[serde(default)]
    pub until: Option<String>,
}

impl Promotion {
    /// What is said of it in this language.
    pub fn text_in<'a>(&'a self, language: Language<'a>) -> Cow<'a, str> {
        self.text.get(language)
    }
}
