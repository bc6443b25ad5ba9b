//! What people of the store are told in their rooms: the card of a conversation, what its customer writes while a person
//! has it, and what became of what they did.

use super::{at_hand::AtHand, hand_over::words_of, turn::Turn};
use crate::{
    desk::button,
    model::{
        Action, Address, Carried, Choice, Content, Evidence, Message, ReplyContext, Staff, Stage, TraceId, Urgency,
        topic::{self, Sign},
    },
};

/// Pictures and files that are shown of those which came before.
const MOST_SHOWN: usize = 5;

impl Turn<'_> {
    /// Shows a conversation in the room of a team or person, with what can be pressed. `who`: whom it is given to.
    pub(super) fn put_card(&mut self, to: &str, who: Option<&str>, said: &str) {
        let places: Vec<_> = match who {
            _ if self.has_room(to) => vec![to.to_owned()],
            // A team that answers on the console has no room: whoever is to have the conversation, else all who may.
            Some(who) => vec![who.to_owned()],
            None => self.chats_of(to),
        };
        let who = who.map(|name| self.name_of(name));
        for place in places {
            self.put_card_at(&place, who.as_deref(), said);
        }
    }

    fn put_card_at(&mut self, to: &str, who: Option<&str>, said: &str) {
        if !self.has_room(to) || self.is_told(to) {
            return;
        }
        let urgent = self.decision.tickets.iter().any(|it| it.urgency == Urgency::Urgent);
        let at_hand = AtHand { text: Some(said), who, urgent, ..AtHand::default() };
        if let Some(text) = self.phrase_for_people("handed-over", &at_hand) {
            let choices = self.buttons();
            self.act(Action::Notify { to: to.to_owned(), content: Content::Choices { text, choices } });
        }
    }

    fn buttons(&self) -> Vec<Choice> {
        let reference = TraceId::key(self.event, 0);
        let language = self.playbook.shop.language(None);
        let is_chinese = language.tag().starts_with("zh");
        let label = |chinese: &str, english: &str| (if is_chinese { chinese } else { english }).to_owned();
        let button = |word: &str, label: String| Choice { label, value: button(word, &reference, None) };
        let mut buttons = vec![button("take", label("接手 /take", "Take /take"))];
        if self.playbook.phrases.has_quick() {
            buttons.push(button("phrase", label("快捷短语 /phrase", "Quick phrases /phrase")));
        }
        buttons.push(button("return", label("交回小二 /return", "Back to the clerk /return")));
        buttons.push(button("close", label("结束 /close", "Close /close")));
        buttons
    }

    /// Passes on what the customer writes while a person has the conversation, or will.
    pub(super) fn relay(&mut self, message: &Message) {
        let conversation = &self.decision.conversation;
        let Some(room) = conversation.hand_over.as_ref().and_then(|it| it.room.clone()) else { return };
        if conversation.stage != Stage::Person {
            return;
        }
        let mut words = words_of(message);
        let carried = Carried::all_of(&message.media, &self.event.channel, &self.event.address);
        if message.text.is_some() && carried.len() < message.media.len() {
            // What has no form in the room is said to be there.
            let lost = message.media.iter().filter(|it| !carried.iter().any(|carried| carried.media == **it));
            lost.for_each(|it| words.push_str(&format!(" [{}]", it.kind)));
        }
        self.pass_on(&room, &words, carried);
    }

    /// Shows what the customer sent before somebody was asked for: what their open tickets came from, the newest last.
    pub(super) fn show_evidence(&mut self, to: &str) {
        let Some(room) = self.playbook.shop.address_of(to).cloned() else { return };
        let tickets = self.decision.conversation.tickets.iter().filter_map(|it| self.open_ticket_named(&it.id));
        let mut shown: Vec<(i64, Carried)> = Vec::new();
        for ticket in tickets {
            for Evidence { channel, at_ms, media, .. } in &ticket.evidence {
                let more = Carried::all_of(media, channel, &ticket.address).into_iter().map(|it| (*at_ms, it));
                // Two tickets may have come from one message.
                shown.extend(more.filter(|it| !shown.contains(it)).collect::<Vec<_>>());
            }
        }
        shown.sort_by_key(|(at_ms, _)| *at_ms);
        let newest = shown.len().saturating_sub(MOST_SHOWN);
        for (_, carried) in shown.drain(newest..) {
            let words = format!("[{}]", carried.media.kind);
            self.pass_on(&room, &words, vec![carried]);
        }
    }

    /// Says in a room what the customer said, with what they sent; where that cannot be had, that it is there.
    fn pass_on(&mut self, room: &Address, words: &str, mut carried: Vec<Carried>) {
        let at_hand = AtHand { text: Some(words), ..AtHand::default() };
        let Some(text) = self.phrase_for_people("room-relayed", &at_hand) else { return };
        let instead = (!carried.is_empty()).then(|| self.phrase_for_people("room-picture-lost", &at_hand)).flatten();
        carried.iter_mut().for_each(|it| it.instead.clone_from(&instead));
        let contents: Vec<_> = match carried.first_mut() {
            None => vec![Content::text(text)],
            Some(first) => {
                first.caption = Some(text);
                carried.into_iter().map(|it| Content::Carried(Box::new(it))).collect()
            }
        };
        for content in contents {
            self.act(Action::Tell { room: room.clone(), content, reply: ReplyContext::default() });
        }
    }

    /// Answers in the room in which something was said or pressed.
    pub(super) fn answer_room(&mut self, staff: &Staff, phrase: &str, at_hand: &AtHand<'_>) {
        let Some(place) = staff.room.clone() else { return };
        if let Some(text) = self.phrase_for_people(phrase, at_hand) {
            self.act(Action::Tell { room: place.address, content: Content::text(text), reply: place.reply });
        }
    }

    /// Tells the room of the conversation something that nobody there did, or not everybody knows.
    pub(super) fn tell_room(&mut self, phrase: &str, at_hand: &AtHand<'_>) {
        let Some(room) = self.decision.conversation.hand_over.as_ref().and_then(|it| it.room.clone()) else { return };
        if let Some(text) = self.phrase_for_people(phrase, at_hand) {
            self.act(Action::Tell { room, content: Content::text(text), reply: ReplyContext::default() });
        }
    }

    /// Opens or closes the customer's topic in a room that has them.
    pub(super) fn put_sign(&mut self, room: Option<Address>, sign: Sign) {
        let Some(room) = room.filter(|it| self.playbook.shop.people.has_topics(it)) else { return };
        // It stands where messages are listed, and is never said.
        let words = if sign == Sign::Close { "(topic closed)" } else { "(topic reopened)" };
        self.act(Action::Tell { room, content: Content::text(words), reply: topic::signed(sign) });
    }

    /// What people call a person or team; whoever is not in store.toml by their own name.
    pub(super) fn name_of(&self, name: &str) -> String {
        let title = self.playbook.shop.title(name, self.playbook.shop.language(None));
        if title.is_empty() { name.to_owned() } else { title.into_owned() }
    }
}
