//! `nightclerk plugin new`.

use std::path::{Path, PathBuf};

use clap::Args;
use miette::Report;

use super::{super::output::say, configuration};
use crate::plugin::make::scaffold;

#[derive(Args)]
pub struct NewArgs {
    /// 1 to 64 of a-z, 0-9 and `-`, a letter first.
    name: String,
    /// Make it in this folder; in the plugins folder of the configuration unless given, or here where there is none.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Depend on the Rust SDK in this folder; looked for upwards unless given, and written out where there is none.
    #[arg(long, value_name = "FOLDER")]
    sdk: Option<PathBuf>,
}

pub fn run(args: &NewArgs, config_dir: &Path) -> Result<(), Report> {
    let parent = match &args.dir {
        Some(dir) => dir.clone(),
        None => configuration(config_dir)?.map_or_else(|| PathBuf::from("."), |config| config.plugins.dir),
    };
    let folder = scaffold::create(&args.name, &parent, args.sdk.as_deref())?;
    let (name, folder) = (&args.name, folder.display());
    say!(
        "{folder} is ready. Next:\n\n    \
         cd {folder} && cargo test            run its test\n    \
         nightclerk plugin build {folder}     make {name}.wasm\n\n\
         and in plugins.toml:\n\n    [{name}]\n    grants = [\"reply\"]"
    )?;
    Ok(())
}
