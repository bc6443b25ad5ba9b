//! Answers one word with one text; both are settings.

use nightclerk_sdk::prelude::*;

/// The settings that manifest.json declares.
#[derive(Deserialize)]
struct Settings {
    keyword: String,
    text: String,
}

impl OnMessage for Settings {
    fn on_message(&self, ctx: &Context, message: &Message) -> Answer {
        let said = message.text.as_deref().unwrap_or_default();
        if !said.to_lowercase().contains(&self.keyword.to_lowercase()) {
            return Ok(Outcome::pass());
        }
        let words = json!({ "store": ctx.store_name, "clerk": ctx.clerk_name, "open": ctx.open });
        Ok(Outcome::reply(ctx.render(&self.text, &words)?))
    }
}

// The hooks it answers, and no others: the clerk asks at no other moment.
nightclerk_sdk::plugin!(Settings: OnMessage);

#[cfg(test)]
mod tests {
    use nightclerk_sdk::{prelude::*, testing::Bench};

    use super::Settings;

    #[test]
    fn the_word_is_answered_and_anything_else_is_left_alone() {
        let mut bench = Bench::<Settings>::new().open(true);
        assert_eq!(bench.message("Your hours, please").text(), "Tea House is open right now.");
        assert!(bench.message("Hello").passed());
    }

    #[test]
    fn both_are_settings() {
        let settings = json!({ "keyword": "when", "text": "Ask {{ clerk }}." });
        assert_eq!(Bench::<Settings>::new().settings(settings).message("When?").text(), "Ask Xiaoer.");
    }
}
