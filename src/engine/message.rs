//! A customer writes, or opens the conversation.

use super::{
    at_hand::AtHand,
    limits,
    rules::{BY_ID, BY_INTENT},
    text,
    turn::Turn,
};
use crate::language::recognise;
use crate::model::{
    Action, Content, Conversation, Finding, Message, Moment, Part, ReplyContext, Stage, TimerFired, Urgency, WhySilent,
};

impl Turn<'_> {
    /// The customer opened the conversation without writing.
    pub(super) fn opened(&mut self, sender: &str, sender_name: Option<&str>, reply: &ReplyContext) {
        let first = self.meet(sender, sender_name, reply);
        if !first {
            self.note(Part::Welcome, Finding::WelcomedBefore);
        } else if !self.is_refused(None) {
            self.welcome(None);
        }
    }

    pub(super) fn message(&mut self, message: &Message) {
        let first = self.meet(&message.sender, message.sender_name.as_deref(), &message.reply);
        let said = message.text.as_deref().map(str::trim).filter(|it| !it.is_empty());
        self.listen(said);
        if self.is_refused(said) || self.is_with_a_person() {
            return;
        }
        if let Some(said) = said {
            limits::remember_heard(&mut self.decision.conversation, self.playbook, said, self.view.now_ms);
        }
        if first {
            self.welcome(Some(message));
        }
        if self.offer(Moment::Message { message }) {
            return;
        }
        match said {
            Some(said) => self.reply_to(said, first),
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
            conversation.sender_name = Some(name.to_owned());
        }
        conversation.reply.clone_from(reply);
        let playbook = self.playbook;
        conversation.language_signs.hear_platform(&reply.languages, |tag| playbook.speaks(tag));
        self.note(Part::Schedule, Finding::Hours { open: self.open });
        first
    }

    /// Takes down what was said, and in which language.
    fn listen(&mut self, said: Option<&str>) {
        let now_ms = self.view.now_ms;
        let handback_ms = self.playbook.shop.handback_ms;
        let conversation = &mut self.decision.conversation;
        let quiet_ms = conversation.last_received_ms.map_or(0, |last| now_ms.saturating_sub(last));
        if conversation.stage == Stage::Person && quiet_ms >= handback_ms {
            conversation.stage = Stage::Clerk;
            self.note(Part::Routing, Finding::TakenBack);
        }
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
        if let Some(sign) = words.and_then(recognise) {
            let Conversation { language, language_signs, .. } = conversation;
            self.language_now = language_signs.hear_words(language, sign, &self.playbook.shop.identity.language);
        }
    }

    fn is_refused(&mut self, said: Option<&str>) -> bool {
        let Some(reason) = limits::check(&self.decision.conversation, self.playbook, said, self.view.now_ms) else {
            return false;
        };
        let storm = reason == WhySilent::TooManyReplies;
        if storm && !self.decision.conversation.tags.iter().any(|it| it == limits::STORM) {
            self.act(Action::Tag { tag: limits::STORM.to_owned() });
        }
        self.stay_silent(Part::Limits, reason);
        true
    }

    pub(super) fn is_with_a_person(&mut self) -> bool {
        let with_a_person = self.decision.conversation.stage == Stage::Person && self.open;
        if with_a_person {
            let who = self.decision.conversation.assigned.clone();
            self.stay_silent(Part::Routing, WhySilent::WithPerson { who });
        }
        with_a_person
    }

    fn welcome(&mut self, message: Option<&Message>) {
        if self.offer(Moment::Welcome { message }) {
            return;
        }
        let name = if self.open { "welcome" } else { "away" };
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
        let kinds: Vec<_> = message.media.iter().map(|it| it.kind.clone()).collect();
        let ticket = format!("the customer sent: {}", kinds.join(", "));
        self.note(Part::Media, Finding::NoWords { media: kinds });
        self.say_phrase("media", &AtHand::default());
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
