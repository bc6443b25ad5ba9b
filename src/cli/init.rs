//! `nightclerk init`: writes a commented configuration folder for a new store, with what it asks for filled in.

use std::{
    env, fs,
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
};

use clap::Args;
use miette::{IntoDiagnostic, Report, WrapErr, miette};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::{
    Global,
    output::{field, say},
};
use crate::{daemon, rehearsal::scenario};

/// The folder that the clerk comes with.
const SHIPPED: [(&str, &str); 11] = [
    ("nightclerk.toml", include_str!("../../config/nightclerk.toml")),
    ("store.toml", include_str!("../../config/store.toml")),
    ("hours.toml", include_str!("../../config/hours.toml")),
    ("channels.toml", include_str!("../../config/channels.toml")),
    ("rules.toml", include_str!("../../config/rules.toml")),
    ("phrases.toml", include_str!("../../config/phrases.toml")),
    ("catalogue.toml", include_str!("../../config/catalogue.toml")),
    ("orders.toml", include_str!("../../config/orders.toml")),
    ("contacts.toml", include_str!("../../config/contacts.toml")),
    ("plugins.toml", include_str!("../../config/plugins.toml")),
    ("tests/first-steps.toml", include_str!("../../config/tests/first-steps.toml")),
];

/// What is asked for where it is not given; without a terminal the defaults stand.
#[derive(Args)]
pub struct InitArgs {
    /// The store's name
    #[arg(long)]
    name: Option<String>,
    /// The languages of its customers, the first for those whose language is not known, such as `zh,en`
    #[arg(long, value_delimiter = ',', value_name = "TAGS")]
    languages: Vec<String>,
    /// The time zone, such as `Asia/Shanghai`
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// When people are there, such as `09:00-18:00`; `none` where nobody ever is
    #[arg(long, value_name = "FROM-UNTIL")]
    hours: Option<String>,
    /// The platform: webchat, standard-webhooks, telegram, whatsapp, line or wechat
    #[arg(long, value_name = "KIND")]
    channel: Option<String>,
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
}

pub fn run(global: &Global, args: &InitArgs) -> Result<(), Report> {
    let dir = &global.config;
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(miette!(help = "choose another with --config", "{} is there already", dir.display()));
    }
    let asks = !args.yes && io::stdin().is_terminal();
    let ask = |given: Option<String>, question: &str, default: &str| answer(given, question, default, asks);
    let zone = jiff::tz::TimeZone::system().iana_name().unwrap_or("Asia/Shanghai").to_owned();
    let name = ask(args.name.clone(), "The store's name 店铺名称", "我的小店")?;
    let given = Some(args.languages.join(",")).filter(|it| !it.is_empty());
    let languages = ask(given, "Its customers' languages, the first is the usual one 语言", "zh,en")?;
    let zone = ask(args.timezone.clone(), "Its time zone 时区", &zone)?;
    let hours = ask(args.hours.clone(), "When people are there, or none 人工时间", "09:00-18:00")?;
    let kind = ask(
        args.channel.clone(),
        "The first channel 渠道 (webchat, telegram, line, wechat, whatsapp, standard-webhooks)",
        "webchat",
    )?;
    let languages: Vec<_> =
        languages.split([',', ' ', '，', '、']).filter(|it| !it.is_empty()).map(str::to_owned).collect();

    let (channels, left) = channels(&kind)?;
    let parent = dir.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).into_diagnostic().wrap_err_with(|| format!("{} cannot be made", parent.display()))?;
    // It is checked before it is there, beside its place so that the paths in it mean the same.
    let draft = dir.with_file_name(format!(".{}.new", dir.file_name().unwrap_or_default().to_string_lossy()));
    let _ = fs::remove_dir_all(&draft);
    let written = write(&draft, |file, text| match file {
        "store.toml" => store(text, &name, &languages),
        "hours.toml" => schedule(text, &zone, &hours),
        "channels.toml" => Ok(channels.clone()),
        "catalogue.toml" => Ok(commented(text)),
        _ => Ok(text.to_owned()),
    });
    let checked = written.and_then(|()| daemon::prepare(&draft).map(drop).map_err(Report::new));
    if let Err(why) = checked {
        let _ = fs::remove_dir_all(&draft);
        return Err(why.wrap_err("nothing is written: the answers do not make a configuration"));
    }
    // An empty folder may be in the way.
    let _ = fs::remove_dir(dir);
    fs::rename(&draft, dir).into_diagnostic().wrap_err_with(|| format!("{} cannot be written", dir.display()))?;
    say!("{} is written; each file in it explains itself", field(&dir.display().to_string()))?;
    if !left.is_empty() {
        say!(
            "the channel {} is in channels.toml as a comment: set {}, and take the `#` away",
            field(&kind),
            left.join(", ")
        )?;
    }
    say!("next: nightclerk check && nightclerk test && nightclerk serve")?;
    Ok(())
}

fn answer(given: Option<String>, question: &str, default: &str, asks: bool) -> Result<String, Report> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !asks {
        return Ok(default.to_owned());
    }
    eprint!("{question} [{default}]: ");
    let _ = io::stderr().flush();
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).into_diagnostic()?;
    let line = line.trim();
    Ok(if line.is_empty() { default.to_owned() } else { line.to_owned() })
}

fn write(dir: &Path, fill: impl Fn(&str, &str) -> Result<String, Report>) -> Result<(), Report> {
    fs::create_dir_all(dir).into_diagnostic().wrap_err_with(|| format!("{} cannot be made", dir.display()))?;
    fs::create_dir(dir.join(scenario::FOLDER)).into_diagnostic().wrap_err(scenario::FOLDER)?;
    for (file, text) in SHIPPED {
        fs::write(dir.join(file), fill(file, text)?).into_diagnostic().wrap_err(file)?;
    }
    Ok(())
}

fn parse(text: &str) -> Result<DocumentMut, Report> {
    text.parse().into_diagnostic()
}

fn store(text: &str, name: &str, languages: &[String]) -> Result<String, Report> {
    let mut file = parse(text)?;
    if let Some(store) = file.get_mut("store").and_then(Item::as_table_mut) {
        let first = languages.first().map_or("zh", String::as_str);
        set(store, "name", name);
        set(store, "language", first);
        match languages.get(1) {
            Some(second) => set(store, "fallback", second),
            None => drop(store.remove("fallback")),
        }
        store.remove("url");
    }
    Ok(file.to_string())
}

/// Changes a value and keeps the comment beside it.
fn set(table: &mut Table, key: &str, text: &str) {
    let decor = table.get(key).and_then(Item::as_value).map(|old| old.decor().clone());
    let mut new = value(text);
    if let (Some(decor), Some(new)) = (decor, new.as_value_mut()) {
        *new.decor_mut() = decor;
    }
    table.insert(key, new);
}

fn schedule(text: &str, zone: &str, hours: &str) -> Result<String, Report> {
    let mut file = parse(text)?;
    set(file.as_table_mut(), "timezone", zone);
    // The days off of the sample are no other store's.
    file.remove("holiday");
    if hours.trim().eq_ignore_ascii_case("none") {
        file.remove("shift");
        return Ok(file.to_string());
    }
    let (from, until) = hours
        .split_once(['-', '–', '~', '至'])
        .ok_or_else(|| miette!("`{hours}` are no hours; write them like 09:00-18:00"))?;
    if let Some(shifts) = file.get_mut("shift").and_then(Item::as_array_of_tables_mut) {
        let mut kept = ArrayOfTables::new();
        if let Some(first) = shifts.get(0) {
            let mut shift = first.clone();
            set(&mut shift, "from", from.trim());
            set(&mut shift, "until", until.trim());
            kept.push(shift);
        }
        *shifts = kept;
    }
    Ok(file.to_string())
}

/// The sample, to be read and not to be sold.
fn commented(text: &str) -> String {
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line if line.starts_with('#') => line.to_owned(),
        line => format!("# {line}"),
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The channels with this one among them, where all it needs is known; else what it needs.
fn channels(kind: &str) -> Result<(String, Vec<String>), Report> {
    let shipped = SHIPPED.iter().find(|(file, _)| *file == "channels.toml").map_or("", |(_, text)| text);
    if kind == "webchat" {
        return Ok((shipped.to_owned(), Vec::new()));
    }
    let id = if kind == "standard-webhooks" { "shop" } else { kind };
    let blocks: Vec<_> = shipped.split("\n\n").collect();
    let heading = format!("# id = \"{id}\"");
    let Some(at) = blocks.iter().position(|block| block.lines().any(|line| line == heading)) else {
        return Err(miette!(
            help = "webchat, standard-webhooks, telegram, whatsapp, line or wechat",
            "there is no kind of channel `{kind}`"
        ));
    };
    let variables = blocks[at].split("env = \"").skip(1).filter_map(|rest| rest.split('"').next());
    let missing: Vec<_> = variables.filter(|name| env::var_os(name).is_none()).map(str::to_owned).collect();
    if !missing.is_empty() {
        return Ok((shipped.to_owned(), missing));
    }
    let begins = |line: &str| line == "# [[channel]]";
    let mut is_entry = false;
    let open = blocks[at].lines().map(|line| {
        is_entry |= begins(line);
        if is_entry { line.strip_prefix("# ").unwrap_or(line) } else { line }
    });
    let open = open.collect::<Vec<_>>().join("\n");
    let blocks: Vec<_> =
        blocks.iter().enumerate().map(|(n, block)| if n == at { open.as_str() } else { block }).collect();
    Ok((blocks.join("\n\n"), Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_stand_in_the_files_and_the_comments_stay() {
        let shipped = |name: &str| SHIPPED.iter().find(|(file, _)| *file == name).unwrap().1;
        let store = store(shipped("store.toml"), "Bär \"&\" Co", &["de".to_owned()]).unwrap();
        assert!(store.contains("# for customers whose language is not known yet"), "{store}");
        let table: toml::Table = toml::from_str(&store).unwrap();
        assert_eq!(table["store"]["name"].as_str(), Some("Bär \"&\" Co"));
        let hours = schedule(shipped("hours.toml"), "Europe/Berlin", "10:00-16:00").unwrap();
        let table: toml::Table = toml::from_str(&hours).unwrap();
        assert_eq!(table["shift"].as_array().unwrap().len(), 1);
        assert_eq!(table["shift"][0]["until"].as_str(), Some("16:00"));
        assert!(schedule(shipped("hours.toml"), "UTC", "always").is_err());
    }

    #[test]
    fn every_platform_has_its_entry_and_what_it_needs_is_named() {
        for kind in ["standard-webhooks", "telegram", "whatsapp", "line", "wechat"] {
            let (text, missing) = channels(kind).unwrap();
            assert!(!missing.is_empty(), "{kind}");
            toml::from_str::<toml::Table>(&text).unwrap();
        }
        assert!(channels("pigeon").is_err());
    }
}
