//! What may be known when a text is filled, made up: texts are tried on it when the configuration is read, so that a
//! mistake is shown to the owner and not to a customer.

use std::sync::Arc;

use minijinja::{Value, value::Object};

use super::variables::{VARIABLES, order, product, promotion};
use crate::{
    language::{ByLanguage, Language, Tag},
    model::{Money, Order, OrderItem, OrderStatus, Parcel, Product, Promotion, Refund, Shipment},
    template::{NameOf, TemplateId, Templates, UnknownName},
};

/// How much is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Everything,
    NoOrder,
    NoName,
    NoProduct,
    Nothing,
}

const ALL: [Known; 5] = [Known::Everything, Known::NoOrder, Known::NoName, Known::NoProduct, Known::Nothing];

impl Known {
    /// For the end of a sentence about what cannot be done.
    fn circumstance(self) -> &'static str {
        match self {
            Self::Everything => "",
            Self::NoOrder => " where the customer has no order",
            Self::NoName => " where the customer's name is not known",
            Self::NoProduct => " where no product is meant",
            Self::Nothing => " where nothing is known of the customer",
        }
    }

    fn lacks_order(self) -> bool {
        matches!(self, Self::NoOrder | Self::Nothing)
    }

    /// The value of one of `VARIABLES`.
    fn value(self, name: &str) -> Value {
        let absent = match name {
            "order" | "orders" => self.lacks_order(),
            "customer" => matches!(self, Self::NoName | Self::Nothing),
            "products" | "substitutes" | "also" => matches!(self, Self::NoProduct | Self::Nothing),
            "captured" | "store" | "clerk" | "channel" | "chat" | "time" | "attempt" | "last" | "open" | "told" => {
                false
            }
            _ => self == Self::Nothing,
        };
        let list = matches!(name, "orders" | "products" | "substitutes" | "also" | "hot" | "promotions");
        match (absent, list) {
            (true, true) => Value::from(Vec::<Value>::new()),
            (true, false) => Value::UNDEFINED,
            (false, _) => known(name),
        }
    }
}

/// Why an owner's text cannot be said as it is, each with what to do about it. `with_order`: it is said only where there is
/// an order.
pub(super) fn mistakes(
    templates: &Templates,
    id: &TemplateId,
    source: &str,
    with_order: bool,
) -> Vec<(String, String)> {
    let foreign = foreign_placeholder(source);
    let mut found: Vec<_> = foreign.into_iter().map(|(message, hint)| (message, hint.to_owned())).collect();
    if !(source.contains("{{") || source.contains("{%")) {
        return found;
    }
    let unknown = templates.unknown_names(source, &VARIABLES, &sample);
    found.extend(unknown.iter().map(in_words));
    if !found.is_empty() {
        return found;
    }
    for known in ALL.into_iter().filter(|it| !(with_order && it.lacks_order())) {
        let values = VARIABLES.iter().map(|name| (*name, known.value(name)));
        match templates.render(id, Value::from_pairs(values)) {
            Err(why) => {
                let message = format!("this cannot be filled{}: {why}", known.circumstance());
                return vec![(
                    message,
                    "`{{ x|default('…') }}` and `{% if x %}` help where x may be missing".to_owned(),
                )];
            }
            Ok(text) if known == Known::Everything && text.is_empty() && !source.contains("{%") => {
                let hint =
                    "write a text; what the clerk should not say can be switched off in orders.toml or rules.toml";
                return vec![("this says nothing, whatever is known".to_owned(), hint.to_owned())];
            }
            Ok(_) => {}
        }
    }
    Vec::new()
}

fn in_words(unknown: &UnknownName) -> (String, String) {
    let UnknownName { name, of, line, column, known } = unknown;
    let what = match of {
        NameOf::Variable => format!("nothing fills the placeholder `{name}`"),
        NameOf::Function => format!("there is no function `{name}`"),
        NameOf::Filter => format!("there is no filter `{name}`"),
        NameOf::Test => format!("there is no test `{name}`"),
        NameOf::Detail(of) => format!("`{of}` has no `{name}`"),
    };
    let hint = match known.is_empty() {
        true => "`nightclerk phrases` shows what can be written".to_owned(),
        false => crate::setting::hint(name, known.iter().map(String::as_str)),
    };
    (format!("{what} (line {line}, column {column} of the text)"), hint)
}

/// A placeholder as other programs write them, which customers would read as it stands.
fn foreign_placeholder(source: &str) -> Option<(String, &'static str)> {
    const HINT: &str = "a placeholder stands in double braces: `{{ customer }}`";
    let is_name = |text: &str| {
        text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
            && text.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | ' '))
    };
    let (mut rest, mut line) = (source, 1);
    while let Some(at) = rest.find(['{', '%', '\n', '[']) {
        let (_, found) = rest.split_at(at);
        let skipped = |text: &'_ str| found.len() - text.len();
        let mut taken = 1;
        if let Some(block) = ["{{", "{%", "{#"].into_iter().find(|it| found.starts_with(it)) {
            let end = match block {
                "{{" => "}}",
                "{%" => "%}",
                _ => "#}",
            };
            let after = found.find(end).map_or("", |at| found.get(at + 2..).unwrap_or_default());
            line += found.get(..skipped(after)).unwrap_or_default().matches('\n').count();
            taken = skipped(after);
        } else if found.starts_with('\n') {
            line += 1;
        } else {
            let inside = |open: char, close: char| {
                found.strip_prefix(open).and_then(|it| it.split_once(close)).filter(|(name, _)| is_name(name.trim()))
            };
            let braces = inside('{', '}').map(|(name, _)| format!("{{{name}}}"));
            // A link of Markdown, or a word in brackets, is what it is.
            let brackets = inside('[', ']')
                .filter(|(name, after)| !after.starts_with('(') && matches!(*name, "name" | "customer" | "order_id"))
                .map(|(name, _)| format!("[{name}]"));
            let percent = ["%s", "%d", "%1$s"].into_iter().find(|it| found.starts_with(it)).filter(|it| {
                let after = found.get(it.len()..).unwrap_or_default();
                let before = source.get(..source.len() - found.len()).unwrap_or_default();
                !after.starts_with(|it: char| it.is_ascii_alphanumeric())
                    && !before.ends_with(|it: char| it.is_ascii_digit())
            });
            if let Some(written) = braces.or(brackets).or(percent.map(str::to_owned)) {
                let message = format!("customers would read `{written}` as it stands (line {line} of the text)");
                return Some((message, HINT));
            }
        }
        rest = found.get(taken..).unwrap_or_default();
    }
    None
}

/// A value with all its details, for what has some that can be told; what a pattern captures has any name.
fn sample(name: &str) -> Option<Value> {
    (VARIABLES.contains(&name) && name != "captured").then(|| known(name))
}

fn known(name: &str) -> Value {
    let language = Language::of("en");
    let a_product = || product(&a_product(), language);
    let since = |_| ("2026-11-24".to_owned(), 3);
    match name {
        "order" => order(&an_order(), an_order().refunds.first(), language, &since),
        "orders" => Value::from(vec![order(&an_order(), None, language, &since)]),
        "products" | "substitutes" | "also" | "hot" => Value::from(vec![a_product()]),
        "promotions" => Value::from(vec![promotion(&an_offer(), language)]),
        "open" | "told" | "last" => Value::from(true),
        "attempt" => Value::from(1),
        "url" | "link" => Value::from("https://shop.example"),
        "captured" => Value::from_object(Anything),
        _ => Value::from("x"),
    }
}

/// What was said, whatever it is called.
#[derive(Debug)]
struct Anything;

impl Object for Anything {
    fn get_value(self: &Arc<Self>, _name: &Value) -> Option<Value> {
        Some(Value::from(3))
    }
}

fn an_order() -> Order {
    let cny = |minor| Some(Money { minor, currency: "CNY".to_owned() });
    let text = |text: &str| Some(text.to_owned());
    let shipment = Shipment {
        carrier: text("SF Express"),
        tracking_number: text("SF1"),
        tracking_url: text("https://courier.example/SF1"),
        expected: text("tomorrow"),
    };
    Order {
        id: "A1".to_owned(),
        // The one in which an order has all of its details.
        status: OrderStatus::Placed,
        customer_name: text("Ana"),
        placed_ms: Some(0),
        paid_ms: Some(0),
        delivered_ms: Some(0),
        total: cny(19_900),
        items: vec![OrderItem { sku: text("T1"), title: "Oolong".to_owned(), quantity: 1 }],
        payment_url: text("https://shop.example/pay/A1"),
        parcels: vec![Parcel { shipment, ..Parcel::default() }],
        refunds: vec![Refund { amount: cny(500), partial: true, ..Refund::default() }],
        ..Order::default()
    }
}

fn a_product() -> Product {
    Product {
        sku: "T1".to_owned(),
        name: in_english("Oolong"),
        price: Some("CNY 199.00".to_owned()),
        url: Some("https://shop.example/T1".to_owned()),
        pitch: Some(in_english("Fragrant")),
        stock: Some(3),
        ..Product::default()
    }
}

fn an_offer() -> Promotion {
    Promotion {
        text: in_english("Spend 200, save 30"),
        url: Some("https://shop.example/offer".to_owned()),
        ..Promotion::default()
    }
}

fn in_english(text: &str) -> ByLanguage<String> {
    Tag::parse("en").into_iter().map(|tag| (tag, text.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes_of(source: &str) -> Vec<(String, String)> {
        let mut templates = Templates::default();
        let (id, _) = templates.add(source).unwrap();
        mistakes(&templates, &id, source, false)
    }

    #[test]
    fn a_text_that_would_fail_or_say_nothing_is_a_mistake_with_its_place() {
        for (source, message, hint) in [
            ("Hi {{ customer|defualt(1) }}", "no filter `defualt` (line 1, column", "`default`"),
            (
                "{% if order %}{{ order.traking_number }}{% endif %}",
                "`order` has no `traking_number`",
                "`tracking_number`",
            ),
            ("{% for it in orders %}{{ it.totl }}{% endfor %}", "`it` has no `totl`", "`total`"),
            ("a\n{{ order.total + 1 }}", "cannot be filled", "default"),
            ("{{ order.items[0].quantity + 1 }}", "where the customer has no order", "default"),
            ("{{ customer.name }}", "`customer` has no `name`", "phrases"),
            ("{{ now() }}", "no function `now`", "range"),
            ("{% if order is open %}x{% endif %}", "no test `open`", "phrases"),
            ("{{ custmer }}", "nothing fills the placeholder `custmer`", "`customer`"),
            ("{{ '' }}", "says nothing", "switched off"),
            ("Hi {name}", "`{name}`", "double braces"),
            ("Hi ${customer}, {{ store }}", "`{customer}`", "double braces"),
            ("{{ store }}\nHi %s!", "`%s` as it stands (line 2", "double braces"),
            ("Dear [name], thanks", "`[name]`", "double braces"),
        ] {
            let found = mistakes_of(source);
            let one = found.first().unwrap_or_else(|| panic!("{source} is taken for good"));
            assert!(one.0.contains(message) && one.1.contains(hint), "{source}: {one:?}");
        }
    }

    #[test]
    fn a_text_that_can_be_said_is_good_whatever_is_missing() {
        for source in [
            "Hi {{ customer|default('dear') }}",
            "{% if order %}{{ order.status }}: {{ order.total }}{% endif %}",
            "{% if order.status == '已签收' %}x{% endif %}",
            "{{ orders[0].id }}{{ products|length }}{{ (products|first).name }}",
            "{% for it in orders %}{{ loop.index }}. {{ it.id }}{% for p in it.parcels %}{{ p.name }}{% endfor %}{% endfor %}",
            "50% off, 100%s, [open] {} { } {\"a\": 1} [see](https://x.example) [name](https://x.example)",
            "plain words",
        ] {
            assert_eq!(mistakes_of(source), [], "{source}");
        }
    }

    #[test]
    fn what_can_be_asked_of_a_sample_is_what_can_be_asked_of_the_real_thing() {
        for (name, details) in [("order", "id total items payment_url refund refunded parcel carrier expected")] {
            for detail in details.split(' ') {
                let value = known(name).get_attr(detail).unwrap();
                assert!(!value.is_undefined(), "{name}.{detail} is not in the sample");
            }
        }
    }
}
