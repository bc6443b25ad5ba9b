//! The first lines of a plugin that is asked at chosen moments: something for each to begin with.

use std::collections::BTreeSet;

use serde_json::json;

use crate::model::Hook;

/// A language that the daemon runs as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    JavaScript,
    TypeScript,
}

/// A moment, in each language: the words of the function, what it does, and what it wishes for.
struct Sketch {
    hook: Hook,
    /// The name, second parameter and its type in JavaScript, and the lines of its body.
    script: (&'static str, Option<(&'static str, &'static str)>, &'static [&'static str]),
    /// The trait, and its function in Rust.
    rust: (&'static str, &'static str),
    /// The second parameter with its type, and what comes back, in Python; its class has the trait's name.
    python: (Option<&'static str>, &'static [&'static str]),
    /// How its test asks it.
    test: &'static str,
    wish: &'static str,
}

const SKETCHES: [Sketch; 9] = [
    Sketch {
        hook: Hook::Welcome,
        script: ("welcome", Some(("message", "Message")), &["return `Welcome to ${context.storeName}!`;"]),
        rust: (
            "OnWelcome",
            "fn on_welcome(&self, ctx: &Context, _message: Option<&Message>) -> Answer {
        Ok(Outcome::reply(format!(\"Welcome to {}!\", ctx.store_name)))
    }",
        ),
        python: (Some("message: types.Message | None"), &["return reply(f\"Welcome to {context.store.store_name}!\")"]),
        test: "bench.welcome(\"Hello\")",
        wish: "reply",
    },
    Sketch {
        hook: Hook::Message,
        script: (
            "message",
            Some(("message", "Message")),
            &["if (message.text !== \"hello\") return; // not for me", "return \"Hello!\";"],
        ),
        rust: (
            "OnMessage",
            "fn on_message(&self, _ctx: &Context, message: &Message) -> Answer {
        if message.text.as_deref() != Some(\"hello\") {
            return Ok(Outcome::pass());
        }
        Ok(Outcome::reply(\"Hello!\"))
    }",
        ),
        python: (
            Some("message: types.Message"),
            &[
                "if message.text != \"hello\":",
                "    return types.Outcome_Pass()  # not for me",
                "return reply(\"Hello!\")",
            ],
        ),
        test: "bench.message(\"hello\")",
        wish: "reply",
    },
    Sketch {
        hook: Hook::Order,
        script: (
            "order",
            Some(("event", "OrderEvent")),
            &["if (event.change !== \"paid\") return;", "return { also: [{ tag: \"buyer\" }] };"],
        ),
        rust: (
            "OnOrder",
            "fn on_order(&self, _ctx: &Context, event: &OrderEvent) -> Answer {
        if event.change != OrderChange::Paid {
            return Ok(Outcome::pass());
        }
        Ok(Outcome::also(Action::tag(\"buyer\")))
    }",
        ),
        python: (
            Some("event: types.OrderEvent"),
            &[
                "if event.change != \"paid\":",
                "    return types.Outcome_Pass()",
                "return types.Outcome_Also([types.Action_Tag(\"buyer\")])",
            ],
        ),
        test: "bench.order_event(OrderChange::Paid, order(\"A1\"))",
        wish: "tag",
    },
    Sketch {
        hook: Hook::PaymentReminder,
        script: (
            "paymentReminder",
            Some(("reminder", "PaymentReminder")),
            &["return `Order ${reminder.order.id} is still to be paid.`;"],
        ),
        rust: (
            "OnPaymentReminder",
            "fn on_payment_reminder(&self, _ctx: &Context, reminder: &PaymentReminder) -> Answer {
        Ok(Outcome::reply(format!(\"Order {} is still to be paid.\", reminder.order.id)))
    }",
        ),
        python: (
            Some("reminder: types.PaymentReminder"),
            &["return reply(f\"Order {reminder.order.id} is still to be paid.\")"],
        ),
        test: "bench.payment_reminder(order(\"A1\"), 1, false)",
        wish: "reply",
    },
    Sketch {
        hook: Hook::ShippingNotice,
        script: ("shippingNotice", Some(("order", "Order")), &["return `Order ${order.id} is on its way.`;"]),
        rust: (
            "OnShippingNotice",
            "fn on_shipping_notice(&self, _ctx: &Context, order: &Order) -> Answer {
        Ok(Outcome::reply(format!(\"Order {} is on its way.\", order.id)))
    }",
        ),
        python: (Some("order: types.Order"), &["return reply(f\"Order {order.id} is on its way.\")"]),
        test: "bench.shipping_notice(order(\"A1\"))",
        wish: "reply",
    },
    Sketch {
        hook: Hook::ReviewRequest,
        script: ("reviewRequest", Some(("order", "Order")), &["return `How do you like order ${order.id}?`;"]),
        rust: (
            "OnReviewRequest",
            "fn on_review_request(&self, _ctx: &Context, order: &Order) -> Answer {
        Ok(Outcome::reply(format!(\"How do you like order {}?\", order.id)))
    }",
        ),
        python: (Some("order: types.Order"), &["return reply(f\"How do you like order {order.id}?\")"]),
        test: "bench.review_request(order(\"A1\"))",
        wish: "reply",
    },
    Sketch {
        hook: Hook::Timer,
        script: ("timer", Some(("timer", "Timer")), &["return `It is time: ${timer.key}`;"]),
        rust: (
            "OnTimer",
            "fn on_timer(&self, _ctx: &Context, timer: &Timer) -> Answer {
        Ok(Outcome::reply(format!(\"It is time: {}\", timer.key)))
    }",
        ),
        python: (Some("timer: types.Timer"), &["return reply(f\"It is time: {timer.key}\")"]),
        test: "bench.timer(\"later\", json!({}))",
        wish: "reply",
    },
    Sketch {
        hook: Hook::ShiftBegins,
        script: (
            "shiftBegins",
            None,
            &["return { notify: { to: \"day shift\", text: `${context.storeName} is open.` } };"],
        ),
        rust: (
            "OnShiftBegins",
            "fn on_shift_begins(&self, ctx: &StoreContext) -> Answer {
        Ok(Outcome::also(Action::notify(\"day shift\", format!(\"{} is open.\", ctx.store_name))))
    }",
        ),
        python: (None, &["return notify(\"day shift\", f\"{context.store_name} is open.\")"]),
        test: "bench.shift_begins()",
        wish: "notify",
    },
    Sketch {
        hook: Hook::Daily,
        script: (
            "daily",
            None,
            &["return { notify: { to: \"day shift\", text: `A new day at ${context.storeName}.` } };"],
        ),
        rust: (
            "OnDaily",
            "fn on_daily(&self, ctx: &StoreContext) -> Answer {
        Ok(Outcome::also(Action::notify(\"day shift\", format!(\"A new day at {}.\", ctx.store_name))))
    }",
        ),
        python: (None, &["return notify(\"day shift\", f\"A new day at {context.store_name}.\")"]),
        test: "bench.daily()",
        wish: "notify",
    },
];

fn of(hooks: &[Hook]) -> Vec<&'static Sketch> {
    SKETCHES.iter().filter(|sketch| hooks.contains(&sketch.hook)).collect()
}

fn wishes(sketches: &[&Sketch]) -> Vec<&'static str> {
    let wishes: BTreeSet<_> = sketches.iter().map(|sketch| sketch.wish).collect();
    wishes.into_iter().collect()
}

/// A script that is asked at these moments.
pub fn script(hooks: &[Hook], language: Script) -> String {
    let sketches = of(hooks);
    let is_typed = language == Script::TypeScript;
    let wishes = json!(wishes(&sketches));
    let mut text = String::new();
    if is_typed {
        let mut types: BTreeSet<_> = sketches.iter().filter_map(|it| it.script.1).map(|(_, kind)| kind).collect();
        types.extend(["Answer", "Manifest"]);
        types.extend(sketches.iter().map(|it| if it.script.1.is_some() { "Context" } else { "StoreContext" }));
        let types: Vec<_> = types.into_iter().collect();
        text.push_str(&format!("import type {{ {} }} from \"./nightclerk\";\n\n", types.join(", ")));
        text.push_str("export const manifest: Manifest = {\n");
    } else {
        text.push_str("// @ts-check\n/// <reference path=\"./nightclerk.d.ts\" />\n\n");
        text.push_str("/** @type {import(\"./nightclerk\").Manifest} */\nexport const manifest = {\n");
    }
    text.push_str(&format!("  version: \"0.1.0\",\n  description: \"\",\n  capabilities: {wishes},\n}};\n"));
    for Sketch { script: (name, second, body), .. } in sketches {
        let parameters = match (is_typed, second) {
            (true, Some((second, kind))) => format!("context: Context, {second}{}: {kind}", optional(name)),
            (true, None) => "context: StoreContext".to_owned(),
            (false, Some((second, _))) => format!("context, {second}"),
            (false, None) => "context".to_owned(),
        };
        let (note, answer) = match is_typed {
            true => (String::new(), ": Answer"),
            false => (format!("/** @type {{import(\"./nightclerk\").Hooks[\"{name}\"]}} */\n"), ""),
        };
        let body: String = body.iter().map(|line| format!("  {line}\n")).collect();
        text.push_str(&format!("\n{note}export function {name}({parameters}){answer} {{\n{body}}}\n"));
    }
    text
}

/// Who opens a conversation may say nothing.
fn optional(name: &str) -> &'static str {
    if name == "welcome" { "?" } else { "" }
}

/// `src/lib.rs` and `manifest.json` of a plugin in Rust that is asked at these moments.
pub fn rust(hooks: &[Hook]) -> (String, String) {
    let sketches = of(hooks);
    let traits: Vec<_> = sketches.iter().map(|sketch| sketch.rust.0).collect();
    let answers: String =
        sketches.iter().map(|it| format!("impl {} for Settings {{\n    {}\n}}\n\n", it.rust.0, it.rust.1)).collect();
    let tests: String = sketches.iter().map(|it| format!("        assert!(!{}.passed());\n", it.test)).collect();
    let of_orders = if tests.contains("order(\"") { "testing::{Bench, order}" } else { "testing::Bench" };
    let lib = format!(
        "//! Says something at each of its moments.

use nightclerk_sdk::prelude::*;

/// The settings that manifest.json declares.
#[derive(Deserialize)]
struct Settings {{}}

{answers}// The hooks it answers, and no others: the clerk asks at no other moment.
nightclerk_sdk::plugin!(Settings: {});

#[cfg(test)]
mod tests {{
    #[allow(unused_imports)]
    use nightclerk_sdk::{{prelude::*, {of_orders}}};

    use super::Settings;

    #[test]
    fn it_has_an_answer_at_each_of_its_moments() {{
        let mut bench = Bench::<Settings>::new();
{tests}    }}
}}
",
        traits.join(", ")
    );
    let manifest = json!({ "capabilities": wishes(&sketches), "settings": {} });
    (lib, format!("{manifest:#}\n"))
}

/// `app.py`, `manifest.json` and the exports of the world of a plugin in Python that is asked at these moments.
pub fn python(name: &str, hooks: &[Hook]) -> (String, String, String) {
    let sketches = of(hooks);
    let wishes = wishes(&sketches);
    let mut app = "\"\"\"Says something at each of its moments.\"\"\"\n\nfrom wit_world import exports\nfrom wit_world.imports import types\n"
        .to_owned();
    for (wish, words) in PYTHON_WORDS {
        if wishes.contains(wish) {
            app.push_str(words);
        }
    }
    for Sketch { rust: (class, _), python: (second, body), .. } in &sketches {
        let parameters = match second {
            Some(second) => format!("context: types.Context, {second}"),
            None => "context: types.StoreContext".to_owned(),
        };
        let body: String = body.iter().map(|line| format!("        {line}\n")).collect();
        app.push_str(&format!(
            "\n\nclass {class}(exports.{class}):\n    def handle(self, {parameters}) -> types.Outcome:\n{body}"
        ));
    }
    let manifest =
        json!({ "contract": "1.0", "name": name, "version": "0.1.0", "description": "", "capabilities": wishes });
    (app, format!("{manifest:#}\n"), exports(hooks))
}

/// What a world says of the moments it is asked at.
pub fn exports(hooks: &[Hook]) -> String {
    hooks.iter().map(|hook| format!("    export nightclerk:plugin/on-{hook}@1.0.0;\n")).collect()
}

/// What is said in short, by the wish it takes.
const PYTHON_WORDS: &[(&str, &str)] = &[
    (
        "reply",
        "

def reply(text: str) -> types.Outcome:
    \"\"\"Answers in the clerk's place.\"\"\"
    return types.Outcome_Handled([types.Action_Reply(types.Content_Text(text))])
",
    ),
    (
        "notify",
        "

def notify(to: str, text: str) -> types.Outcome:
    \"\"\"Tells people of the store.\"\"\"
    return types.Outcome_Also([types.Action_Notify(types.Notification(to, types.Content_Text(text)))])
",
    ),
];
