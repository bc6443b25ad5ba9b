//! What a script may ask, and what it is told.

use serde_json::json;

use super::{Facts, answered, body, hello, offer, offer_with, shop};
use crate::{
    model::{Order, OrderItem, OrderStatus, Reply},
    plugin::host::{offer_until_answered, trial},
};

#[test]
fn keys_hold_what_was_put_there_and_nothing_that_json_would_change() {
    assert_eq!(
        body("clerk.kv.set('a', { n: 1.5, list: [null, 'x'] }); return JSON.stringify(clerk.kv.get('a'))"),
        r#"{"n":1.5,"list":[null,"x"]}"#
    );
    assert_eq!(body("return String(clerk.kv.get('nothing'))"), "undefined");
    assert_eq!(
        body("clerk.kv.set('a', JSON.parse('{\"__proto__\":1}')); return Object.keys(clerk.kv.get('a')).join()"),
        "__proto__"
    );
    assert_eq!(
        body(
            "clerk.kv.set('a/1', 1); clerk.kv.set('a/2', 2); clerk.kv.delete('a/1'); return clerk.kv.keys('a/').join()"
        ),
        "a/2"
    );
    assert_eq!(
        body(
            "return [clerk.kv.compareAndSet('a', undefined, 1), clerk.kv.compareAndSet('a', undefined, 2), clerk.kv.compareAndSet('a', 1, 3), clerk.kv.get('a')].join()"
        ),
        "true,false,true,3"
    );
    assert_eq!(
        body("clerk.kv.set('a', 1, { expiresMs: context.nowMs + 1000 }); return String(clerk.kv.deletePrefix('a'))"),
        "1"
    );
    for (value, why) in [
        ("new Map()", "`value` is a Map"),
        ("new Date()", "`value` is a Date"),
        ("{ a: [NaN] }", "`value.a[0]` is NaN"),
        ("{ a: Infinity }", "`value.a` is infinite"),
        ("1n", "`value` is a BigInt"),
        ("{ f() {} }", "`value.f` is a function"),
        ("[,1]", "`value[0]` is a hole"),
        ("undefined", "`value` is undefined"),
        ("Promise.resolve(1)", "`value` is a Promise; await it"),
        ("(() => { const a = {}; a.a = a; return a })()", "nested too deeply, or contains itself"),
    ] {
        let said = body(&format!("clerk.kv.set('a', {value}); return 'kept'"));
        assert!(said.starts_with("skipped: it failed: hello.js:3:") && said.contains(why), "{value}: {said}");
    }
}

#[test]
fn a_question_that_is_refused_is_an_error_where_it_was_asked() {
    assert_eq!(
        body("try { clerk.kv.set(5, 1) } catch (error) { return error.message }"),
        "`key` is a number, not a text"
    );
    let shop = shop(
        &[("hello.js", "export function message() {\n  clerk.findOrder('A1');\n}")],
        json!({ "hello": { "grants": ["reply"] } }),
    );
    let said = answered(&offer(&shop, "Hi"));
    assert!(
        said.contains("hello.js:2:") && said.contains("add \"orders\" to the grants of [hello] in plugins.toml"),
        "{said}"
    );
}

#[test]
fn orders_are_told_in_camel_case() {
    let order = Order {
        shop: "shop".to_owned(),
        id: "A1".to_owned(),
        status: OrderStatus::Shipped,
        customer_name: Some("Ann".to_owned()),
        items: vec![OrderItem { sku: None, title: "Teapot".to_owned(), quantity: 2 }],
        ..Order::default()
    };
    let facts = Facts { orders: vec![order], ..Facts::default() };
    let source = "export function message() {
        const [newest] = clerk.newestOrders();
        if (!newest) return;
        const all = clerk.orderDetails(newest.shop, newest.id);
        return [newest.id, newest.status, newest.customerName, all.reviewRequested, all.items[0].quantity, all.customerName].join();
    }";
    let shop = hello(&format!("{source}\nexport const manifest = {{ capabilities: ['reply', 'orders'] }};"));
    assert_eq!(answered(&offer_with(&shop, "Hi", &facts)), "A1,shipped,Ann,false,2,Ann");
}

#[test]
fn settings_are_those_of_the_store_over_the_manifests_defaults() {
    let source = "export const manifest = { version: '1.2.3', description: 'Greets', settings: {
            hello: { type: 'string', default: 'Hello' }, name: { type: 'string', default: 'you' } } };
        export const message = () => `${clerk.settings.hello}, ${clerk.settings.name}`;";
    let entry = json!({ "hello": { "grants": ["reply"], "settings": { "name": "Ann" } } });
    let shop = shop(&[("hello.js", source)], entry);
    assert_eq!(answered(&offer(&shop, "Hi")), "Hello, Ann");
    let status = shop.status("hello");
    assert_eq!((status.version.as_str(), status.description.as_str()), ("1.2.3", "Greets"));
}

#[test]
fn a_call_to_the_outside_is_a_plain_call() {
    let source = "export async function message() {
        const answer = await clerk.http('https://api.example.com/rates');
        return `${answer.status} ${answer.ok} ${answer.headers['x-a']} ${answer.json().rate} ${answer.bytes.length}`;
    }";
    let shop = shop(&[("hello.js", source)], json!({ "hello": { "grants": ["reply", "http:api.example.com"] } }));
    let answer = trial::with_sample(crate::model::Hook::Message, |asked| {
        offer_until_answered(&*shop.host, asked, |question| {
            assert_eq!((question.method.as_str(), question.url.as_str()), ("GET", "https://api.example.com/rates"));
            let headers = vec![("x-a".to_owned(), "b".to_owned())];
            Reply::Response { status: 200, headers, body: r#"{"rate":7}"#.into() }
        })
    });
    assert_eq!(answered(&answer), "200 true b 7 10");
}

#[test]
fn what_is_logged_is_in_the_plugins_log() {
    let shop = hello(
        "export function message() { console.log('seen', { a: 1 }, [2]); clerk.log('warn', 'look'); console.error(new Error('x').message); }",
    );
    offer(&shop, "Hi");
    let lines: Vec<_> = shop.host.recent_log("hello", 3).unwrap().into_iter().map(|line| line.text).collect();
    assert_eq!(lines, ["seen {\"a\":1} [2]", "look", "x"]);
}

#[test]
fn templates_are_filled_by_the_clerk() {
    assert_eq!(body("return clerk.render('Hello {{ name }}', { name: 'Ann' })"), "Hello Ann");
    let said = body("return clerk.render('{% if %}')");
    assert!(said.contains("hello.js:3:") && said.contains("line 1 of the text"), "{said}");
}
