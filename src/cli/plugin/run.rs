//! `nightclerk plugin run`: one call of a plugin, as the daemon makes it.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, LazyLock},
};

use clap::Args;
use jiff::tz::TimeZone;
use miette::{IntoDiagnostic, Report, WrapErr, miette};
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    super::output::{field, say},
    subject::{Around, pretty, waiting},
};
use crate::{
    clock,
    model::{Content, Hook, OutsideQuestion, Reply},
    plugin::{
        contract::plugin_name,
        host::{
            PluginEntry,
            scene::{Facts, Given, GivenMessage, Scene, Search, StoreScene, sample},
            workbench::{CallReport, Ending, Loaded},
        },
    },
};

#[derive(Args)]
pub struct RunArgs {
    /// The plugin's name, or its file.
    #[arg(value_name = "NAME|FILE")]
    plugin: String,
    /// The moment it is asked at, such as `message` or `payment-reminder`; the only one it hooks unless given.
    #[arg(long, value_name = "HOOK", value_parser = hook)]
    moment: Option<Hook>,
    /// What the customer says.
    #[arg(long)]
    text: Option<String>,
    /// What else belongs to the call: JSON, from this file or from standard input (`-`).
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// When it is asked: `2026-12-25T21:30:00+08:00`, `2026-12-25 21:30`, or `21:30` by the store's clock.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Answers from outside: JSON, a list of `url`, `status`, `headers` and `body`, with `method` where it matters.
    #[arg(long, value_name = "FILE")]
    outside: Option<PathBuf>,
    /// What came of it, as JSON.
    #[arg(long)]
    json: bool,
}

/// Fails where the call does.
pub fn run(args: &RunArgs, config_dir: &Path) -> Result<ExitCode, Report> {
    let mut given = args.context.as_deref().map(read::<Given>).transpose()?.unwrap_or_default();
    let outside: Vec<OutsideAnswer> = args.outside.as_deref().map(read).transpose()?.unwrap_or_default();
    given.at = args.at.clone().or(given.at);
    if let Some(text) = &args.text {
        given.message.get_or_insert_with(GivenMessage::default).text = Some(text.clone());
    }
    let around = Around::of(config_dir)?;
    let subject = around.find(&args.plugin)?;
    let entry = entry(&around, plugin_name(&subject.file), &given);
    let workbench = around.workbench()?;
    let plugin = waiting(&workbench, &subject.file, || workbench.load(&subject.file, &subject.bytes, entry.as_ref()));
    let plugin = plugin.map_err(|why| miette!("{} cannot be loaded: {why}", subject.shown()))?;
    let hook = moment(args.moment, &plugin)?;
    let (scene, facts) = scene(&around, hook, given, &plugin.manifest.name)?;
    let answer = |question: &OutsideQuestion| answer_from(&outside, args.outside.is_some(), question);
    let report = workbench.call(&plugin, &scene, &facts, answer);
    let shown = Shown::of(hook, &plugin, &report, entry.is_none());
    if args.json {
        say!("{}", pretty(&shown)?)?;
    } else {
        tell(&shown, &report)?;
    }
    Ok(if matches!(report.ending, Ending::Failed { .. }) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

pub fn hook(text: &str) -> Result<Hook, String> {
    let found = Hook::ALL.into_iter().find(|hook| hook.to_string() == text || camel(*hook) == text);
    found.ok_or_else(|| {
        let known: Vec<_> = Hook::ALL.iter().map(ToString::to_string).collect();
        format!("there are {}", known.join(", "))
    })
}

/// The word that JavaScript has for it: `paymentReminder`.
pub fn camel(hook: Hook) -> String {
    let word = hook.to_string();
    let mut parts = word.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |camel, part| {
        let mut letters = part.chars();
        let capital = letters.next().map(|it| it.to_ascii_uppercase());
        camel + &capital.into_iter().chain(letters).collect::<String>()
    })
}

/// The hook to be called.
pub fn moment(wanted: Option<Hook>, plugin: &Loaded) -> Result<Hook, Report> {
    let words = || plugin.hooks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (wanted, &plugin.hooks[..]) {
        (Some(hook), hooks) if hooks.contains(&hook) => Ok(hook),
        (Some(hook), _) => Err(miette!("{} is not asked at `{hook}`, only at {}", plugin.manifest.name, words())),
        (None, [hook]) => Ok(*hook),
        (None, _) => Err(miette!("{} is asked at {}: say which with --moment", plugin.manifest.name, words())),
    }
}

/// What it may do and how it is set: as the file says, else as `plugins.toml` does; `None` where neither does, and it may do
/// all that it wishes for.
pub fn entry(around: &Around, name: &str, given: &Given) -> Option<PluginEntry> {
    let mut entry = around.entry(name).cloned();
    if let Some(grants) = &given.grants {
        entry.get_or_insert_with(PluginEntry::default).grants.clone_from(grants);
    }
    if let Some(settings) = &given.settings {
        entry.get_or_insert_with(PluginEntry::default).settings.clone_from(settings);
    }
    entry
}

/// The call: the store's own hours, offers and words where there is a store, else the sample's.
pub fn scene(around: &Around, hook: Hook, given: Given, name: &str) -> Result<(Scene, Facts), Report> {
    let playbook = around.config.as_ref().map(|config| &config.playbook);
    let zone = match playbook {
        Some(playbook) => playbook.zone().clone(),
        None => given.zone().into_diagnostic()?.unwrap_or_else(TimeZone::system),
    };
    let now_ms = given.at_ms(&zone, clock::now_ms()).into_diagnostic()?.unwrap_or_else(clock::now_ms);
    let mut base = sample(hook, now_ms);
    let mut search: Option<Search> = None;
    if let (Some(playbook), Some(config)) = (playbook, &around.config) {
        (base.open, base.store) =
            playbook.store_at(now_ms, given.language.as_deref(), |open, facts| (open, StoreScene::of(&facts)));
        let config = Arc::clone(config);
        search = Some(Arc::new(move |query, limit| config.playbook.products(query, limit)));
    }
    given.apply(name, base, search).into_diagnostic()
}

/// A JSON file, or standard input for `-`.
pub fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> Result<T, Report> {
    let name = file.display();
    let text = if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(file)
    };
    let text = text.into_diagnostic().wrap_err_with(|| format!("{name} cannot be read"))?;
    serde_json::from_str(&text).map_err(|error| miette!("{name} is not what is wanted: {error}"))
}

/// What a host outside is to answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutsideAnswer {
    url: String,
    #[serde(default)]
    method: Option<String>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    /// A text, or JSON that becomes one.
    #[serde(default)]
    body: Value,
    /// In place of an answer: why there is none.
    #[serde(default)]
    fails: Option<String>,
}

fn ok() -> u16 {
    200
}

fn answer_from(answers: &[OutsideAnswer], were_given: bool, question: &OutsideQuestion) -> Result<Reply, String> {
    let fits = |it: &&OutsideAnswer| {
        it.url == question.url
            && it.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(&question.method))
    };
    let OutsideQuestion { method, url, .. } = question;
    let answer = answers.iter().find(fits).ok_or_else(|| match were_given {
        true => format!("not asked: --outside has no answer to {method} {url}"),
        false => {
            format!("not asked: nobody outside is, here; put the answer to {method} {url} into a file for --outside")
        }
    })?;
    if let Some(why) = &answer.fails {
        return Ok(Reply::Failed(why.clone()));
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let headers = answer.headers.iter().map(|(name, value)| (name.to_lowercase(), text(value))).collect();
    let body = if answer.body.is_null() { String::new() } else { text(&answer.body) };
    Ok(Reply::Response { status: answer.status, headers, body: body.into() })
}

/// What came of the call, as other programs read it.
#[derive(Serialize)]
struct Shown<'a> {
    plugin: &'a str,
    version: &'a str,
    moment: Hook,
    #[serde(flatten)]
    ending: &'a Ending,
    /// Where in its author's source it failed, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    actions: &'a [crate::model::Action],
    log: Vec<Value>,
    keys: Vec<Value>,
    asked: Vec<Value>,
    outside: Vec<Value>,
    /// It has no entry in `plugins.toml`, and was granted all that it wishes for.
    all_granted: bool,
    time_us: u128,
    memory_bytes: usize,
}

#[derive(Serialize)]
struct Place {
    file: String,
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

static PLACE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"([A-Za-z0-9_.-]+\.m?[jt]s|[A-Za-z0-9_./-]+\.rs):(\d+)(?::(\d+))?").ok());

impl<'a> Shown<'a> {
    fn of(hook: Hook, plugin: &'a Loaded, report: &'a CallReport, all_granted: bool) -> Self {
        let bytes = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(_) => json!({ "hex": hex::encode(bytes) }),
        };
        Self {
            plugin: &plugin.manifest.name,
            version: &plugin.manifest.version,
            moment: hook,
            ending: &report.ending,
            place: match &report.ending {
                Ending::Failed { why } => place(why),
                _ => None,
            },
            actions: &report.actions,
            log: report.log.iter().map(|line| json!({ "level": line.level, "text": line.text })).collect(),
            keys: report
                .keys
                .iter()
                .map(|write| {
                    let value = write.value.as_deref().map_or(Value::Null, bytes);
                    json!({ "key": write.key, "value": value, "expires_ms": write.expires_ms })
                })
                .collect(),
            asked: report.asked.iter().map(|step| json!(step.what.to_string())).collect(),
            outside: report
                .outside
                .iter()
                .map(|(question, answered)| {
                    json!({ "method": question.method, "url": question.url, "answered": answered })
                })
                .collect(),
            all_granted,
            time_us: report.took.as_micros(),
            memory_bytes: report.memory_bytes,
        }
    }
}

fn place(why: &str) -> Option<Place> {
    let found = PLACE.as_ref()?.captures(why)?;
    let number = |at: usize| found.get(at)?.as_str().parse().ok();
    Some(Place { file: found.get(1)?.as_str().to_owned(), line: number(2)?, column: number(3) })
}

fn tell(shown: &Shown<'_>, report: &CallReport) -> Result<(), Report> {
    match &report.ending {
        Ending::Passed => say!("passed: the next plugin is asked, then the clerk answers")?,
        Ending::Added => say!("added to the clerk's answer:")?,
        Ending::Took => say!("answered in the clerk's place:")?,
        Ending::Failed { why } => say!("failed: it {}; the clerk's own answer goes out", field(why))?,
    }
    for action in &report.actions {
        say!("  {}", in_words(action))?;
    }
    if let (Ending::Took, []) = (&report.ending, &report.actions[..]) {
        say!("  nothing")?;
    }
    for line in &report.log {
        say!("log    {:5} {}", line.level, field(&line.text))?;
    }
    for write in &report.keys {
        match &write.value {
            Some(value) => say!("key    {} = {}", field(&write.key), field(&String::from_utf8_lossy(value)))?,
            None => say!("key    {} deleted", field(&write.key))?,
        }
    }
    for step in &report.asked {
        say!("asked  {}", field(&step.what.to_string()))?;
    }
    for (question, answered) in &report.outside {
        let what = if *answered { "answered by --outside" } else { "not asked" };
        say!("http   {} {}: {what}", field(&question.method), field(&question.url))?;
    }
    if shown.all_granted {
        say!("granted all it wishes for: plugins.toml has no entry of it")?;
    }
    let milliseconds = report.took.as_secs_f64() * 1e3;
    say!("{milliseconds:.2} ms, {} KiB of memory", report.memory_bytes / 1024)?;
    Ok(())
}

/// An action in a line.
fn in_words(action: &crate::model::Action) -> String {
    use crate::model::Action;
    let said = |content: &Content| field(&content.to_plain_text()).into_owned();
    match action {
        Action::Reply { content } => format!("reply: {}", said(content)),
        Action::AskSatisfaction { content } => format!("ask-satisfaction: {}", said(content)),
        Action::Notify { to, content } => format!("notify {}: {}", field(to), said(content)),
        other => {
            let mut fields = serde_json::to_value(other).unwrap_or_default();
            let kind = fields.as_object_mut().and_then(|it| it.remove("type"));
            let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default().replace('_', "-");
            format!("{kind}: {}", field(&fields.to_string()))
        }
    }
}
