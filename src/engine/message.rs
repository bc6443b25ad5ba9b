//! A customer writes, or opens the conversation.

use std::borrow::Cow;

use super::{
    at_hand::AtHand,
    by_rule,
    entities::Entities,
    limits,
    rules::{BY_ID, BY_INTENT, Hours, Rule},
    text,
    turn::Turn,
};
use crate::language::recognise;
use crate::model::{
    Action, Choice, Colleague, Content, Conversation, Finding, Message, Moment, Part, ReplyContext, Source, Stage,
    TimerFired, Urgency, WhySilent, presentable_name,
};

/// What an opening is taken for, where somebody opens again and again.
const OPENED: &str = "/start";

impl Turn<'_> {
    /// The customer opened the conversation without writing.
    pub(super) fn opened(&mut self, sender: &str, sender_name: Option<&str>, reply: &ReplyContext) {
        let first = self.meet(sender, sender_name, reply);
        if self.is_refused(Some(OPENED)) {
            return;
        }
        if first {
            return self.welcome(None);
        }
        self.note(Part::Welcome, Finding::WelcomedBefore);
        self.take_back_if_due();
        if self.is_with_a_person() {
            return;
        }
        if self.away_is_due() {
            self.say_away("away-again");
        } else if let Some(text) = self.phrase("greeting", &AtHand::default()) {
            self.say_with_main_menu(text);
        }
    }

    /// A person of the store speaks with the customer in the platform's own inbox: the clerk keeps still there.
    pub(super) fn colleague(&mut self, colleague: &Colleague) {
        let conversation = &mut self.decision.conversation;
        if colleague.left {
            conversation.stage = Stage::Clerk;
            conversation.colleague_ms = None;
            conversation.hand_over = None;
            self.note(Part::Routing, Finding::ColleagueLeft);
        } else {
            conversation.stage = Stage::Person;
            conversation.colleague_ms = Some(self.view.now_ms);
            if let Some(hand_over) = &mut conversation.hand_over {
                // Whoever was waited for is here.
                hand_over.taken = true;
                hand_over.since_ms = self.view.now_ms;
            }
            self.note(Part::Routing, Finding::ColleagueAnswered);
        }
    }

    pub(super) fn message(&mut self, message: &Message) {
        let message = &*self.as_pressed(message);
        let first = self.meet(&message.sender, message.sender_name.as_deref(), &message.reply);
        let said = message.text.as_deref().map(str::trim).filter(|it| !it.is_empty());
        self.listen(said);
        if said.is_some_and(|said| self.opts(said)) || self.is_refused(said) || self.is_with_a_person() {
            return;
        }
        let mut first = first;
        if first {
            self.welcome(Some(message));
        } else if self.away_is_due() && !said.is_some_and(|said| self.is_urgent(said)) {
            self.say_away("away-again");
            first = true;
        }
        if self.offer(Moment::Message { message }) {
            return;
        }
        match said {
            Some(said) => {
                // What is answered is thanked for; the other pictures of its album say nothing more.
                limits::is_thanked_with(&mut self.decision.conversation, message.album.as_deref(), self.view.now_ms);
                self.reply_to(said, first);
            }
            None => self.thank_for_media(message),
        }
    }

    /// Takes down who is there; whether it is the first contact.
    fn meet(&mut self, sender: &str, sender_name: Option<&str>, reply: &ReplyContext) -> bool {
        let conversation = &mut self.decision.conversation;
        let first = conversation.first_seen_ms.is_none();
        conversation.first_seen_ms.get_or_insert(self.view.now_ms);
        sender.clone_into(&mut conversation.sender);
        if let Some(name) = sender_name {
            conversation.sender_name = presentable_name(name).map(str::to_owned);
        }
        conversation.allow(reply);
        let playbook = self.playbook;
        conversation.language_signs.hear_platform(&reply.languages, |tag| playbook.speaks(tag));
        self.note(Part::Schedule, Finding::Hours { open: self.open });
        first
    }

    /// The message as the customer meant it: a button's value says something to whoever made the button. Where that was
    /// neither the clerk nor a plugin, what stood on it counts.
    fn as_pressed<'m>(&mut self, message: &'m Message) -> Cow<'m, Message> {
        let (Some(value), Some(label)) = (&message.text, &message.label) else { return Cow::Borrowed(message) };
        let of_a_rule = value.strip_prefix(BY_ID).is_some_and(|id| self.playbook.rules.by_id(id).is_some());
        let of_the_menu = self.decision.conversation.menu.iter().any(|choice| choice.value == *value);
        if of_a_rule || of_the_menu || value == label {
            return Cow::Borrowed(message);
        }
        self.note(Part::Menu, Finding::ReadByLabel { label: label.clone() });
        Cow::Owned(Message { text: Some(label.clone()), ..message.clone() })
    }

    /// Takes down what was said, and in which language.
    fn listen(&mut self, said: Option<&str>) {
        let now_ms = self.view.now_ms;
        self.take_back_if_due();
        let conversation = &mut self.decision.conversation;
        conversation.last_received_ms = Some(now_ms);
        conversation.received += 1;
        // What a button sends was not said by the customer, and the name of a product is the same in all languages.
        let pressed = |it: &str| {
            it.starts_with(BY_ID)
                || it.starts_with(BY_INTENT)
                || conversation.menu.iter().any(|choice| choice.value == it)
        };
        let words = said.filter(|it| !pressed(it) && !self.playbook.catalogue.is_name(&text::Folded::new(it)));
        let settled = conversation.language.as_deref();
        if let Some(sign) = words.and_then(|it| recognise(it, settled)) {
            let Conversation { language, language_signs, .. } = conversation;
            self.language_now = language_signs.hear_words(language, sign, &self.playbook.shop.identity.language);
        }
    }

    fn is_refused(&mut self, said: Option<&str>) -> bool {
        let now_ms = self.view.now_ms;
        let found = limits::check(&self.decision.conversation, self.playbook, said, now_ms);
        if let Some(said) = said {
            limits::remember_heard(&mut self.decision.conversation, self.playbook, said, now_ms);
        }
        let Some(reason) = found else { return false };
        if reason == WhySilent::TooManyReplies {
            self.keep_urgent(said);
        }
        if reason == WhySilent::TooManyReplies
            && limits::cool_down(&mut self.decision.conversation, self.playbook, now_ms)
            && !self.decision.conversation.tags.iter().any(|it| it == limits::STORM)
        {
            self.act(Action::Tag { tag: limits::STORM.to_owned() });
            self.open_ticket("storm", said.unwrap_or_default().to_owned(), Urgency::Normal);
        }
        self.stay_silent(Part::Limits, reason);
        true
    }

    fn welcome(&mut self, message: Option<&Message>) {
        if self.offer(Moment::Welcome { message }) {
            return self.complete_welcome();
        }
        let name = if self.open { "welcome" } else { "away" };
        self.away_is_told();
        self.note(Part::Welcome, Finding::FirstContact { phrase: name.to_owned() });
        if let Some(text) = self.phrase(name, &AtHand::default()) {
            self.say_with_main_menu(text);
        }
    }

    pub(super) fn say_with_main_menu(&mut self, text: String) {
        let choices: Vec<_> = self.playbook.rules.main_menu().iter().map(|it| it.choice(self.language())).collect();
        self.say(if choices.is_empty() { Content::text(text) } else { Content::Choices { text, choices } });
    }

    /// Answers words that no plugin took.
    fn reply_to(&mut self, said: &str, first: bool) {
        let playbook = self.playbook;
        let chosen = choose(&self.decision.conversation.menu, said).cloned();
        if let Some(choice) = &chosen {
            self.note(Part::Menu, Finding::Chose { label: choice.label.clone() });
        }
        let words = chosen.as_ref().map_or(said, |choice| choice.value.as_str());
        if chosen.is_some() {
            self.decision.conversation.misses = 0;
        }
        if let Some(id) = words.strip_prefix(BY_ID)
            && let Some(rule) = playbook.rules.by_id(id)
            && self.permits(rule)
        {
            let label = chosen.as_ref().map_or(id, |choice| choice.label.as_str());
            return self.follow(rule, Finding::AskedByMenu, label);
        }
        let entities = Entities::read(words, playbook.schedule.today(self.view.now_ms));
        let kinds = entities.kinds();
        let brings_facts = !kinds.is_empty();
        if brings_facts {
            self.note(Part::Entities, Finding::Read { kinds });
        }
        let folded = text::Folded::new(words);
        let meant = self.meaning(words);
        let found = playbook.rules.find(&folded, meant.sure(), |rule| self.permits(rule));
        let gives_way = found.as_ref().is_none_or(|(rule, _)| rule.settings.small_talk);
        // A customer's own order goes before a product whose number happens to be the same.
        if gives_way
            && !meant.urgent
            && (self.tell_of_named_orders(folded.as_str()) || self.tell_of_products(&folded, said))
        {
            return;
        }
        let misses = std::mem::take(&mut self.decision.conversation.misses);
        match found {
            // The welcome has greeted, and offered the menu.
            Some((rule, _)) if first && rule.settings.small_talk && rule.settings.main_menu => {
                self.note(Source::rule(rule.id()), Finding::WelcomeSufficed);
            }
            None if brings_facts && !meant.urgent && self.add_to_ticket(said) => {}
            Some((rule, why)) => self.follow_kindly(rule, why, said, &meant),
            None => self.not_understood(said, &meant, misses, first),
        }
    }

    /// Whether a rule may answer here and now.
    pub(super) fn permits(&self, rule: &Rule) -> bool {
        let hours = match rule.settings.hours {
            None => true,
            Some(Hours::Open) => self.open,
            Some(Hours::Closed) => !self.open,
        };
        let channels = &rule.settings.channels;
        let channel = channels.is_empty() || channels.contains(&self.event.address.channel);
        let answered = self.decision.conversation.answered_ms.get(&by_rule(rule.id()));
        let rested = answered.is_none_or(|at| !rule.rests(self.view.now_ms.saturating_sub(*at)));
        hours && channel && rested
    }

    fn thank_for_media(&mut self, message: &Message) {
        let kinds: Vec<_> = message.media.iter().map(|it| it.kind.clone()).collect();
        let ticket = format!("the customer sent: {}", kinds.join(", "));
        self.note(Part::Media, Finding::NoWords { media: kinds });
        if limits::is_thanked(&mut self.decision.conversation, message.album.as_deref(), self.view.now_ms) {
            self.stay_silent(Part::Media, WhySilent::ThankedAlready);
        } else {
            self.say_phrase("media", &AtHand::default());
        }
        self.open_ticket("media", ticket, Urgency::Normal);
    }

    /// What belongs to no customer has no built-in answer.
    pub(super) fn store_moment(&mut self, moment: Moment<'_>) {
        self.offer(moment);
    }

    pub(super) fn plugin_timer(&mut self, timer: &TimerFired) {
        if !self.offer(Moment::Timer { timer }) {
            let (owner, timer) = (timer.owner.clone(), timer.key.clone());
            self.note(Part::Timers, Finding::NobodyTook { timer, owner });
        }
    }
}

/// The choice of a menu that a message picks: its number, its label or its value.
fn choose<'a>(menu: &'a [Choice], said: &str) -> Option<&'a Choice> {
    let folded = text::fold(said);
    let number = folded.trim_end_matches(['.', '。', '、', ')']);
    if number.len() <= 2 && !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit()) {
        return menu.get(number.parse::<usize>().ok()?.checked_sub(1)?);
    }
    menu.iter().find(|choice| choice.value == said || text::fold(&choice.label) == folded)
}
