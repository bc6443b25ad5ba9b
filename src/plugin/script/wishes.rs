//! What a script that declares nothing wishes for, found in what it says.
//!
//! A wish is no grant: one too many is shown to the owner and harmless, one too few is an error of the script's that
//! names what to declare. So words are enough, wherever they stand.

use std::sync::LazyLock;

use regex::Regex;

use crate::plugin::contract::Capability;

/// What of `clerk` needs a grant.
const QUESTIONS: [(&str, Capability); 6] = [
    ("findOrder", Capability::Orders),
    ("newestOrders", Capability::Orders),
    ("findProducts", Capability::Catalogue),
    ("productDetails", Capability::Catalogue),
    ("openTickets", Capability::Ticket),
    ("kv", Capability::Kv),
];
/// The actions' words.
const ACTIONS: [(&str, Capability); 12] = [
    ("notify", Capability::Notify(None)),
    ("tag", Capability::Tag),
    ("untag", Capability::Tag),
    ("remark", Capability::Remark),
    ("setTimer", Capability::Timer),
    ("cancelTimer", Capability::Timer),
    ("assign", Capability::Assign),
    ("transfer", Capability::Transfer),
    ("openTicket", Capability::Ticket),
    ("closeTicket", Capability::Ticket),
    ("askSatisfaction", Capability::AskSatisfaction),
    ("silence", Capability::Reply),
];

static ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bclerk\s*\??\.\s*(\w+)").ok());
static DONE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"\b(\w+)["']?\s*:"#).ok());
/// The beginning of a URL that is fetched, as it is written: where it is put together, the host is not known.
static FETCHED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:\bclerk\s*\.\s*http\s*\(|\burl\s*:)\s*["'`](https?)://([A-Za-z0-9.-]+(?::[0-9]+)?)["'`/?#]"#).ok()
});

/// The capabilities that the source mentions, `reply` before all.
pub fn of(source: &str) -> Vec<Capability> {
    let mut found = vec![Capability::Reply];
    let mut add = |capability: Capability| {
        if !found.contains(&capability) {
            found.push(capability);
        }
    };
    let mut fetches = false;
    for word in words(&ASKED, source) {
        fetches |= word == "http";
        QUESTIONS.iter().filter(|(name, _)| *name == word).for_each(|(_, it)| add(it.clone()));
    }
    for word in words(&DONE, source) {
        ACTIONS.iter().filter(|(name, _)| *name == word).for_each(|(_, it)| add(it.clone()));
    }
    if fetches {
        let places = FETCHED.iter().flat_map(|it| it.captures_iter(source)).filter_map(|it| it.get(2));
        places.filter_map(|it| format!("http:{}", it.as_str().to_lowercase()).parse().ok()).for_each(add);
    }
    found
}

fn words<'a>(pattern: &'static LazyLock<Option<Regex>>, source: &'a str) -> impl Iterator<Item = &'a str> {
    pattern.iter().flat_map(|it| it.captures_iter(source)).filter_map(|it| it.get(1)).map(|it| it.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(source: &str) -> Vec<String> {
        of(source).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_script_asks_and_does_is_what_it_wishes_for() {
        assert_eq!(wishes(r#"return "hi""#), ["reply"]);
        let source = r#"
            const order = clerk.findOrder(id) ?? clerk . newestOrders()[0];
            const rates = await clerk.http("https://API.example.com/v1?x=1").json();
            await clerk.http({ method: "POST", url: 'https://hooks.example:8443/a' });
            clerk.kv.set("seen", true);
            return [{ notify: { to: "warehouse", text: "x" } }, { tag: "vip" }, { untag: "new" }];
        "#;
        assert_eq!(
            wishes(source),
            ["reply", "orders", "kv", "notify", "tag", "http:api.example.com", "http:hooks.example:8443"]
        );
    }

    #[test]
    fn a_link_that_is_only_shown_is_no_wish() {
        assert_eq!(wishes(r#"return { text: "Pay here", url: "https://pay.example/1" }"#), ["reply"]);
    }
}
