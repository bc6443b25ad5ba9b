//! What is kept of people and for how long, and how rows were before.

use super::{SqliteRecords, SqliteStore, audit, command::Command, queries, undo::ChangedRow};
use crate::{
    model::{Address, Contact, ContactKey, Conversation, Order, Ticket},
    store::{Archive, Deed, Export, Forgotten, Pending, Person, PersonAt, Records, StoreError},
};

impl Archive for SqliteStore {
    fn expire(&self, now_ms: i64) -> Pending<()> {
        self.writer.send(|done| Command::Expire { now_ms, done })
    }

    fn note_deed(&self, deed: Deed) -> Pending<()> {
        let keep_ms = self.retention.audit_ms;
        self.writer.errand(move |ledger| ledger.note_deed(&deed, keep_ms))
    }

    fn deeds(&self, since_ms: i64, until_ms: i64, limit: usize) -> Pending<Vec<Deed>> {
        self.ask(move |connection| audit::deeds(connection, since_ms, until_ms, limit))
    }

    fn records(&self) -> Result<Box<dyn Records>, StoreError> {
        Ok(Box::new(SqliteRecords::open(&self.path)?))
    }

    fn newest_ms(&self) -> Pending<Option<i64>> {
        self.ask(queries::newest_ms)
    }

    fn person(&self, of: PersonAt) -> Pending<Person> {
        self.ask(move |connection| queries::person(connection, &of))
    }

    fn forget(&self, person: &Person, customer_id: fn(&Address) -> String) -> Pending<Forgotten> {
        let person = person.clone();
        self.writer.wiping_errand(move |ledger| ledger.forget(&person, customer_id))
    }

    fn forget_keys(&self, plugin: &str) -> Pending<u64> {
        let plugin = plugin.to_owned();
        self.writer.wiping_errand(move |ledger| ledger.forget_keys(&plugin))
    }

    fn export(&self, address: &Address) -> Pending<Option<Export>> {
        let address = address.clone();
        self.ask(move |connection| {
            let snapshot = connection.unchecked_transaction()?;
            let conversation = queries::conversation(&snapshot, &address)?.value;
            let contact = queries::contact_by(&snapshot, &ContactKey::Address(address.clone()))?;
            let all = i64::MAX as usize;
            let orders = match &contact {
                Some(contact) => queries::orders_of_contact(&snapshot, contact, &address, all)?,
                None => queries::orders_of(&snapshot, &address, all)?,
            };
            let orders: Vec<Order> = orders.into_iter().filter_map(|it| it.value).collect();
            let contact = contact.map(|id| queries::contact(&snapshot, &id)).transpose()?.and_then(|it| it.value);
            let tickets = queries::tickets_of(&snapshot, &address)?;
            let events = queries::events_of(&snapshot, &address)?;
            // A contact may have been looked at wherever they write.
            let mut at: Vec<Address> =
                contact.iter().flat_map(|it: &Contact| &it.addresses).filter(|it| **it != address).cloned().collect();
            at.push(address.clone());
            let mut audit = Vec::new();
            for address in &at {
                audit.extend(audit::deeds_of(&snapshot, address)?);
            }
            audit.sort_by_key(|it| std::cmp::Reverse(it.at_ms));
            let nothing = conversation.is_none() && orders.is_empty() && tickets.is_empty() && events.is_empty();
            Ok((!nothing).then_some(Export { address, conversation, contact, orders, tickets, audit, events }))
        })
    }

    fn conversation_before(&self, address: &Address, event_id: i64) -> Pending<Option<Conversation>> {
        let address = address.clone();
        let row = ChangedRow::Conversation { channel: address.channel.clone(), chat: address.chat.clone() };
        self.before(row, event_id, move |connection| queries::conversation(connection, &address))
    }

    fn order_before(&self, shop: &str, id: &str, event_id: i64) -> Pending<Option<Order>> {
        let (shop, id) = (shop.to_owned(), id.to_owned());
        let row = ChangedRow::Order { shop: shop.clone(), id: id.clone() };
        self.before(row, event_id, move |connection| queries::order(connection, &shop, &id))
    }

    fn ticket_before(&self, id: &str, event_id: i64) -> Pending<Option<Ticket>> {
        let id = id.to_owned();
        self.before(ChangedRow::Ticket { id: id.clone() }, event_id, move |connection| queries::ticket(connection, &id))
    }

    fn contact_before(&self, id: &str, event_id: i64) -> Pending<Option<Contact>> {
        let id = id.to_owned();
        self.before(ChangedRow::Contact { id: id.clone() }, event_id, move |connection| {
            queries::contact(connection, &id)
        })
    }

    fn kv_before(&self, plugin: &str, key: &str, event_id: i64) -> Pending<Option<Vec<u8>>> {
        let (plugin, key) = (plugin.to_owned(), key.to_owned());
        self.ask(move |connection| {
            let snapshot = connection.unchecked_transaction()?;
            match queries::former_kv(&snapshot, &plugin, &key, event_id)? {
                Some(former) => Ok(former),
                None => Ok(queries::kv(&snapshot, &plugin, &key, i64::MIN)?.value),
            }
        })
    }
}
