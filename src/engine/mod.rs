//! `Playbook::decide(event, view, plugins) -> Decision`: pure, without I/O or a clock of its own.
//!
//! The `Playbook` is the store's configuration, compiled; a `Turn` is one event being decided. A turn offers
//! each moment to the plugins first and answers itself where none takes it: from a menu, the rules, the
//! catalogue, the customer's orders, and last from what can always be said.

mod amount;
mod answer;
mod asking;
mod at_hand;
mod away;
mod back;
mod budget;
mod catalogue;
mod claims;
mod contacts;
mod contradiction;
mod digest;
mod entities;
mod facts;
mod follow_ups;
mod gaps;
mod grouped;
mod hand_over;
mod inquiries;
mod intents;
mod limits;
mod lines;
mod little_words;
mod meaning;
mod menu;
mod message;
mod morning;
mod named_channels;
mod notices;
mod of_trouble;
mod openings;
mod opt_out;
mod order_word;
pub mod orders;
mod out_of_reach;
mod passed_on;
mod photos;
mod phrases;
mod question;
mod quick;
mod remarks;
mod reopened;
mod reply;
mod room;
mod rules;
mod samples;
mod satisfaction;
mod sayable;
pub mod schedule;
mod seats;
mod second_thoughts;
mod shop;
mod staff;
mod stance;
mod subject;
mod taking;
mod targets;
mod team_hours;
mod text;
mod tickets;
mod turn;
mod utterance;
mod variables;
mod vocabulary;
mod word_list;

use crate::{
    language::is_same_language,
    model::{
        Action, Content, Conversation, Decision, Event, EventKind, Finding, Lookups, Moment, NoPlugins, Order, Part,
        Plugins, Recorded, StoreMoment, Urgency, WhySilent,
    },
    setting::Problem,
};

pub use catalogue::CatalogueSettings;
pub use contacts::{ContactsSettings, Standings, reachable};
pub use digest::DigestDue;
pub use inquiries::Storefront;
pub use intents::{
    Case, CasesError, IntentFile, IntentSettings, Learned, LessonError, Lock, Report, Share, Understanding, Verdict,
    learned, read_cases,
};
pub use named_channels::NamedChannel;
pub use orders::OrdersSettings;
pub use passed_on::PassedOn;
pub use phrases::{
    BUILT_IN as BUILT_IN_PHRASES, PhrasesSettings, TRANSLATIONS as PHRASE_TRANSLATIONS, Variants, Wording,
};
pub use rules::{ANSWERS, RuleSettings, RulesSettings};
pub use schedule::HoursSettings;
pub use shop::StoreSettings;

use at_hand::AtHand;
use catalogue::Catalogue;
use intents::Intents;
use orders::{OrderBook, ReminderWordings};
use phrases::Phrasebook;
use rules::Rules;
use schedule::Schedule;
use shop::Shop;
use team_hours::TeamHours;
use turn::Turn;
use utterance::Utterance;

/// Everything a decision may look at beside the event.
pub struct View<'a> {
    pub conversation: &'a Conversation,
    /// The order the event is about, as it was before it.
    pub order: Option<&'a Order>,
    pub lookups: &'a dyn Lookups,
    /// What the outside answered to earlier questions about the event.
    pub recorded: &'a [Recorded],
    /// Whether the answer may come a moment later: not where the platform takes it in its own response alone.
    pub may_wait: bool,
    /// When the daemon received the event (or the timer fired).
    pub now_ms: i64,
}

/// The store's files as they were read; an absent one stands for its default.
#[derive(Clone, Debug, Default)]
pub struct PlaybookSettings {
    pub store: StoreSettings,
    pub hours: HoursSettings,
    pub rules: RulesSettings,
    pub phrases: PhrasesSettings,
    pub catalogue: CatalogueSettings,
    pub orders: OrdersSettings,
    pub contacts: ContactsSettings,
    /// The owner's own example sentences.
    pub intents: Vec<IntentFile>,
}

/// How this store answers: compiled once, asked for every event.
pub struct Playbook {
    shop: Shop,
    schedule: Schedule,
    team_hours: TeamHours,
    rules: Rules,
    phrases: Phrasebook,
    catalogue: Catalogue,
    orders: OrderBook,
    reminder_wordings: ReminderWordings,
    standings: Standings,
    gaps: Vec<Problem>,
    intents: Intents,
}

impl Playbook {
    /// # Errors
    /// Every mistake in all files together.
    pub fn compile(settings: PlaybookSettings) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let gaps = gaps::gaps(&settings);
        let shop = Shop::compile(settings.store, &mut problems);
        let schedule = Schedule::compile(&settings.hours).unwrap_or_else(|found| {
            problems.extend(found);
            Schedule::default()
        });
        let team_hours = TeamHours::compile(&settings.hours, &schedule, &shop, &mut problems);
        let orders = OrderBook::compile(&settings.orders, &schedule).map_err(|found| problems.extend(found)).ok();
        let standings = Standings::compile(&settings.contacts, &mut problems);
        let mut phrases = Phrasebook::compile(&settings.phrases, shop.identity.language.clone(), &mut problems);
        let wordings = &settings.orders.payment_reminder.wording;
        let reminder_wordings = ReminderWordings::compile(wordings, &mut phrases, &mut problems);
        let intents = Intents::compile(&settings.intents, &mut problems);
        let rules = Rules::compile(&settings.rules, &shop, &intents, &mut phrases, &mut problems);
        let catalogue = Catalogue::compile(settings.catalogue, settings.orders.currency.as_deref(), &mut problems);
        match orders {
            Some(orders) if problems.is_empty() => Ok(Self {
                shop,
                schedule,
                team_hours,
                rules,
                phrases,
                catalogue,
                orders,
                reminder_wordings,
                standings,
                intents,
                gaps,
            }),
            _ => Err(problems),
        }
    }

    /// Whether the customer of an order should still hear something of it.
    pub fn is_to_be_told(&self, order: &Order, now_ms: i64) -> bool {
        self.orders.is_to_be_told(order, now_ms)
    }

    /// When the people are there whom a team, person or route means.
    fn hours_of(&self, to: &str) -> &Schedule {
        self.team_hours.of(self.shop.team_of(to)).unwrap_or(&self.schedule)
    }

    /// What to do about one event. The same event, view and plugins give the same decision.
    pub fn decide(&self, event: &Event, view: &View<'_>, plugins: &dyn Plugins) -> Decision {
        let mut turn = Turn::new(self, event, view, plugins);
        match &event.kind {
            EventKind::Message(_) | EventKind::Opened { .. } | EventKind::Colleague(_)
                if self.shop.is_colleagues(&event.address) =>
            {
                // Of what is said there, a channel's webhook brings what it means for a customer.
                turn.stay_silent(Part::Routing, WhySilent::AmongColleagues);
            }
            EventKind::Message(message) => turn.message(message),
            EventKind::Opened { sender, sender_name, reply, .. } => turn.opened(sender, sender_name.as_deref(), reply),
            EventKind::Colleague(colleague) => turn.colleague(colleague),
            EventKind::Order(change) => turn.order(change),
            EventKind::Timer(timer) if timer.owner == orders::OWNER => turn.order_timer(timer),
            EventKind::Timer(timer) if timer.owner == hand_over::OWNER => turn.hand_over_timer(timer),
            EventKind::Timer(timer) if timer.owner == seats::OWNER => turn.desk_timer(timer),
            EventKind::Timer(timer) if timer.owner == tickets::OWNER => turn.ticket_timer(timer),
            EventKind::Timer(timer) if timer.owner == turn::LINES => turn.end_of_lines(timer),
            EventKind::Timer(timer) if timer.owner == satisfaction::OWNER => turn.satisfaction_timer(timer),
            EventKind::Timer(timer) if passed_on::is_passed_on(timer) => turn.passed_on(),
            EventKind::Timer(timer) => turn.plugin_timer(timer),
            EventKind::Staff(deed) => turn.staff(deed),
            EventKind::Contact(deed) => turn.contact_deed(deed),
            EventKind::Morning(call) => turn.morning(call),
            EventKind::Digest { to, text } => {
                turn.act(Action::Notify { to: to.clone(), content: Content::text(text.clone()) });
            }
            EventKind::Store { moment: StoreMoment::ShiftBegins } => turn.store_moment(Moment::ShiftBegins),
            EventKind::Store { moment: StoreMoment::Daily } => turn.store_moment(Moment::Daily),
            // A fact about a message, which the store keeps with it.
            EventKind::Status(_) => {}
        }
        turn.finish()
    }

    /// What to do about an event that cannot be decided: nothing in it is looked into. A person finds it on the list, and
    /// a customer who wrote hears that it is there.
    pub fn set_aside(&self, event: &Event, view: &View<'_>) -> Decision {
        let mut turn = Turn::new(self, event, view, &NoPlugins);
        turn.note(Part::Routing, Finding::BroughtTheClerkDown);
        turn.open_ticket(tickets::UNDECIDED, String::new(), Urgency::Urgent);
        if let EventKind::Message(message) = &event.kind {
            let conversation = &mut turn.decision.conversation;
            conversation.first_seen_ms.get_or_insert(view.now_ms);
            conversation.sender.clone_from(&message.sender);
            conversation.allow(&message.reply);
            if let Some(text) = turn.phrase("fallback", &AtHand::default()) {
                turn.say_with_main_menu(text);
            }
        }
        turn.finish()
    }

    /// The store's own moments that came last: the beginning of its day, and of its hours if it is open. Each with when
    /// it began, which tells one from the next.
    pub fn moments_begun(&self, now_ms: i64) -> impl Iterator<Item = (StoreMoment, i64)> {
        let daily = (StoreMoment::Daily, self.schedule.day_began_ms(now_ms));
        let opened = self.schedule.opened_ms(now_ms).map(|at_ms| (StoreMoment::ShiftBegins, at_ms));
        std::iter::once(daily).chain(opened)
    }

    /// When the next of them may begin.
    pub fn next_moment_ms(&self, now_ms: i64) -> Option<i64> {
        let day = self.schedule.next_day_ms(now_ms);
        day.into_iter().chain(self.schedule.next_turn_ms(now_ms)).min()
    }

    /// What a text means, and the id of the rule of the store's that answers it by its words, if one does.
    pub fn understand(&self, text: &str) -> (Option<&str>, Understanding) {
        let by_words = self.rules.find(&Utterance::new(text), &[], |_| true);
        (by_words.first().map(|found| found.rule.id()), self.intents.understand(&text::fold(text)))
    }

    /// Whether the clerk or the store has words in a language.
    fn speaks(&self, tag: &str) -> bool {
        let own = self.shop.identity.languages.iter().any(|it| is_same_language(it, tag));
        own || self.phrases.languages().any(|it| is_same_language(it, tag))
    }

    /// Whether an event is answered to its customer, though it is none of theirs: the end of lines that waited.
    pub fn answers(event: &Event) -> bool {
        matches!(&event.kind, EventKind::Timer(timer) if timer.owner == turn::LINES)
    }

    /// Whether what an event led to may be said at another of the customer's addresses, where it cannot be delivered.
    pub fn may_be_passed_on(event: &Event) -> bool {
        passed_on::may_be_passed_on(event)
    }

    /// An id for a contact that no event made.
    pub fn new_contact_id(seed: &uuid::Uuid) -> String {
        contacts::new_id(seed)
    }
}

/// A rule's name in what buttons send, and in `Conversation::answered_ms`.
fn by_rule(id: &str) -> String {
    format!("{}{id}", rules::BY_ID)
}

#[cfg(test)]
mod tests;
