//! `nightclerk replay`: decides what really happened again, with another configuration or other plugins, and shows what
//! customers would have been told.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, Report, WrapErr};

use super::{
    Global,
    kept::store_at,
    mistakes,
    output::{Colour, field, paint, say},
};
use crate::{
    clock,
    daemon::{
        self,
        rehearsal::{Company, Failing},
    },
    model::Plugins,
    rehearsal::{
        page,
        replay::{Change, Difference, Group, Replayed, replay},
        words,
    },
    setting::Delay,
    store::look_back,
};

#[derive(Args)]
pub struct ReplayArgs {
    /// How far back, such as `12h`.
    #[arg(long, value_name = "TIME", default_value = "12h")]
    since: Delay,
    /// A folder of plugins in place of the configuration's.
    #[arg(long, value_name = "FOLDER")]
    plugins: Option<PathBuf>,
    /// A data folder or a backup in place of the configuration's data.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Show every difference, not the first few of each kind.
    #[arg(long)]
    all: bool,
    /// Write a page with all of them.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Differences of one kind that are shown.
const SHOWN: usize = 3;

/// Exit code 0: all would come out the same; 1: something would not; 2: the configuration has mistakes.
pub fn run(global: &Global, args: &ReplayArgs) -> Result<ExitCode, Report> {
    let prepared = match daemon::prepare_beside(&global.config, args.plugins.as_deref()) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(mistakes::show(error, &global.config)),
    };
    let company = Company::of(prepared, Failing::IsSetAside).into_diagnostic()?;
    for plugin in company.missing() {
        let why = plugin.reason.unwrap_or_default();
        eprintln!("the plugin {} is not asked: {}", field(&plugin.name), field(&why));
    }
    let store = store_at(args.data.as_deref().unwrap_or(&company.data_dir))?;
    let since_ms = clock::now_ms().saturating_sub(args.since.as_ms());
    let bar = bar("looking back");
    let (mut past, count) = look_back(&store, since_ms, i64::MAX, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.set_message("deciding again");
    bar.set_length(count as u64);
    let plugins: Arc<dyn Plugins> = company.plugins.clone();
    let replayed = replay(&mut *past, &company.in_force, &plugins, &mut |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
    tell(&company, &replayed, args)?;
    if let Some(file) = &args.html {
        let zone = company.in_force.playbook.zone();
        let page = page::page(&replayed, &format!("The last {}", args.since), zone).into_diagnostic()?;
        std::fs::write(file, page)
            .into_diagnostic()
            .wrap_err_with(|| format!("{} cannot be written", file.display()))?;
        say!("{} is written", file.display())?;
    }
    Ok(if replayed.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// It shows on a terminal alone.
fn bar(what: &'static str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_message(what)
}

fn tell(company: &Company, replayed: &Replayed, args: &ReplayArgs) -> Result<(), Report> {
    let Replayed { events, lost, differences } = replayed;
    say!("{events} events of the last {} decided again, {} otherwise", args.since, differences.len())?;
    if *lost > 0 {
        say!("{lost} could not be: the log does not lead back to what they were decided on")?;
    }
    let groups = replayed.groups();
    for change in Change::ALL {
        let of_it: Vec<_> = groups.iter().filter(|group| group.change == change).collect();
        let count: usize = of_it.iter().map(|group| group.differences.len()).sum();
        if count == 0 {
            continue;
        }
        say!("")?;
        paint(Colour::Bold, &format!("{count}: {}", change.title()))?;
        for group in of_it {
            tell_group(company, group, args.all)?;
        }
    }
    Ok(())
}

fn tell_group(company: &Company, group: &Group<'_>, all: bool) -> Result<(), Report> {
    let (then, now) = group.by;
    say!("  {} × {} → {}", group.differences.len(), field(then), field(now))?;
    let shown = if all { usize::MAX } else { SHOWN };
    for difference in group.differences.iter().take(shown) {
        tell_one(company, difference)?;
    }
    match group.differences.len().saturating_sub(shown) {
        0 => {}
        more => say!("    … and {more} more: --all shows them, --html writes them down")?,
    }
    Ok(())
}

fn tell_one(company: &Company, difference: &Difference) -> Result<(), Report> {
    let time = words::clock(difference.at_ms, company.in_force.playbook.zone());
    say!("    {time}  {}  (event {})", field(&difference.what()), difference.event_id)?;
    for note in &difference.notes {
        say!("        {}", note.words())?;
    }
    let Difference { before, after, .. } = difference;
    for (was, is) in [(&before.told, &after.told), (&before.others, &after.others), (&before.deeds, &after.deeds)] {
        if was == is {
            continue;
        }
        for text in was {
            paint(Colour::Red, &format!("      - {}", text.replace('\n', "\n        ")))?;
        }
        for text in is {
            paint(Colour::Green, &format!("      + {}", text.replace('\n', "\n        ")))?;
        }
    }
    Ok(())
}
