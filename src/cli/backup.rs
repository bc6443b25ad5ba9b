//! `nightclerk backup` and `nightclerk restore`.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{Context, IntoDiagnostic, Report, miette};

use super::{Global, kept::store_at, output::say};
use crate::{
    config::Reading,
    daemon::{STORE_FILE, pictures},
    store::{self, StoreError},
};

#[derive(Args)]
pub struct BackupArgs {
    /// The new file.
    file: PathBuf,
}

#[derive(Args)]
pub struct RestoreArgs {
    /// The backup.
    file: PathBuf,
}

pub fn backup(global: &Global, args: &BackupArgs) -> Result<(), Report> {
    let data_dir = Reading::of(&global.config)?.where_data_lies()?;
    let from = store_at(&data_dir)?;
    let style = ProgressStyle::with_template("{bar:40} {percent}%  {msg}").into_diagnostic()?;
    let bar = ProgressBar::new(0).with_style(style).with_message("copying the store");
    let shown = bar.clone();
    let progress = move |done, all| {
        shown.set_length(all);
        shown.set_position(done);
    };
    let copied = store::backup(&from, args.file.clone(), Box::new(progress));
    let copied = copied.blocking_recv().unwrap_or(Err(StoreError::Closed));
    bar.finish_and_clear();
    copied?;
    say!("{} holds the store as it was when the backup began", args.file.display())?;
    let count = pictures::back_up(&data_dir, &args.file)
        .into_diagnostic()
        .wrap_err("the visitors' pictures cannot be copied beside it")?;
    if count > 0 {
        say!("{}.pictures holds the visitors' pictures ({count})", args.file.display())?;
    }
    Ok(())
}

pub fn restore(global: &Global, args: &RestoreArgs) -> Result<(), Report> {
    let data_dir = Reading::of(&global.config)?.where_data_lies()?;
    let to = data_dir.join(STORE_FILE);
    if !args.file.is_file() {
        return Err(miette!(
            help = "name a file that `nightclerk backup` wrote",
            "there is no file {}",
            args.file.display()
        ));
    }
    let aside = store::restore(&args.file, &to)?;
    say!("{} stands in the store's place", args.file.display())?;
    if let Some(aside) = aside {
        say!("what was there is kept in {}", aside.display())?;
    }
    let count = pictures::restore(&args.file, &data_dir)
        .into_diagnostic()
        .wrap_err("the visitors' pictures beside it cannot be put back")?;
    if count > 0 {
        say!("the visitors' pictures are back ({count})")?;
    }
    Ok(())
}
