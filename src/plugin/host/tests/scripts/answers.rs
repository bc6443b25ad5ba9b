//! What a handler returns arrives as its author meant it, or is an error with its line.

use serde_json::json;

use super::{body, hello, offer, said, shop};
use crate::{
    model::{Action, Content, Hook, HookCall, Plugins},
    plugin::host::{PluginState, trial},
};

#[test]
fn a_text_is_an_answer_and_nothing_is_none() {
    assert_eq!(body("return `Hello, ${message.text}!`"), "Hello, Hi!");
    for nothing in ["return", "return null", "", "return undefined"] {
        assert_eq!(body(nothing), "passed", "{nothing}");
    }
}

#[test]
fn a_script_without_a_manifest_waits_for_the_line_that_it_names() {
    let shop = shop(&[("hello.js", "export const message = () => ({ tag: 'seen' })")], json!({}));
    let status = shop.status("hello");
    assert_eq!(status.state, PluginState::Waiting);
    assert_eq!(status.hooks, [Hook::Message]);
    assert_eq!(shop.reason("hello"), "add [hello] to plugins.toml with grants = [\"reply\", \"tag\"]");
}

fn actions(expression: &str) -> Vec<Action> {
    let shop = hello(&format!("export function message() {{ return {expression} }}"));
    let answer = offer(&shop, "Hi");
    answer.actions.unwrap_or_else(|| panic!("{expression}: {:?}", answer.trace))
}

#[test]
fn every_action_of_the_contract_can_be_returned() {
    let reply = |content| vec![Action::Reply { content }];
    let link = Content::Link { text: "Tea".to_owned(), url: "https://example.com/tea".to_owned() };
    assert_eq!(actions("{ text: 'Tea', url: 'https://example.com/tea' }"), reply(link.clone()));
    assert_eq!(actions("{ reply: { text: 'Tea', url: 'https://example.com/tea' } }"), reply(link));
    let picture = Content::Image { url: "https://example.com/a.png".to_owned(), caption: None };
    assert_eq!(actions("[{ image: 'https://example.com/a.png' }]"), reply(picture));
    let all = "[
        'Hello', { text: 'Which?', choices: ['A', { label: 'B', value: 'b' }] },
        { notify: { to: 'warehouse', text: 'Look' } }, { tag: 'a', untag: 'b' },
        { remark: { orderId: 'A1', text: 'As a gift' } },
        { setTimer: { key: 't', dueMs: 1795000060000, payload: { deep: [1, 'x', null] } } }, { cancelTimer: 'u' },
        { openTicket: { kind: 'question', text: 'See', urgency: 'urgent' } }, { assign: 'sales' },
    ]";
    let actions = actions(all);
    assert_eq!(actions.len(), 10, "{actions:?}");
    assert!(matches!(&actions[3], Action::Tag { tag } if tag == "a"), "in the order in which they stand");
    let timer = actions.iter().find_map(|it| match it {
        Action::SetTimer { payload, .. } => Some(payload.clone()),
        _ => None,
    });
    assert_eq!(timer.unwrap(), json!({ "deep": [1, "x", null] }));
}

#[test]
fn also_adds_to_the_clerks_own_answer() {
    let shop = hello("export const message = () => ({ also: [{ tag: 'vip' }] })");
    let answer = offer(&shop, "Hi");
    assert_eq!((answer.actions, answer.also.len()), (None, 1));
}

#[test]
fn what_cannot_be_an_answer_is_refused_with_the_handlers_line() {
    for (answer, why) in [
        ("5", "`the answer` is a number"),
        ("true", "`the answer` is true or false"),
        ("[]", "`the answer` holds no action"),
        ("{}", "`the answer` holds no action"),
        ("new Date()", "`the answer` is a Date; take its getTime() or toISOString()"),
        ("new Map([['reply', 'x']])", "`the answer` is a Map; take Object.fromEntries() of it"),
        ("new (class Greeting { reply = 'x' })()", "`the answer` is an instance of Greeting"),
        ("Math.max", "`the answer` is a function"),
        ("{ launch: 'missiles' }", "`the answer.launch` is no action; there are reply, notify"),
        ("['a', , 'b']", "`the answer[1]` is a hole"),
        ("[['a']]", "`the answer[0]` is a list"),
        ("{ reply: new Date() }", "`the answer.reply` is a Date"),
        ("{ reply: { text: 5 } }", "`the answer.reply.text` is a number, not a text"),
        ("{ reply: { words: 'x' } }", "`the answer.reply` lacks `text`"),
        ("{ reply: { text: 'x', colour: 'red' } }", "`the answer.reply` has no `colour`"),
        ("{ setTimer: { key: 't', dueMs: NaN } }", "`the answer.setTimer.dueMs` is NaN, not a whole number"),
        ("{ setTimer: { key: 't', dueMs: 1.5 } }", "`the answer.setTimer.dueMs` is 1.5, not a whole number"),
        ("{ setTimer: { key: 't', dueMs: 1n } }", "`the answer.setTimer.dueMs` is a BigInt"),
        (
            "{ setTimer: { key: 't', dueMs: 1795000060000, payload: { at: NaN } } }",
            "`the answer.setTimer.payload.at` is NaN",
        ),
        (
            "{ setTimer: { key: 't', dueMs: 1795000060000, payload: [new Set()] } }",
            "`the answer.setTimer.payload[0]` is a Set",
        ),
        ("JSON.parse('{\"__proto__\":{\"reply\":\"x\"}}')", "`the answer.__proto__` is no action"),
        ("{ __proto__: { reply: 'x' } }", "`the answer` is an object"),
        ("{ reply: '\\ud83d' }", "a text holds half a character"),
        ("{ also: 'x', reply: 'y' }", "`also` stands alone"),
        (
            "(() => { const a = []; a.push(a); return { setTimer: { key: 't', dueMs: 1795000060000, payload: a } } })()",
            "is nested too deeply, or contains itself",
        ),
        ("{ get reply() { return null.x } }", "TypeError: cannot read property 'x' of null"),
    ] {
        let said = body(&format!("return {answer}"));
        assert!(said.starts_with("skipped: it failed: hello.js:") && said.contains(why), "{answer}: {said}");
    }
}

#[test]
fn an_inherited_word_is_no_action() {
    let poisoned =
        "Object.prototype.silence = 'x'; Array.prototype.tag = 'y'; export const message = () => ({ reply: 'Hello' })";
    let answer = offer(&hello(poisoned), "Hi");
    assert_eq!(said(&answer), Some("Hello"));
}

#[test]
fn a_handler_that_throws_or_rejects_is_named_by_its_line() {
    for (code, why) in [
        (
            "const order = undefined; return order.id",
            "hello.js:3:35: TypeError: cannot read property 'id' of undefined",
        ),
        ("await null; throw new RangeError('after await')", "hello.js:3:"),
        ("throw null", "hello.js:1:"),
        ("throw 'words'", "the text \"words\" was thrown; throw an Error, which knows its line"),
        ("return Promise.reject(new Error('rejected'))", "hello.js:3:"),
        ("await new Promise(() => {})", "its promise never settles"),
        ("Promise.reject(new Error('forgotten')); return 'x'", "Error: forgotten; the promise was not awaited"),
        ("return JSON.parse('{oops')", "SyntaxError"),
    ] {
        let said = body(code);
        assert!(said.starts_with("skipped: it failed: ") && said.contains(why), "{code}: {said}");
    }
}

#[test]
fn every_hook_is_given_what_the_contract_says_in_camel_case() {
    let hooks = [
        ("welcome", Hook::Welcome, "message.text"),
        ("message", Hook::Message, "message.media.length + message.id"),
        ("order", Hook::Order, "message.change + message.order.total.minor + message.order.placed.text"),
        ("paymentReminder", Hook::PaymentReminder, "message.attempt + message.order.paymentUrl + message.last"),
        ("shippingNotice", Hook::ShippingNotice, "message.status + message.customerName"),
        ("reviewRequest", Hook::ReviewRequest, "message.id"),
        ("timer", Hook::Timer, "message.key + message.dueMs + JSON.stringify(message.payload)"),
    ];
    let source = hooks.map(|(name, _, words)| {
        format!("export const {name} = (c, message) => [c.storeName, c.localTime, c.opens.text, c.customer.firstSeenMs, {words}].join()\n")
    });
    let shop = shop(&[("sample.js", &source.concat())], json!({ "sample": { "grants": ["reply"] } }));
    let told = hooks.map(|(_, hook, _)| {
        let answer = trial::with_sample(hook, |asked| shop.host.offer(&HookCall { ..*asked }));
        said(&answer).unwrap_or_else(|| panic!("{hook}: {:?}", answer.trace)).to_owned()
    });
    let context = "Sample,2026-11-18T19:06:40+08:00,tomorrow at 09:00,1795000000000,";
    for (told, expected) in told.iter().zip([
        "Hello, where is my order?",
        "01",
        "shipped199002026-11-18 19:06",
        "1https://example.com/pay/A1false",
        "shippedundefined",
        "A1",
        "sample1795000000000{}",
    ]) {
        assert_eq!(told, &format!("{context}{expected}"));
    }
}

#[test]
fn the_stores_own_moments_have_no_customer() {
    let source = "export const daily = (context) => ({ notify: { to: 'x', text: Object.keys(context).join() } })";
    let shop = shop(&[("sample.js", source)], json!({ "sample": { "grants": ["notify"] } }));
    let answer = trial::with_sample(Hook::Daily, |asked| shop.host.offer(asked));
    let told = format!("{:?}", answer.actions);
    assert!(told.contains("nowMs,localTime,open,opens,storeName,clerkName,language,offers,menu"), "{told}");
}

#[test]
fn the_same_moment_gives_the_same_numbers_and_another_others() {
    let shop = hello("export const message = () => [Math.random(), Math.random(), Date.now()].join()");
    let numbers = |chat: &str, later_ms| said(&shop.offer_to(chat, later_ms)).unwrap().to_owned();
    assert_eq!(numbers("1", 0), numbers("1", 0));
    assert_ne!(numbers("1", 0), numbers("2", 0));
    assert_ne!(numbers("1", 0), numbers("1", 1));
    assert!(numbers("1", 5).ends_with(",1795000000005"), "its clock is the moment's");
    let [first, second, _] = numbers("1", 0).split(',').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
    assert_ne!(first, second);
}
