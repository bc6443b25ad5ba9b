//! `nightclerk contact`: customers as persons, whatever channels they write on.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, Report, WrapErr};
use serde_json::json;

use super::{
    Global,
    admin_client::{AdminClient, segment},
    output::{field, say},
};
use crate::{
    http::admin::{ContactView, ContactsView, Imported},
    model::Contact,
    store::Forgotten,
};

#[derive(Subcommand)]
pub enum ContactCommand {
    /// List contacts, the last changed first.
    List(ListArgs),
    /// Show one with its orders, notes and what it is found by.
    Show(ShowArgs),
    /// Write something down about one.
    Note(NoteArgs),
    /// Give it a name, or none.
    Name(NameArgs),
    /// Give it a tag that holds in all of its conversations, or take it off.
    Tag(TagArgs),
    /// Make another contact a part of this one: they are one person.
    Merge(MergeArgs),
    /// Take apart again what is not one person.
    Split(SplitArgs),
    /// Bring in a list (CSV); `-` reads it from standard input. With a mistake in any line, nothing is brought in.
    Import(ImportArgs),
    /// Write all contacts as a list (CSV).
    Export(ExportArgs),
    /// Delete everything that is kept of one, at all of its addresses.
    Forget(One),
}

/// Which contact.
#[derive(Args)]
pub struct One {
    /// Its id, an address `channel/chat`, an e-mail address, a phone number, or an account `shop/id`.
    contact: String,
}

impl One {
    fn path(&self) -> String {
        format!("/v1/contacts/{}", segment(&self.contact))
    }
}

#[derive(Args)]
pub struct ListArgs {
    /// Part of a name, or something that it is found by.
    query: Option<String>,
    /// Those with this tag.
    #[arg(long)]
    tag: Option<String>,
    /// Those of this tier.
    #[arg(long)]
    tier: Option<String>,
    /// Those in this group.
    #[arg(long)]
    group: Option<String>,
    /// So many at most.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Print them as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct ShowArgs {
    #[command(flatten)]
    one: One,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct NoteArgs {
    #[command(flatten)]
    one: One,
    /// What to write down.
    text: String,
    /// Who writes it: a team or person of store.toml.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Args)]
pub struct NameArgs {
    #[command(flatten)]
    one: One,
    /// The name; empty takes it away.
    name: String,
}

#[derive(Args)]
pub struct TagArgs {
    #[command(flatten)]
    one: One,
    tag: String,
    /// Take it off.
    #[arg(long)]
    remove: bool,
}

#[derive(Args)]
pub struct MergeArgs {
    /// The one that stays.
    #[command(flatten)]
    one: One,
    /// The one that becomes a part of it.
    other: String,
}

#[derive(Args)]
pub struct SplitArgs {
    #[command(flatten)]
    one: One,
    /// What was merged into it, by its id; or an address, e-mail address, phone number or account that is another's.
    off: String,
}

#[derive(Args)]
pub struct ImportArgs {
    /// The list. Its first line names the columns, of these: id, name, addresses, emails, phones, accounts, tags, notes.
    file: PathBuf,
}

#[derive(Args)]
pub struct ExportArgs {
    /// Where to write it; standard output where it is left out.
    file: Option<PathBuf>,
}

pub fn run(global: &Global, command: &ContactCommand) -> Result<(), Report> {
    let client = AdminClient::of_folder(&global.config)?;
    match command {
        ContactCommand::List(args) => list(&client, args),
        ContactCommand::Show(ShowArgs { one, json: true }) => {
            let all: serde_json::Value = client.get(&one.path())?;
            Ok(say!("{all:#}")?)
        }
        ContactCommand::Show(ShowArgs { one, .. }) => show(&client.get(&one.path())?),
        ContactCommand::Note(NoteArgs { one, text, by }) => {
            change(&client, one, json!({ "deed": "note", "text": text, "by": by }), "noted")
        }
        ContactCommand::Name(NameArgs { one, name }) => {
            change(&client, one, json!({ "deed": "name", "name": name }), "named")
        }
        ContactCommand::Tag(TagArgs { one, tag, remove: false }) => {
            change(&client, one, json!({ "deed": "tag", "tag": tag }), "tagged")
        }
        ContactCommand::Tag(TagArgs { one, tag, .. }) => {
            change(&client, one, json!({ "deed": "untag", "tag": tag }), "the tag is off")
        }
        ContactCommand::Merge(MergeArgs { one, other }) => {
            change(&client, one, json!({ "deed": "merge", "other": other }), "merged")
        }
        ContactCommand::Split(SplitArgs { one, off }) => {
            change(&client, one, json!({ "deed": "split", "off": off }), "split off")
        }
        ContactCommand::Import(ImportArgs { file }) => import(&client, file),
        ContactCommand::Export(ExportArgs { file }) => export(&client, file.as_deref()),
        ContactCommand::Forget(one) => {
            let Forgotten { events, messages, orders, tickets, contacts, timers, keys } = client.delete(&one.path())?;
            say!(
                "forgotten: {events} events, {messages} messages, {orders} orders, {tickets} tickets, {contacts} \
                 contacts, {timers} timers, {keys} plugin keys"
            )?;
            Ok(())
        }
    }
}

fn change(client: &AdminClient, one: &One, deed: serde_json::Value, done: &str) -> Result<(), Report> {
    let ContactView { contact, .. } = client.post_json_for(&one.path(), &deed)?;
    say!("contact {}: {done}", field(&contact.id))?;
    Ok(())
}

fn list(client: &AdminClient, args: &ListArgs) -> Result<(), Report> {
    let ListArgs { query, tag, tier, group, limit, json } = args;
    let named = [("q", query), ("tag", tag), ("tier", tier), ("group", group)];
    let wanted: String = named
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("&{name}={}", segment(value))))
        .collect();
    let path = format!("/v1/contacts?limit={limit}{wanted}");
    if *json {
        let all: serde_json::Value = client.get(&path)?;
        return Ok(say!("{all:#}")?);
    }
    let ContactsView { contacts, more } = client.get(&path)?;
    if contacts.is_empty() {
        say!("no contact")?;
    }
    for contact in &contacts {
        line(contact)?;
    }
    if more.is_some() {
        say!("… and more: narrow it down, or raise --limit")?;
    }
    Ok(())
}

fn line(contact: &Contact) -> Result<(), Report> {
    let name = contact.name.as_deref().unwrap_or("(no name)");
    let at: Vec<String> = contact.addresses.iter().map(|it| field(&it.to_string()).into_owned()).collect();
    let standing: Vec<String> = contact.all_tags();
    let orders = contact.purchases.len();
    say!("{}  {}  {}  {orders} bought  {}", field(&contact.id), field(name), at.join(" "), field(&standing.join(" ")))?;
    Ok(())
}

fn show(view: &ContactView) -> Result<(), Report> {
    let ContactView { contact, spent, orders } = view;
    line(contact)?;
    let lists = [
        ("e-mail", contact.emails.clone()),
        ("phone", contact.phones.clone()),
        ("account", contact.accounts.iter().map(|it| format!("{}/{}", it.shop, it.id)).collect()),
        ("spent", spent.clone()),
        ("parts", contact.parts.clone()),
        ("tickets", contact.tickets.iter().map(|it| format!("{} ({})", it.id, it.kind)).collect()),
    ];
    for (name, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
        say!("  {name}: {}", field(&values.join(", ")))?;
    }
    for order in orders {
        let total = order.total.as_ref().map_or_else(String::new, |it| format!("  {it}"));
        say!("  order {}/{}  {}{total}", field(&order.shop), field(&order.id), order.status)?;
    }
    for note in &contact.notes {
        let at = jiff::Timestamp::from_millisecond(note.at_ms).unwrap_or_default();
        let by = note.by.as_deref().map_or_else(String::new, |by| format!("  {by}"));
        say!("  note {at:.0}{}", field(&by))?;
        for text in note.text.lines() {
            say!("      {}", field(text))?;
        }
    }
    Ok(())
}

fn import(client: &AdminClient, file: &std::path::Path) -> Result<(), Report> {
    let unreadable = || format!("the list {} cannot be read", file.display());
    let text = if file.as_os_str() == "-" {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut text)
            .into_diagnostic()
            .wrap_err("standard input cannot be read")?;
        text
    } else {
        std::fs::read(file).into_diagnostic().wrap_err_with(unreadable)?
    };
    let Imported { lines, new } = client.post_text("/v1/contacts.csv", "text/csv", text)?;
    say!("{lines} lines: {new} contacts are new, {} were known", lines - new)?;
    Ok(())
}

fn export(client: &AdminClient, file: Option<&std::path::Path>) -> Result<(), Report> {
    let text = client.get_text("/v1/contacts.csv")?;
    match file {
        Some(file) => crate::atomic_file::replace(file, text.as_bytes())
            .into_diagnostic()
            .wrap_err_with(|| format!("{} cannot be written", file.display()))?,
        None => say!("{}", text.trim_end())?,
    }
    Ok(())
}
