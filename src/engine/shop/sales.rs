//! `[targets]`: what the store means to reach.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::FILE;
use crate::{model::Money, setting::Problem};

/// `[targets]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TargetsSettings {
    /// Sales of a month by currency, such as `{ CNY = "50000" }`.
    pub sales: BTreeMap<String, String>,
}

impl TargetsSettings {
    /// By currency; notes each mistake.
    pub fn compile(&self, problems: &mut Vec<Problem>) -> BTreeMap<String, Money> {
        let mut targets = BTreeMap::new();
        for (currency, text) in &self.sales {
            let mut wrong = |message: String, hint: &str| {
                let path = ["targets".into(), "sales".into(), currency.as_str().into()];
                problems.push(Problem::new(FILE, path, message).hint(hint));
            };
            if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
                wrong("not a currency".to_owned(), "write three letters, such as CNY");
                continue;
            }
            match Money::parse(text.trim(), currency) {
                Ok(money) if money.minor > 0 => drop(targets.insert(currency.clone(), money)),
                Ok(_) => {
                    wrong(format!("`{text}` is nothing to reach"), "write the sales of a month, such as \"50000\"")
                }
                Err(error) => wrong(error.to_string(), "write the sales of a month, such as \"50000\""),
            }
        }
        targets
    }
}
