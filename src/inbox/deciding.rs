//! What decisions are made with.

use std::sync::Arc;

use super::drafts::Drafts;
use crate::{
    in_force::InForce,
    model::Plugins,
    store::{Journal, Store, Views},
};

/// What decisions are made with.
#[derive(Clone, Copy)]
pub struct Deciding<'a> {
    pub in_force: &'a InForce,
    pub plugins: &'a dyn Plugins,
    pub views: &'a dyn Views,
    /// What was decided and is not written yet; nobody decides beside whoever leaves it out.
    pub(super) drafts: Option<&'a Drafts>,
    /// Whose writes are to be waited for before rows are read that they may change.
    pub(super) unsettled: Option<&'a dyn Journal>,
    /// What is kept beyond the decision, for who looks things up after it.
    pub(super) kept: Option<Kept<'a>>,
}

#[derive(Clone, Copy)]
pub(super) struct Kept<'a> {
    pub store: &'a Arc<dyn Store>,
    pub in_force: &'a Arc<InForce>,
}

impl<'a> Deciding<'a> {
    /// Beside nobody else: all that was decided before can be read.
    pub fn alone(in_force: &'a InForce, plugins: &'a dyn Plugins, views: &'a dyn Views) -> Self {
        Self { in_force, plugins, views, drafts: None, unsettled: None, kept: None }
    }
}
