//! `nightclerk man`: the manual pages, made from the same words as `--help`.

use std::{fs, path::PathBuf};

use clap::{Args, CommandFactory};
use clap_mangen::Man;
use miette::{IntoDiagnostic, Report, WrapErr};

use super::{Command, output::whole};

#[derive(Args)]
pub struct ManArgs {
    /// Write a page for each command into this folder; without it, the first page is printed.
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub fn run(args: &ManArgs) -> Result<(), Report> {
    let command = Command::command();
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        Man::new(command).render(&mut page).into_diagnostic()?;
        return Ok(whole(&page)?);
    };
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .into_diagnostic()
        .wrap_err_with(|| format!("the pages cannot be written into {}", folder.display()))
}
