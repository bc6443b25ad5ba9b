//! What a phrase may speak of beside the conversation itself.

use crate::model::{Order, Product, Refund};

/// What the clerk has in hand while it says something; what is absent leaves its placeholder empty.
#[derive(Clone, Debug, Default)]
pub struct AtHand<'a> {
    pub text: Option<&'a str>,
    pub order: Option<&'a Order>,
    pub orders: Vec<&'a Order>,
    /// Of the order at hand.
    pub refund: Option<&'a Refund>,
    pub products: Vec<&'a Product>,
    pub substitutes: Vec<&'a Product>,
    pub also: Vec<&'a Product>,
    pub attempt: u32,
    pub last: bool,
    /// Who takes over.
    pub team: Option<&'a str>,
    /// What became of a wish for an order: `sent` to whoever packs, or `noted` for a person.
    pub remarked: Option<&'a str>,
    /// The ticket that stands for it.
    pub ticket: Option<&'a str>,
    /// Whether somebody of the store hears of it at once.
    pub told: bool,
    /// In what people of the store are told: the one it is about.
    pub who: Option<&'a str>,
    /// The place in a queue; 0 for none.
    pub place: usize,
    /// Whether it must not wait.
    pub urgent: bool,
}
