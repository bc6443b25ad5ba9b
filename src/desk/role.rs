//! What people may do.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    model::StaffDeed,
    setting::{PathStep, Problem},
};

/// One thing that a person of the store may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// Take conversations, answer customers, give back and close.
    Answer,
    /// Hand conversations to others.
    Transfer,
    /// Leave notes.
    Note,
    /// Put remarks on orders.
    Remark,
    /// Tag customers.
    Tag,
    /// Take what a colleague has.
    TakeOver,
    /// See and close tickets.
    Tickets,
    /// See and change contacts.
    Contacts,
    /// See orders.
    Orders,
    /// See figures.
    Figures,
    /// Look up what colleagues did.
    Monitor,
    /// Change the configuration.
    Settings,
}

impl Permission {
    pub const ALL: [Self; 12] = [
        Self::Answer,
        Self::Transfer,
        Self::Note,
        Self::Remark,
        Self::Tag,
        Self::TakeOver,
        Self::Tickets,
        Self::Contacts,
        Self::Orders,
        Self::Figures,
        Self::Monitor,
        Self::Settings,
    ];

    /// What a deed wants; `None` where everybody in a staff room may.
    pub fn for_deed(deed: &StaffDeed) -> Option<Self> {
        Some(match deed {
            StaffDeed::Take
            | StaffDeed::Return
            | StaffDeed::Say { .. }
            | StaffDeed::Phrase { .. }
            | StaffDeed::Close
            | StaffDeed::Draft { .. } => Self::Answer,
            StaffDeed::TakeTicket { .. }
            | StaffDeed::HoldTicket { .. }
            | StaffDeed::CloseTicket { .. }
            | StaffDeed::DropTicket { .. } => Self::Tickets,
            StaffDeed::Transfer { .. } => Self::Transfer,
            StaffDeed::Note { .. } => Self::Note,
            StaffDeed::Remark { .. } => Self::Remark,
            StaffDeed::Tag { .. } | StaffDeed::Untag { .. } => Self::Tag,
            StaffDeed::Away
            | StaffDeed::Online
            | StaffDeed::AtConsole { .. }
            | StaffDeed::Help
            | StaffDeed::Unclear { .. }
            | StaffDeed::Undelivered { .. } => return None,
        })
    }
}

/// `[[role]]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleSettings {
    /// What it is called; one of `presales`, `aftersales`, `finance`, `warehouse`, `operations` and `service` stands in
    /// place of the built-in one.
    pub name: String,
    /// What whoever has it may do.
    pub may: Vec<Permission>,
}

/// The role of who has none.
pub const SERVICE: &str = "service";

pub type Roles = BTreeMap<String, BTreeSet<Permission>>;

/// The built-in roles, and the store's own.
pub fn compile(settings: &[RoleSettings], file: &'static str, problems: &mut Vec<Problem>) -> Roles {
    use Permission::{Answer, Contacts, Figures, Note, Orders, Remark, Tag, TakeOver, Tickets, Transfer};
    let service: &[_] = &[Answer, Transfer, Note, Remark, Tag, Tickets, Contacts, Orders];
    let mut roles: Roles = [
        ("presales", service),
        ("aftersales", service),
        (SERVICE, service),
        ("finance", &[Answer, Transfer, Note, Tickets, Contacts, Orders, Figures]),
        ("warehouse", &[Note, Remark, Tickets, Orders]),
        ("supervisor", &[Answer, Transfer, Note, Remark, Tag, TakeOver, Tickets, Contacts, Orders, Figures]),
        ("operations", &Permission::ALL),
    ]
    .into_iter()
    .map(|(name, may)| (name.to_owned(), may.iter().copied().collect()))
    .collect();
    for (index, role) in settings.iter().enumerate() {
        let path = |key: &str| [PathStep::from("role"), index.into(), key.into()];
        if role.name.trim().is_empty() {
            let problem = Problem::new(file, path("name"), "a role has a name");
            problems.push(problem.hint("write what teams and people name it by"));
        }
        if settings[..index].iter().any(|it| it.name == role.name) {
            let problem = Problem::new(file, path("name"), format!("the role `{}` is there twice", role.name));
            problems.push(problem.hint("give each role a name of its own"));
        }
        roles.insert(role.name.clone(), role.may.iter().copied().collect());
    }
    roles
}
