//! `nightclerk understand`: what the clerk takes a sentence for, and how often it is right.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use miette::{IntoDiagnostic, Report, WrapErr, miette};
use serde_json::json;

use super::{
    Global,
    output::{field, say},
};
use crate::{
    config::Config,
    engine::{self, Lock, Playbook, Share, Understanding, Verdict, read_cases},
};

#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["sentence", "set", "learn"]))]
pub struct UnderstandArgs {
    /// A sentence of a customer.
    sentence: Option<String>,
    /// A file of sentences and what they mean: lines with tabs, the first of which names the columns (language, intents, urgent, plain, sentence), or TOML.
    #[arg(long, value_name = "FILE")]
    set: Option<PathBuf>,
    /// Listen to the words of the store's rules alone.
    #[arg(long)]
    rules_only: bool,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
    /// In the sources: learns the example sentences anew, into the model that is built into the clerk.
    #[arg(long, value_name = "FOLDER", hide = true, num_args = 0..=1, default_missing_value = "src/engine/intents")]
    learn: Option<PathBuf>,
}

pub fn run(global: &Global, args: &UnderstandArgs) -> Result<(), Report> {
    if let Some(folder) = &args.learn {
        return learn(folder);
    }
    let playbook = Config::load(&global.config)?.playbook;
    match (&args.sentence, &args.set) {
        (Some(sentence), _) => one(&playbook, sentence, args),
        (_, Some(file)) => all(&playbook, file, args),
        _ => Err(miette!("give a sentence, or a file with --set")),
    }
}

fn learn(folder: &Path) -> Result<(), Report> {
    let learned = engine::learned(folder).into_diagnostic().wrap_err("run this in the folder of the sources")?;
    let lock = learned.lock.to_text().into_diagnostic()?;
    for (name, content) in [(Lock::MODEL, learned.model.as_slice()), (Lock::FILE, lock.as_bytes())] {
        let file = folder.join(name);
        fs::write(&file, content)
            .into_diagnostic()
            .wrap_err_with(|| format!("{} cannot be written", file.display()))?;
    }
    say!("{} bytes learned; build the clerk again", learned.model.len())?;
    Ok(())
}

fn one(playbook: &Playbook, sentence: &str, args: &UnderstandArgs) -> Result<(), Report> {
    let (rule, meant) = playbook.understand(sentence);
    let meant = if args.rules_only { Understanding::default() } else { meant };
    let (verdict, intents) = match &meant.verdict {
        Verdict::Sure(intent) => ("sure", vec![intent.clone()]),
        Verdict::Unsure(intents) => ("unsure", intents.clone()),
        Verdict::Miss => ("miss", Vec::new()),
    };
    if args.json {
        let candidates: Vec<_> =
            meant.candidates.iter().map(|it| json!({ "intent": it.intent, "score": it.score })).collect();
        let all = json!({
            "rule": rule, "verdict": verdict, "intents": intents, "urgent": meant.urgent, "candidates": candidates,
        });
        say!("{all:#}")?;
        return Ok(());
    }
    if let Some(rule) = rule {
        say!("the rule `{}` answers by its words", field(rule))?;
    }
    match &meant.verdict {
        Verdict::Sure(intent) => say!("means {intent}")?,
        Verdict::Unsure(intents) => say!("may mean {}: the customer is asked which", intents.join(" or "))?,
        Verdict::Miss if args.rules_only && rule.is_none() => say!("no rule answers by its words")?,
        Verdict::Miss if args.rules_only => {}
        Verdict::Miss => say!("is not understood")?,
    }
    if meant.urgent {
        say!("is urgent")?;
    }
    for candidate in &meant.candidates {
        say!("  {:>3}  {}", candidate.score, candidate.intent)?;
    }
    Ok(())
}

fn all(playbook: &Playbook, file: &PathBuf, args: &UnderstandArgs) -> Result<(), Report> {
    let text =
        fs::read_to_string(file).into_diagnostic().wrap_err_with(|| format!("{} cannot be read", file.display()))?;
    let is_toml = file.extension().is_some_and(|it| it == "toml");
    let cases = read_cases(&text, is_toml).into_diagnostic().wrap_err_with(|| file.display().to_string())?;
    let report = engine::Report::of(&cases, |sentence| {
        let (rule, meant) = playbook.understand(sentence);
        match (rule, args.rules_only) {
            (Some(rule), _) => (Verdict::Sure(rule.to_owned()), meant.urgent && !args.rules_only),
            (None, true) => (Verdict::Miss, false),
            (None, false) => (meant.verdict, meant.urgent),
        }
    });
    if args.json {
        say!("{}", serde_json::to_string_pretty(&report).into_diagnostic()?)?;
        return Ok(());
    }
    say!(
        "{:<24} {:>5}  {:>6} {:>6} {:>7} {:>7}   urgent missed, too many",
        "",
        "all",
        "right",
        "wrong",
        "offered",
        "missing"
    )?;
    line("all", report.all)?;
    line("plain wordings", report.plain)?;
    for (language, share) in &report.by_language {
        line(language, *share)?;
    }
    say!("")?;
    for (intent, share) in &report.by_intent {
        line(intent, *share)?;
    }
    if !report.confused.is_empty() {
        say!("\nmeant, taken for:")?;
    }
    for (meant, taken, count) in &report.confused {
        say!("{count:>4}  {}, {}", field(meant), field(taken))?;
    }
    Ok(())
}

fn line(name: &str, share: Share) -> Result<(), super::output::OutputError> {
    let percent = |part: usize| format!("{:.0}%", 100.0 * part as f64 / share.cases.max(1) as f64);
    say!(
        "{:<24} {:>5}  {:>6} {:>6} {:>7} {:>7}   {}/{}, {}",
        field(name),
        share.cases,
        percent(share.right),
        percent(share.wrong),
        percent(share.offered),
        percent(share.missing),
        share.urgent_missed,
        share.urgent,
        share.urgent_false
    )
}
