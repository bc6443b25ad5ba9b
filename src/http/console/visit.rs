//! Somebody who is signed in, with what they may do and how the store's clock goes: what every page begins with.

use axum::{
    extract::{FromRef, FromRequestParts},
    response::Response,
};
use http::{StatusCode, request::Parts};
use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};

use super::{Console, may::Rights, session::SignedIn, tongue::Tongue};
use crate::{
    clock,
    desk::Permission,
    http::admin::{DeedKind, Refusal, audit::OWNER},
    model::Address,
    store::{Deed, StoreError, wait},
};

/// One request of somebody who is signed in.
pub struct Visit {
    pub console: Console,
    pub signed_in: SignedIn,
    pub rights: Rights,
    /// The store's name, in the language of the page.
    pub store: String,
    pub now_ms: i64,
    zone: TimeZone,
}

impl Visit {
    pub fn of(console: Console, signed_in: SignedIn) -> Self {
        let rights = Rights::of(&console.admin, &signed_in);
        let in_force = console.admin.in_force.load_full();
        let playbook = &in_force.playbook;
        let store = playbook.storefront(signed_in.tongue.tag()).name.to_string();
        Self { rights, store, now_ms: clock::now_ms(), zone: playbook.zone().clone(), signed_in, console }
    }

    pub fn tongue(&self) -> Tongue {
        self.signed_in.tongue
    }

    /// Who it is, as decisions name them; `None` for the owner.
    pub fn name(&self) -> Option<&str> {
        self.signed_in.person.as_deref()
    }

    /// # Errors
    /// They may not do that: the page that says so.
    pub fn require(&self, wanted: Permission) -> Result<(), Response> {
        if self.rights.may(wanted) { Ok(()) } else { Err(self.not_permitted()) }
    }

    pub fn not_permitted(&self) -> Response {
        let why = self.tongue().say(
            "Your role does not allow this. Whoever keeps store.toml can change it.",
            "您的角色没有这项权限。管理 store.toml 的人可以调整。",
        );
        self.refusal(StatusCode::FORBIDDEN, why)
    }

    pub fn no_such_deed(&self) -> Response {
        self.refusal(StatusCode::NOT_FOUND, self.tongue().say("There is no such deed.", "没有这个操作。"))
    }

    /// The page for what the store, or a part of the daemon, refused.
    pub fn failed(&self, refusal: impl Into<Refusal>) -> Response {
        let Refusal { status, why } = refusal.into();
        self.refusal(status, &self.tongue().0.say(&why))
    }

    /// Writes down what they look at, or do that is not on the log, before it is shown or done.
    ///
    /// # Errors
    /// It cannot be written down, so it is not done: the page that says so.
    pub async fn note(&self, what: DeedKind, subject: &str, address: Option<&Address>) -> Result<(), Response> {
        self.read(note(&self.console, self.name(), what, subject, address).await)
    }

    /// What the store answered.
    ///
    /// # Errors
    /// It does not answer: the page that says so.
    pub fn read<T>(&self, answered: Result<T, StoreError>) -> Result<T, Response> {
        answered.map_err(|error| self.failed(error))
    }

    /// A moment on the store's clock: the time of today, else the date as well.
    pub fn time(&self, at_ms: i64) -> Markup {
        let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned_datetime(self.zone.clone());
        let (then, now) = (at(at_ms), at(self.now_ms));
        let format = match then.date() {
            day if day == now.date() => "%H:%M",
            day if day.year() == now.date().year() => "%m-%d %H:%M",
            _ => "%Y-%m-%d %H:%M",
        };
        html! { time datetime=(then.timestamp()) { (then.strftime(format)) } }
    }

    /// How long ago.
    pub fn since(&self, at_ms: i64) -> String {
        self.tongue().since(self.now_ms - at_ms)
    }

    /// What a team or person of store.toml is called by colleagues.
    pub fn called(&self, name: &str) -> String {
        self.console.admin.in_force.load().playbook.called(name)
    }
}

/// Writes down what somebody does; whoever came with the admin token is the owner.
///
/// # Errors
/// The store cannot write.
pub async fn note(
    console: &Console,
    who: Option<&str>,
    what: DeedKind,
    subject: &str,
    address: Option<&Address>,
) -> Result<(), StoreError> {
    let deed = Deed {
        at_ms: clock::now_ms(),
        who: who.unwrap_or(OWNER).to_owned(),
        what: what.name().to_owned(),
        subject: subject.to_owned(),
        address: address.cloned(),
        outcome: 200,
    };
    wait(console.admin.store.note_deed(deed)).await
}

impl<S: Send + Sync> FromRequestParts<S> for Visit
where
    Console: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, state).await?;
        let console = Console::from_ref(state);
        if let Some(person) = &signed_in.person {
            console.presence.looks(&console, person);
        }
        Ok(Self::of(console, signed_in))
    }
}
