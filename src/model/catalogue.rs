use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::language::{ByLanguage, Language};

/// Something the store sells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    pub sku: String,
    pub name: ByLanguage<String>,
    /// Other words customers use for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A decimal with its currency, as shown to customers: `CNY 199.00`.
    #[serde(default)]
    pub price: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    /// A picture's address, for channels that show products as cards.
    #[serde(default)]
    pub picture: Option<String>,
    /// Feature, advantage, benefit: what the clerk says of it.
    #[serde(default)]
    pub pitch: Option<ByLanguage<String>>,
    /// `None` where the store does not count.
    #[serde(default)]
    pub stock: Option<u32>,
    /// SKUs to offer instead when it is out of stock.
    #[serde(default)]
    pub substitutes: Vec<String>,
    /// SKUs that go with it.
    #[serde(default)]
    pub complements: Vec<String>,
    #[serde(default)]
    pub hot: bool,
}

/// An offer that runs for a while.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    pub text: ByLanguage<String>,
    /// The English text beside a `text` without a language.
    #[serde(default)]
    pub text_en: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    /// First and last day, `2026-11-11`, both included; or from a moment up to another, `2026-11-11 20:00`. By the store's
    /// clock; open where absent.
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub until: Option<String>,
}

impl Promotion {
    /// What is said of it in this language.
    pub fn text_in<'a>(&'a self, language: Language<'a>) -> Cow<'a, str> {
        self.text.get(language)
    }
}
