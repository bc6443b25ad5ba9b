//! `nightclerk report`: what was asked, answered, sold and left undone.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, Report as Mistake, WrapErr, miette};

use super::{Global, kept::store_at, mistakes, output::say};
use crate::{
    clock, daemon,
    http::figures,
    report::{Dimension, Span, Tongue, csv, json, page, text},
    setting::Delay,
    store::records,
};

#[derive(Args)]
pub struct ReportArgs {
    /// How far back, such as `24h` or `30d`.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["from", "month"])]
    since: Option<Delay>,
    /// The first day or moment, such as `2026-03-01`; the last seven days where nothing is said.
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day, included, or a moment.
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// A whole month, such as `2026-03`.
    #[arg(long, value_name = "MONTH", conflicts_with_all = ["from", "to"])]
    month: Option<String>,
    /// Apart by this.
    #[arg(long, value_enum)]
    by: Option<By>,
    /// Print it as JSON.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print it as CSV.
    #[arg(long)]
    csv: bool,
    /// Write a page with charts.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Show questions that nobody answered in the customers' own words.
    #[arg(long)]
    words: bool,
    /// The language of names: `en` or `zh`.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// A data folder or a backup in place of the configuration's data.
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Agent,
    Team,
    Channel,
    Wording,
    Hour,
    Day,
}

impl From<By> for Dimension {
    fn from(by: By) -> Self {
        match by {
            By::Agent => Self::Agent,
            By::Team => Self::Team,
            By::Channel => Self::Channel,
            By::Wording => Self::Wording,
            By::Hour => Self::Hour,
            By::Day => Self::Day,
        }
    }
}

/// Exit code 0: here it is; 2: the configuration has mistakes.
pub fn run(global: &Global, args: &ReportArgs) -> Result<ExitCode, Mistake> {
    let prepared = match daemon::prepare_beside(&global.config, None) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(mistakes::show(error, &global.config)),
    };
    let playbook = &prepared.in_force.playbook;
    let span = Span {
        since_ms: args.since.map(|it| it.as_ms()),
        from: args.from.as_deref(),
        to: args.to.as_deref(),
        month: args.month.as_deref(),
        days: None,
    };
    let period = span.period(clock::now_ms(), playbook.zone()).map_err(|why| miette!("{why}"))?;
    let store = store_at(args.data.as_deref().unwrap_or(&prepared.data_dir))?;
    let bar = bar();
    let report = figures(&*records(&store)?, playbook, period, args.words, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    let by = args.by.map(Dimension::from);
    let tongue = Tongue::for_readers_of(args.language.as_deref().unwrap_or_else(|| playbook.own_language()));
    if let Some(file) = &args.html {
        let page = page(&report, &playbook.storefront(playbook.own_language()).name, tongue).into_diagnostic()?;
        std::fs::write(file, page)
            .into_diagnostic()
            .wrap_err_with(|| format!("{} cannot be written", file.display()))?;
        say!("{} is written", file.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.json {
        say!("{:#}", json(&report, by))?;
    } else if args.csv {
        say!("{}", csv(&report, by).into_diagnostic()?.trim_end())?;
    } else {
        // Names of the log are the store's own, and strangers' words stand there only where they were asked for.
        say!("{}", text(&report, by, if args.language.is_none() { Tongue::En } else { tongue }).trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// It shows on a terminal alone.
fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_message("reading the log")
}
