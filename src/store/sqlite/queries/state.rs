//! How things stand: conversations, orders, tickets, contacts, keys of plugins.

use rusqlite::{Connection, Params, Result};
use serde::de::DeserializeOwned;

use super::{all, first};
use crate::{
    model::{Address, Contact, ContactKey, Conversation, Order, Ticket, Version, Versioned},
    store::{ContactMark, Person, PersonAt, sqlite::rows},
};

const CONVERSATION: &str =
    "SELECT state, version FROM conversations WHERE channel = ?1 AND chat = ?2 AND state IS NOT NULL";
const ORDER: &str = "SELECT state, version FROM orders WHERE shop = ?1 AND number = ?2";
const ORDERS_OF: &str = "SELECT o.state, o.version FROM conversations c JOIN orders o ON o.conversation_id = c.id
     WHERE c.channel = ?1 AND c.chat = ?2 ORDER BY o.id DESC LIMIT ?3";
const ORDERS_NUMBERED: &str = concat!(
    "SELECT state, version FROM orders WHERE ",
    "ltrim(replace(replace(replace(replace(replace(replace(lower(number), '#', ''), '-', ''), '_', ''), ' ', ''), '/', ''), ",
    "'.', ''), 'abcdefghijklmnopqrstuvwxyz') = ?1 ORDER BY id DESC LIMIT ?2"
);
const TICKET: &str = "SELECT state, version FROM tickets WHERE id = ?1";
const OPEN_TICKETS: &str =
    "SELECT state FROM tickets WHERE closed_ms IS NULL ORDER BY urgency DESC, opened_ms LIMIT ?1";
const TICKETS_OPENED: &str =
    "SELECT state FROM tickets WHERE opened_ms >= ?1 AND opened_ms < ?2 ORDER BY opened_ms LIMIT ?3";
/// The addresses without a chat are as many as there are channels.
const UNREACHABLE_ORDERS: &str = "SELECT o.state FROM conversations n CROSS JOIN orders o ON o.conversation_id = n.id
     WHERE n.chat = '' ORDER BY o.id DESC LIMIT ?1";
const TICKETS_OF: &str = "SELECT t.state FROM conversations c JOIN tickets t ON t.conversation_id = c.id
     WHERE c.channel = ?1 AND c.chat = ?2";
const CONTACT: &str = "SELECT state, version FROM contacts WHERE id = ?1";
const CONTACT_WITH_PARTS: &str = "SELECT state FROM contacts WHERE id = ?1
     UNION ALL SELECT state FROM contacts WHERE merged_into = ?1";
const CONTACT_BY: &str = "SELECT contact FROM contact_keys WHERE kind = ?1 AND scope = ?2 AND value = ?3";
pub const CONTACT_AT: &str = "SELECT contact FROM contact_keys WHERE kind = 'address' AND scope = ?1 AND value = ?2";
pub const CONTACT_OF_ORDER: &str = "SELECT coalesce(x.merged_into, x.id) FROM orders o CROSS JOIN contacts x
     ON x.id = o.contact WHERE o.shop = ?1 AND o.number = ?2";
/// Those of their address, and those that are theirs or of whoever was made a part of them.
const ORDERS_OF_CONTACT: &str = "SELECT state, version FROM orders WHERE id IN (
         SELECT o.id FROM conversations c JOIN orders o ON o.conversation_id = c.id WHERE c.channel = ?1 AND c.chat = ?2
         UNION ALL SELECT id FROM orders WHERE contact = ?3
         UNION ALL SELECT o.id FROM contacts m JOIN orders o ON o.contact = m.id WHERE m.merged_into = ?3
     ) ORDER BY id DESC LIMIT ?4";
const CONTACTS: &str = "SELECT changed_ms, id, state FROM contacts WHERE whole = 1 AND (changed_ms, id) < (?1, ?2)
     ORDER BY changed_ms DESC, id DESC LIMIT ?3";
const KV: &str =
    "SELECT iif(coalesce(expires_ms > ?3, 1), value, NULL), version FROM kv WHERE plugin = ?1 AND key = ?2";
/// A prefix is a range: from itself to before the first text that does not begin with it.
const KV_KEYS: &str = "SELECT key FROM kv WHERE plugin = ?1 AND key > ?3 AND key >= ?2 AND key < ?2 || char(1114111)
     AND coalesce(expires_ms > ?4, 1) ORDER BY key LIMIT ?5";
const KV_SIZE: &str = "SELECT bytes FROM kv_sizes WHERE plugin = ?1";

/// Those that are asked often, for the test that none reads a whole table.
#[cfg(test)]
pub const ALL: &[&str] = &[
    CONVERSATION,
    ORDER,
    ORDERS_OF,
    ORDERS_NUMBERED,
    TICKET,
    OPEN_TICKETS,
    TICKETS_OF,
    CONTACT,
    CONTACT_BY,
    CONTACT_WITH_PARTS,
    CONTACTS,
    ORDERS_OF_CONTACT,
    KV,
    KV_KEYS,
    KV_SIZE,
    CONTACT_AT,
    CONTACT_OF_ORDER,
];

pub fn conversation(connection: &Connection, address: &Address) -> Result<Versioned<Conversation>> {
    one(connection, CONVERSATION, (&address.channel, &address.chat))
}

pub fn order(connection: &Connection, shop: &str, id: &str) -> Result<Versioned<Order>> {
    one(connection, ORDER, (shop, id))
}

pub fn orders_of(connection: &Connection, address: &Address, limit: usize) -> Result<Vec<Versioned<Order>>> {
    all(connection, ORDERS_OF, (&address.channel, &address.chat, limit as i64), rows::versioned)
}

pub fn orders_numbered(connection: &Connection, number: &str, limit: usize) -> Result<Vec<Versioned<Order>>> {
    let plain: String = number.chars().filter(|it| !matches!(it, '#' | '-' | '_' | ' ' | '/' | '.')).collect();
    let plain = plain.to_ascii_lowercase();
    let digits = plain.trim_start_matches(|it: char| it.is_ascii_lowercase());
    if digits.is_empty() {
        return Ok(Vec::new());
    }
    all(connection, ORDERS_NUMBERED, (digits, limit as i64), rows::versioned)
}

pub fn ticket(connection: &Connection, id: &str) -> Result<Versioned<Ticket>> {
    one(connection, TICKET, (id,))
}

pub fn open_tickets(connection: &Connection, limit: usize) -> Result<Vec<Ticket>> {
    all(connection, OPEN_TICKETS, (limit as i64,), |row| rows::json(row, 0))
}

pub fn tickets_opened(connection: &Connection, from_ms: i64, until_ms: i64, limit: usize) -> Result<Vec<Ticket>> {
    all(connection, TICKETS_OPENED, (from_ms, until_ms, limit as i64), |row| rows::json(row, 0))
}

pub fn unreachable_orders(connection: &Connection, limit: usize) -> Result<Vec<Order>> {
    all(connection, UNREACHABLE_ORDERS, (limit as i64,), |row| rows::json(row, 0))
}

pub fn tickets_of(connection: &Connection, address: &Address) -> Result<Vec<Ticket>> {
    all(connection, TICKETS_OF, (&address.channel, &address.chat), |row| rows::json(row, 0))
}

pub fn contact(connection: &Connection, id: &str) -> Result<Versioned<Contact>> {
    one(connection, CONTACT, (id,))
}

/// The contact of an id, or the one that it was made a part of, however often.
pub fn whole_contact(connection: &Connection, id: &str) -> Result<Option<Contact>> {
    let mut id = id.to_owned();
    for _ in 0..8 {
        match contact(connection, &id)?.value {
            Some(Contact { merged_into: Some(into), .. }) => id = into,
            found => return Ok(found),
        }
    }
    Ok(None)
}

pub fn contacts(
    connection: &Connection,
    after: Option<&ContactMark>,
    limit: usize,
) -> Result<Vec<(ContactMark, Contact)>> {
    let (changed_ms, id) = after.map_or((i64::MAX, ""), |mark| (mark.changed_ms, &mark.id));
    all(connection, CONTACTS, (changed_ms, id, limit as i64), |row| {
        Ok((ContactMark { changed_ms: row.get(0)?, id: row.get(1)? }, rows::json(row, 2)?))
    })
}

pub fn contact_by(connection: &Connection, key: &ContactKey) -> Result<Option<String>> {
    first(connection, CONTACT_BY, key.parts(), |row| row.get(0))
}

/// A contact and those that were made a part of it.
pub fn contact_with_parts(connection: &Connection, id: &str) -> Result<Vec<Contact>> {
    all(connection, CONTACT_WITH_PARTS, (id,), |row| rows::json(row, 0))
}

pub fn person(connection: &Connection, of: &PersonAt) -> Result<Person> {
    let snapshot = connection.unchecked_transaction()?;
    let (contact, mut addresses) = match of {
        PersonAt::Address(address) => {
            (contact_by(&snapshot, &ContactKey::Address(address.clone()))?, vec![address.clone()])
        }
        PersonAt::Contact(id) => (contact(&snapshot, id)?.value.map(|it| it.merged_into.unwrap_or(it.id)), Vec::new()),
    };
    for part in contact.iter().map(|id| contact_with_parts(&snapshot, id)).collect::<Result<Vec<_>>>()?.concat() {
        addresses.push(Contact::own_address(&part.id));
        // What a part brought is the whole's as well, unless it turned out to be somebody else's.
        if part.is_whole() {
            addresses.extend(part.addresses);
        }
    }
    addresses.sort();
    addresses.dedup();
    Ok(Person { contact, addresses })
}

pub fn orders_of_contact(
    connection: &Connection,
    contact: &str,
    address: &Address,
    limit: usize,
) -> Result<Vec<Versioned<Order>>> {
    let parameters = (&address.channel, &address.chat, contact, limit as i64);
    all(connection, ORDERS_OF_CONTACT, parameters, rows::versioned)
}

pub fn kv(connection: &Connection, plugin: &str, key: &str, now_ms: i64) -> Result<Versioned<Vec<u8>>> {
    let found = first(connection, KV, (plugin, key, now_ms), |row| {
        Ok(Versioned { value: row.get(0)?, version: Version(row.get(1)?) })
    })?;
    Ok(found.unwrap_or_else(Versioned::none))
}

pub fn kv_keys(
    connection: &Connection,
    plugin: &str,
    prefix: &str,
    after: &str,
    now_ms: i64,
    limit: usize,
) -> Result<Vec<String>> {
    all(connection, KV_KEYS, (plugin, prefix, after, now_ms, limit as i64), |row| row.get(0))
}

pub fn kv_size(connection: &Connection, plugin: &str) -> Result<u64> {
    let bytes: Option<i64> = first(connection, KV_SIZE, (plugin,), |row| row.get(0))?;
    Ok(bytes.map_or(0, |bytes| bytes.max(0).unsigned_abs()))
}

fn one<T: DeserializeOwned>(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Versioned<T>> {
    Ok(first(connection, sql, parameters, rows::versioned)?.unwrap_or_else(Versioned::none))
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::sqlite::schema::{open_reader, open_writer};

    #[test]
    fn a_statement_is_prepared_once_whatever_it_is_asked_with() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.sqlite");
        drop(open_writer(&path).unwrap());
        let reader = open_reader(&path).unwrap();
        for sql in [CONVERSATION, ORDER, ORDERS_OF, ORDERS_OF_CONTACT, ORDERS_NUMBERED, OPEN_TICKETS, CONTACTS, KV_KEYS]
        {
            let mut statement = reader.prepare(sql).unwrap();
            for value in 1..4 {
                for parameter in 1..=statement.parameter_count() {
                    statement.raw_bind_parameter(parameter, value).unwrap();
                }
                assert!(statement.raw_query().next().unwrap().is_none(), "an empty store");
            }
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{sql}");
        }
    }
}
