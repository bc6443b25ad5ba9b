//! What is said in a staff room, made into what it means: a deed of a person of the store, in the conversation it is about.
//! So it is decided in the customer's own lane, after what came before it, and two who reach for one conversation are told
//! apart by the order in which they come.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::{
    clock,
    desk::{self, Agent, Permission, Person, Said},
    in_force::InForce,
    model::{
        Address, Carried, Content, DESK, Event, EventKind, Media, Message, RoomPlace, Staff, StaffDeed, Unclear,
        presentable_name,
    },
    outbox::Outbox,
    store::{Store, StoreError, wait},
};

/// Events of a conversation that are looked through for the customer's last words.
const LOOK_BACK: usize = 32;

/// How long the number is waited for of a message that is quoted while it is on its way.
const PATIENCE: Duration = Duration::from_millis(500);

/// The same events, those of staff rooms as what they mean.
///
/// # Errors
/// The store cannot be read.
pub async fn translated(
    in_force: &InForce,
    store: &Arc<dyn Store>,
    outbox: &Outbox,
    mut events: Vec<Event>,
) -> Result<Vec<Event>, StoreError> {
    for event in &mut events {
        if let Some(address) = in_force.playbook.people().room_at(&event.address) {
            Room { in_force, store, outbox, address, place: event.address.clone() }.translate(event).await?;
        }
    }
    Ok(events)
}

struct Room<'a> {
    in_force: &'a InForce,
    store: &'a Arc<dyn Store>,
    outbox: &'a Outbox,
    address: Address,
    /// The room itself, or the topic of it in which something was said.
    place: Address,
}

impl Room<'_> {
    async fn translate(&self, event: &mut Event) -> Result<(), StoreError> {
        let (sender, name, reply, message) = match &event.kind {
            EventKind::Message(message) => {
                (&message.sender, message.sender_name.as_deref(), message.reply.clone(), Some(message))
            }
            EventKind::Opened { sender, sender_name, reply, .. } => {
                (sender, sender_name.as_deref(), reply.clone(), None)
            }
            _ => return Ok(()),
        };
        let person = self.in_force.playbook.people().who(&self.address, sender);
        let by = self.called(person, name, sender);
        let (deed, about) = match message {
            Some(message) => self.meant(message, person, &by).await?,
            None => (StaffDeed::Help, None),
        };
        let left_out = message.is_some_and(|it| has_left_out(&it.media, &deed));
        event.address = about.unwrap_or_else(|| self.address.clone());
        let room = Some(RoomPlace { address: self.place.clone(), reply });
        event.kind = EventKind::Staff(Staff { by: Some(by), room, yields: false, left_out, deed });
        Ok(())
    }

    /// What somebody is called: their name in store.toml, else their own, which is nobody else's there.
    fn called(&self, person: Option<&Person>, name: Option<&str>, sender: &str) -> String {
        if let Some(person) = person {
            return person.name.clone();
        }
        match name.and_then(presentable_name) {
            Some(name) if !self.in_force.playbook.has_member(name) => name.to_owned(),
            Some(name) => format!("{name} ({sender})"),
            None => sender.to_owned(),
        }
    }

    /// The deed, and the conversation it is about; where there is none, it belongs to the room.
    async fn meant(
        &self,
        message: &Message,
        person: Option<&Person>,
        by: &str,
    ) -> Result<(StaffDeed, Option<Address>), StoreError> {
        let unclear = |why| Ok((StaffDeed::Unclear { why }, None));
        let text = message.text.as_deref();
        let (deed, reference) = match text.and_then(desk::pressed) {
            Some((reference, deed)) => (deed, Some(reference)),
            // What it carries is looked at once it is known for whom it is.
            None => match desk::read(text, Some(Content::text(""))) {
                Said::OfCustomer(deed) => (deed, message.quoted.as_deref()),
                Said::OfDesk(deed) => return Ok((deed, None)),
            },
        };
        let playbook = &self.in_force.playbook;
        if Permission::for_deed(&deed).is_some_and(|wanted| !playbook.people().may(person, &self.address, wanted)) {
            return unclear(Unclear::NotPermitted);
        }
        let about = match (self.subject_of_topic().await?, reference) {
            (Some(customer), _) => Some(customer),
            (None, Some(reference)) => self.subject_of(reference).await?,
            (None, None) => self.only_one_of(by).await?,
        };
        let Some(about) = about.filter(|it| playbook.people().room_at(it).is_none()) else {
            return unclear(Unclear::WhichConversation);
        };
        let deed = match deed {
            StaffDeed::Say { content } => {
                let words = Some(content.to_plain_text()).filter(|it| !it.is_empty()).or_else(|| message.text.clone());
                match content_of(message, words, &self.address.channel, &about) {
                    Some(content) => StaffDeed::Say { content },
                    None => return unclear(Unclear::CannotRelay),
                }
            }
            StaffDeed::Transfer { to, .. } if !playbook.people().can_be_told(playbook.member(&to)) => {
                return unclear(Unclear::UnknownMember { name: to });
            }
            StaffDeed::Draft { .. } => StaffDeed::Draft { words: self.last_words(&about).await? },
            other => other,
        };
        Ok((deed, Some(about)))
    }

    /// The customer whose topic it is.
    async fn subject_of_topic(&self) -> Result<Option<Address>, StoreError> {
        if self.place == self.address {
            return Ok(None);
        }
        // What was said there may have answered people, of whom the last is not told apart from a customer by its chat.
        for message in wait(self.store.transcript(&self.place, 0, LOOK_BACK)).await?.into_iter().rev() {
            let subject = wait(self.store.subject_of(&self.address, &message.message.key)).await?;
            if let Some(customer) = subject.filter(|it| self.in_force.playbook.people().room_at(it).is_none()) {
                return Ok(Some(customer));
            }
        }
        Ok(None)
    }

    /// The conversation that a message of the clerk's is about. Who is quick quotes it before it is written down under which
    /// number the platform took it.
    async fn subject_of(&self, reference: &str) -> Result<Option<Address>, StoreError> {
        let late = Instant::now() + PATIENCE;
        let mut settlements = self.outbox.settlements();
        loop {
            let may_come = self.outbox.is_unsettled(&self.address) && Instant::now() < late;
            let found = wait(self.store.subject_of(&self.address, reference)).await?;
            if found.is_some() || !may_come {
                return Ok(found);
            }
            let _ = timeout_at(late, settlements.rung()).await;
        }
    }

    /// The conversation that somebody holds in this room, where it is one alone.
    async fn only_one_of(&self, by: &str) -> Result<Option<Address>, StoreError> {
        let (store, key) = (self.store.clone(), desk::agent_key(by));
        let row = tokio::task::spawn_blocking(move || store.kv(DESK, &key, clock::now_ms()))
            .await
            .map_err(|_| StoreError::Closed)??;
        let Agent { holds, .. } = desk::from_bytes(row.value.as_deref());
        let mut here = holds.into_iter().filter(|it| it.room.as_ref() == Some(&self.address));
        Ok(here.next().filter(|_| here.next().is_none()).map(|it| it.address))
    }

    async fn last_words(&self, customer: &Address) -> Result<String, StoreError> {
        let heard = wait(self.store.heard(customer, 0, LOOK_BACK)).await?;
        let text = heard.into_iter().rev().find_map(|it| match it.event.kind {
            EventKind::Message(Message { text: Some(text), .. }) if !text.trim().is_empty() => Some(text),
            _ => None,
        });
        Ok(text.unwrap_or_default())
    }
}

/// Whether something that came with a message is not in what was made of it. Of what nothing was made, that is said.
fn has_left_out(media: &[Media], deed: &StaffDeed) -> bool {
    let carried = match deed {
        StaffDeed::Unclear { .. } => return false,
        StaffDeed::Say { content: Content::Several { parts } } => parts.len(),
        StaffDeed::Say { content: Content::Carried(_) } => 1,
        _ => 0,
    };
    carried < media.len()
}

/// What the customer can be given of a message: its words, and all that came with them.
fn content_of(message: &Message, words: Option<String>, channel: &str, customer: &Address) -> Option<Content> {
    let caption = words.filter(|it| !it.trim().is_empty());
    let mut carried = Carried::all_of(&message.media, channel, customer);
    match carried.first_mut() {
        Some(first) => first.caption = caption,
        None => return caption.map(Content::text),
    }
    let mut parts: Vec<_> = carried.into_iter().map(|it| Content::Carried(Box::new(it))).collect();
    if parts.len() == 1 { parts.pop() } else { Some(Content::Several { parts }) }
}
