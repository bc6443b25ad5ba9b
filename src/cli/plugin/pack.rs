//! `nightclerk plugin pack`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use miette::{IntoDiagnostic, Report, WrapErr, miette};

use super::super::output::say;
use crate::{
    atomic_file,
    plugin::{
        contract::manifest,
        host::{self, CallLimits},
        make::package,
    },
    template,
};

#[derive(Args)]
pub struct PackArgs {
    /// The component, as componentize-js, componentize-py or another tool made it; or the core module that a C compiler
    /// made of what wit-bindgen wrote, which is made a component here.
    file: PathBuf,
    /// Its manifest: JSON with contract, name, version, and what else `docs/plugins.md` lists.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Write the plugin here; as `<name>.wasm` in this folder unless given.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(args: &PackArgs) -> Result<(), Report> {
    let read = |file: &Path| {
        fs::read(file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => miette!("there is no file {}", file.display()),
            _ => miette!("{} cannot be read: {error}", file.display()),
        })
    };
    let mut packed = manifest::attach(&read(&args.file)?, &read(&args.manifest)?);
    if package::is_core_module(&packed) {
        let packaged = package::package(&packed);
        packed = packaged.map_err(|why| miette!("{} makes no plugin: {why}", args.file.display()))?.component;
    }
    let name = manifest::read(&packed).map_err(|why| miette!("{} makes no plugin: {why}", args.file.display()))?.name;
    let report = host::check(&format!("{name}.wasm"), &packed, |_| None, CallLimits::default(), template::render)
        .map_err(|why| miette!("{} makes no plugin: {why}", args.file.display()))?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.wasm", report.name)));
    atomic_file::replace(&out, &packed)
        .into_diagnostic()
        .wrap_err_with(|| format!("{} cannot be written", out.display()))?;
    say!("{} {} is ready in {}", report.name, report.version, out.display())?;
    let expected = format!("{}.wasm", report.name);
    if out.file_name().is_none_or(|name| name != expected.as_str()) {
        say!("in the plugins folder it must be called {expected}")?;
    }
    Ok(())
}
