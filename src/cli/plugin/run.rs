//! `nightclerk plugin run`: one call of a plugin, as the daemon makes it.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::LazyLock,
};

use clap::Args;
use miette::Report;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    super::output::{field, say},
    call::{Call, CallArgs, read},
    subject::pretty,
};
use crate::{
    model::{Content, Hook, OutsideQuestion, Reply},
    plugin::host::workbench::{CallReport, Ending, Loaded},
};

#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    call: CallArgs,
    /// Answers from outside: JSON, a list of `url`, `status`, `headers` and `body`, with `method` where it matters.
    #[arg(long, value_name = "FILE")]
    outside: Option<PathBuf>,
    /// What came of it, as JSON.
    #[arg(long)]
    json: bool,
}

/// Fails where the call does.
pub fn run(args: &RunArgs, config_dir: &Path) -> Result<ExitCode, Report> {
    let outside: Vec<OutsideAnswer> = args.outside.as_deref().map(read).transpose()?.unwrap_or_default();
    let Call { workbench, plugin, hook, scene, facts, all_granted } = args.call.prepare(config_dir)?;
    let answer = |question: &OutsideQuestion| answer_from(&outside, args.outside.is_some(), question);
    let report = workbench.call(&plugin, &scene, &facts, answer);
    let shown = Shown::of(hook, &plugin, &report, all_granted);
    if args.json {
        say!("{}", pretty(&shown)?)?;
    } else {
        tell(&shown, &report)?;
    }
    Ok(if matches!(report.ending, Ending::Failed { .. }) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
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
