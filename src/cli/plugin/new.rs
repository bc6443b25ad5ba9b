//! `nightclerk plugin new`.

use std::path::{Path, PathBuf};

use clap::Args;
use miette::Report;

use super::{super::output::say, call::hook, configuration};
use crate::{
    model::Hook,
    plugin::make::{Script, built::PYTHON_ADVICE, python, scaffold},
};

#[derive(Args)]
pub struct NewArgs {
    /// 1 to 64 of a-z, 0-9 and `-`, a letter first.
    name: String,
    /// Make it in this folder; in the plugins folder of the configuration unless given, or here where there is none.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Depend on the Rust SDK in this folder; looked for upwards unless given, and written out where there is none.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["js", "ts", "python"])]
    sdk: Option<PathBuf>,
    /// Make a script in JavaScript: one file, which needs no compiler.
    #[arg(long, group = "language")]
    js: bool,
    /// The same in TypeScript.
    #[arg(long, group = "language")]
    ts: bool,
    /// Make a folder for a plugin in Python, which `componentize-py` builds.
    #[arg(long, group = "language")]
    python: bool,
    /// Make a folder for a plugin in Rust, as without any of these.
    #[arg(long, group = "language")]
    rust: bool,
    /// A moment at which it is asked, such as `welcome`; several may be named. A plugin that answers a word unless given.
    #[arg(long, value_name = "HOOK", value_parser = hook)]
    hook: Vec<Hook>,
}

pub fn run(args: &NewArgs, config_dir: &Path) -> Result<(), Report> {
    let parent = match &args.dir {
        Some(dir) => dir.clone(),
        None => configuration(config_dir)?.map_or_else(|| PathBuf::from("."), |config| config.plugins.dir),
    };
    if args.js || args.ts {
        let language = if args.ts { Script::TypeScript } else { Script::JavaScript };
        let file = scaffold::create_script(&args.name, &parent, language, &args.hook)?;
        let (name, file) = (&args.name, file.display());
        say!(
            "{file} is ready: a clerk that watches its folder loads it whenever it is saved. Next:\n\n    \
             nightclerk plugin check {file}     look at it, without a clerk\n\n\
             and in plugins.toml:\n\n    [{name}]\n    grants = [\"reply\"]"
        )?;
        return Ok(());
    }
    if args.python {
        let folder = scaffold::create_python(&args.name, &parent, &args.hook)?;
        let (name, folder) = (&args.name, folder.display());
        say!(
            "{folder} is ready. Next:\n\n    \
             nightclerk plugin build {folder}     make {name}.wasm\n    \
             nightclerk plugin dev {folder}       talk to it while you write it\n\n\
             and in plugins.toml:\n\n    [{name}]\n    grants = [\"reply\"]"
        )?;
        if !python::has_compiler() {
            eprintln!("\nboth need componentize-py: {}", PYTHON_ADVICE);
        }
        return Ok(());
    }
    let folder = scaffold::create(&args.name, &parent, args.sdk.as_deref(), &args.hook)?;
    let (name, folder) = (&args.name, folder.display());
    say!(
        "{folder} is ready. Next:\n\n    \
         cd {folder} && cargo test            run its test\n    \
         nightclerk plugin build {folder}     make {name}.wasm\n\n\
         and in plugins.toml:\n\n    [{name}]\n    grants = [\"reply\"]"
    )?;
    Ok(())
}
