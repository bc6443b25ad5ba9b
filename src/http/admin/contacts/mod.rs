//! Customers as persons: looked up, changed by hand, forgotten.

mod deeds;
pub mod exchange;
mod list;

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin, ErrorView, Refusal, audit::noted_as, conversations::Who, customers::forget_person, refusal::store_failed,
};
use crate::{
    clock,
    model::{Address, Contact, ContactKey, Money, Order, PhoneNumber, ShopAccount, email_key},
    store::{ContactMark, Forgotten, PersonAt, StoreError, wait},
};

pub use deeds::{DeedBody, Doer, change as do_deed};
pub use exchange::Imported;
pub use list::read as read_contacts;

/// Contacts in one answer, and read from the store at once.
const MOST: usize = 1000;
const PAGE: usize = 500;
/// Orders that are shown of one contact.
const MOST_ORDERS: usize = 50;

/// Which contacts are wanted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// Part of a name, or all of something that it is found by.
    pub q: Option<String>,
    pub tag: Option<String>,
    pub tier: Option<String>,
    pub group: Option<String>,
    pub limit: Option<usize>,
    /// The mark that the answer before ended with.
    pub after: Option<String>,
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
    match found(&admin, &wanted, usize::MAX).await {
        Ok(view) => Json(view).into_response(),
        Err(error) => store_failed(&error),
    }
}

/// The contacts that are wanted, the last changed first. So many are looked through at most; what is left is `more`.
///
/// # Errors
/// The store does not answer.
pub async fn found(admin: &Admin, wanted: &Wanted, mut looks: usize) -> Result<ContactsView, StoreError> {
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
        looks = looks.saturating_sub(page.len());
        for (mark, contact) in page {
            after = Some(mark);
            let contact = standing_now(admin, contact);
            if fits(&contact, wanted) {
                contacts.push(contact);
                if contacts.len() == limit {
                    return Ok(ContactsView { contacts, more: after.as_ref().map(write_mark) });
                }
            }
        }
        if last || looks == 0 {
            let more = after.as_ref().filter(|_| !last).map(write_mark);
            return Ok(ContactsView { contacts, more });
        }
    }
}

fn write_mark(mark: &ContactMark) -> String {
    format!("{}:{}", mark.changed_ms, mark.id)
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
pub fn spent(contact: &Contact) -> Vec<Money> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for money in contact.purchases.iter().filter_map(|it| it.spent.as_ref()) {
        let sum = sums.entry(&money.currency).or_default();
        *sum = sum.saturating_add(money.minor);
    }
    sums.into_iter().map(|(currency, minor)| Money { minor, currency: currency.to_owned() }).collect()
}

/// The id of the contact that a word of the operator's names: its id, or something that it is found by.
pub async fn named(admin: &Admin, reference: &str) -> Result<Option<String>, StoreError> {
    let reference = reference.trim();
    let id = reference.to_ascii_uppercase();
    if id.starts_with("C-") && wait(admin.store.find_contact(&id)).await?.is_some() {
        return Ok(Some(id));
    }
    match wait(admin.store.contact_found_by(&keys_of(reference))).await? {
        Some(id) => Ok(Some(id)),
        None => Ok(order(admin, reference).await?.and_then(|it| it.contact)),
    }
}

/// The order of this shop and number.
async fn order(admin: &Admin, reference: &str) -> Result<Option<Order>, StoreError> {
    let Some((shop, id)) = reference.split_once('/').map(|(shop, id)| (shop.to_owned(), id.to_owned())) else {
        return Ok(None);
    };
    let store = admin.store.clone();
    let found = tokio::task::spawn_blocking(move || store.order(&shop, &id)).await;
    Ok(found.unwrap_or(Err(StoreError::Closed))?.value)
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
    params(("contact" = String, Path, description = "its id, an address `channel/chat`, an e-mail address, a phone number, an account `shop/id` or an order `shop/number`")),
    responses((status = 200, body = ContactView), (status = 404, body = ErrorView))
)]
pub async fn show(State(admin): State<Admin>, Path(reference): Path<String>) -> Response {
    let id = match named(&admin, &reference).await {
        Ok(Some(id)) => id,
        Ok(None) => {
            return match order(&admin, &reference).await {
                Ok(Some(_)) => of_nobody_known(&reference).into_response(),
                Ok(None) => unknown(&reference).into_response(),
                Err(error) => store_failed(&error),
            };
        }
        Err(error) => return store_failed(&error),
    };
    view(&admin, &id).await
}

fn unknown(reference: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, format!("there is no contact `{reference}`"))
}

fn of_nobody_known(reference: &str) -> Refusal {
    let why =
        "it is told of once the shop reports it with `chat_id`, or with an account, e-mail or phone of a contact's";
    Refusal::new(StatusCode::NOT_FOUND, format!("nobody knows whose the order `{reference}` is: {why}"))
}

/// The contact of an id with its orders, or of the one that it was made a part of.
///
/// # Errors
/// The store does not answer.
pub async fn one(admin: &Admin, id: &str) -> Result<Option<ContactView>, StoreError> {
    let Some(contact) = wait(admin.store.find_contact(id)).await? else { return Ok(None) };
    let orders = wait(admin.store.orders_of_person(&contact.id, MOST_ORDERS)).await?;
    let contact = standing_now(admin, contact);
    let spent = spent(&contact).iter().map(ToString::to_string).collect();
    Ok(Some(ContactView { contact, spent, orders }))
}

async fn view(admin: &Admin, id: &str) -> Response {
    match one(admin, id).await {
        Ok(Some(view)) => Json(view).into_response(),
        Ok(None) => unknown(id).into_response(),
        Err(error) => store_failed(&error),
    }
}

#[utoipa::path(
    post,
    path = "/v1/contacts/{contact}",
    params(Who),
    request_body = DeedBody,
    responses(
        (status = 200, body = ContactView),
        (status = 400, body = ErrorView),
        (status = 404, body = ErrorView),
        (status = 409, body = ErrorView, description = "it makes no sense for this contact"),
    )
)]
pub async fn change(
    State(admin): State<Admin>,
    Path(reference): Path<String>,
    Query(Who { by }): Query<Who>,
    Json(body): Json<DeedBody>,
) -> Response {
    let wanted = body.kind();
    let found = async {
        let Some(id) = named(&admin, &reference).await? else { return Ok(None) };
        wait(admin.store.find_contact(&id)).await
    };
    let contact = match found.await {
        Ok(Some(contact)) => contact,
        Ok(None) => return noted_as(wanted, unknown(&reference).into_response()),
        Err(error) => return noted_as(wanted, store_failed(&error)),
    };
    let id = contact.id.clone();
    match do_deed(&admin, contact, body, Doer::Operator(by)).await {
        Ok(done) => noted_as(done, view(&admin, &id).await),
        Err(refusal) => noted_as(wanted, refusal.into_response()),
    }
}

#[utoipa::path(
    delete,
    path = "/v1/contacts/{contact}",
    responses((status = 200, body = Object), (status = 404, body = ErrorView))
)]
pub async fn forget(State(admin): State<Admin>, Path(reference): Path<String>) -> Response {
    match named(&admin, &reference).await {
        Ok(Some(id)) => match forget_contact(&admin, id).await {
            Ok(forgotten) => Json(forgotten).into_response(),
            Err(error) => store_failed(&error),
        },
        Ok(None) => unknown(&reference).into_response(),
        Err(error) => store_failed(&error),
    }
}

/// Deletes everything that is kept of a contact, at all of its addresses.
///
/// # Errors
/// The store does not answer.
pub async fn forget_contact(admin: &Admin, id: String) -> Result<Forgotten, StoreError> {
    forget_person(admin, PersonAt::Contact(id)).await
}
