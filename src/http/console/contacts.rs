//! Customers as persons: the list.

use axum::{extract::Query, response::Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::{frame::Place, segment, visit::Visit};
use crate::{
    desk::Permission,
    http::admin::{
        DeedKind,
        contacts::{ContactsView, Wanted, found, spent},
    },
    model::Contact,
};

/// Contacts on one page.
const MOST: usize = 50;
/// Contacts that are looked through for one page, so that a rare tag keeps nobody waiting: the rest is behind "more".
const MOST_LOOKS: usize = 5000;

/// What the list is narrowed down by.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    tier: String,
    group: String,
    tag: String,
    after: String,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|it| !it.is_empty());
        Wanted {
            q: some(&self.q),
            tag: some(&self.tag),
            tier: some(&self.tier),
            group: some(&self.group),
            limit: Some(MOST),
            after: some(&self.after),
        }
    }

    /// The same from a mark on.
    fn more(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", &self.q), ("tier", &self.tier), ("group", &self.group), ("tag", &self.tag)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("{}?{}", Place::Contacts.path(), query.append_pair("after", after).finish())
    }
}

/// Where a contact's page is.
pub fn path_of(id: &str) -> String {
    format!("{}/{}", Place::Contacts.path(), segment(id))
}

pub async fn page(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let found = async {
        visit.require(Permission::Contacts)?;
        // What is looked for may be a name or a number: that something was is what is written down.
        visit.note(DeedKind::LookUp, "contacts", None).await?;
        visit.read(found(&visit.console.admin, &asked.wanted(), MOST_LOOKS).await)
    };
    let ContactsView { contacts, more } = match found.await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = Place::Contacts.name(tongue);
    let body = html! {
        h1 { (title) }
        (filter(&visit, &asked))
        @if contacts.is_empty() {
            p.empty { (if more.is_some() { tongue.say("Nobody among the last five thousand.", "最近五千位客户里没有。") } else { tongue.say("Nobody.", "没有客户。") }) }
        }
        ul.list { @for contact in &contacts { li { (row(&visit, contact)) } } }
        @if let Some(more) = &more { p { a.button href=(asked.more(more)) { (tongue.say("More", "更多")) } } }
    };
    visit.page(StatusCode::OK, Place::Contacts, title, &body)
}

fn filter(visit: &Visit, asked: &Asked) -> Markup {
    let tongue = visit.tongue();
    let in_force = visit.console.admin.in_force.load();
    let (tiers, groups) = in_force.playbook.standings().names();
    let choice = |id: &str, label: &str, all: &str, names: Vec<&str>, chosen: &str| {
        html! {
            @if !names.is_empty() {
                label for=(id) { (label) }
                select id=(id) name=(id) {
                    option value="" { (all) }
                    @for name in names { option value=(name) selected[name == chosen] { (name) } }
                }
            }
        }
    };
    html! {
        form.filter method="get" role="search" {
            label for="q" { (tongue.say("Find", "查找")) }
            input id="q" name="q" type="search" value=(asked.q) maxlength="200" autocomplete="off"
                placeholder=(tongue.say("Name, phone, e-mail, number", "姓名、电话、邮箱、编号"));
            label for="tag" { (tongue.say("Tag", "标签")) }
            input id="tag" name="tag" value=(asked.tag) maxlength="200" autocomplete="off";
            (choice("tier", tongue.say("Tier", "等级"), tongue.say("All tiers", "所有等级"), tiers.collect(), &asked.tier))
            (choice("group", tongue.say("Group", "分组"), tongue.say("All groups", "所有分组"), groups.collect(), &asked.group))
            button { (tongue.say("Show", "查看")) }
        }
    }
}

fn row(visit: &Visit, contact: &Contact) -> Markup {
    let tongue = visit.tongue();
    let bought = contact.purchases.len();
    html! {
        a.talk href=(path_of(&contact.id)) {
            span.who { (name_of(visit, contact)) }
            span.state { @if let Some(tier) = &contact.tier { span.badge.mine { (tier) } } }
            span.words {
                @for group in &contact.groups { span.badge.taken { (group) } " " }
                @for tag in &contact.tags { span.badge.tag { (tag) } " " }
                @if contact.groups.is_empty() && contact.tags.is_empty() { (channels(contact)) }
            }
            span.when {
                @if bought > 0 {
                    (tongue.say(format!("{bought} bought"), format!("成交 {bought}")))
                    @for money in spent(contact) { " · " (money) }
                }
            }
        }
    }
}

/// What a contact is called: by name, else by their number.
pub fn name_of(visit: &Visit, contact: &Contact) -> String {
    let named = contact.name.clone().filter(|it| !it.trim().is_empty());
    named.unwrap_or_else(|| visit.tongue().say(format!("Customer {}", contact.id), format!("客户 {}", contact.id)))
}

fn channels(contact: &Contact) -> String {
    let mut channels: Vec<&str> = contact.addresses.iter().map(|it| it.channel.as_str()).collect();
    channels.sort_unstable();
    channels.dedup();
    channels.join(", ")
}
