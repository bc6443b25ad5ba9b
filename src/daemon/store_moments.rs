//! Tells the plugins what happens by the store's clock and belongs to no customer: a day begins, people come in.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::{clock, in_force, inbox::Inbox, model::Hook, plugin::host::PluginHost};

/// How late a moment may be noticed. A look at the clock costs nothing, and sees a clock that was set.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Between two looks whether the plugins that are to be told are there.
const LOAD_LOOK: Duration = Duration::from_millis(50);

/// Looks at the store's clock.
#[derive(Clone)]
pub struct StoreMoments {
    pub in_force: in_force::Current,
    pub plugins: Arc<PluginHost>,
    pub inbox: Inbox,
}

impl StoreMoments {
    /// Has each moment decided at most once; runs until it is aborted. The store knows the moments it has had by their
    /// event, so that none comes twice, whatever is killed when. Of those that came while the clerk was down, the present
    /// day's and the present opening's are told late, and earlier ones are past. A plugin that is added later waits for
    /// the next moment, or for a restart before it.
    pub async fn run(self) {
        while !self.plugins.is_loaded() {
            tokio::time::sleep(LOAD_LOOK).await;
        }
        let mut past: HashMap<Hook, i64> = HashMap::new();
        loop {
            let now_ms = clock::now_ms();
            let begun: Vec<_> = self.in_force.load().playbook.moments_begun(now_ms).collect();
            for (moment, at_ms) in begun {
                let hook = moment.hook();
                if past.get(&hook) == Some(&at_ms) {
                    continue;
                }
                if self.plugins.hooks(hook)
                    && let Err(error) = self.inbox.accept(moment.into_event(at_ms), now_ms, None).await
                {
                    tracing::error!(%error, %hook, "a moment of the store waits: the event could not be kept");
                    continue;
                }
                past.insert(hook, at_ms);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
