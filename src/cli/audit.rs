//! `nightclerk audit`: who did what with whom, and who looked it up.

use clap::Args;
use miette::Report;

use super::{
    Global,
    admin_client::{AdminClient, segment},
    output::{field, say},
    status::time,
};
use crate::{setting::Delay, store::Deed};

#[derive(Args)]
pub struct AuditArgs {
    /// A person, a team, or whoever ran a command.
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// How far back, such as `24h`.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    since: Delay,
    /// `say`, `take`, `close`, `transfer`, `look-up`, `forget`.
    #[arg(long, value_name = "DEED")]
    what: Option<String>,
    /// With one customer's conversation.
    #[arg(long, num_args = 2, value_names = ["CHANNEL", "CHAT"])]
    customer: Option<Vec<String>>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(global: &Global, args: &AuditArgs) -> Result<(), Report> {
    let client = AdminClient::of_folder(&global.config)?;
    let mut path = format!("/v1/audit?since={}", args.since);
    let customer = args.customer.as_deref().unwrap_or_default();
    let wanted = [
        ("who", args.who.as_ref()),
        ("what", args.what.as_ref()),
        ("channel", customer.first()),
        ("chat", customer.get(1)),
    ];
    for (name, value) in wanted {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", segment(value)));
        }
    }
    if args.json {
        let all: serde_json::Value = client.get(&path)?;
        say!("{all:#}")?;
        return Ok(());
    }
    let deeds: Vec<Deed> = client.get(&path)?;
    if deeds.is_empty() {
        say!("nobody did anything of the kind")?;
    }
    for Deed { at_ms, who, what, subject, address, outcome } in deeds {
        let with = address.map_or_else(String::new, |it| format!("  {}/{}", field(&it.channel), field(&it.chat)));
        let refused = if outcome >= 400 { format!("  (refused, {outcome})") } else { String::new() };
        say!("{}  {}  {}  {}{with}{refused}", time(at_ms), field(&who), field(&what), field(&subject))?;
    }
    Ok(())
}
