//! Every kind of step is data that reads back as it was written, and words that say something.

use std::fmt::{Debug, Display};

use serde::{Serialize, de::DeserializeOwned};

use super::{super::*, *};
use crate::model;

/// All samples of an enum, listed by variant: a variant without a line does not compile, a line without a sample
/// of its variant fails.
macro_rules! every {
    ($type:ty { $($variant:pat => $samples:expr,)* }) => {{
        let _: fn(&$type) = |it| match it { $($variant => {})* };
        let mut all: Vec<$type> = Vec::new();
        $(
            let samples: Vec<$type> = Vec::from($samples);
            assert!(!samples.is_empty(), "no sample of {}", stringify!($variant));
            for sample in samples {
                assert!(matches!(sample, $variant), "{sample:?} is no {}", stringify!($variant));
                all.push(sample);
            }
        )*
        all
    }};
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(text).collect()
}

fn statuses() -> Vec<OrderStatus> {
    use OrderStatus::*;
    every!(OrderStatus {
        Placed => [Placed],
        Paid => [Paid],
        Shipped => [Shipped],
        Delivered => [Delivered],
        Cancelled => [Cancelled],
        RefundRequested => [RefundRequested],
        Refunded => [Refunded],
    })
}

fn changes() -> Vec<OrderChange> {
    use OrderChange::*;
    every!(OrderChange {
        Placed => [Placed],
        Paid => [Paid],
        Shipped => [Shipped],
        Delivered => [Delivered],
        Cancelled => [Cancelled],
        RefundRequested => [RefundRequested],
        RefundWithdrawn => [RefundWithdrawn],
        RefundRefused => [RefundRefused],
        RefundSettled => [RefundSettled],
        ReviewPosted => [ReviewPosted],
    })
}

fn notices() -> Vec<Notice> {
    use Notice::*;
    every!(Notice {
        PaymentReminder => [PaymentReminder],
        ShippingNotice => [ShippingNotice],
        ReviewRequest => [ReviewRequest],
        News => [News],
    })
}

fn reasons_to_leave_it_unsaid() -> Vec<WhyUnsaid> {
    use WhyUnsaid::*;
    every!(WhyUnsaid {
        SwitchedOff => [SwitchedOff],
        Overtaken => [Overtaken],
        TooOld => [TooOld],
        OptedOut => [OptedOut],
        Complaint => [Complaint],
        EnoughToday => [EnoughToday],
        OrderedAgain => [OrderedAgain],
        Status { .. } => statuses().into_iter().map(|status| Status { status }).collect::<Vec<_>>(),
        Repeated { .. } => [Repeated { next: 2 }],
        Enough { .. } => [Enough { sent: 3 }],
        Reviewed => [Reviewed],
    })
}

fn reasons_to_be_silent() -> Vec<WhySilent> {
    use WhySilent::*;
    every!(WhySilent {
        NothingWaits => [NothingWaits],
        TooManyReplies => [TooManyReplies],
        OwnWords => [OwnWords],
        SaidAgain => [SaidAgain],
        OptedOutBefore => [OptedOutBefore],
        ThankedAlready => [ThankedAlready],
        AmongColleagues => [AmongColleagues],
        NoQuestion => [NoQuestion],
        WithPerson { .. } => [WithPerson { who: Some(text("presales")) }, WithPerson { who: None }],
    })
}

fn failures() -> Vec<Failure> {
    use Failure::*;
    every!(Failure {
        Said(_) => [Said(text("the carrier does not answer"))],
        Overtime => [Overtime],
        OvertimeAt(_) => [OvertimeAt(text("at hello.js:5:11 or a little after"))],
        Limit(_) => [Limit(text("it asked the host more than 256 times"))],
        Trapped(_) => [Trapped(text("unreachable"))],
        Shape(_) => [Shape(text("`message` returns nothing"))],
        Refused(_) => [Refused(text("`tag` needs the grant `tag`"))],
    })
}

fn of_orders() -> Vec<OrderFinding> {
    use OrderFinding::*;
    let status = OrderStatus::Paid;
    let unsaid = reasons_to_leave_it_unsaid().into_iter().map(|why| Unsaid { notice: Notice::PaymentReminder, why });
    every!(OrderFinding {
        Unread { .. } => [Unread { fields: vec!["total".to_owned()] }],
        NewsDue => [NewsDue],
        NotOffered { .. } => [NotOffered { why: WhyUnsaid::TooOld }],
        New { .. } => statuses().into_iter().map(|status| New { status }).collect::<Vec<_>>(),
        Moved { .. } => [Moved { change: OrderChange::Paid, from: OrderStatus::Placed, to: status }],
        Kept { .. } => changes().into_iter().map(|change| Kept { change, status }).collect::<Vec<_>>(),
        Unsaid { .. } => unsaid.collect::<Vec<_>>(),
        Waits { .. } => notices().into_iter().map(|notice| Waits { notice }).collect::<Vec<_>>(),
        Reminds { .. } => [Reminds { attempt: 1, max: 2 }],
        AsksForReview { .. } => [AsksForReview { timer: text("review:shop/A1") }],
        ForeignTimer { .. } => [ForeignTimer { timer: text("birthday:shop/A1") }],
        Unreachable => [Unreachable],
        NotTheirs => [NotTheirs],
        Says { .. } => [Says { phrase: text("shipping-notice") }],
        Worded { .. } => [Worded { key: text("kind") }],
        Sold { .. } => [Sold { total: None }, Sold { total: Some(Money { minor: 900, currency: text("CNY") }) }],
        GaveBack { .. } => [
            GaveBack { amount: None, asked_ms: None },
            GaveBack { amount: Some(Money { minor: 900, currency: text("CNY") }), asked_ms: Some(1) },
        ],
    })
}

fn findings() -> Vec<Finding> {
    use Finding::*;
    let of_orders = of_orders().into_iter().map(|what| Order { id: text("A1"), what });
    every!(Finding {
        Hours { .. } => [Hours { open: true }, Hours { open: false }],
        WelcomedBefore => [WelcomedBefore],
        FirstContact { .. } => [FirstContact { phrase: text("welcome") }],
        Chose { .. } => [Chose { label: text("查订单") }],
        AskedByMenu => [AskedByMenu],
        Answered => [Answered],
        AskedAgain => [AskedAgain],
        WaitsForMore { .. } => [WaitsForMore { lines: 2 }],
        AnsweredMeanwhile => [AnsweredMeanwhile],
        Read { .. } => [Read { kinds: EntityKind::ALL.to_vec() }],
        Heard { .. } => [Heard { words: texts(&["ship", "abroad"]) }],
        Means { .. } => [
            Means { intents: vec![(text("late"), 80), (text("lost"), 40)], urgent: true },
            Means { intents: vec![], urgent: false },
        ],
        MeantIt => [MeantIt],
        AskedWhich { .. } => [AskedWhich { intents: texts(&["late", "lost"]) }],
        PatternFits => [PatternFits],
        WelcomeSufficed => [WelcomeSufficed],
        NoOrderToRemark => [NoOrderToRemark],
        AskedAbout { .. } => [AskedAbout { skus: texts(&["cup-1"]) }],
        ToldOf { .. } => [ToldOf { known: 0, orders: vec![] }, ToldOf { known: 2, orders: texts(&["A1"]) }],
        Claimed { .. } => [
            Claimed { what: ClaimFinding::Right { orders: texts(&["A1"]) } },
            Claimed { what: ClaimFinding::Wrong { orders: 0 } },
            Claimed { what: ClaimFinding::Wrong { orders: 1 } },
            Claimed { what: ClaimFinding::TooOften },
        ],
        NumbersSaid { .. } => [NumbersSaid { orders: texts(&["A1", "A2"]) }],
        Order { .. } => of_orders.collect::<Vec<_>>(),
        TimerWithoutOrder { .. } => [TimerWithoutOrder { timer: text("payment:shop/A1") }],
        NothingFits { .. } => [NothingFits { welcomed: true }, NothingFits { welcomed: false }],
        NoWords { .. } => [NoWords { media: texts(&["image"]) }, NoWords { media: vec![] }],
        NobodyTook { .. } => [NobodyTook { timer: text("k"), owner: text("greeting") }],
        Silent { .. } => reasons_to_be_silent().into_iter().map(|reason| Silent { reason }).collect::<Vec<_>>(),
        PassedOn { .. } => [PassedOn { message: 7, from: text("wa") }],
        TakenBack => [TakenBack],
        TakenMeanwhile => [TakenMeanwhile],
        NobodyHears { .. } => [NobodyHears { who: text("presales") }],
        HeldBy { .. } => [HeldBy { who: text("mei") }],
        NotDone { .. } => [
            Finding::NotDone { why: model::NotDone::NotThere { who: text("mei") } },
            Finding::NotDone { why: model::NotDone::NoOrder },
            Finding::NotDone { why: model::NotDone::NoPhrase { code: text("ho") } },
            Finding::NotDone { why: model::NotDone::PhraseWithGaps { code: text("ho") } },
            Finding::NotDone { why: model::NotDone::NoTag },
        ],
        Urgent => [Urgent],
        Opted { .. } => [Opted { out: true }, Opted { out: false }],
        OptedOut => [OptedOut],
        Away { .. } => [Away { phrase: text("away") }],
        Staff { .. } => [
            Staff { deed: model::Staff::new(Some(text("mei")), StaffDeed::Take) },
            Staff { deed: model::Staff::new(None, StaffDeed::Return) },
            Staff { deed: model::Staff::new(None, StaffDeed::TakeTicket { ticket: text("7K3M9-QX2PA"), from: None }) },
            Staff { deed: model::Staff::new(None, StaffDeed::CloseTicket { ticket: text("7K3M9-QX2PA") }) },
        ],
        Joined { .. } => [Joined { budget: 1, messages: 2 }],
        Shortened => [Shortened],
        ReadByLabel { .. } => [ReadByLabel { label: text("What is your return policy?") }],
        ColleagueAnswered => [ColleagueAnswered],
        ColleagueLeft => [ColleagueLeft],
        BroughtTheClerkDown => [BroughtTheClerkDown],
        NoPhrase { .. } => [NoPhrase { phrase: text("thanks") }],
        Empty { .. } => [Empty { phrase: text("thanks") }],
        Unfilled { .. } => [Unfilled { phrase: text("thanks"), why: text("invalid operation (line 1 of the text)") }],
        Delivery { .. } => [
            Delivery { message: text("wamid.1"), status: text("read"), error: None },
            Delivery { message: text("wamid.1"), status: text("failed"), error: Some(text("131026")) },
        ],
        Asked { .. } => [
            Asked { question: "customer-orders".into(), answer: text("2") },
            Asked { question: "find-order `A1`".into(), answer: text("found") },
        ],
        Contact { .. } => [
            ContactFinding::SamePerson { other: text("C-2") },
            ContactFinding::Stands { tier: None, groups: texts(&["regulars"]) },
            ContactFinding::Deed { deed: text("note") },
            ContactFinding::Unknown,
            ContactFinding::NotFoundBy,
            ContactFinding::PartedFrom { other: text("C-2") },
            ContactFinding::NoPart,
            ContactFinding::OfAnother { other: text("C-2") },
        ]
        .map(|what| Contact { id: text("C-1"), what }),
        Overdue { .. } => [Overdue { ticket: text("7") }],
        OpenAgain { .. } => [OpenAgain { ticket: text("7") }],
        NotOpen { .. } => [NotOpen { ticket: text("7") }],
        Passed => [Passed],
        Added { .. } => [Added { actions: 2 }],
        Took { .. } => [Took { actions: 1 }],
        Skipped { .. } => failures().into_iter().map(|why| Skipped { why }).collect::<Vec<_>>(),
        SetAside => [SetAside],
        NotAskedHowSatisfied => [NotAskedHowSatisfied],
        Satisfied { .. } => [Satisfied { mark: 4 }],
    })
}

fn sources() -> Vec<Source> {
    use Part::*;
    let parts = every!(Part {
        Catalogue => [Catalogue],
        Contacts => [Contacts],
        Entities => [Entities],
        Fallback => [Fallback],
        Intents => [Intents],
        Limits => [Limits],
        Lines => [Lines],
        Media => [Media],
        Menu => [Menu],
        Notices => [Notices],
        Orders => [Orders],
        Phrases => [Phrases],
        Routing => [Routing],
        Schedule => [Schedule],
        Status => [Status],
        Tickets => [Tickets],
        Timers => [Timers],
        Welcome => [Welcome],
    });
    every!(Source {
        Source::Rule(_) => [Source::rule("returns"), Source::rule("plugin:odd"), Source::rule("")],
        Source::Plugin(_) => [Source::Plugin(text("greeting"))],
        Source::Engine(_) => parts.into_iter().map(Source::Engine).collect::<Vec<_>>(),
    })
}

/// The words of a sample that came back from JSON as it went there.
fn kept<T: Serialize + DeserializeOwned + PartialEq + Debug + Display>(sample: &T) -> String {
    let json = serde_json::to_string(sample).unwrap();
    let back: T = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert_eq!(back, *sample, "{json}");
    let words = sample.to_string();
    assert!(!words.trim().is_empty() && !words.contains('\n'), "{sample:?} reads {words:?}");
    words
}

#[test]
fn every_finding_is_kept_as_data_and_reads_as_words_of_its_own() {
    let mut read = std::collections::BTreeMap::new();
    for finding in findings() {
        if let Some(other) = read.insert(kept(&finding), finding.clone()) {
            panic!("{finding:?} and {other:?} read alike");
        }
    }
}

#[test]
fn every_source_is_kept_as_the_text_it_prints() {
    for source in sources() {
        assert_eq!(serde_json::to_value(&source).unwrap(), kept(&source));
    }
    for nobody in ["", "night", "rule", "Schedule"] {
        let error = nobody.parse::<Source>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{nobody}` names no source")), "{error}");
    }
    assert_eq!(format!("[{:<10}]", Source::from(Part::Media)), "[media     ]", "steps stand in columns");
    assert_eq!(format!("[{:<10}]", Source::rule("a")), "[rule:a    ]");
}

#[test]
fn a_step_is_short_data() {
    let steps = [
        TraceStep::new(Part::Schedule, Finding::Hours { open: false }),
        TraceStep::new(Source::rule("abroad"), Finding::Heard { words: texts(&["ship abroad"]) }),
        TraceStep::new(
            Part::Orders,
            Finding::Order { id: text("A1"), what: OrderFinding::New { status: OrderStatus::RefundRequested } },
        ),
        TraceStep::asked("greeting", "kv-get `k`", "3 bytes"),
        TraceStep::plugin("greeting", Finding::Skipped { why: Failure::Trapped(text("unreachable")) }),
    ];
    let json = serde_json::json!([
        { "by": "schedule", "what": { "type": "hours", "open": false } },
        { "by": "rule:abroad", "what": { "type": "heard", "words": ["ship abroad"] } },
        { "by": "orders", "what": { "type": "order", "id": "A1", "what": { "type": "new", "status": "refund_requested" } } },
        { "by": "plugin:greeting", "what": { "type": "asked", "question": { "call": "kv-get", "about": "`k`" }, "answer": "3 bytes" } },
        { "by": "plugin:greeting", "what": { "type": "skipped", "why": { "type": "trapped", "why": "unreachable" } } },
    ]);
    assert_eq!(serde_json::to_value(&steps).unwrap(), json);
    assert_eq!(serde_json::from_value::<Vec<TraceStep>>(json).unwrap(), steps);
    let words = steps.map(|step| step.what.to_string());
    assert_eq!(
        words,
        [
            "nobody is there",
            "heard `ship abroad`",
            "order A1: new, refund requested",
            "kv-get `k`: 3 bytes",
            "skipped: it trapped: unreachable"
        ]
    );
}
