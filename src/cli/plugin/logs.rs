//! `nightclerk plugin logs`.

use std::{path::Path, thread, time::Duration};

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use miette::Report;

use super::super::{
    admin_client::{AdminClient, AdminError, segment},
    output::{field, say},
};
use crate::plugin::host::{LogLine, PluginLine};

/// How often the clerk is asked for what is new.
const LOOK: Duration = Duration::from_millis(250);

#[derive(Args)]
pub struct LogsArgs {
    /// The plugin's name; all plugins unless given.
    name: Option<String>,
    /// How many lines, the newest last.
    #[arg(long, short = 'n', default_value_t = 50, value_name = "COUNT")]
    lines: usize,
    /// Go on with each new line until interrupted, also where the clerk is started anew meanwhile.
    #[arg(long, short)]
    follow: bool,
}

pub fn run(args: &LogsArgs, config_dir: &Path) -> Result<(), Report> {
    let client = AdminClient::of_folder(config_dir)?;
    let mut lines = new_lines(&client, args.name.as_deref(), 0)?;
    if lines.is_empty() && !args.follow {
        match &args.name {
            Some(name) => say!("{name} has logged nothing since it was loaded")?,
            None => say!("no plugin has logged anything since it was loaded")?,
        }
    }
    let last = lines.last().map_or(0, |it| it.line.number);
    let is_one = args.name.is_some();
    lines.drain(..lines.len().saturating_sub(args.lines));
    lines.iter().try_for_each(|line| show(line, is_one))?;
    if args.follow { follow(args, config_dir, client, last) } else { Ok(()) }
}

/// Goes on until interrupted, also where the clerk is started anew meanwhile.
fn follow(args: &LogsArgs, config_dir: &Path, mut client: AdminClient, mut last: i64) -> Result<(), Report> {
    let is_one = args.name.is_some();
    let mut is_away = false;
    loop {
        thread::sleep(LOOK);
        if is_away && let Ok(found) = AdminClient::of_folder(config_dir) {
            // It may listen on another port now.
            client = found;
        }
        match new_lines(&client, args.name.as_deref(), last) {
            Ok(lines) => {
                if std::mem::take(&mut is_away) {
                    eprintln!("the clerk is back");
                }
                lines.iter().try_for_each(|line| show(line, is_one))?;
                last = lines.last().map_or(last, |it| it.line.number);
            }
            Err(error) if !error.nobody_is_there() && !is_away => return Err(error.into()),
            // Just after its start the plugin may not be there yet.
            Err(_) if is_away => {}
            Err(_) => {
                is_away = true;
                eprintln!("the clerk does not answer; waiting for it");
            }
        }
    }
}

fn new_lines(client: &AdminClient, name: Option<&str>, after: i64) -> Result<Vec<PluginLine>, AdminError> {
    let name = name.map(|name| format!("&plugin={}", segment(name))).unwrap_or_default();
    client.get(&format!("/v1/plugin-logs?after={after}{name}"))
}

fn show(
    PluginLine { plugin, line: LogLine { at_ms, level, text, .. } }: &PluginLine,
    is_one: bool,
) -> Result<(), Report> {
    match is_one {
        true => say!("{}  {level:5}  {}", moment(*at_ms), field(text))?,
        false => say!("{}  {level:5}  {plugin}: {}", moment(*at_ms), field(text))?,
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
