//! `nightclerk plugin logs`.

use std::path::Path;

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use miette::Report;

use super::super::{
    admin_client::{AdminClient, segment},
    output::{field, say},
};
use crate::plugin::host::LogLine;

#[derive(Args)]
pub struct LogsArgs {
    /// The plugin's name.
    name: String,
    /// How many lines, the newest last.
    #[arg(long, short = 'n', default_value_t = 50, value_name = "COUNT")]
    lines: usize,
}

pub fn run(args: &LogsArgs, config_dir: &Path) -> Result<(), Report> {
    let client = AdminClient::of_folder(config_dir)?;
    let path = format!("/v1/plugins/{}/logs?lines={}", segment(&args.name), args.lines);
    let lines: Vec<LogLine> = client.get(&path)?;
    if lines.is_empty() {
        say!("{} has logged nothing since it was loaded", args.name)?;
    }
    for line in lines {
        say!("{}  {:5}  {}", moment(line.at_ms), line.level, field(&line.text))?;
    }
    Ok(())
}

/// On this machine's clock.
fn moment(ms: i64) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(time) => time.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => ms.to_string(),
    }
}
