//! `nightclerk test`: plays the owner's scenarios with the owner's configuration and plugins.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use miette::{IntoDiagnostic, Report, WrapErr, miette};

use super::{
    Global, mistakes,
    output::{field, say},
};
use crate::{
    config::{self, ConfigError},
    daemon::{
        self,
        rehearsal::{Company, Failing},
    },
    model::Plugins,
    plugin::host::LogLevel,
    rehearsal::{
        junit,
        scenario::{self, Outcome, ScenarioFile},
    },
    store,
};

#[derive(Args)]
pub struct TestArgs {
    /// A folder of scenarios, or a file; unless given, `tests` in the configuration folder and `*.test.toml` beside the
    /// plugins.
    #[arg(value_name = "FOLDER")]
    path: Option<PathBuf>,
    /// Print a scenario of a real conversation, in which nothing tells of a person: `CHANNEL/CHAT`, or what `explain` takes.
    #[arg(long, value_name = "CONVERSATION", conflicts_with_all = ["path", "junit"])]
    record: Option<String>,
    /// With --record: a data folder or a backup in place of the configuration's data.
    #[arg(long, value_name = "PATH", requires = "record")]
    data: Option<PathBuf>,
    /// Write a report in JUnit's XML, for continuous integration.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// Log lines of a plugin that are looked through where a scenario comes out otherwise.
const LINES: usize = 50;

/// A scenario that was played.
struct Ran {
    file: String,
    text: Arc<str>,
    outcome: Outcome,
    took: Duration,
}

/// Exit code 0: all went as expected; 1: not all did; 2: the configuration or a scenario cannot be read.
pub fn run(global: &Global, args: &TestArgs) -> Result<ExitCode, Report> {
    let prepared = match daemon::prepare(&global.config) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(mistakes::show(error, &global.config)),
    };
    let company = Company::of(prepared, Failing::IsAskedAgain).into_diagnostic()?;
    if let Some(reference) = &args.record {
        return record(&company, reference, args.data.as_deref());
    }
    let files = match &args.path {
        None => {
            let mut files = scenario::files_in(&global.config.join(scenario::FOLDER));
            files.extend(scenario::files_beside(&company.config.dir, None));
            files
        }
        Some(file) if file.is_file() => vec![file.clone()],
        Some(folder) => scenario::files_in(folder),
    };
    if files.is_empty() {
        let place = args.path.clone().unwrap_or_else(|| global.config.join(scenario::FOLDER));
        return Err(miette!(
            help = "docs/rehearsal.md shows how one is written",
            "there are no scenarios in {}",
            place.display()
        ));
    }
    play_all(&company, &files, args.junit.as_deref())
}

/// Prints a scenario of a real conversation. What does not come out again when it is played is not expected in it.
fn record(company: &Company, reference: &str, data: Option<&Path>) -> Result<ExitCode, Report> {
    let store = daemon::store_file(data.unwrap_or(&company.data_dir));
    let story = store::look_up(&store, reference)?.ok_or_else(|| {
        let help =
            "name it as CHANNEL/CHAT, or by what `nightclerk explain` takes: the number of a message or an event";
        miette!(help = help, "there is no conversation `{}` in {}", field(reference), store.display())
    })?;
    let channel = &story.address.channel;
    let channel = Some(channel).filter(|id| company.in_force.channels.contains_key(*id));
    let zone = company.in_force.playbook.zone();
    let document = scenario::record(story.before.as_ref(), &story.events, channel.map(String::as_str), zone)
        .ok_or_else(|| miette!("nothing happened in this conversation"))?;
    let text = document.to_string();
    let file: ScenarioFile = toml::from_str(&text).into_diagnostic()?;
    let plugins: Arc<dyn Plugins> = company.plugins.clone();
    let outcomes = file.scenario.iter().map(|story| scenario::play(&file, story, &company.in_force, &plugins));
    let misses: Vec<_> = outcomes.flat_map(|outcome| outcome.misses).map(|miss| miss.at).collect();
    say!("{}", scenario::without(&text, &misses).trim_end())?;
    if !misses.is_empty() {
        eprintln!("{} of what was said came of more than this conversation, and is not expected in it", misses.len());
    }
    eprintln!("read it before you keep it: a person can be told by more than names and numbers");
    Ok(ExitCode::SUCCESS)
}

/// Plays these files, and says how it went.
pub fn play_all(company: &Company, files: &[PathBuf], junit: Option<&Path>) -> Result<ExitCode, Report> {
    let began = Instant::now();
    let missing = company.missing();
    for plugin in &missing {
        let why = plugin.reason.as_deref().unwrap_or("it cannot be used");
        eprintln!("the plugin {} is not asked: {}", field(&plugin.name), field(why));
    }
    let mut ran = Vec::new();
    let mut unread = ConfigError::default();
    for path in files {
        let held = |name: &str, file: &ScenarioFile| scenario::problems(name, file, &company.in_force);
        match config::read_other::<ScenarioFile>(path, company.words, held) {
            Ok((file, text)) => play_file(company, path, &file, &text, &mut ran),
            Err(error) => {
                unread.mistakes.extend(error.mistakes);
                unread.untold += error.untold;
            }
        }
    }
    for it in &ran {
        tell(company, it)?;
    }
    let failed = ran.iter().filter(|it| !it.outcome.is_as_expected()).count();
    let took = began.elapsed().as_millis();
    let count = match ran.len() {
        1 => "1 scenario".to_owned(),
        many => format!("{many} scenarios"),
    };
    match failed {
        0 if ran.is_empty() => {}
        0 => say!("{count}, all as expected, in {took} ms")?,
        _ => say!("{count}, {failed} not as expected, in {took} ms")?,
    }
    if let Some(file) = junit {
        write_junit(&ran, file)?;
    }
    if !unread.mistakes.is_empty() {
        let place = files.first().and_then(|it| it.parent()).unwrap_or(Path::new("."));
        return Ok(mistakes::show(unread, place));
    }
    Ok(if failed == 0 && missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn play_file(company: &Company, path: &Path, file: &ScenarioFile, text: &Arc<str>, ran: &mut Vec<Ran>) {
    let plugins: Arc<dyn Plugins> = company.plugins.clone();
    for story in &file.scenario {
        let began = Instant::now();
        let outcome = scenario::play(file, story, &company.in_force, &plugins);
        ran.push(Ran { file: path.display().to_string(), text: text.clone(), outcome, took: began.elapsed() });
    }
}

/// `file.toml:12`.
fn place(ran: &Ran, at: usize) -> String {
    let line = ran.text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    format!("{}:{line}", ran.file)
}

fn tell(company: &Company, ran: &Ran) -> Result<(), Report> {
    let Outcome { name, at, misses, talk } = &ran.outcome;
    if misses.is_empty() {
        say!("ok    {}  {}", place(ran, *at), field(name))?;
        return Ok(());
    }
    say!("FAIL  {}  {}", place(ran, *at), field(name))?;
    for miss in misses {
        say!("      {}: expected {}", place(ran, miss.at), indented(&miss.expected))?;
        say!("          instead {}", indented(&miss.instead))?;
    }
    say!("      what was said:")?;
    for heard in talk {
        say!("        {}  {}  [{}]", heard.time, indented(&heard.what), heard.by)?;
        for asked in &heard.asked {
            say!("            outside: {}", field(asked))?;
        }
        for told in &heard.told {
            say!("          > {}", indented(told))?;
        }
    }
    for plugin in company.plugins.status().iter().filter(|it| it.failures > 0) {
        let lines = company.plugins.recent_log(&plugin.name, LINES).unwrap_or_default();
        if let Some(line) = lines.iter().rfind(|line| line.level == LogLevel::Error) {
            say!("      the plugin {} logged lately: {}", plugin.name, field(&line.text))?;
        }
    }
    Ok(())
}

/// Of several lines, those that follow stand below the first.
fn indented(text: &str) -> String {
    text.lines().map(|line| field(line).into_owned()).collect::<Vec<_>>().join("\n            ")
}

fn write_junit(ran: &[Ran], file: &Path) -> Result<(), Report> {
    let failure = |it: &Ran| {
        let lines = it.outcome.misses.iter();
        let lines =
            lines.map(|miss| format!("{}: expected {}, instead {}", place(it, miss.at), miss.expected, miss.instead));
        (!it.outcome.is_as_expected()).then(|| lines.collect::<Vec<_>>().join("\n"))
    };
    let cases: Vec<_> = ran
        .iter()
        .map(|it| junit::Case {
            file: &it.file,
            name: &it.outcome.name,
            seconds: it.took.as_secs_f64(),
            failure: failure(it),
        })
        .collect();
    let written = junit::report(&cases).and_then(|report| std::fs::write(file, report));
    written.into_diagnostic().wrap_err_with(|| format!("{} cannot be written", file.display()))
}
