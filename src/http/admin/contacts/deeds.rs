//! What can be done with a contact by hand.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Admin, keys_of, named, unknown};
use crate::{
    clock,
    http::admin::{
        Refusal,
        deed_kind::{DeedKind, OPERATORS},
    },
    model::{Contact, ContactDeed, Event, EventKind},
    store::wait,
};

/// What is to be done with a contact.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "deed", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeedBody {
    Note {
        text: String,
        #[serde(default)]
        by: Option<String>,
    },
    Name {
        name: Option<String>,
    },
    Tag {
        tag: String,
    },
    Untag {
        tag: String,
    },
    /// Makes another contact a part of this one.
    Merge {
        other: String,
    },
    /// Takes apart again: what was merged into it, by its id, or one thing that it is found by.
    Split {
        off: String,
    },
}

impl DeedBody {
    /// What is wanted.
    pub(super) fn kind(&self) -> DeedKind {
        match self {
            Self::Note { .. } => DeedKind::Note,
            Self::Name { .. } => DeedKind::Name,
            Self::Tag { .. } => DeedKind::Tag,
            Self::Untag { .. } => DeedKind::Untag,
            Self::Merge { .. } => DeedKind::Merge,
            Self::Split { .. } => DeedKind::Split,
        }
    }
}

/// Who does something with a contact.
pub enum Doer {
    /// A person at the console; `None` for the owner. The log says who it was, and so does the audit.
    SignedIn(Option<String>),
    /// An operator, in whose name they say. The audit has it as they asked for it, and not from the log once more.
    Operator(Option<String>),
}

/// Does something with a contact, and waits until it is durable; what was done.
///
/// # Errors
/// It makes no sense for this contact, or the store does not answer.
pub async fn change(admin: &Admin, of: Contact, body: DeedBody, doer: Doer) -> Result<DeedKind, Refusal> {
    let (by, is_operator) = match doer {
        Doer::SignedIn(by) => (by, false),
        Doer::Operator(by) => (by, true),
    };
    let deed = deed_of(admin, of, body, by).await?;
    let done = DeedKind::of_contact(&deed);
    admin.inbox.accept(event(deed, is_operator), clock::now_ms(), None).await?;
    Ok(done)
}

async fn deed_of(admin: &Admin, of: Contact, body: DeedBody, by: Option<String>) -> Result<ContactDeed, Refusal> {
    let contact = of.id.clone();
    let conflict = |why: String| Err(Refusal::new(StatusCode::CONFLICT, why));
    Ok(match body {
        DeedBody::Note { text, .. } if text.trim().is_empty() => {
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "a note says something"));
        }
        DeedBody::Note { text, by: named } => ContactDeed::Note { contact, text, by: named.or(by) },
        DeedBody::Name { name } => ContactDeed::Name { contact, name: name.filter(|it| !it.trim().is_empty()), by },
        DeedBody::Tag { tag } => match Contact::tag(&tag) {
            Some(tag) => ContactDeed::Tag { contact, tag, by },
            None => {
                return Err(Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "a tag is one line without `;`; tiers and groups follow from what is bought",
                ));
            }
        },
        DeedBody::Untag { tag } if !of.tags.contains(&tag) => {
            return conflict(format!("contact {contact} has no tag `{tag}`"));
        }
        DeedBody::Untag { tag } => ContactDeed::Untag { contact, tag, by },
        DeedBody::Merge { other } => match named(admin, &other).await? {
            None => return Err(unknown(&other)),
            Some(id) => match wait(admin.store.find_contact(&id)).await? {
                Some(other) if other.id != contact => ContactDeed::Merge { contact, other: other.id, by },
                _ => return conflict(format!("{other} is contact {contact} already")),
            },
        },
        DeedBody::Split { off } => {
            let part = off.trim().to_ascii_uppercase();
            if of.parts.contains(&part) {
                return Ok(ContactDeed::Split { contact, part, by });
            }
            match keys_of(off.trim()).into_iter().find(|key| of.keys().any(|it| it == *key)) {
                Some(_) if of.keys().count() == 1 => {
                    return conflict(format!("contact {contact} is found by nothing else"));
                }
                Some(key) => ContactDeed::PartWith { contact, key, by },
                None => {
                    return conflict(format!(
                        "`{off}` is no part of contact {contact}, nor anything that it is found by"
                    ));
                }
            }
        }
    })
}

/// A deed, as an event of the contact's own.
pub(super) fn event(deed: ContactDeed, is_operator: bool) -> Event {
    let source = if is_operator { OPERATORS } else { "contact:" };
    Event {
        channel: "clerk".to_owned(),
        dedupe: format!("{source}{}", Uuid::new_v4()),
        address: Contact::own_address(deed.contact()),
        at_ms: clock::now_ms(),
        kind: EventKind::Contact(deed),
    }
}
