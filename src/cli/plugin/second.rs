//! `nightclerk plugin compare`, `promote` and `abort`: a plugin and its second version.

use std::path::Path;

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use miette::{Report, miette};

use super::{
    super::{
        admin_client::{AdminClient, segment},
        output::{field, say},
    },
    subject::{Around, pretty},
};
use crate::{
    daemon::{Promoted, SecondVersion},
    plugin::host::{Comparison, Side},
};

#[derive(Args)]
pub struct CompareArgs {
    /// The plugin's name.
    name: String,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub fn compare(args: &CompareArgs, config_dir: &Path) -> Result<(), Report> {
    let client = AdminClient::of_folder(config_dir)?;
    let found: Comparison = client.get(&format!("/v1/plugins/{}/comparison", segment(&args.name)))?;
    if args.json {
        say!("{}", pretty(&found)?)?;
        return Ok(());
    }
    let since = Timestamp::from_millisecond(found.since_ms).unwrap_or_default().to_zoned_datetime(TimeZone::system());
    say!("{} since {}", found.plugin, since.strftime("%Y-%m-%d %H:%M"))?;
    say!("  in place  {}", field(&found.in_place_version))?;
    say!("  second    {} ({})", field(&found.second_version), field(&found.file))?;
    match (&found.back, found.canary) {
        (Some(back), _) => say!("  the second answers no more: {}", field(&back.why))?,
        (None, 0) => say!("  the second is heard by nobody")?,
        (None, share) => say!("  the second answers {share} of a hundred contacts")?,
    }
    say!("")?;
    say!("{:<12}{:>9}{:>9}{:>10}{:>10}{:>10}{:>10}", "", "calls", "failed", "p50 ms", "p99 ms", "answered", "unhappy")?;
    row("in place", &found.in_place)?;
    row("shadow", &found.shadow)?;
    if found.canary > 0 || found.answering.calls > 0 {
        row("canary", &found.answering)?;
    }
    for (what, side) in [("shadow", &found.shadow), ("canary", &found.answering)] {
        if let Some(why) = &side.last_failure {
            say!("the {what} failed at last: it {}", field(why))?;
        }
    }
    say!("")?;
    say!("{} answers of the shadow are the same", found.same)?;
    for (what, count) in &found.different {
        say!("{count} are not: {what}")?;
    }
    if found.missed > 0 {
        say!("{} events it was not shown, because too many waited for it", found.missed)?;
    }
    if !found.examples.is_empty() {
        say!("examples, by the `event` of the log:")?;
    }
    for example in &found.examples {
        say!("  {}  {}  {}", field(&example.event), example.hook, example.what)?;
    }
    Ok(())
}

fn row(name: &str, side: &Side) -> Result<(), Report> {
    let ms = |us: u32| format!("{:.2}", f64::from(us) / 1000.0);
    let Side { calls, failures, p50_us, p99_us, answered, contradicted, .. } = side;
    say!("{name:<12}{calls:>9}{failures:>9}{:>10}{:>10}{answered:>10}{contradicted:>10}", ms(*p50_us), ms(*p99_us))?;
    Ok(())
}

/// Puts the second version in place.
pub fn promote(name: &str, config_dir: &Path) -> Result<(), Report> {
    let around = Around::of(config_dir)?;
    let second = second_version(&around, name, config_dir)?;
    let workbench = around.workbench()?;
    let Promoted { version, .. } = second.promote(|file, bytes| around.check(&workbench, file, bytes))?;
    say!("{name} {} is in place now", field(&version))?;
    say!("the version before it is kept: `nightclerk plugin rollback {name}`")?;
    Ok(())
}

/// Runs the second version no more.
pub fn abort(name: &str, config_dir: &Path) -> Result<(), Report> {
    let around = Around::of(config_dir)?;
    let second = second_version(&around, name, config_dir)?;
    if let Some(aside) = second.abort()? {
        say!("{} lies in {} now", second.file(), aside.display())?;
    }
    say!("{name} goes on without its second version")?;
    Ok(())
}

fn second_version<'a>(around: &'a Around, name: &'a str, config_dir: &'a Path) -> Result<SecondVersion<'a>, Report> {
    let config = around.plugins().ok_or_else(|| miette!("there is no {}", config_dir.display()))?;
    Ok(SecondVersion::of(name, config, config_dir)?)
}
