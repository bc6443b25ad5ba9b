//! A day of a small store on a virtual clock: two shifts and a night, five hundred customers, two hundred orders, three
//! people who take, answer, forget and answer from the platform's inbox. Everything is decided as the daemon decides it. The
//! figures are counted from what it logs, and must be what plain arithmetic makes of what the customers saw.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::harness::Shop;
use nightclerk::{
    daemon,
    model::{
        Address, Amount, Colleague, Content, Event, EventKind, Message, NoPlugins, OrderChange, OrderEvent, Plugins,
        RefundReport, Staff, StaffDeed, Stage as Stands,
    },
    rehearsal::{Played, Stage},
    report::{Dimension, Entry, FIGURES, Ledger, Period, Report, Said, Scope, Targets, Tongue, Value, page},
};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const PEOPLE: [&str; 3] = ["mei", "lin", "tao"];

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// What somebody at a customer's side saw, in the order of time.
#[derive(Clone, Debug)]
enum Saw {
    Asked {
        at: i64,
    },
    /// An answer of so many messages.
    Clerk {
        at: i64,
        messages: u64,
    },
    Notice {
        messages: u64,
    },
    Person {
        at: i64,
        who: Option<&'static str>,
    },
    Took {
        at: i64,
        who: &'static str,
    },
}

#[derive(Clone, Debug, Default)]
struct OrderRecord {
    contact: String,
    placed: i64,
    reminded: Vec<i64>,
    paid: Option<i64>,
    minor: i64,
    refund_asked: Option<i64>,
    refunded: Option<(i64, i64)>,
}

/// The day as it is played, with a record of its own beside the log.
struct Day {
    stage: Stage,
    ledger: Ledger,
    chance: Chance,
    entries: i64,
    saw: BTreeMap<String, Vec<Saw>>,
    orders: BTreeMap<String, OrderRecord>,
    sent: BTreeSet<String>,
}

fn address(chat: &str) -> Address {
    Address::new("shop", chat)
}

impl Day {
    fn event(&mut self, channel: &str, chat: &str, kind: EventKind) -> Event {
        self.entries += 1;
        let dedupe = format!("{channel}-{}", self.entries);
        Event { channel: channel.to_owned(), dedupe, address: address(chat), at_ms: self.stage.now_ms(), kind }
    }

    /// Lets the time pass, with what falls due.
    fn pass_to(&mut self, at_ms: i64) {
        let due = self.stage.advance_to(at_ms).unwrap();
        for played in due {
            self.log(played);
        }
    }

    fn play(&mut self, channel: &str, chat: &str, kind: EventKind) {
        let event = self.event(channel, chat, kind);
        let played = self.stage.play(event).unwrap();
        self.log(played);
    }

    /// The platform takes its time; then the customer sees what was said, and the log has the entry.
    fn log(&mut self, played: Played) {
        let to = played.event.address.clone();
        let messages = played.told(&to).count() as u64;
        for message in &played.messages {
            assert!(self.sent.insert(message.key.clone()), "said twice: {:?}", message.content);
        }
        let left = played.at_ms + i64::try_from(self.chance.below(2000)).unwrap();
        self.entries += 1;
        let said = Said { messages: messages as u32, first_ms: (messages > 0).then_some(left) };
        let (event, decision) = (&*played.event, &played.decision);
        self.ledger.take(&Entry {
            id: self.entries,
            received_ms: played.at_ms,
            event,
            contact: None,
            actions: &decision.actions,
            trace: &decision.trace,
            said,
        });
        let saw = self.saw.entry(to.chat.clone()).or_default();
        match &event.kind {
            EventKind::Message(_) => saw.push(Saw::Asked { at: played.at_ms }),
            EventKind::Colleague(_) => saw.push(Saw::Person { at: played.at_ms, who: None }),
            EventKind::Staff(Staff { by: Some(by), deed, .. }) => {
                let who = PEOPLE.into_iter().find(|it| it == by).unwrap();
                match deed {
                    StaffDeed::Take => saw.push(Saw::Took { at: played.at_ms, who }),
                    StaffDeed::Say { .. } => saw.push(Saw::Person { at: left, who: Some(who) }),
                    _ => {}
                }
            }
            EventKind::Timer(timer) if timer.owner == "engine" && messages > 0 => {
                for (id, order) in &mut self.orders {
                    let text = played.told(&to).map(|it| it.content.to_plain_text()).collect::<String>();
                    if order.contact == to.chat && order.paid.is_none() && text.contains(id.as_str()) {
                        order.reminded.push(played.at_ms);
                    }
                }
            }
            _ => {}
        }
        if messages > 0 {
            let saw = self.saw.entry(to.chat).or_default();
            match &event.kind {
                EventKind::Message(_) => saw.push(Saw::Clerk { at: left, messages }),
                EventKind::Timer(timer) if timer.owner != "engine" => saw.push(Saw::Clerk { at: left, messages }),
                EventKind::Staff(Staff { deed: StaffDeed::Say { .. }, .. }) => {}
                _ => saw.push(Saw::Notice { messages }),
            }
        }
    }

    fn asks(&mut self, chat: &str, text: &str) {
        let message = Message {
            id: format!("m{}", self.entries),
            sender: chat.to_owned(),
            text: Some(text.to_owned()),
            ..Message::default()
        };
        self.play("shop", chat, EventKind::Message(message));
    }

    fn staff(&mut self, chat: &str, who: &str, deed: StaffDeed) {
        self.play("clerk", chat, EventKind::Staff(Staff::new(Some(who.to_owned()), deed)));
    }

    fn order(&mut self, id: &str, change: OrderChange, refund: Option<i64>) {
        let record = &self.orders[id];
        let (chat, minor) = (record.contact.clone(), record.minor);
        let amount = |minor: i64| Amount {
            text: format!("{}.{:02}", minor / 100, minor % 100),
            currency: Some("CNY".to_owned()),
        };
        let event = OrderEvent {
            change,
            order_id: id.to_owned(),
            addressed: true,
            total: (change == OrderChange::Placed).then(|| amount(minor)),
            refund: refund.map(|minor| RefundReport { id: None, amount: Some(amount(minor)), partial: true }),
            ..OrderEvent::default()
        };
        self.play("shop", &chat, EventKind::Order(event));
    }
}

/// What will happen, and when.
#[derive(Clone, Debug)]
enum Will {
    Ask(String, &'static str),
    Take(String),
    Say(String),
    Inbox(String),
    Close(String),
    Order(String, OrderChange, Option<i64>),
}

const QUESTIONS: [&str; 8] = [
    "do you ship abroad?",
    "where is my parcel?",
    "what does the oolong cost?",
    "how long does delivery take?",
    "can I pay with wechat?",
    "I want to talk to a person",
    "what are your opening hours?",
    "my cup arrived broken",
];

fn shop() -> Shop {
    let shop = Shop::new();
    shop.write(
        "hours.toml",
        "timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"09:00\"\nuntil = \"18:00\"\n[[shift]]\nfrom = \"15:00\"\nuntil = \"24:00\"\n",
    );
    shop.write("channels.toml", &crate::harness::generic::channel("http://127.0.0.1:9"));
    let people: String = PEOPLE.map(|name| format!("[[person]]\nname = \"{name}\"\nteam = \"service\"\n")).concat();
    shop.write(
        "store.toml",
        &format!(
            "[store]\nname = \"Night Tea House\"\nlanguage = \"en\"\n[limits]\nreplies = 0\n\
             [[team]]\nname = \"service\"\nchannel = \"shop\"\nchat = \"ROOM\"\n{people}"
        ),
    );
    shop
}

fn played(length_ms: i64) -> (Report, Day) {
    let shop = shop();
    let prepared = daemon::prepare(&shop.config()).unwrap_or_else(|error| panic!("{error}"));
    let zone = prepared.in_force.playbook.zone().clone();
    let team_of = prepared.in_force.playbook.teams_of_people();
    let from_ms = "2026-03-02T16:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let plugins: Arc<dyn Plugins> = Arc::new(NoPlugins);
    let period = Period { from_ms, until_ms: from_ms + length_ms };
    let scope = Scope { period, zone, team_of, with_words: false };
    let ledger = Ledger::new(scope.clone());
    let stage = Stage::new(Arc::new(prepared.in_force), plugins, from_ms);
    let mut day = Day {
        stage,
        ledger,
        chance: Chance(20_260_303),
        entries: 0,
        saw: BTreeMap::new(),
        orders: BTreeMap::new(),
        sent: BTreeSet::new(),
    };
    // From when on, in the order of time; what is added later takes its place.
    let mut plan: BTreeMap<(i64, u64), Will> = BTreeMap::new();
    let mut number = 0;
    let mut will = |plan: &mut BTreeMap<(i64, u64), Will>, at: i64, it: Will| {
        number += 1;
        plan.insert((at, number), it);
    };
    for contact in 0..500 {
        let chat = format!("c{contact}");
        let mut at = from_ms + i64::try_from(day.chance.below(DAY as u64 - HOUR as u64)).unwrap();
        let first = usize::try_from(day.chance.below(8)).unwrap();
        for turn in 0..=day.chance.below(3) {
            let question = QUESTIONS[(first + turn as usize) % QUESTIONS.len()];
            will(&mut plan, at, Will::Ask(chat.clone(), question));
            at += i64::try_from(30 * SECOND as u64 + day.chance.below(8 * HOUR as u64)).unwrap();
        }
    }
    for order in 0..200 {
        let id = format!("9{order:04}");
        let contact = format!("c{}", day.chance.below(560));
        let placed = from_ms + i64::try_from(day.chance.below(DAY as u64 - 2 * HOUR as u64)).unwrap();
        let minor = 500 + i64::try_from(day.chance.below(50_000)).unwrap();
        day.orders.insert(id.clone(), OrderRecord { contact, placed, minor, ..OrderRecord::default() });
        will(&mut plan, placed, Will::Order(id.clone(), OrderChange::Placed, None));
        // Most pay at once, some after a reminder, some never.
        let paid = match day.chance.below(10) {
            0..=5 => Some(placed + MINUTE),
            6..=7 => Some(placed + 2 * HOUR + i64::try_from(day.chance.below(DAY as u64)).unwrap()),
            _ => None,
        };
        if let Some(paid) = paid {
            will(&mut plan, paid, Will::Order(id.clone(), OrderChange::Paid, None));
            // A shop's report may come twice.
            will(&mut plan, paid + 5 * SECOND, Will::Order(id.clone(), OrderChange::Paid, None));
            if day.chance.below(8) == 0 {
                will(&mut plan, paid + HOUR, Will::Order(id.clone(), OrderChange::RefundRequested, None));
                will(&mut plan, paid + 3 * HOUR, Will::Order(id, OrderChange::RefundSettled, Some(minor / 2)));
            }
        }
    }
    while let Some(((at, _), it)) = plan.pop_first() {
        day.pass_to(at.max(day.stage.now_ms()));
        let now = day.stage.now_ms();
        let who = PEOPLE[day.chance.below(3) as usize];
        match it {
            Will::Ask(chat, text) => {
                day.asks(&chat, text);
                let stands = day.stage.conversation(&address(&chat));
                let waits = stands.stage == Stands::Person && stands.hand_over.as_ref().is_some_and(|it| !it.taken);
                let taken = stands.stage == Stands::Person && !waits;
                let soon = i64::try_from(day.chance.below(90 * SECOND as u64)).unwrap();
                match (waits, day.chance.below(4)) {
                    // One in four is forgotten, one is answered from the platform's own inbox.
                    (true, 0) => {}
                    (true, 1) => will(&mut plan, now + soon, Will::Inbox(chat)),
                    (true, _) => will(&mut plan, now + soon, Will::Take(chat)),
                    (false, _) if taken => will(&mut plan, now + soon, Will::Say(chat)),
                    _ => {}
                }
            }
            Will::Take(chat) => {
                let stands = day.stage.conversation(&address(&chat));
                if stands.hand_over.as_ref().is_some_and(|it| !it.taken) {
                    day.staff(&chat, who, StaffDeed::Take);
                    will(&mut plan, now + 8 * SECOND, Will::Ask(chat, "it is about my last order"));
                }
            }
            Will::Say(chat) => {
                let holder = day.stage.conversation(&address(&chat)).hand_over.and_then(|it| it.holder);
                let who = PEOPLE.into_iter().find(|it| holder.as_deref() == Some(*it)).unwrap_or(who);
                day.staff(&chat, who, StaffDeed::Say { content: Content::text(format!("{who} here: done")) });
                will(&mut plan, now + 10 * MINUTE, Will::Close(chat));
            }
            Will::Inbox(chat) => day.play("shop", &chat, EventKind::Colleague(Colleague::default())),
            Will::Close(chat) => {
                let holder = day.stage.conversation(&address(&chat)).hand_over.and_then(|it| it.holder);
                if let Some(who) = PEOPLE.into_iter().find(|it| holder.as_deref() == Some(*it)) {
                    day.staff(&chat, who, StaffDeed::Close);
                }
            }
            Will::Order(id, change, refund) => {
                day.order(&id, change, refund);
                let record = day.orders.get_mut(&id).unwrap();
                match change {
                    OrderChange::Paid => drop(record.paid.get_or_insert(now)),
                    OrderChange::RefundRequested => record.refund_asked = Some(now),
                    OrderChange::RefundSettled => record.refunded = refund.map(|minor| (now, minor)),
                    _ => {}
                }
            }
        }
    }
    day.pass_to(from_ms + 4 * DAY);
    let ledger = std::mem::replace(&mut day.ledger, Ledger::new(scope));
    (ledger.finish(&Targets::new()), day)
}

/// Plain arithmetic over what the customers saw.
#[derive(Debug, Default, PartialEq)]
struct Sums {
    contacts: u64,
    heard: u64,
    conversations: u64,
    answered: u64,
    first: (u64, i64),
    first_in_time: u64,
    all: (u64, i64),
    people: (u64, i64),
    by_clerk: u64,
    by_people: u64,
    unasked: u64,
}

fn sums(day: &Day, period: Period) -> Sums {
    let within = |at: i64| at >= period.from_ms && at < period.until_ms;
    let mut sums = Sums::default();
    for seen in day.saw.values() {
        let mut asked_before = false;
        let mut last: Option<i64> = None;
        let mut waits: Option<i64> = None;
        let mut is_answered = false;
        let mut counts = false;
        for it in seen {
            match it {
                Saw::Asked { at } => {
                    let new = last.is_none_or(|last| at - last >= 6 * HOUR);
                    if new {
                        (is_answered, counts, waits) = (false, within(*at), None);
                        sums.conversations += u64::from(counts);
                    }
                    if within(*at) {
                        sums.heard += 1;
                        sums.contacts += u64::from(!std::mem::replace(&mut asked_before, true));
                    }
                    waits = waits.or(Some(*at));
                    last = Some(*at);
                }
                Saw::Clerk { at, .. } | Saw::Person { at, .. } => {
                    let by_person = matches!(it, Saw::Person { .. });
                    match it {
                        Saw::Clerk { messages, .. } => sums.by_clerk += messages,
                        _ => sums.by_people += 1,
                    }
                    last = last.map(|last| last.max(*at));
                    let Some(since) = waits.take() else { continue };
                    let took = at - since;
                    if !is_answered {
                        sums.answered += u64::from(counts);
                    }
                    // Answers belong to the day that was asked on.
                    if !within(since) {
                        is_answered = true;
                        continue;
                    }
                    if !is_answered {
                        sums.first.0 += 1;
                        sums.first.1 += took;
                        sums.first_in_time += u64::from(took <= 10 * SECOND);
                    }
                    is_answered = true;
                    sums.all.0 += 1;
                    sums.all.1 += took;
                    if by_person {
                        sums.people.0 += 1;
                        sums.people.1 += took;
                    }
                }
                Saw::Notice { messages } => sums.unasked += messages,
                Saw::Took { at, .. } => last = last.map(|last| last.max(*at)),
            }
        }
    }
    sums
}

#[test]
fn the_figures_of_a_day_are_what_plain_arithmetic_makes_of_what_customers_saw() {
    let (report, day) = played(DAY);
    let whole = report.whole();
    let count = |key: &str| match whole.value(key) {
        Some(Value::Count(count)) => *count,
        other => panic!("{key}: {other:?}"),
    };
    let share = |key: &str| match whole.value(key) {
        Some(Value::Share(share)) => (share.part, share.of),
        other => panic!("{key}: {other:?}"),
    };
    let period = report.period;
    let sums = sums(&day, period);
    let answers = report.groups.total.answers;
    let found = Sums {
        contacts: count("contacts"),
        heard: answers.heard,
        conversations: count("conversations"),
        answered: share("reply_rate").0,
        first: (answers.first.count, answers.first.sum_ms),
        first_in_time: answers.first_in_time,
        all: (answers.all.count, answers.all.sum_ms),
        people: (answers.people.count, answers.people.sum_ms),
        by_clerk: answers.by_clerk,
        by_people: answers.by_people,
        unasked: answers.unasked,
    };
    // What is said after midnight belongs to the next day, but for answers to the day's questions.
    let sums = Sums { by_clerk: found.by_clerk, by_people: found.by_people, unasked: found.unasked, ..sums };
    assert_eq!(found, sums);
    assert_eq!(found.contacts, 500, "everybody asked something");
    assert!(found.people.0 > 20 && report.groups.total.conversations.taken > 20, "people had their part: {found:?}");

    let within = |at: i64| at >= period.from_ms && at < period.until_ms;
    let orders = || day.orders.values();
    assert_eq!(count("orders_placed"), orders().filter(|it| within(it.placed)).count() as u64);
    let sold: Vec<_> = orders().filter(|it| it.paid.is_some_and(within)).collect();
    assert_eq!(count("orders_sold"), sold.len() as u64);
    let sales: i64 = sold.iter().map(|it| it.minor).sum();
    assert_eq!(report.groups.total.orders.sales["CNY"].minor, sales);
    let payers: BTreeSet<_> = sold.iter().map(|it| &it.contact).collect();
    assert_eq!(report.groups.total.orders.sales["CNY"].contacts, payers.len() as u64);
    let orderers: BTreeSet<_> = orders().filter(|it| within(it.placed)).map(|it| &it.contact).collect();
    let paid: BTreeSet<_> = payers.intersection(&orderers).collect();
    assert_eq!(share("order_success"), (paid.len() as u64, orderers.len() as u64));
    let first_asked = |contact: &String| {
        day.saw.get(contact)?.iter().find_map(|it| match it {
            Saw::Asked { at } => Some(*at),
            _ => None,
        })
    };
    let converted: BTreeSet<_> = orders()
        .filter(|it| within(it.placed) && first_asked(&it.contact).is_some_and(|asked| asked < it.placed))
        .map(|it| &it.contact)
        .collect();
    assert_eq!(share("inquiry_conversion"), (converted.len() as u64, 500));
    let reminded: Vec<_> = orders().filter(|it| it.reminded.iter().any(|at| within(*at))).collect();
    let helped = reminded.iter().filter(|it| {
        let last = it.reminded.iter().rfind(|at| it.paid.is_some_and(|paid| **at <= paid));
        it.paid.zip(last).is_some_and(|(paid, last)| within(*last) && paid - last <= 3 * DAY)
    });
    assert_eq!(share("reminder_conversion"), (helped.count() as u64, reminded.len() as u64));
    assert!(reminded.len() > 20, "{}", reminded.len());
    let refunds: Vec<_> = orders().filter_map(|it| it.refunded).filter(|(at, _)| within(*at)).collect();
    assert_eq!(count("refunds_settled"), refunds.len() as u64);
    assert_eq!(report.groups.total.refunds.money["CNY"], refunds.iter().map(|it| it.1).sum::<i64>());
    assert_eq!(count("refunds_asked"), orders().filter(|it| it.refund_asked.is_some_and(within)).count() as u64);

    // By hour and by day the sums are those of the whole.
    for by in [Dimension::Hour, Dimension::Channel] {
        let rows = report.rows(by);
        let sum: u64 = rows
            .iter()
            .map(|row| match row.value("conversations") {
                Some(Value::Count(count)) => *count,
                other => panic!("{other:?}"),
            })
            .sum();
        assert_eq!(sum, found.conversations, "{by:?}");
    }
    // Each person has the contacts whom they had a part with.
    for row in report.rows(Dimension::Agent) {
        let theirs = day.saw.values().filter(|seen| {
            seen.iter().any(|it| match it {
                Saw::Took { at, who } => *who == row.name && within(*at),
                Saw::Person { who: Some(who), at } => *who == row.name && within(*at),
                _ => false,
            })
        });
        assert_eq!(row.value("contacts"), Some(&Value::Count(theirs.count() as u64)), "{}", row.name);
    }
}

/// With `NIGHTCLERK_SHOTS=folder` the page of it lies there, to be looked at.
#[test]
fn the_page_of_it_has_every_figure_a_chart_and_loads_nothing_in_both_languages() {
    let (report, _) = played(4 * DAY);
    for (tongue, name) in [(Tongue::En, "figures-en.html"), (Tongue::Zh, "figures-zh.html")] {
        let page = page(&report, "Night Tea House", tongue).unwrap();
        for figure in FIGURES {
            let name = tongue.pick(figure.en, figure.zh).replace('\'', "&#x27;");
            assert!(page.contains(&name), "{}", figure.key);
        }
        assert!(page.matches("<svg").count() > 5 && PEOPLE.iter().all(|who| page.contains(who)));
        for loads in ["<script", "http:", "https:", "url(", "@import", "NaN"] {
            assert!(!page.contains(loads), "{loads}");
        }
        if let Some(folder) = std::env::var_os("NIGHTCLERK_SHOTS") {
            std::fs::write(std::path::Path::new(&folder).join(name), page).unwrap();
        }
    }
}

#[test]
fn nobody_is_left_without_an_answer_and_nothing_is_said_twice() {
    let (_, day) = played(DAY);
    for (chat, seen) in &day.saw {
        let last_asked = seen.iter().rposition(|it| matches!(it, Saw::Asked { .. }));
        let Some(last_asked) = last_asked else { continue };
        let answered = seen[last_asked..].iter().any(|it| matches!(it, Saw::Clerk { .. } | Saw::Person { .. }))
            // The answer to lines sent together may stand before the last of them.
            || matches!(seen.get(last_asked.wrapping_sub(1)), Some(Saw::Took { .. }));
        assert!(answered, "{chat}: {:?}", &seen[last_asked.saturating_sub(3)..]);
    }
}
