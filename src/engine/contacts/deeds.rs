//! What people of the store do with contacts, by hand.

use super::Turn;
use crate::model::{Contact, ContactDeed, ContactFinding, ContactKey, ContactNote, Ticket};

/// Notes of one contact.
const MOST_NOTES: usize = 200;
/// Bytes of a note.
const MOST_TEXT: usize = 4000;

impl Turn<'_> {
    pub(in crate::engine) fn contact_deed(&mut self, deed: &ContactDeed) {
        let id = deed.contact();
        let Some(before) = self.contact(id) else {
            if let ContactDeed::Import { .. } = deed {
                let new = Contact { id: id.to_owned(), first_seen_ms: Some(self.view.now_ms), ..Contact::default() };
                return self.import(None, new, deed);
            }
            return self.note_contact(id, ContactFinding::Unknown);
        };
        self.note_contact(&before.id, ContactFinding::Deed { deed: deed.name().to_owned() });
        let mut contact = before.clone();
        match deed {
            ContactDeed::Note { text, by, .. } => self.add_note(&mut contact, text, by.as_deref()),
            ContactDeed::Name { name, .. } => contact.name.clone_from(name),
            ContactDeed::Tag { tag, .. } => {
                if !contact.all_tags().contains(tag) {
                    contact.tags.push(tag.clone());
                }
            }
            ContactDeed::Untag { tag, .. } => contact.tags.retain(|it| it != tag),
            ContactDeed::Import { .. } => return self.import(Some(&before), contact, deed),
            ContactDeed::Merge { other, .. } => match self.contact(other).filter(|it| it.id != contact.id) {
                Some(other) => {
                    contact.apart.retain(|it| *it != other.id);
                    self.absorb(&mut contact, other);
                }
                None => return self.note_contact(other, ContactFinding::Unknown),
            },
            ContactDeed::Split { part, .. } => return self.split_off(before, part),
            ContactDeed::PartWith { key, .. } => {
                if !contact.drop_key(key) {
                    return self.note_contact(&contact.id, ContactFinding::NotFoundBy);
                }
                let mut new = Contact {
                    id: self.new_contact_id(),
                    tags: contact.tags.clone(),
                    first_seen_ms: contact.first_seen_ms,
                    apart: vec![contact.id.clone()],
                    ..Contact::default()
                };
                new.add_key(key);
                contact.apart.push(new.id.clone());
                self.take_from_parts(&contact, key);
                self.hand_tickets(&mut contact, &mut new);
                self.hand_orders(&mut contact, &mut new);
                self.note_contact(&new.id, ContactFinding::PartedFrom { other: contact.id.clone() });
                self.settle_contact(None, new);
            }
        }
        self.settle_contact(Some(&before), contact);
    }

    fn add_note(&self, contact: &mut Contact, text: &str, by: Option<&str>) {
        let text = text.get(..text.floor_char_boundary(MOST_TEXT)).unwrap_or_default().to_owned();
        contact.notes.push(ContactNote { at_ms: self.view.now_ms, by: by.map(str::to_owned), text });
        let surplus = contact.notes.len().saturating_sub(MOST_NOTES);
        contact.notes.drain(..surplus);
    }

    /// What is written of somebody in a list: it adds to what is known of them. What belongs to another contact stays there.
    fn import(&mut self, before: Option<&Contact>, mut contact: Contact, deed: &ContactDeed) {
        let ContactDeed::Import { name, keys, tags, note, by, .. } = deed else { return };
        for key in keys {
            match self.view.lookups.contact_by(key) {
                Some(holder) if self.contact(&holder).is_some_and(|it| it.id != contact.id) => {
                    self.note_contact(&contact.id, ContactFinding::OfAnother { other: holder });
                }
                _ => drop(contact.add_key(key)),
            }
        }
        contact.name = name.clone().or(contact.name);
        let more: Vec<_> = tags.iter().filter(|it| !contact.tags.contains(it)).cloned().collect();
        contact.tags.extend(more);
        if let Some(text) = note.as_ref().filter(|text| !has_noted(&contact, text)) {
            self.add_note(&mut contact, text, by.as_deref());
        }
        self.settle_contact(before, contact);
    }

    /// What was made a part of the contact stands for itself again: with all that it brought.
    fn split_off(&mut self, before: Contact, id: &str) {
        let Some(mut part) = self.part(id).filter(|it| it.merged_into.as_ref() == Some(&before.id)) else {
            return self.note_contact(id, ContactFinding::NoPart);
        };
        let mut contact = before.clone();
        for key in part.keys().collect::<Vec<_>>() {
            contact.drop_key(&key);
        }
        contact.notes.retain(|it| !part.notes.contains(it));
        contact.purchases.retain(|it| !part.purchases.iter().any(|own| (&own.shop, &own.id) == (&it.shop, &it.id)));
        contact.tickets.retain(|it| !part.tickets.iter().any(|own| own.id == it.id));
        contact.parts.retain(|it| it != id);
        contact.apart.push(part.id.clone());
        part.apart.push(contact.id.clone());
        part.merged_into = None;
        // Some that it brought may be done by now.
        part.tickets.retain(|it| self.open_ticket_named(&it.id).is_some());
        self.hand_tickets(&mut contact, &mut part);
        self.hand_orders(&mut contact, &mut part);
        // What its conversations have by now they have from the whole.
        let whole = Contact { addresses: Vec::new(), ..before.clone() };
        self.settle_contact(Some(&whole), part);
        self.settle_contact(Some(&before), contact);
    }

    /// What is somebody else's is none of its parts' either: split off again, they do not bring it back.
    fn take_from_parts(&mut self, contact: &Contact, key: &ContactKey) {
        for id in &contact.parts {
            if let Some(mut part) = self.part(id)
                && part.drop_key(key)
            {
                self.put_contact(part);
            }
        }
    }

    /// Tickets that were opened where somebody else writes go with them.
    fn hand_tickets(&mut self, from: &mut Contact, to: &mut Contact) {
        for open in std::mem::take(&mut from.tickets) {
            let theirs = self.open_ticket_named(&open.id).filter(|it| to.addresses.contains(&it.address));
            let Some(ticket) = theirs else {
                from.tickets.push(open);
                continue;
            };
            self.put_ticket(Ticket { contact: Some(to.id.clone()), ..ticket });
            to.tickets.push(open);
        }
    }
}

/// Whether a list says nothing new: it has all notes of somebody below each other in one cell, and a spreadsheet writes
/// lines' ends in its own way.
fn has_noted(contact: &Contact, text: &str) -> bool {
    let lines = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let known: Vec<_> = contact.notes.iter().map(|it| lines(it.text.trim())).collect();
    format!("\n{}\n", known.join("\n")).contains(&format!("\n{}\n", lines(text.trim())))
}
