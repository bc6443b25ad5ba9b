use super::*;
use crate::model::KvWrite;

/// Adds a word to every message and a tag, and remembers what it was handed.
#[derive(Default)]
struct Adding(Mutex<Vec<Handed>>);

struct Handed {
    hook: Hook,
    back: Option<String>,
    offers: Vec<String>,
    menu: Vec<String>,
    written: usize,
}

impl Plugins for Adding {
    fn any_at(&self, _: Hook) -> bool {
        true
    }

    fn offer(&self, call: &HookCall<'_>) -> HookAnswer {
        let hook = call.moment.hook();
        self.0.lock().unwrap().push(Handed {
            hook,
            back: call.store.opens.map(|opens| opens.text.to_owned()),
            offers: call.store.offers.iter().map(|offer| offer.text.clone()).collect(),
            menu: call.store.menu.iter().map(|choice| choice.label.clone()).collect(),
            written: call.written.len(),
        });
        let kept = KvWrite { plugin: "test".to_owned(), key: hook.to_string(), value: None, expires_ms: None };
        let more = Action::Reply { content: Content::text("One more thing.") };
        HookAnswer { also: vec![more, Action::Tag { tag: "seen".to_owned() }], kv: vec![kept], ..HookAnswer::default() }
    }
}

fn decide(talk: &Talk, text: &str, plugins: &dyn Plugins) -> Decision {
    let message = Message { id: "m".to_owned(), text: Some(text.to_owned()), ..Message::default() };
    let event = Event {
        channel: "webchat".to_owned(),
        dedupe: "1".to_owned(),
        address: Address::new("webchat", "ana"),
        at_ms: talk.now_ms,
        kind: EventKind::Message(message),
    };
    let view = View {
        conversation: &talk.conversation,
        order: None,
        lookups: &talk.facts,
        now_ms: talk.now_ms,
        recorded: &[],
        may_wait: true,
    };
    talk.playbook.decide(&event, &view, plugins)
}

#[test]
fn what_a_plugin_adds_follows_the_clerks_own_answer() {
    let decision = decide(&Talk::met(DAY_MS), "Do you ship abroad?", &Adding::default());
    let texts = texts(&decision);
    assert!(texts[0].contains("most countries") && texts[1] == "One more thing.", "{texts:?}");
    assert_eq!(decision.conversation.tags, ["seen"]);
    assert_eq!(decision.kv.len(), 1, "what it wrote is kept, though it took nothing");
}

#[test]
fn plugins_are_told_when_people_are_back_what_is_on_offer_and_the_main_menu() {
    let plugins = Adding::default();
    decide(&Talk::at(NIGHT_MS), "Hello", &plugins);
    let handed = plugins.0.into_inner().unwrap();
    assert_eq!(handed[0].hook, Hook::Welcome);
    assert!(handed[0].back.as_deref().is_some_and(|back| back.contains("09:00")), "{:?}", handed[0].back);
    assert_eq!(handed[0].offers, ["30 off orders of 200 or more", "Buy any two and shipping is free"]);
    assert_eq!(handed[0].menu[0], "Where is my order?");
    assert_eq!((handed[1].hook, handed[1].written), (Hook::Message, 1), "and what was written at the welcome");

    let plugins = Adding::default();
    decide(&Talk::met(DAY_MS), "Hello", &plugins);
    assert_eq!(plugins.0.into_inner().unwrap()[0].back, None, "while people are there");
}

#[test]
fn the_stores_own_moments_belong_to_no_customer_and_to_the_plugins_alone() {
    struct Watching(Mutex<Vec<(Hook, bool)>>);
    impl Plugins for Watching {
        fn any_at(&self, _: Hook) -> bool {
            true
        }

        fn offer(&self, call: &HookCall<'_>) -> HookAnswer {
            self.0.lock().unwrap().push((call.moment.hook(), call.customer.is_some()));
            HookAnswer::default()
        }
    }
    let talk = Talk::at(DAY_MS);
    let watching = Watching(Mutex::default());
    for (moment, at_ms) in talk.playbook.moments_begun(DAY_MS) {
        let event = Event {
            channel: "clerk".to_owned(),
            dedupe: at_ms.to_string(),
            address: Address::new("clerk", "store"),
            at_ms,
            kind: EventKind::Store { moment },
        };
        let (conversation, lookups) = (&talk.conversation, &talk.facts);
        let view = View { conversation, order: None, lookups, now_ms: DAY_MS, recorded: &[], may_wait: true };
        assert_eq!(talk.playbook.decide(&event, &view, &watching).actions, []);
    }
    assert_eq!(watching.0.into_inner().unwrap(), [(Hook::Daily, false), (Hook::ShiftBegins, false)]);
}
