//! `contacts.toml`: by what customers are told apart.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::setting::Delay;

/// By what customers are told apart.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ContactsSettings {
    /// Tiers, the highest first: a customer has the first whose terms they meet.
    pub tier: Vec<TermsSettings>,
    /// Groups: a customer is in each whose terms they meet.
    pub group: Vec<TermsSettings>,
}

/// What a customer must have bought. All that is given must be so.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TermsSettings {
    /// What rules call it: `tier = "gold"`, `group = "regulars"`.
    pub name: String,
    /// Orders paid for, and not cancelled or given back, at least.
    #[serde(default)]
    pub orders: Option<u32>,
    /// What they came to together, at least, such as "CNY 1000"; orders in another currency are not counted.
    #[serde(default)]
    pub spent: Option<String>,
    /// Only what was bought within this time is counted.
    #[serde(default)]
    pub within: Option<Delay>,
    /// The last order is longer ago than this.
    #[serde(default)]
    pub quiet: Option<Delay>,
}
