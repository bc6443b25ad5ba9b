//! Tells the plugins what happens by the store's clock and belongs to no customer: a day begins, people come in.

use std::{collections::HashMap, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};

use super::store_clock::ByTheClock;
use crate::{in_force::InForce, inbox::Inbox, model::Hook, plugin::host::PluginHost, store::StoreError};

/// Has each moment decided at most once. The store knows the moments it has had by their event, so that none comes twice,
/// whatever is killed when. Of those that came while the clerk was down, the present day's and the present opening's are told
/// late, and earlier ones are past. A plugin that is added later waits for the next moment, or for a restart before it.
pub struct StoreMoments {
    pub plugins: Arc<PluginHost>,
    pub inbox: Inbox,
    /// The last of each that is done with.
    pub past: HashMap<Hook, i64>,
}

impl ByTheClock for StoreMoments {
    fn name(&self) -> &'static str {
        "a moment of the store"
    }

    fn look<'a>(&'a mut self, in_force: &'a Arc<InForce>, now_ms: i64) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            // Who is to be told may be among those that are not there yet.
            if !self.plugins.is_loaded() {
                return Ok(());
            }
            let mut failed = None;
            for (moment, at_ms) in in_force.playbook.moments_begun(now_ms) {
                let hook = moment.hook();
                if self.past.get(&hook) == Some(&at_ms) {
                    continue;
                }
                let told = match self.plugins.hooks(hook) {
                    true => self.inbox.accept(moment.into_event(at_ms), now_ms, None).await.map(drop),
                    false => Ok(()),
                };
                match told {
                    Ok(()) => drop(self.past.insert(hook, at_ms)),
                    Err(error) => failed = Some(error),
                }
            }
            failed.map_or(Ok(()), Err)
        }
        .boxed()
    }

    fn next_ms(&self, in_force: &InForce, now_ms: i64) -> Option<i64> {
        in_force.playbook.next_moment_ms(now_ms)
    }
}
