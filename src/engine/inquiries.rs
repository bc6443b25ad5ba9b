//! What the rest of the daemon may ask of the store's configuration: who works there, when, under what name, what it sells.

use std::{borrow::Cow, collections::BTreeMap};

use super::{Playbook, Standings};
use crate::{
    desk::{People, Permission},
    language::Language,
    model::{Address, Money, Product},
    setting::Problem,
};

/// The store as a visitor sees it.
pub struct Storefront<'a> {
    pub name: Cow<'a, str>,
    pub picture: Option<&'a str>,
    /// `#24507a`.
    pub colour: Option<&'a str>,
    pub url: Option<&'a str>,
}

impl Playbook {
    /// Who works in the store.
    pub fn people(&self) -> &People {
        &self.shop.people
    }

    /// The team or person that a name means, itself or as a route.
    pub fn member<'a>(&'a self, to: &'a str) -> &'a str {
        self.shop.member(to)
    }

    /// What colleagues call a team or person; whoever is not in store.toml by their own name.
    pub fn called(&self, name: &str) -> String {
        let title = self.shop.title(name, self.shop.language(None));
        if title.is_empty() { name.to_owned() } else { title.into_owned() }
    }

    /// The codes of the quick phrases.
    pub fn quick_codes(&self) -> impl Iterator<Item = &str> {
        self.phrases.quick_codes()
    }

    /// Whether store.toml has a team or person of this name.
    pub fn has_member(&self, name: &str) -> bool {
        self.shop.names_member(name)
    }

    /// The teams and people of store.toml, and the routes to them.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.shop.names()
    }

    /// The team of each person of store.toml who is of one.
    pub fn teams_of_people(&self) -> BTreeMap<String, String> {
        self.shop.teams_of_people()
    }

    /// Whether a person of store.toml may look up what colleagues did, and said with whom.
    pub fn may_monitor(&self, name: &str) -> bool {
        let people = &self.shop.people;
        people.person(name).is_some_and(|it| people.may(Some(it), &Address::default(), Permission::Monitor))
    }

    /// Whether this is a chat of the store's own people.
    pub fn is_colleagues(&self, address: &Address) -> bool {
        self.shop.is_colleagues(address)
    }

    /// Where a team or person of store.toml can be told of things.
    pub fn address_of(&self, name: &str) -> Option<Address> {
        self.shop.address_of(name).cloned()
    }

    /// The language of the store's own people.
    pub fn own_language(&self) -> &str {
        self.shop.identity.language.as_str()
    }

    /// A customer's language as this store speaks it, its own where the customer's is not known.
    pub fn language<'a>(&'a self, customers: Option<&'a str>) -> Language<'a> {
        self.shop.language(customers)
    }

    /// How the store shows itself on a page of its own.
    pub fn storefront<'a>(&'a self, language: &'a str) -> Storefront<'a> {
        let identity = &self.shop.identity;
        Storefront {
            name: self.shop.name(self.language(Some(language))),
            picture: identity.picture.as_deref(),
            colour: identity.colour.as_deref(),
            url: identity.url.as_deref(),
        }
    }

    /// The product whose page this is.
    pub fn product_at(&self, url: &str) -> Option<&Product> {
        self.catalogue.at(url)
    }

    /// Products whose SKU, name or alias occurs in `query`, best first.
    pub fn products(&self, query: &str, limit: usize) -> Vec<Product> {
        self.catalogue.find(query, limit).into_iter().cloned().collect()
    }

    /// What the store means to sell in a month, by currency.
    pub fn targets(&self) -> &BTreeMap<String, Money> {
        &self.shop.targets
    }

    /// By what terms customers are told apart.
    pub fn standings(&self) -> &Standings {
        &self.standings
    }

    /// Whether people are there to answer.
    pub fn is_open(&self, now_ms: i64) -> bool {
        self.schedule.is_open(now_ms)
    }

    /// Whether a team's people are there to answer.
    pub fn is_team_open(&self, team: &str, now_ms: i64) -> bool {
        self.hours_of(team).is_open(now_ms)
    }

    /// The zone of the store's clock.
    pub fn zone(&self) -> &jiff::tz::TimeZone {
        self.schedule.zone()
    }

    /// What customers may mean, by the names that rules and traces have for it.
    pub fn intents(&self) -> impl Iterator<Item = &str> {
        self.intents.names()
    }

    /// Texts of the store that are not there in each of its `languages`: nothing wrong, but good to know.
    pub fn gaps(&self) -> &[Problem] {
        &self.gaps
    }

    /// What in the files is likely not meant, though it can be run.
    pub fn doubts(&self) -> &[Problem] {
        &self.rules.doubts
    }
}
