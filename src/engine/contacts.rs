//! The customer as one person, whatever their addresses.
//!
//! A contact is made with the first word of a customer, or with the first report of an order of theirs. What shops know of
//! a customer (their account, e-mail and phone) makes contacts one that turn out to be the same person. Tags hold for the
//! contact, groups and tiers follow from what was bought; each of its conversations has them among its own tags, so that
//! messages are decided without looking the contact up.

mod deeds;
mod parting;
mod settings;
mod standing;

use uuid::Uuid;

pub use parting::reachable;
pub use settings::ContactsSettings;
pub use standing::{Standing, Standings};

use super::{
    limits,
    sayable::{of_text, sayable},
    turn::Turn,
};
use crate::model::{
    Address, Contact, ContactFinding, ContactKey, ContactRef, Conversation, EventKind, Finding, Order, OrderEvent,
    Part, ShopAccount,
};
use standing::purchase;

/// Namespace of the ids of contacts.
const CONTACTS: Uuid = Uuid::from_u128(0x6e69_6768_7463_6c65_726b_2f63_6f6e_2f31);
/// Addresses of one contact up to which shops' knowledge makes others a part of it: more have one e-mail address in common
/// that is nobody's own.
const MOST_ADDRESSES: usize = 16;
/// Conversations of one contact that are kept in step.
const MOST_IN_STEP: usize = 64;
/// Orders that are remembered of one contact.
const MOST_PURCHASES: usize = 400;
/// How often a contact may have been made a part of another that was made a part of another.
const MOST_STEPS: usize = 8;

/// An id for a contact that no event made.
pub(super) fn new_id(seed: &Uuid) -> String {
    format!("C-{}", of_text(CONTACTS, &seed.to_string()))
}

impl Turn<'_> {
    /// Keeps the contact of the conversation, and that of the order that was reported, in step with what was decided.
    pub(super) fn keep_contact(&mut self) {
        let address = &self.event.address;
        if self.decision.question.is_some() || self.playbook.shop.is_colleagues(address) {
            return;
        }
        let change = match &self.event.kind {
            EventKind::Contact(_) | EventKind::Morning(_) | EventKind::Digest { .. } | EventKind::Store { .. } => {
                return;
            }
            EventKind::Order(change) => Some(change),
            _ => None,
        };
        let order = change.and_then(|change| self.reported(change));
        let conversation = &self.decision.conversation;
        let has_home = !address.chat.is_empty() && (conversation.first_seen_ms.is_some() || order.is_some());
        if !has_home && order.is_none() {
            return;
        }
        let known = conversation.contact.as_ref();
        let is_due = known.is_none_or(|it| {
            it.terms != self.playbook.standings.mark() || it.until_ms.is_some_and(|at| at <= self.view.now_ms)
        });
        let told_more = |(change, order): (&OrderEvent, &Order)| {
            !change.who.is_empty()
                || order.contact.as_ref() != known.map(|it| &it.id)
                || self.view.order.and_then(purchase) != purchase(order)
        };
        let is_news = change.zip(order.as_ref()).is_some_and(told_more);
        if is_due || is_news || conversation.tags != self.view.conversation.tags {
            let keys = self.keys(has_home, change);
            self.bring_in_step(has_home, &keys, order);
        }
    }

    /// The order that the event reports, as it is by now.
    fn reported(&self, change: &OrderEvent) -> Option<Order> {
        let shop = &self.event.channel;
        self.decision.orders.iter().find(|it| it.shop == *shop && it.id == change.order_id).cloned()
    }

    /// What the event shows its customer by.
    fn keys(&self, has_home: bool, change: Option<&OrderEvent>) -> Vec<ContactKey> {
        let mut keys = Vec::new();
        if has_home {
            keys.push(ContactKey::Address(self.event.address.clone()));
        }
        if let Some(change) = change {
            let shop = &self.event.channel;
            let account = change.who.account.iter().map(|id| ShopAccount { shop: shop.clone(), id: id.clone() });
            keys.extend(account.map(ContactKey::Account));
            keys.extend(change.who.email.iter().cloned().map(ContactKey::Email));
            keys.extend(change.who.phone.iter().cloned().map(ContactKey::Phone));
        }
        keys
    }

    fn bring_in_step(&mut self, has_home: bool, keys: &[ContactKey], order: Option<Order>) {
        let known = self.decision.conversation.contact.clone().filter(|_| has_home);
        let of_order = order.as_ref().and_then(|it| it.contact.clone());
        let named = known.iter().map(|it| it.id.clone()).chain(of_order);
        let mut found: Vec<Contact> = Vec::new();
        for id in named.chain(keys.iter().filter_map(|key| self.view.lookups.contact_by(key))).collect::<Vec<_>>() {
            if let Some(contact) = self.contact(&id)
                && !found.iter().any(|it| it.id == contact.id)
            {
                found.push(contact);
            }
        }
        if found.is_empty() && keys.is_empty() {
            // Of whose order it is nothing is known.
            return;
        }
        let others = found.split_off(found.len().min(1));
        let before = found.pop();
        let mut contact = before.clone().unwrap_or_else(|| Contact {
            id: self.new_contact_id(),
            first_seen_ms: Some(self.view.now_ms),
            ..Contact::default()
        });
        let mut of_others = Vec::new();
        for other in others {
            let many = contact.addresses.len() + other.addresses.len() > MOST_ADDRESSES;
            if many || contact.apart.contains(&other.id) || other.apart.contains(&contact.id) {
                of_others.extend(other.keys());
                continue;
            }
            self.note_contact(&contact.id, ContactFinding::SamePerson { other: other.id.clone() });
            self.absorb(&mut contact, other);
        }
        for key in keys.iter().filter(|key| !of_others.contains(key)) {
            contact.add_key(key);
        }
        let name = order.as_ref().and_then(|it| it.customer_name.clone());
        let name = || name.or_else(|| self.decision.conversation.sender_name.clone().filter(|_| has_home));
        contact.name = contact.name.take().or_else(name);
        if has_home {
            let is_new = known.as_ref().is_none_or(|it| it.id != contact.id);
            self.take_tags(&mut contact, is_new);
            self.take_tickets(&mut contact);
        }
        if let Some(mut order) = order {
            contact.purchases.retain(|it| (&it.shop, &it.id) != (&order.shop, &order.id));
            contact.purchases.extend(purchase(&order));
            contact.purchases.sort_by_key(|it| it.at_ms);
            let surplus = contact.purchases.len().saturating_sub(MOST_PURCHASES);
            contact.purchases.drain(..surplus);
            order.contact = Some(contact.id.clone());
            self.put_order(order);
        }
        self.settle_contact(before.as_ref(), contact);
    }

    /// What was tagged and untagged in this conversation holds for the contact. Where the two meet for the first time, so do
    /// the tags that the conversation has.
    fn take_tags(&self, contact: &mut Contact, is_new: bool) {
        let (was, now) = (&self.view.conversation.tags, &self.decision.conversation.tags);
        let standing = contact.all_tags();
        for tag in now.iter().filter(|it| is_new || !was.contains(it)) {
            if tag != limits::STORM && !standing.contains(tag) {
                contact.tags.push(tag.clone());
            }
        }
        contact.tags.retain(|tag| now.contains(tag) || !was.contains(tag));
    }

    /// Tickets that were opened before the contact was known are its own.
    fn take_tickets(&mut self, contact: &mut Contact) {
        for open in &self.decision.conversation.tickets {
            if !contact.tickets.iter().any(|it| it.id == open.id) {
                contact.tickets.push(open.clone());
            }
        }
        for ticket in self.decision.tickets.iter_mut().filter(|it| it.is_open() && it.contact.is_none()) {
            ticket.contact = Some(contact.id.clone());
        }
    }

    /// Finds out where the contact stands now, and brings it and its conversations in step. `before`: as it was.
    pub(super) fn settle_contact(&mut self, before: Option<&Contact>, mut contact: Contact) {
        let standings = &self.playbook.standings;
        let Standing { tier, groups, until_ms } = standings.of(&contact.purchases, self.view.now_ms);
        if (&contact.tier, &contact.groups) != (&tier, &groups) {
            let found = ContactFinding::Stands { tier: tier.clone(), groups: groups.clone() };
            self.note_contact(&contact.id, found);
        }
        (contact.tier, contact.groups) = (tier, groups);
        let now = ContactRef { id: contact.id.clone(), until_ms, terms: standings.mark() };
        let tags = contact.all_tags();
        let tags_before = before.map(Contact::all_tags).unwrap_or_default();
        let gone: Vec<&String> = tags_before.iter().filter(|it| !tags.contains(it)).collect();
        let bring = |conversation: &mut Conversation| {
            conversation.contact = Some(now.clone());
            conversation.tags.retain(|it| !gone.contains(&it));
            let more: Vec<_> = tags.iter().filter(|it| !conversation.tags.contains(it)).cloned().collect();
            conversation.tags.extend(more);
        };
        for address in contact.addresses.iter().take(MOST_IN_STEP) {
            if *address == self.event.address {
                bring(&mut self.decision.conversation);
            } else if tags != tags_before || !before.is_some_and(|it| it.addresses.contains(address)) {
                self.change_elsewhere(address, bring);
            }
        }
        if before != Some(&contact) {
            self.put_contact(contact);
        }
    }

    /// Changes another conversation than the event's own, if somebody was heard of there.
    pub(super) fn change_elsewhere(&mut self, address: &Address, change: impl FnOnce(&mut Conversation)) {
        if *address == self.event.address {
            return change(&mut self.decision.conversation);
        }
        if let Some((_, conversation)) = self.decision.elsewhere.iter_mut().find(|(it, _)| it == address) {
            return change(conversation);
        }
        let Some(was) = self.view.lookups.conversation(address) else { return };
        let mut conversation = was.clone();
        change(&mut conversation);
        if conversation != was {
            self.decision.elsewhere.push((address.clone(), conversation));
        }
    }

    /// The contact of this id as it is by now, or the one that it was made a part of.
    pub(super) fn contact(&self, id: &str) -> Option<Contact> {
        let mut id = id.to_owned();
        for _ in 0..MOST_STEPS {
            let contact = self.part(&id)?;
            match contact.merged_into {
                Some(into) => id = into,
                None => return Some(contact),
            }
        }
        None
    }

    /// The contact of this id as it is by now, a part of another or not.
    fn part(&self, id: &str) -> Option<Contact> {
        let decided = self.decision.contacts.iter().find(|it| it.id == id).cloned();
        decided.or_else(|| self.view.lookups.contact(id))
    }

    pub(super) fn put_contact(&mut self, contact: Contact) {
        match self.decision.contacts.iter_mut().find(|it| it.id == contact.id) {
            Some(known) => *known = contact,
            None => self.decision.contacts.push(contact),
        }
    }

    /// Makes another contact a part of this one. What was a part of it is one of this.
    fn absorb(&mut self, contact: &mut Contact, mut other: Contact) {
        for key in other.keys() {
            contact.add_key(&key);
        }
        contact.name = contact.name.take().or_else(|| other.name.clone());
        contact.first_seen_ms = contact.first_seen_ms.into_iter().chain(other.first_seen_ms).min();
        let tags = other.tags.iter().filter(|it| !contact.tags.contains(it)).cloned().collect::<Vec<_>>();
        contact.tags.extend(tags);
        contact.notes.extend(other.notes.iter().cloned());
        contact.notes.sort_by_key(|it| it.at_ms);
        for bought in &other.purchases {
            if !contact.purchases.iter().any(|it| (&it.shop, &it.id) == (&bought.shop, &bought.id)) {
                contact.purchases.push(bought.clone());
            }
        }
        contact.purchases.sort_by_key(|it| it.at_ms);
        let tickets = other.tickets.iter().filter(|it| !contact.tickets.contains(it)).cloned().collect::<Vec<_>>();
        contact.tickets.extend(tickets);
        contact.apart.extend(other.apart.iter().filter(|it| **it != contact.id).cloned());
        contact.apart.retain(|it| *it != other.id);
        for id in std::mem::take(&mut other.parts) {
            if let Some(mut part) = self.part(&id) {
                part.merged_into = Some(contact.id.clone());
                self.put_contact(part);
            }
            contact.parts.push(id);
        }
        contact.parts.push(other.id.clone());
        other.merged_into = Some(contact.id.clone());
        self.put_contact(other);
    }

    fn new_contact_id(&self) -> String {
        format!("C-{}", sayable(CONTACTS, self.event, self.decision.contacts.len()))
    }

    fn note_contact(&mut self, id: &str, what: ContactFinding) {
        self.note(Part::Contacts, Finding::Contact { id: id.to_owned(), what });
    }
}
