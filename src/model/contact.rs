use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Address, Conversation, Money, OpenTicket};

/// A customer as one person: known by the addresses at which they are spoken to, and by what shops know of them.
///
/// What decisions about their messages need of it stands in each of their conversations as well (`Conversation::contact`
/// and the tags), so that this row is neither read nor written with each of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Short and sayable; unique in the store, and the same however often its event is decided.
    pub id: String,
    pub name: Option<String>,
    /// Where they are spoken to; the one they were last heard of at goes first.
    pub addresses: Vec<Address>,
    /// Lower case.
    pub emails: Vec<String>,
    /// In digits, with a plus where they begin with a country's code.
    pub phones: Vec<String>,
    pub accounts: Vec<ShopAccount>,
    /// What the store, its rules and plugins call them by; holds in all of their conversations.
    pub tags: Vec<String>,
    /// By what they bought: the names of `contacts.toml`.
    pub groups: Vec<String>,
    pub tier: Option<String>,
    pub notes: Vec<ContactNote>,
    pub first_seen_ms: Option<i64>,
    /// Orders that count as bought, oldest first; the newest few hundred.
    pub purchases: Vec<Purchase>,
    /// Tickets that are open, of whichever of their conversations.
    pub tickets: Vec<OpenTicket>,
    /// Contacts that people of the store said are somebody else: what shops know makes them one no more.
    pub apart: Vec<String>,
    /// Contacts that were made a part of this one.
    pub parts: Vec<String>,
    /// The contact that this one was made a part of: it is spoken of as that one, and kept to be split off again.
    pub merged_into: Option<String>,
}

/// A customer's account with a shop, by the shop's own id of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ShopAccount {
    pub shop: String,
    pub id: String,
}

/// What somebody of the store wrote down about a contact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactNote {
    pub at_ms: i64,
    pub by: Option<String>,
    pub text: String,
}

/// An order that counts: paid for, or delivered and paid to the courier; neither cancelled nor given back as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Purchase {
    pub shop: String,
    pub id: String,
    pub at_ms: i64,
    /// What was paid, without what went back; `None` where the shop did not say.
    pub spent: Option<Money>,
}

/// Something that a contact is found by. It belongs to one contact at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKey {
    Address(Address),
    Account(ShopAccount),
    Email(String),
    Phone(String),
}

impl ContactKey {
    /// As the store writes it: kind, scope, value.
    pub fn parts(&self) -> (&'static str, &str, &str) {
        match self {
            Self::Address(address) => ("address", &address.channel, &address.chat),
            Self::Account(account) => ("account", &account.shop, &account.id),
            Self::Email(email) => ("email", "", email),
            Self::Phone(phone) => ("phone", "", phone),
        }
    }
}

/// What a conversation knows of its contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRef {
    pub id: String,
    /// When groups or tier change by the passing of time alone, so that they are looked at anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
    /// Which terms for groups and tiers they were found by; other terms, and they are looked at anew.
    #[serde(default)]
    pub terms: u32,
}

impl Contact {
    /// The tag that stands for a tier: `tier:gold`.
    pub const TIER: &'static str = "tier:";
    /// The tag that stands for a group: `group:regulars`.
    pub const GROUP: &'static str = "group:";

    /// The longest tag, in bytes.
    const LONGEST_TAG: usize = 200;

    /// What was written, if people may tag somebody so: one line, without what stands between several in a list, and
    /// nothing that follows from what was bought.
    pub fn tag(written: &str) -> Option<String> {
        let tag = written.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_one = !tag.is_empty()
            && tag.len() <= Self::LONGEST_TAG
            && !tag.contains(';')
            && !tag.starts_with(Self::TIER)
            && !tag.starts_with(Self::GROUP);
        is_one.then_some(tag)
    }

    /// Where what people of the store do with the contact itself is decided and logged.
    pub fn own_address(id: &str) -> Address {
        Address::new("clerk", format!("contact:{id}"))
    }

    /// Whether it stands for itself.
    pub fn is_whole(&self) -> bool {
        self.merged_into.is_none()
    }

    /// All that it is found by.
    pub fn keys(&self) -> impl Iterator<Item = ContactKey> + '_ {
        let addresses = self.addresses.iter().cloned().map(ContactKey::Address);
        let accounts = self.accounts.iter().cloned().map(ContactKey::Account);
        let emails = self.emails.iter().cloned().map(ContactKey::Email);
        let phones = self.phones.iter().cloned().map(ContactKey::Phone);
        addresses.chain(accounts).chain(emails).chain(phones)
    }

    /// Is found by this as well; whether that is news.
    pub fn add_key(&mut self, key: &ContactKey) -> bool {
        fn add<T: Clone + PartialEq>(known: &mut Vec<T>, more: &T) -> bool {
            let is_news = !known.contains(more);
            if is_news {
                known.push(more.clone());
            }
            is_news
        }
        match key {
            ContactKey::Address(address) => add(&mut self.addresses, address),
            ContactKey::Account(account) => add(&mut self.accounts, account),
            ContactKey::Email(email) => add(&mut self.emails, email),
            ContactKey::Phone(phone) => add(&mut self.phones, phone),
        }
    }

    /// Is found by this no more; whether it was.
    pub fn drop_key(&mut self, key: &ContactKey) -> bool {
        fn drop_from<T: PartialEq>(known: &mut Vec<T>, gone: &T) -> bool {
            let before = known.len();
            known.retain(|it| it != gone);
            known.len() < before
        }
        match key {
            ContactKey::Address(address) => drop_from(&mut self.addresses, address),
            ContactKey::Account(account) => drop_from(&mut self.accounts, account),
            ContactKey::Email(email) => drop_from(&mut self.emails, email),
            ContactKey::Phone(phone) => drop_from(&mut self.phones, phone),
        }
    }

    /// The tags that each of its conversations has: its own, and those that stand for tier and groups.
    pub fn all_tags(&self) -> Vec<String> {
        let tier = self.tier.iter().map(|tier| format!("{}{tier}", Self::TIER));
        let groups = self.groups.iter().map(|group| format!("{}{group}", Self::GROUP));
        self.tags.iter().cloned().chain(tier).chain(groups).collect()
    }

    pub fn has_opted_out(&self) -> bool {
        self.tags.iter().any(|tag| tag == Conversation::OPTED_OUT)
    }
}

/// What a shop says of an order's customer, by which they are known again; in the form in which contacts are found by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerSigns {
    /// The shop's own id of the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl CustomerSigns {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a person of the store does with a contact. `by`: the team or person, where it was said who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum ContactDeed {
    Note {
        contact: String,
        text: String,
        by: Option<String>,
    },
    /// `None` takes the name away.
    Name {
        contact: String,
        name: Option<String>,
        #[serde(default)]
        by: Option<String>,
    },
    Tag {
        contact: String,
        tag: String,
        #[serde(default)]
        by: Option<String>,
    },
    Untag {
        contact: String,
        tag: String,
        #[serde(default)]
        by: Option<String>,
    },
    /// Makes another contact a part of this one.
    Merge {
        contact: String,
        other: String,
        #[serde(default)]
        by: Option<String>,
    },
    /// What was made a part of it stands for itself again.
    Split {
        contact: String,
        part: String,
        #[serde(default)]
        by: Option<String>,
    },
    /// Something that it is found by is another person's, who has a contact of their own from now on.
    PartWith {
        contact: String,
        key: ContactKey,
        #[serde(default)]
        by: Option<String>,
    },
    /// A line of a list. It makes a contact where there is none of this id.
    Import {
        contact: String,
        name: Option<String>,
        keys: Vec<ContactKey>,
        tags: Vec<String>,
        note: Option<String>,
        by: Option<String>,
    },
}

impl ContactDeed {
    /// The contact that it is about.
    pub fn contact(&self) -> &str {
        match self {
            Self::Note { contact, .. }
            | Self::Name { contact, .. }
            | Self::Tag { contact, .. }
            | Self::Untag { contact, .. }
            | Self::Merge { contact, .. }
            | Self::Split { contact, .. }
            | Self::PartWith { contact, .. }
            | Self::Import { contact, .. } => contact,
        }
    }

    /// Who does it, where it was said.
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::Note { by, .. }
            | Self::Name { by, .. }
            | Self::Tag { by, .. }
            | Self::Untag { by, .. }
            | Self::Merge { by, .. }
            | Self::Split { by, .. }
            | Self::PartWith { by, .. }
            | Self::Import { by, .. } => by.as_deref(),
        }
    }

    /// What is done, without any word that was written.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Note { .. } => "note",
            Self::Name { .. } => "name",
            Self::Tag { .. } => "tag",
            Self::Untag { .. } => "untag",
            Self::Merge { .. } => "merge",
            Self::Split { .. } => "split",
            Self::PartWith { .. } => "part",
            Self::Import { .. } => "import",
        }
    }
}

impl fmt::Display for ContactDeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of contact {}", self.name(), self.contact())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_one_line_that_a_list_can_hold_and_stands_for_nothing_bought() {
        assert_eq!(Contact::tag(" big\n spender ").as_deref(), Some("big spender"));
        assert_eq!(Contact::tag("老客户").as_deref(), Some("老客户"));
        for written in ["", " \n", "a;b", "tier:gold", " group:regulars", &"x".repeat(201)] {
            assert_eq!(Contact::tag(written), None, "{written}");
        }
    }
}
