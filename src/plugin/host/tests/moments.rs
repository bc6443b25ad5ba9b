//! What a plugin is handed, and what becomes of its answer.

use serde_json::json;

use super::{Facts, Shop, guests, said, trace};
use crate::{
    model::{Action, Hook, HookCall, Media, Message, Moment, Plugins},
    plugin::{contract::LIMITS, host::trial},
};

#[test]
fn what_a_plugin_adds_leaves_the_moment_to_the_next_and_to_the_clerk() {
    let mut manifest = guests::manifest("tagger", "1.0.0");
    manifest["capabilities"] = json!(["tag"]);
    let tagger = guests::component("(call $also_tag (i32.const 8192) (i32.const LENGTH))", "vip", &manifest);
    let files = [("tagger.wasm", tagger), ("greeting.wasm", guests::replier("greeting", "1.0.0", "Hello"))];
    let alone = json!({ "tagger": { "grants": ["tag"] } });
    let shop = Shop::with(&files, alone);
    let answer = shop.offer();
    let vip = [Action::Tag { tag: "vip".to_owned() }];
    assert_eq!((answer.actions.as_deref(), &answer.also[..]), (None, &vip[..]));
    assert_eq!(trace(&answer), ["added 1 action"]);

    let both = json!({ "tagger": { "grants": ["tag"] }, "greeting": { "order": 1, "grants": ["reply"] } });
    shop.host.reconfigure(super::entries(both));
    let answer = shop.offer();
    assert_eq!((said(&answer), &answer.also[..]), (Some("Hello"), &vip[..]));
}

#[test]
fn a_moment_of_the_store_belongs_to_no_customer() {
    for (hook, name) in [(Hook::Daily, "on-daily"), (Hook::ShiftBegins, "on-shift-begins")] {
        let plugin = guests::on(name, guests::REPLY, "Hello", &guests::manifest("digest", "1.0.0"));
        let shop = Shop::with(&[("digest.wasm", plugin)], json!({ "digest": { "grants": ["reply"] } }));
        let answer = trial::with_sample(hook, |asked| shop.host.offer(asked));
        let last = trace(&answer).pop().unwrap_or_default();
        assert!(last.ends_with("`reply`: there is no customer at this moment"), "{last}");
    }
}

/// Says how many bytes it was handed at this offset of its arguments, as so many letters; fails beyond 64.
fn length_of_argument(offset: usize) -> String {
    format!("(call $reply (i32.const 8192) (i32.div_u (i32.load offset={offset} (local.get $args)) (i32.const 1024)))")
}

#[test]
fn a_customers_message_is_cut_to_what_a_guest_can_bear() {
    // The text of the message: after the context come its id and an optional text.
    let text_bytes = length_of_argument(MESSAGE_TEXT_LENGTH);
    let shop = Shop::with(
        &[("one.wasm", guests::component(&text_bytes, &"x".repeat(64), &guests::manifest("one", "1.0.0")))],
        json!({ "one": { "grants": ["reply"] } }),
    );
    let picture = Media::new("image", "https://example.com/a.png");
    let message = Message { text: Some("长".repeat(400_000)), media: vec![picture; 10_000], ..Message::default() };
    let answer = trial::with_sample(Hook::Message, |asked| {
        shop.host.offer(&HookCall {
            moment: Moment::Message { message: &message },
            lookups: &Facts::default(),
            ..*asked
        })
    });
    let kilobytes = LIMITS.given_text_bytes / 1024;
    assert_eq!(said(&answer).map(str::len), Some(kilobytes - 1), "a whole letter less than {kilobytes} KiB");
    assert_eq!(shop.status("one").failures, 0);
}

/// Where the length of a message's text lies among the arguments of `on-message`.
const MESSAGE_TEXT_LENGTH: usize = {
    let store_context = 8 + 8 + 8 + 24 + 8 + 8 + 8 + 8 + 8;
    let customer = 8 + 12 + 8 + 4 + 16 + 8;
    let context = store_context + 8 + customer;
    let id = 8;
    context + id + 4 + 4
};
