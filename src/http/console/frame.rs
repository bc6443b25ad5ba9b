//! What all pages of somebody who is signed in have around what they show.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};

use super::{
    document::{answer, document, mark},
    may::Rights,
    session::TOKEN,
    tongue::Tongue,
    visit::Visit,
};
use crate::desk::Permission;

/// The parts of the console, in the order of their names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Now,
    Conversations,
    Tickets,
    Contacts,
    Orders,
    Mail,
    Phrases,
    Figures,
    Plugins,
    Files,
    People,
    Audit,
    More,
}

impl Place {
    pub const ALL: [Self; 12] = [
        Self::Now,
        Self::Conversations,
        Self::Tickets,
        Self::Contacts,
        Self::Orders,
        Self::Mail,
        Self::Phrases,
        Self::Figures,
        Self::Plugins,
        Self::Files,
        Self::People,
        Self::Audit,
    ];
    /// Those that a phone has room for; the rest is behind "more".
    pub const AT_HAND: [Self; 3] = [Self::Now, Self::Conversations, Self::Tickets];

    pub fn path(self) -> &'static str {
        match self {
            Self::Now => "/console/",
            Self::Conversations => "/console/conversations",
            Self::Tickets => "/console/tickets",
            Self::Contacts => "/console/contacts",
            Self::Orders => "/console/orders",
            Self::Mail => "/console/mail",
            Self::Phrases => "/console/phrases",
            Self::Figures => "/console/figures",
            Self::Plugins => "/console/plugins",
            Self::Files => "/console/files",
            Self::People => "/console/people",
            Self::Audit => "/console/audit",
            Self::More => "/console/more",
        }
    }

    pub fn name(self, tongue: Tongue) -> &'static str {
        match self {
            Self::Now => tongue.say("Now", "现在"),
            Self::Conversations => tongue.say("Conversations", "会话"),
            Self::Tickets => tongue.say("Tickets", "工单"),
            Self::Contacts => tongue.say("Contacts", "客户"),
            Self::Orders => tongue.say("Orders", "订单"),
            Self::Mail => tongue.say("Undelivered", "未送达"),
            Self::Phrases => tongue.say("Quick phrases", "快捷短语"),
            Self::Figures => tongue.say("Figures", "数据"),
            Self::Plugins => tongue.say("Plugins", "插件"),
            Self::Files => tongue.say("Settings", "设置"),
            Self::People => tongue.say("People", "人员"),
            Self::Audit => tongue.say("Audit", "操作记录"),
            Self::More => tongue.say("More", "更多"),
        }
    }

    /// Its sign, as the outline of one path on a field of 24.
    fn sign(self) -> &'static str {
        match self {
            Self::Now => {
                "M12 3v2m0 14v2M4.2 7.5 6 8.6m12 6.8 1.8 1.1M4.2 16.5 6 15.4m12-6.8 1.8-1.1M8 12a4 4 0 1 0 8 0 4 4 0 0 0-8 0"
            }
            Self::Conversations => "M4 5h16v11H9l-5 4z",
            Self::Tickets => "M4 7h16v3a2 2 0 0 0 0 4v3H4v-3a2 2 0 0 0 0-4zm10 0v10",
            Self::Contacts => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-8 8a8 8 0 0 1 16 0",
            Self::Orders => "M4 8l8-4 8 4v8l-8 4-8-4zm0 0 8 4 8-4m-8 4v8",
            Self::Mail => "M3 6h18v12H3zm0 1 9 7 9-7",
            Self::Phrases => "M13 3 5 14h6l-1 7 8-11h-6z",
            Self::Figures => "M4 20h16M7 20v-7m5 7V5m5 15v-10",
            Self::Plugins => "M9 3v5H5v5h4m0 0v8h6v-4a2 2 0 1 1 0-4V8H9",
            Self::Files => "M6 3h9l4 4v14H6zm9 0v4h4M9 12h7m-7 4h7",
            Self::People => {
                "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm-6 9a6 6 0 0 1 12 0m1-9a3 3 0 1 0-1-5.8M17 14a6 6 0 0 1 4 6"
            }
            Self::Audit => "M5 4h14v16H5zm3 5h8m-8 4h8m-8 4h5",
            Self::More => "M5 12h.01M12 12h.01M19 12h.01",
        }
    }

    /// Whether it is there for somebody.
    pub fn is_for(self, rights: &Rights) -> bool {
        match self {
            Self::Now | Self::More => true,
            Self::Conversations => rights.sees_conversations(),
            Self::Tickets => rights.may(Permission::Tickets),
            Self::Contacts => rights.may(Permission::Contacts),
            Self::Orders => rights.may(Permission::Orders),
            Self::Mail => rights.may(Permission::Answer),
            Self::Phrases => rights.may(Permission::Answer) || rights.may(Permission::Settings),
            Self::Figures => rights.may(Permission::Figures),
            Self::Plugins | Self::Files | Self::People => rights.may(Permission::Settings),
            Self::Audit => rights.may(Permission::Monitor),
        }
    }
}

impl Visit {
    /// A page.
    pub fn page(&self, status: StatusCode, at: Place, title: &str, body: &Markup) -> Response {
        let tongue = self.tongue();
        let who = self.name().map_or_else(|| tongue.say("Owner", "店主").to_owned(), |name| self.called(name));
        let there = |place: &Place| place.is_for(&self.rights);
        let body = html! {
            a.skip href="#main" { (tongue.say("To the content", "跳到内容")) }
            header.top {
                a.home href="/console/" { (mark()) span { (self.store) } }
                a.me href="/console/more" { span.sr { (tongue.say("Signed in: ", "已登录：")) } (who) }
            }
            nav.places aria-label=(tongue.say("Console", "控制台")) {
                @for place in Place::ALL.into_iter().filter(there) {
                    a.wide[!Place::AT_HAND.contains(&place)] href=(place.path()) aria-current=[(place == at).then_some("page")] {
                        (sign(place)) span { (place.name(tongue)) }
                    }
                }
                a.narrow href="/console/more" aria-current=[(!Place::AT_HAND.contains(&at)).then_some("page")] {
                    (sign(Place::More)) span { (Place::More.name(tongue)) }
                }
            }
            main id="main" tabindex="-1" { (body) }
        };
        answer(status, document(tongue, &format!("{title} · {}", self.store), &body))
    }

    /// A page that says why something was not done.
    pub fn refusal(&self, status: StatusCode, why: &str) -> Response {
        let tongue = self.tongue();
        let body = html! {
            h1 { (tongue.say("Not done", "没有完成")) }
            p.notice.bad role="alert" { (why) }
            p { a.button href="/console/" { (Place::Now.name(tongue)) } }
        };
        self.page(status, Place::More, tongue.say("Not done", "没有完成"), &body)
    }

    /// The field without which a form is refused.
    pub fn token(&self) -> Markup {
        html! { input type="hidden" name=(TOKEN) value=(self.signed_in.form_token); }
    }

    /// A form that is one button.
    pub fn button(&self, action: &str, label: &str, class: &str) -> Markup {
        html! { form method="post" action=(action) { (self.token()) button class=(class) { (label) } } }
    }
}

fn sign(place: Place) -> Markup {
    html! { svg viewBox="0 0 24 24" aria-hidden="true" { path d=(place.sign()) {} } }
}
