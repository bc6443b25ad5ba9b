#![no_main]
use nightclerk::{
    model::{Hook, Message, Moment, Money, Order},
    plugin::{
        contract::world::types as wit,
        host::{self, Bounds, PluginEntry, Seat, with_sample},
    },
};
use nightclerk_fuzz::fuzz_target;
use serde_json::json;

const WISHES: [&str; 9] =
    ["reply", "notify", "tag", "timer", "ticket", "remark", "assign", "transfer", "ask-satisfaction"];

// A number, and lines. They are what a customer wrote and a shop reported, told to a plugin; and what it wants done then.
fuzz_target!(|bytes: &[u8]| {
    let Some((number, text)) = bytes.split_first_chunk::<8>() else { return };
    let number = i64::from_le_bytes(*number);
    let text = String::from_utf8_lossy(text);
    let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let line = |at: usize| lines.get(at).cloned().unwrap_or_default();

    let told = host::message(&Message { id: line(0), text: Some(line(1)), ..Message::default() });
    assert!(told.id.len() <= line(0).len());
    with_sample(Hook::Order, |asked| {
        let Moment::Order { order, .. } = &asked.moment else { return };
        let order = Order {
            id: line(0),
            customer_name: Some(line(1)),
            total: Some(Money { minor: number, currency: line(2) }),
            placed_ms: Some(number),
            remarks: lines.clone(),
            ..(*order).clone()
        };
        let _ = host::order(&order, asked);
        let _ = host::order_details(&order);
    });

    let manifest = json!({ "contract": "1.0", "name": "probe", "version": "1.0.0", "capabilities": WISHES });
    let manifest = serde_json::from_value(manifest).expect("a manifest");
    let grants = WISHES.iter().map(|grant| grant.parse().expect("a capability")).collect();
    let entry = PluginEntry { grants, ..PluginEntry::default() };
    let seat = Seat::new(&std::sync::Arc::new(manifest), &entry).expect("no settings are asked for");
    let content = || match number.rem_euclid(5) {
        0 => wit::Content::Text(line(0)),
        1 => wit::Content::Link(wit::LinkContent { text: line(0), url: line(1) }),
        2 => wit::Content::Image(wit::ImageContent { url: line(1), caption: Some(line(0)) }),
        3 => {
            let choices = lines.iter().map(|it| wit::Choice { label: it.clone(), value: line(1) }).collect();
            wit::Content::Choices(wit::ChoicesContent { text: line(0), choices })
        }
        _ => wit::Content::Extra(wit::Extra { name: line(0), json: line(1) }),
    };
    let actions = [
        wit::Action::Reply(content()),
        wit::Action::Notify(wit::Notification { to: line(2), content: content() }),
        wit::Action::AskSatisfaction(content()),
        wit::Action::Tag(line(0)),
        wit::Action::Untag(line(0)),
        wit::Action::SetTimer(wit::TimerRequest { key: line(0), due_ms: number, priority: number, payload: line(1) }),
        wit::Action::CancelTimer(line(0)),
        wit::Action::Remark(wit::OrderRemark { order_id: line(0), text: line(1) }),
        wit::Action::Assign(line(0)),
        wit::Action::Transfer(wit::Handover { to: line(0), note: line(1) }),
        wit::Action::OpenTicket(wit::NewTicket { kind: line(0), text: line(1), urgency: Some(line(2)) }),
        wit::Action::CloseTicket(line(0)),
        wit::Action::Extra(wit::Extra { name: line(0), json: line(1) }),
    ];
    for hook in [Hook::Message, Hook::Timer, Hook::Daily] {
        with_sample(hook, |asked| {
            for action in &actions {
                match (Bounds { seat: &seat, asked }).accept(vec![action.clone()]) {
                    Ok(taken) => assert_eq!(taken.len(), 1),
                    Err(why) => assert!(!why.is_empty() && !why.contains('\u{1b}'), "{why:?}"),
                }
            }
        });
    }
});
