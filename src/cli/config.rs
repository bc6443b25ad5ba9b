//! `nightclerk config`: every key of every file of the configuration, from the types that read them.

use clap::Args;
use miette::{IntoDiagnostic, Report, miette};

use super::output::say;
use crate::{
    config::{reference, schema},
    setting::nearest,
};

#[derive(Args)]
pub struct ConfigArgs {
    /// A file, a table, a platform or a key, such as `channels.telegram`; everything where absent
    #[arg(value_name = "PART")]
    part: Option<String>,
    /// JSON Schema of the files, for editors and other programs
    #[arg(long)]
    json: bool,
    /// The page of the documentation
    #[arg(long, conflicts_with_all = ["json", "part"])]
    markdown: bool,
}

/// # Errors
/// Nothing has that name, or standard output takes no more.
pub fn run(args: &ConfigArgs) -> Result<(), Report> {
    if args.markdown {
        say!("{}", reference::markdown().trim_end())?;
        return Ok(());
    }
    let sections = reference::sections(args.part.as_deref());
    if sections.is_empty() {
        let part = args.part.as_deref().unwrap_or_default();
        let names = reference::names();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let last = part.rsplit('.').next().unwrap_or(part);
        let help = nearest(last, &names)
            .map_or("`nightclerk config` shows everything".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(miette!(help = help, "no setting, table or file is called `{part}`"));
    }
    if args.json {
        let mut files: Vec<_> = sections.iter().map(|section| section.file.as_str()).collect();
        files.dedup();
        let schema = match files[..] {
            [file] => schema::of_file(file).clone(),
            _ => schema::document(),
        };
        say!("{}", serde_json::to_string_pretty(&schema).into_diagnostic()?)?;
        return Ok(());
    }
    for (index, section) in sections.iter().enumerate() {
        if index > 0 {
            say!("")?;
        }
        let heading = [section.file.as_str(), &section.heading].join(" ");
        match section.about.is_empty() {
            true => say!("{}", heading.trim())?,
            false => say!("{}: {}", heading.trim(), section.about)?,
        }
        for it in &section.settings {
            let given = match (&it.default, it.is_required) {
                (Some(default), _) => format!(" = {default}"),
                (None, true) => " (required)".to_owned(),
                (None, false) => String::new(),
            };
            let range = it.range.as_ref().map(|range| format!(", {range}")).unwrap_or_default();
            say!("  {}{given}   # {}{range}", it.key, it.kind)?;
            say!("      {}", it.meaning)?;
        }
    }
    Ok(())
}
