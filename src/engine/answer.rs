//! What a rule says and does, and what the clerk looks up: orders and products.

use super::{
    at_hand::AtHand,
    by_rule,
    catalogue::AT_ONCE,
    claims::Claim,
    entities::Entities,
    limits,
    orders::{current, named},
    phrases::Label,
    rules::{Answer, FileSettings, ImageSettings, ORDER_UNKNOWN, Remark, Rule, TicketSettings},
    text::fold,
    turn::Turn,
    utterance::Utterance,
};
use crate::{
    model::{Action, Content, FileKind, Finding, Order, Part, Source, Urgency, WhySilent},
    setting::Delay,
};

impl Turn<'_> {
    /// Does what a rule says, in a fixed order: words first, then what colleagues get to see.
    pub(super) fn follow(&mut self, rule: &Rule, why: Finding, said: &str) {
        let settings = &rule.settings;
        self.note(Source::rule(rule.id()), why);
        if settings.once || settings.cooldown.is_some() {
            self.decision.conversation.answered_ms.insert(by_rule(rule.id()), self.view.now_ms);
        }
        if settings.silent {
            self.stay_silent(Part::Intents, WhySilent::NoQuestion);
        }
        self.say_rule(rule, said);
        self.say_more(rule, said);
        match settings.answer {
            Some(Answer::OrderStatus) => self.tell_of_orders(said, settings.ticket.is_none()),
            Some(Answer::Products) => self.tell_of_products_or_recommend(said),
            Some(Answer::NamedProducts) => drop(self.tell_of_products(&self.utterance(said), said)),
            None => {}
        }
        for tag in settings.tag.iter().filter(|tag| !self.view.conversation.tags.contains(tag)) {
            self.act(Action::Tag { tag: tag.clone() });
        }
        for tag in &settings.untag {
            self.act(Action::Untag { tag: tag.clone() });
        }
        if settings.remark != Remark::Said(false) {
            self.remark(rule, said);
        }
        let whom = settings.transfer.as_deref().or(settings.assign.as_deref());
        let there = whom.map_or(self.open, |to| self.is_there(to));
        if let Some(ticket) = settings.ticket.as_ref().filter(|it| !(it.closed_only && there)) {
            let words = rule.ticket.as_ref();
            let text = words.and_then(|it| self.fill(it, rule.id(), &AtHand { text: Some(said), ..AtHand::default() }));
            self.file(ticket, text.as_deref().unwrap_or(said));
        }
        for (to, transfer) in [(&settings.assign, false), (&settings.transfer, true)] {
            let Some(to) = to.as_ref().map(|to| self.playbook.shop.member(to).to_owned()) else { continue };
            match (self.is_heard_by(&to), transfer) {
                // What the customer is told of it, the rule's words have said.
                (false, _) => drop(self.hand_over(&to, said)),
                (true, true) => self.act(Action::Transfer { to, note: said.to_owned() }),
                (true, false) => self.act(Action::Assign { to }),
            }
        }
        let at_hand = AtHand { text: Some(said), ..AtHand::default() };
        if let (Some(notify), Some(words)) = (&settings.notify, &rule.notice)
            && let Some(text) = self
                .fill_for_colleagues(words, rule.id(), &at_hand)
                .or_else(|| self.phrase_for_people("urgent-ticket", &at_hand))
        {
            let to = self.playbook.shop.member(&notify.to).to_owned();
            self.act(Action::Notify { to, content: Content::text(text) });
        }
        self.await_answer(rule);
    }

    /// What was to be said cannot be: a person will see to it.
    fn lost_for_words(&mut self, said: &str) {
        if self.decision.tickets.is_empty() {
            self.open_ticket("question", said.to_owned(), Urgency::Normal);
        }
        self.say_phrase("fallback", &AtHand { text: Some(said), ..AtHand::default() });
    }

    /// The rule's own words, link, image and menu.
    pub(super) fn say_rule(&mut self, rule: &Rule, said: &str) {
        let settings = &rule.settings;
        let to = settings.transfer.as_deref().or(settings.assign.as_deref());
        let team = to.filter(|to| self.is_heard_by(to));
        let urgent = settings.ticket.as_ref().is_some_and(|it| it.urgent);
        let notified = settings.notify.as_ref().is_some_and(|it| self.has_room(&it.to));
        let told = self.told || team.is_some() || notified || (urgent && self.is_heard_by("complaint"));
        let remarks = settings.remark != Remark::Said(false);
        let orders = if remarks { self.orders_to_remark(said) } else { Vec::new() };
        let remarked = match orders.is_empty() {
            true => None,
            false if self.is_passed_on(&orders) => Some("sent"),
            false => Some("noted"),
        };
        let order = orders.first();
        let named = settings.answer == Some(Answer::NamedProducts);
        let products =
            if named { self.playbook.catalogue.find_said(&self.utterance(said), AT_ONCE) } else { Vec::new() };
        let at_hand = AtHand { text: Some(said), products, team, told, order, remarked, ..AtHand::default() };
        // Words that take for granted that somebody takes over are not said where nobody does.
        let untrue = to.is_some() && team.is_none() && !rule.words.as_ref().is_some_and(|it| it.speaks_of("told"));
        // Nor words that take for granted that whoever packs hears of a wish.
        let speaks_of_it = || rule.words.as_ref().is_none_or(|it| it.speaks_of("remarked"));
        let mut text = match remarked {
            _ if untrue => self.phrase("nobody-hears", &at_hand),
            None if remarks && !speaks_of_it() => self.phrase("remark-without-order", &at_hand),
            Some("noted") if !speaks_of_it() => self.phrase("remark-noted", &at_hand),
            _ => rule.words.as_ref().and_then(|words| self.fill(words, rule.id(), &at_hand)),
        };
        if let Some(url) = &settings.link {
            let text = text.take().unwrap_or_default();
            self.say(Content::Link { text, url: url.clone() });
        }
        self.show(settings.image.as_ref(), settings.file.as_ref());
        let choices: Vec<_> = settings.menu.iter().map(|it| it.choice(self.language())).collect();
        if choices.is_empty() && !settings.main_menu {
            match text {
                Some(text) => self.say(Content::text(text)),
                None if rule.words.is_some()
                    && settings.link.is_none()
                    && settings.image.is_none()
                    && settings.file.is_none() =>
                {
                    self.lost_for_words(said);
                }
                None => {}
            }
            return;
        }
        let Some(text) = text.or_else(|| self.phrase("menu", &at_hand)) else { return };
        if choices.is_empty() {
            self.say_with_main_menu(text);
        } else {
            self.say(Content::Choices { text, choices });
        }
    }

    fn show(&mut self, image: Option<&ImageSettings>, file: Option<&FileSettings>) {
        if let Some(ImageSettings { url, caption: label }) = image {
            let caption = self.caption(label);
            self.say(Content::Image { url: url.clone(), caption });
        }
        if let Some(FileSettings { url, kind, caption: label }) = file {
            let caption = self.caption(label);
            let kind = kind.unwrap_or_else(|| FileKind::of(url));
            self.say(Content::File { kind, url: url.clone(), caption, name: None });
        }
    }

    fn caption(&self, label: &Label) -> Option<String> {
        let caption = label.get(self.language());
        (!caption.is_empty()).then(|| caption.into_owned())
    }

    /// What a rule says after its first message, piece by piece.
    fn say_more(&mut self, rule: &Rule, said: &str) {
        for (more, words) in rule.settings.more.iter().zip(&rule.more) {
            if let Some(ms) = more.pause.map(Delay::as_ms).filter(|ms| *ms > 0) {
                self.act(Action::Pause { ms });
            }
            let at_hand = AtHand { text: Some(said), ..AtHand::default() };
            let text = words.as_ref().and_then(|words| self.fill(words, rule.id(), &at_hand));
            match (&more.link, text) {
                (Some(url), text) => self.say(Content::Link { text: text.unwrap_or_default(), url: url.clone() }),
                (None, Some(text)) => self.say(Content::text(text)),
                (None, None) => {}
            }
            self.show(more.image.as_ref(), more.file.as_ref());
        }
    }

    /// Opens a ticket; an urgent one is told to whoever takes complaints, if they can be reached.
    pub(super) fn file(&mut self, ticket: &TicketSettings, said: &str) {
        let urgency = if ticket.urgent { Urgency::Urgent } else { Urgency::Normal };
        self.open_ticket(&ticket.kind, said.to_owned(), urgency);
        let filed = self.decision.actions.iter().rev().find_map(|it| match it {
            Action::OpenTicket { id, .. } => Some(id.clone()),
            _ => None,
        });
        let to = self.playbook.shop.member("complaint").to_owned();
        // The same of another order is another ticket, and news.
        let what = filed.as_deref().unwrap_or(&ticket.kind);
        if ticket.urgent && limits::is_news(&mut self.decision.conversation, self.playbook, what, self.view.now_ms) {
            self.tell(&to, "urgent-ticket", said);
        }
    }

    /// Writes the customer's wish on the orders it is for.
    fn remark(&mut self, rule: &Rule, said: &str) {
        let orders = self.orders_to_remark(said);
        if orders.is_empty() {
            self.note(Source::rule(rule.id()), Finding::NoOrderToRemark);
            self.keep_wish(said);
        }
        for order in orders {
            let at_hand = AtHand { text: Some(said), order: Some(&order), ..AtHand::default() };
            let own = rule.remark.as_ref().and_then(|words| self.fill(words, rule.id(), &at_hand));
            let text = own.unwrap_or_else(|| said.to_owned());
            self.act(Action::Remark { order_id: order.id.clone(), text });
        }
    }

    /// `keep`: an order that nobody knows goes on the list, if it is not there for another reason.
    fn tell_of_orders(&mut self, said: &str, keep: bool) {
        let orders = self.view.lookups.orders();
        let named = named(&orders, &fold(said));
        let claim = named.is_empty().then(|| self.claim_in(said)).flatten();
        let told = if named.is_empty() { current(&orders) } else { named };
        // Who says both is told of that order, or of none; half of it is asked for where nothing else is known.
        if let Some(claim) = claim.filter(|it| (it.is_whole() && !it.may_be_a_year()) || told.is_empty())
            && self.take_claim(&claim, said, keep)
        {
            return;
        }
        self.note(Part::Orders, Finding::ToldOf { known: orders.len(), orders: ids(&told) });
        if told.is_empty() {
            let playbook = self.playbook;
            match playbook.rules.by_id(ORDER_UNKNOWN) {
                Some(rule) => {
                    self.say_rule(rule, said);
                    self.await_answer(rule);
                }
                None => drop(self.say_phrase(ORDER_UNKNOWN, &AtHand { text: Some(said), ..AtHand::default() })),
            }
            if keep {
                self.open_ticket("order", said.to_owned(), Urgency::Normal);
            }
        } else {
            self.say_phrase("order-status", &AtHand { text: Some(said), orders: told, ..AtHand::default() });
        }
    }

    /// What is said of an order that may be anybody's.
    pub(super) fn claim_in(&self, said: &str) -> Option<Claim> {
        let entities = Entities::read(said, self.playbook.schedule.today(self.view.now_ms));
        Some(Claim::said(&fold(said), &entities)).filter(|it| *it != Claim::default())
    }

    /// The status of orders whose number is all that was said of them, if there are any.
    pub(super) fn tell_of_named_orders(&mut self, folded: &str) -> bool {
        if !folded.bytes().any(|byte| byte.is_ascii_digit()) {
            return false;
        }
        let orders = self.view.lookups.orders();
        let named = named(&orders, folded);
        if named.is_empty() {
            return false;
        }
        self.note(Part::Orders, Finding::NumbersSaid { orders: ids(&named) });
        self.say_phrase("order-status", &AtHand { orders: named, ..AtHand::default() })
    }

    fn tell_of_products_or_recommend(&mut self, said: &str) {
        if self.tell_of_products(&self.utterance(said), said) {
            return;
        }
        let at_hand = AtHand { text: Some(said), ..AtHand::default() };
        if self.playbook.catalogue.is_empty() {
            // There is nothing to look up, whatever the customer names.
            self.say_phrase("product-unknown", &at_hand);
            return self.open_ticket("question", said.to_owned(), Urgency::Normal);
        }
        let playbook = self.playbook;
        self.speak_of(&playbook.catalogue.hot());
        self.say_phrase("recommend", &at_hand);
    }

    /// Price, stock, and what to offer with or instead of the products that are named, if any.
    pub(super) fn tell_of_products(&mut self, utterance: &Utterance, said: &str) -> bool {
        let catalogue = &self.playbook.catalogue;
        let products = catalogue.find_said(utterance, AT_ONCE);
        if products.is_empty() {
            return false;
        }
        let substitutes = catalogue.substitutes(&products);
        let also = catalogue.complements(&products, &substitutes);
        let skus = products.iter().map(|it| it.sku.clone()).collect();
        self.note(Part::Catalogue, Finding::AskedAbout { skus });
        self.speak_of(&products);
        self.say_phrase("products", &AtHand { text: Some(said), products, substitutes, also, ..AtHand::default() })
    }
}

fn ids(orders: &[&Order]) -> Vec<String> {
    orders.iter().map(|it| it.id.clone()).collect()
}
