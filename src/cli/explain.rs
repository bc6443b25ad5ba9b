//! `nightclerk explain`: why the clerk said what it said.

use clap::Args;
use jiff::Timestamp;
use miette::Report;

use super::{
    Global,
    admin_client::{AdminClient, segment},
    output::{field, say},
};
use crate::http::admin::Explanation;

#[derive(Args)]
pub struct ExplainArgs {
    /// The platform's message id, the message's key or number (`out:12`), the dedupe id, or the log number.
    message: String,
    /// The whole record as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(global: &Global, args: &ExplainArgs) -> Result<(), Report> {
    let client = AdminClient::of_folder(&global.config)?;
    let explanation: Explanation = client.get(&format!("/v1/explain/{}", segment(&args.message)))?;
    if args.json {
        let text = serde_json::to_string_pretty(&explanation).map_err(|error| miette::miette!("{error}"))?;
        say!("{text}")?;
        return Ok(());
    }
    let received = Timestamp::from_millisecond(explanation.received_ms)
        .map_or_else(|_| explanation.received_ms.to_string(), |time| time.to_string());
    let address = explanation.event.address.to_string();
    say!("event {} from {} at {received}", explanation.event_id, field(&address))?;
    say!("  {}", said(&explanation.event.kind))?;
    say!("why:")?;
    for step in &explanation.trace {
        say!("  {:<24} {}", step.by, field(&step.words))?;
    }
    say!("said:")?;
    for message in &explanation.messages {
        say!("  [{}] out:{} {}", message.state, message.id, message.text.replace('\n', "\n      "))?;
    }
    Ok(())
}

/// The event in a line.
fn said(kind: &crate::model::EventKind) -> String {
    use crate::model::EventKind;
    match kind {
        EventKind::Message(message) => format!("“{}”", field(message.text.as_deref().unwrap_or("(no text)"))),
        EventKind::Order(order) => format!("order {} {}", field(&order.order_id), order.change),
        EventKind::Status(status) => format!("delivery status {} of {}", status.status, field(&status.message_id)),
        EventKind::Timer(timer) => format!("timer {}", field(&timer.key)),
        EventKind::Digest { to, .. } => format!("the figures of a week for {}", field(to)),
        EventKind::Morning(call) => format!("the morning list of {}", field(&call.to)),
        EventKind::Contact(deed) => field(&deed.to_string()).into_owned(),
        EventKind::Staff(deed) => field(&deed.to_string()).into_owned(),
        EventKind::Colleague(_) => "a person of the store spoke with the customer".to_owned(),
        EventKind::Opened { .. } => "the conversation was opened".to_owned(),
        EventKind::Store { moment } => format!("the store's moment `{}`", moment.hook()),
    }
}
