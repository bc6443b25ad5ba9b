//! Does what its settings say, step by step, and writes what came of each step to the log: the same in the daemon and
//! on the SDK's test bench, or one of the two is wrong.

use nightclerk_sdk::prelude::*;

mod step;

use step::Step;

#[derive(Deserialize)]
struct Conformance {
    steps: Vec<Step>,
    outcome: Ending,
    /// Whether it does so when a day begins as well.
    #[serde(default = "yes")]
    daily: bool,
}

fn yes() -> bool {
    true
}

/// How it ends, with the actions of its steps.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ending {
    Pass,
    Also,
    Handled,
    Fail,
}

nightclerk_sdk::plugin!(Conformance: OnMessage, OnOrder, OnTimer, OnDaily);

impl OnMessage for Conformance {
    fn on_message(&self, ctx: &Context, message: &Message) -> Answer {
        let bytes = message.text.as_ref().map_or(0, String::len);
        self.run(ctx, Some(ctx), Some(&format!("{bytes} bytes, {} media", message.media.len())))
    }
}

impl OnOrder for Conformance {
    fn on_order(&self, ctx: &Context, event: &OrderEvent) -> Answer {
        self.run(ctx, Some(ctx), Some(&event.change))
    }
}

impl OnTimer for Conformance {
    fn on_timer(&self, ctx: &Context, timer: &Timer) -> Answer {
        self.run(ctx, Some(ctx), Some(&timer.payload))
    }
}

impl OnDaily for Conformance {
    fn on_daily(&self, ctx: &StoreContext) -> Answer {
        if self.daily { self.run(ctx, None, None) } else { Ok(Outcome::pass()) }
    }
}

impl Conformance {
    fn run(&self, store: &StoreContext, ctx: Option<&Context>, given: Option<&str>) -> Answer {
        let mut actions = Vec::new();
        for step in &self.steps {
            let told = step.take(store, ctx, given, &mut actions);
            if let Some(told) = told {
                store.log(Level::Info, &told);
            }
        }
        Ok(match self.outcome {
            Ending::Pass => Outcome::pass(),
            Ending::Also => Outcome::Also(actions),
            Ending::Handled => Outcome::Handled(actions),
            Ending::Fail => return Err("as the case says".into()),
        })
    }
}

#[cfg(test)]
mod tests;
