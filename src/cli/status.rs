//! `nightclerk status`: what waits, what failed, and since when.

use std::process::ExitCode;

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use miette::Report;

use super::{
    Global,
    admin_client::AdminClient,
    output::{field, say},
};
use crate::http::admin::Status;

#[derive(Args)]
pub struct StatusArgs {
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// Exit code 0: nothing needs a person; 1: something does.
pub fn run(global: &Global, args: &StatusArgs) -> Result<ExitCode, Report> {
    let client = AdminClient::of_folder(&global.config)?;
    if args.json {
        let status: serde_json::Value = client.get("/v1/status")?;
        say!("{status:#}")?;
        let is_well = status["troubles"].as_array().is_none_or(Vec::is_empty);
        return Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let status: Status = client.get("/v1/status")?;
    for trouble in &status.troubles {
        say!("! {}  since {}  ({})", field(&trouble.what), time(trouble.since_ms), field(&trouble.cause))?;
    }
    if status.troubles.is_empty() {
        say!("nothing is wrong")?;
    }
    if let Some(why) = &status.config_error {
        let since = status.config_error_since_ms.map(time).unwrap_or_default();
        say!("configuration: the newest edit is not in force, since {since}:")?;
        for line in why.lines() {
            say!("    {}", field(line))?;
        }
    }
    if !status.waits_for_restart.is_empty() {
        say!("configuration: waits for a restart: {}", status.waits_for_restart.join(", "))?;
    }
    for channel in &status.channels {
        let stands = match &channel.stopped {
            Some(why) => format!("stopped: {}", field(why)),
            None => "open".to_owned(),
        };
        let last = channel.last_webhook_ms.map_or(String::new(), |ms| format!(", last webhook {}", time(ms)));
        say!("channel {}: {stands}{last}", field(&channel.id))?;
        for concern in &channel.concerns {
            say!("    {} times, last {}: {}", concern.times, time(concern.last_ms), field(&concern.what))?;
        }
    }
    for mail in &status.mail {
        let oldest = mail.oldest_waiting_ms.map_or(String::new(), |ms| format!(", the oldest since {}", time(ms)));
        say!("messages of {}: {} waiting{oldest}, {} dead", field(&mail.channel), mail.waiting, mail.dead)?;
    }
    say!("to be decided: {}; tickets that wait for a person: {}", status.undecided, status.open_tickets)?;
    Ok(if status.troubles.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A moment on this machine's clock.
pub fn time(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or_default();
    time.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
