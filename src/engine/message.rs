//! A customer writes, or opens the conversation.

use std::borrow::Cow;

use super::{
    at_hand::AtHand,
    hand_over::words_of,
    limits,
    rules::{BY_ID, BY_INTENT},
    seats::HANDBACK,
    turn::Turn,
};
use crate::language::recognise;
use crate::model::{
    Action, Colleague, Content, Conversation, Finding, Message, Moment, Part, ReplyContext, Stage, TimerFired, Urgency,
    WhySilent, presentable_name,
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
        if self.is_with_a_person(String::new()) {
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
        if colleague.left {
            self.tell_room("room-returned", &AtHand::default());
            self.is_done_with(true);
            self.note(Part::Routing, Finding::ColleagueLeft);
        } else {
            let conversation = &mut self.decision.conversation;
            conversation.stage = Stage::Person;
            conversation.colleague_ms = Some(self.view.now_ms);
            let news = conversation.hand_over.as_ref().is_some_and(|it| !it.answered);
            if let Some(hand_over) = &mut conversation.hand_over {
                // Whoever was waited for is here.
                hand_over.taken = true;
                hand_over.answered = true;
                hand_over.since_ms = self.view.now_ms;
            }
            if news {
                self.tell_room("room-inbox", &AtHand::default());
            }
            // Whoever answers there may forget what comes next, as in a room.
            self.set_desk_timer(HANDBACK.to_owned(), self.playbook.shop.handback_ms);
            self.note(Part::Routing, Finding::ColleagueAnswered);
        }
    }

    pub(super) fn message(&mut self, message: &Message) {
        let message = &*self.as_pressed(message);
        let first = self.meet(&message.sender, message.sender_name.as_deref(), &message.reply);
        let said = message.text.as_deref().map(str::trim).filter(|it| !it.is_empty());
        self.listen(said);
        if said.is_some_and(|said| self.takes_mark(said)) {
            return;
        }
        self.relay(message);
        if said.is_some_and(|said| self.opts(said)) || self.is_refused(said) || self.is_with_a_person(words_of(message))
        {
            return;
        }
        if said.is_some_and(|said| self.says_it_is_not_done(said)) {
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
        let conversation = &self.decision.conversation;
        // What a button sends was not said by the customer, and the name of a product is the same in all languages.
        let pressed = |it: &str| {
            it.starts_with(BY_ID)
                || it.starts_with(BY_INTENT)
                || conversation.menu.iter().any(|choice| choice.value == it)
        };
        let words = said.filter(|it| !pressed(it) && !self.playbook.catalogue.is_name(&self.utterance(it)));
        let settled = conversation.language.as_deref();
        if let Some(sign) = words.and_then(|it| recognise(it, settled)) {
            let Conversation { language, language_signs, .. } = &mut self.decision.conversation;
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

    fn thank_for_media(&mut self, message: &Message) {
        if message.media.is_empty() && message.text.as_deref().is_some_and(|it| it.trim().is_empty()) {
            // Blanks are no picture, and say nothing.
            return self.stay_silent(Part::Media, WhySilent::NoQuestion);
        }
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
