//! Asking plugins where the outside is at hand: in tests, benches, and wherever no lane is held by waiting.

use crate::model::{HookAnswer, HookCall, OutsideQuestion, Plugins, Recorded, Reply};

/// Offers a moment, and again with each answer from outside, until no question is open. `ask` answers them.
pub fn offer_until_answered(
    plugins: &dyn Plugins,
    call: &HookCall<'_>,
    mut ask: impl FnMut(&OutsideQuestion) -> Reply,
) -> HookAnswer {
    let mut recorded: Vec<Recorded> = call.recorded.to_vec();
    loop {
        let answer = plugins.offer(&HookCall { recorded: &recorded, ..*call });
        let Some(question) = &answer.question else { return answer };
        let number = u32::try_from(recorded.len()).unwrap_or(u32::MAX);
        let reply = ask(question);
        recorded.push(Recorded { number, plugin: question.plugin.clone(), digest: question.digest, reply });
    }
}
