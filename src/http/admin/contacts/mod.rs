//! Customers as persons: looked up, noted, tagged, put together and parted, brought in and handed out as a list.

mod list;

use std::collections::BTreeMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Admin, ErrorView,
    customers::forget_person,
    refusal::{refuse, store_failed},
};
use crate::{
    clock,
    engine::Playbook,
    model::{
        Address, Contact, ContactDeed, ContactKey, Event, EventKind, Money, Order, PhoneNumber, ShopAccount, email_key,
    },
    store::{ContactMark, PersonAt, StoreError, wait},
};

/// Contacts in one answer, and read from the store at once.
const MOST: usize = 1000;
const PAGE: usize = 500;
/// Orders that are shown of one contact.
const MOST_ORDERS: usize = 50;
/// Events that are handed in at once.
const AT_ONCE: usize = 256;

/// Which contacts are wanted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// Part of a name, or all of something that it is found by.
    q: Option<String>,
    tag: Option<String>,
    tier: Option<String>,
    group: Option<String>,
    limit: Option<usize>,
    /// The mark that the answer before ended with.
    after: Option<String>,
}

/// A page of contacts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ContactsView {
    #[schema(value_type = Vec<Object>)]
    pub contacts: Vec<Contact>,
    /// What to ask `after` for more; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
}

/// One contact with its orders.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ContactView {
    #[schema(value_type = Object)]
    pub contact: Contact,
    /// What it spent, one amount for each currency.
    #[schema(value_type = Vec<String>)]
    pub spent: Vec<String>,
    /// The newest.
    #[schema(value_type = Vec<Object>)]
    pub orders: Vec<Order>,
}

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

/// What came of a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Imported {
    pub lines: usize,
    pub new: usize,
}

#[utoipa::path(
    get,
    path = "/v1/contacts",
    params(
        ("q" = Option<String>, Query, description = "part of a name, or an address, e-mail, phone or account"),
        ("tag" = Option<String>, Query), ("tier" = Option<String>, Query), ("group" = Option<String>, Query),
        ("limit" = Option<usize>, Query), ("after" = Option<String>, Query, description = "`more` of the page before"),
    ),
    responses((status = 200, body = ContactsView))
)]
pub async fn list(State(admin): State<Admin>, Query(wanted): Query<Wanted>) -> Response {
    match found(&admin, &wanted).await {
        Ok(view) => Json(view).into_response(),
        Err(error) => store_failed(&error),
    }
}

async fn found(admin: &Admin, wanted: &Wanted) -> Result<ContactsView, StoreError> {
    let limit = wanted.limit.unwrap_or(100).clamp(1, MOST);
    if let Some(id) = match &wanted.q {
        Some(q) => named(admin, q).await?,
        None => None,
    } {
        let contacts = wait(admin.store.find_contact(&id)).await?.map(|it| standing_now(admin, it));
        return Ok(ContactsView { contacts: contacts.into_iter().collect(), more: None });
    }
    let mut after = wanted.after.as_deref().and_then(read_mark);
    let mut contacts = Vec::new();
    loop {
        let page = wait(admin.store.contacts(after.clone(), PAGE)).await?;
        let last = page.len() < PAGE;
        for (mark, contact) in page {
            after = Some(mark);
            let contact = standing_now(admin, contact);
            if fits(&contact, wanted) {
                contacts.push(contact);
                if contacts.len() == limit {
                    let more = after.map(|mark| format!("{}:{}", mark.changed_ms, mark.id));
                    return Ok(ContactsView { contacts, more });
                }
            }
        }
        if last {
            return Ok(ContactsView { contacts, more: None });
        }
    }
}

fn read_mark(text: &str) -> Option<ContactMark> {
    let (changed_ms, id) = text.split_once(':')?;
    Some(ContactMark { changed_ms: changed_ms.parse().ok()?, id: id.to_owned() })
}

fn fits(contact: &Contact, wanted: &Wanted) -> bool {
    let Wanted { q, tag, tier, group, .. } = wanted;
    let lower = |text: &str| text.to_lowercase();
    q.as_ref().is_none_or(|q| contact.name.as_ref().is_some_and(|name| lower(name).contains(&lower(q))))
        && tag.as_ref().is_none_or(|tag| contact.tags.contains(tag))
        && tier.as_ref().is_none_or(|tier| contact.tier.as_ref() == Some(tier))
        && group.as_ref().is_none_or(|group| contact.groups.contains(group))
}

/// Groups and tier as they are at this moment: time alone changes them, and the row is not written for it.
fn standing_now(admin: &Admin, mut contact: Contact) -> Contact {
    let in_force = admin.in_force.load();
    let standing = in_force.playbook.standings().of(&contact.purchases, clock::now_ms());
    (contact.tier, contact.groups) = (standing.tier, standing.groups);
    contact
}

/// What a contact spent, one amount for each currency.
pub(super) fn spent(contact: &Contact) -> Vec<Money> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for money in contact.purchases.iter().filter_map(|it| it.spent.as_ref()) {
        let sum = sums.entry(&money.currency).or_default();
        *sum = sum.saturating_add(money.minor);
    }
    sums.into_iter().map(|(currency, minor)| Money { minor, currency: currency.to_owned() }).collect()
}

/// The id of the contact that a word of the operator's names: its id, or something that it is found by.
async fn named(admin: &Admin, reference: &str) -> Result<Option<String>, StoreError> {
    let reference = reference.trim();
    let id = reference.to_ascii_uppercase();
    if id.starts_with("C-") && wait(admin.store.find_contact(&id)).await?.is_some() {
        return Ok(Some(id));
    }
    wait(admin.store.contact_found_by(&keys_of(reference))).await
}

/// What a word may be of a contact.
fn keys_of(word: &str) -> Vec<ContactKey> {
    let pair = word.split_once('/').map(|(one, other)| (one.to_owned(), other.to_owned()));
    let address = pair.clone().map(|(channel, chat)| ContactKey::Address(Address::new(channel, chat)));
    let account = pair.map(|(shop, id)| ContactKey::Account(ShopAccount { shop, id }));
    let email = email_key(word).map(ContactKey::Email);
    let phone = PhoneNumber::read(word).and_then(|it| it.as_key()).map(ContactKey::Phone);
    address.into_iter().chain(account).chain(email).chain(phone).collect()
}

#[utoipa::path(
    get,
    path = "/v1/contacts/{contact}",
    params(("contact" = String, Path, description = "its id, an address `channel/chat`, an e-mail address, a phone number or an account `shop/id`")),
    responses((status = 200, body = ContactView), (status = 404, body = ErrorView))
)]
pub async fn show(State(admin): State<Admin>, Path(reference): Path<String>) -> Response {
    let id = match named(&admin, &reference).await {
        Ok(Some(id)) => id,
        Ok(None) => return unknown(&reference),
        Err(error) => return store_failed(&error),
    };
    view(&admin, &id).await
}

fn unknown(reference: &str) -> Response {
    refuse(StatusCode::NOT_FOUND, format!("there is no contact `{reference}`"))
}

async fn view(admin: &Admin, id: &str) -> Response {
    let found = async {
        let Some(contact) = wait(admin.store.find_contact(id)).await? else { return Ok(None) };
        let orders = wait(admin.store.orders_of_person(&contact.id, MOST_ORDERS)).await?;
        Ok(Some((standing_now(admin, contact), orders)))
    };
    match found.await {
        Ok(Some((contact, orders))) => {
            let spent = spent(&contact).iter().map(ToString::to_string).collect();
            Json(ContactView { contact, spent, orders }).into_response()
        }
        Ok(None) => unknown(id),
        Err(error) => store_failed(&error),
    }
}

#[utoipa::path(
    post,
    path = "/v1/contacts/{contact}",
    request_body = DeedBody,
    responses(
        (status = 200, body = ContactView),
        (status = 400, body = ErrorView),
        (status = 404, body = ErrorView),
        (status = 409, body = ErrorView, description = "it makes no sense for this contact"),
    )
)]
pub async fn change(State(admin): State<Admin>, Path(reference): Path<String>, Json(body): Json<DeedBody>) -> Response {
    let found = async {
        let Some(id) = named(&admin, &reference).await? else { return Ok(None) };
        wait(admin.store.find_contact(&id)).await
    };
    let contact = match found.await {
        Ok(Some(contact)) => contact,
        Ok(None) => return unknown(&reference),
        Err(error) => return store_failed(&error),
    };
    let id = contact.id.clone();
    let deed = match deed_of(&admin, contact, body).await {
        Ok(deed) => deed,
        Err(refusal) => return refusal,
    };
    match admin.inbox.accept(event(deed), clock::now_ms(), None).await {
        Ok(_) => view(&admin, &id).await,
        Err(error) => store_failed(&error),
    }
}

// What is refused goes out as it is.
#[allow(clippy::result_large_err)]
async fn deed_of(admin: &Admin, of: Contact, body: DeedBody) -> Result<ContactDeed, Response> {
    let contact = of.id.clone();
    let conflict = |why: String| Err(refuse(StatusCode::CONFLICT, why));
    Ok(match body {
        DeedBody::Note { text, .. } if text.trim().is_empty() => {
            return Err(refuse(StatusCode::BAD_REQUEST, "a note says something"));
        }
        DeedBody::Note { text, by } => ContactDeed::Note { contact, text, by },
        DeedBody::Name { name } => ContactDeed::Name { contact, name: name.filter(|it| !it.trim().is_empty()) },
        DeedBody::Tag { tag } if tag.trim().is_empty() || is_standing(&tag) => {
            return Err(refuse(
                StatusCode::BAD_REQUEST,
                "tiers and groups follow from what is bought; choose another tag",
            ));
        }
        DeedBody::Tag { tag } => ContactDeed::Tag { contact, tag },
        DeedBody::Untag { tag } if !of.tags.contains(&tag) => {
            return conflict(format!("contact {contact} has no tag `{tag}`"));
        }
        DeedBody::Untag { tag } => ContactDeed::Untag { contact, tag },
        DeedBody::Merge { other } => match named(admin, &other).await.map_err(|error| store_failed(&error))? {
            None => return Err(unknown(&other)),
            Some(id) => match wait(admin.store.find_contact(&id)).await.map_err(|error| store_failed(&error))? {
                Some(other) if other.id != contact => ContactDeed::Merge { contact, other: other.id },
                _ => return conflict(format!("{other} is contact {contact} already")),
            },
        },
        DeedBody::Split { off } => {
            let part = off.trim().to_ascii_uppercase();
            if of.parts.contains(&part) {
                return Ok(ContactDeed::Split { contact, part });
            }
            match keys_of(off.trim()).into_iter().find(|key| of.keys().any(|it| it == *key)) {
                Some(_) if of.keys().count() == 1 => {
                    return conflict(format!("contact {contact} is found by nothing else"));
                }
                Some(key) => ContactDeed::PartWith { contact, key },
                None => {
                    return conflict(format!(
                        "`{off}` is no part of contact {contact}, nor anything that it is found by"
                    ));
                }
            }
        }
    })
}

fn is_standing(tag: &str) -> bool {
    tag.starts_with(Contact::TIER) || tag.starts_with(Contact::GROUP)
}

fn event(deed: ContactDeed) -> Event {
    Event {
        channel: "clerk".to_owned(),
        dedupe: format!("contact:{}", Uuid::new_v4()),
        address: Contact::own_address(deed.contact()),
        at_ms: clock::now_ms(),
        kind: EventKind::Contact(deed),
    }
}

#[utoipa::path(
    delete,
    path = "/v1/contacts/{contact}",
    responses((status = 200, body = Object), (status = 404, body = ErrorView))
)]
pub async fn forget(State(admin): State<Admin>, Path(reference): Path<String>) -> Response {
    match named(&admin, &reference).await {
        Ok(Some(id)) => forget_person(&admin, PersonAt::Contact(id)).await,
        Ok(None) => unknown(&reference),
        Err(error) => store_failed(&error),
    }
}

#[utoipa::path(
    get,
    path = "/v1/contacts.csv",
    responses((status = 200, body = String, content_type = "text/csv"))
)]
pub async fn export(State(admin): State<Admin>) -> Response {
    let mut contacts = Vec::new();
    let mut after = None;
    loop {
        match wait(admin.store.contacts(after, PAGE)).await {
            Ok(page) => {
                after = page.last().map(|(mark, _)| mark.clone());
                contacts.extend(page.into_iter().map(|(_, contact)| standing_now(&admin, contact)));
                if after.is_none() {
                    break;
                }
            }
            Err(error) => return store_failed(&error),
        }
    }
    match list::write(&contacts) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response(),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, error),
    }
}

#[utoipa::path(
    post,
    path = "/v1/contacts.csv",
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = Imported),
        (status = 400, body = ErrorView, description = "what is wrong, line by line; nothing was brought in"),
    )
)]
pub async fn import(State(admin): State<Admin>, body: Bytes) -> Response {
    let lines = match list::read(&body) {
        Ok(lines) => lines,
        Err(mistakes) => return refuse(StatusCode::BAD_REQUEST, mistakes.join("\n")),
    };
    let mut events = Vec::with_capacity(lines.len());
    let mut mistakes = Vec::new();
    let mut new = 0;
    for line in &lines {
        let known = match holders(&admin, line).await {
            Ok(known) => known,
            Err(error) => return store_failed(&error),
        };
        let contact = match (known.as_slice(), &line.id) {
            ([], Some(id)) => {
                mistakes.push(format!("line {}: there is no contact {id}", line.number));
                continue;
            }
            ([], None) => {
                new += 1;
                Playbook::new_contact_id(&Uuid::new_v4())
            }
            ([one], _) => one.clone(),
            ([one, other, ..], _) => {
                let number = line.number;
                mistakes.push(format!("line {number}: it is of {one} and of {other}; merge them first"));
                continue;
            }
        };
        events.push(event(ContactDeed::Import {
            contact,
            name: line.name.clone(),
            keys: line.keys.clone(),
            tags: line.tags.clone(),
            note: line.note.clone(),
            by: None,
        }));
    }
    if !mistakes.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, mistakes.join("\n"));
    }
    let lines = events.len();
    let mut events = events.into_iter().peekable();
    while events.peek().is_some() {
        let some = events.by_ref().take(AT_ONCE).collect();
        if let Err(error) = admin.inbox.accept_all(some, clock::now_ms()).await {
            return store_failed(&error);
        }
    }
    Json(Imported { lines, new }).into_response()
}

/// The contacts that a line is of, by its id and by what it is found by.
async fn holders(admin: &Admin, line: &list::Line) -> Result<Vec<String>, StoreError> {
    let mut ids = Vec::new();
    if let Some(id) = &line.id {
        ids.extend(wait(admin.store.find_contact(&id.trim().to_ascii_uppercase())).await?.map(|it| it.id));
        if ids.is_empty() {
            return Ok(ids);
        }
    }
    for key in &line.keys {
        let holder = wait(admin.store.contact_found_by(std::slice::from_ref(key))).await?;
        ids.extend(holder.filter(|it| !ids.contains(it)));
    }
    Ok(ids)
}
