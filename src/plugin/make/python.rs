//! Plugins in Python: componentize-py packs CPython and `app.py` into a component, the manifest is attached to it.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process::Command,
};

use super::built::{BuildError, Built};
use crate::{
    atomic_file,
    plugin::contract::{manifest, world},
};

/// What the module with the hooks is called.
const APP: &str = "app";
/// Where a project says what it is.
const MANIFEST: &str = "manifest.json";
const COMPONENTIZE: &str = "componentize-py";

/// Whether a folder holds the sources of a plugin in Python.
pub fn is_source(folder: &Path) -> bool {
    folder.join(APP).with_extension("py").is_file() && folder.join(MANIFEST).is_file()
}

/// Whether a plugin in Python could be built here.
pub fn has_compiler() -> bool {
    Command::new(COMPONENTIZE).arg("--version").output().is_ok_and(|it| it.status.success())
}

/// Builds the plugin in `folder` into `out`, as `<name>.wasm`.
///
/// # Errors
/// componentize-py is missing or does not take it, the manifest is wrong, or a file cannot be written. What lay in `out` before
/// is still there.
pub fn build(folder: &Path, out: &Path, tell: &dyn Fn(&str)) -> Result<Built, BuildError> {
    let path = folder.join(MANIFEST);
    let json = fs::read(&path).map_err(BuildError::file("cannot read", &path))?;
    let manifest = manifest::parse(&json).map_err(|why| BuildError::Manifest { path: path.clone(), why })?;
    let name = manifest.name;
    tell(&format!("packing {name} with {COMPONENTIZE}"));
    fs::create_dir_all(out).map_err(BuildError::file("cannot make", out))?;
    let out = fs::canonicalize(out).map_err(BuildError::file("cannot read", out))?;
    // A daemon that watches the folder takes no notice of such a name.
    let unfinished = Unfinished(out.join(format!(".{name}-{}.unfinished", std::process::id())));
    componentize(folder, &unfinished.0)?;
    let component = fs::read(&unfinished.0).map_err(BuildError::file("cannot read", &unfinished.0))?;
    let component = manifest::attach(&component, &json);
    world::hooks(&component).map_err(|why| BuildError::Contract { plugin: name.clone(), why })?;
    let file = out.join(format!("{name}.wasm"));
    atomic_file::replace(&file, &component).map_err(BuildError::file("cannot write", &file))?;
    let compiler = version().map_err(BuildError::CompilerMissing)?;
    Ok(Built { name, version: manifest.version, file, bytes: component.len(), compiler })
}

/// A file that is gone when this is.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn componentize(folder: &Path, into: &Path) -> Result<(), BuildError> {
    let mut command = Command::new(COMPONENTIZE);
    // What Python would ask of an operating system is stubbed: a plugin has none.
    command.current_dir(folder).args(["-d", "wit", "componentize", APP, "--stub-wasi", "-o"]).arg(into);
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => BuildError::NoComponentizePy,
        _ => BuildError::CompilerMissing(error),
    })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(BuildError::Python(of_the_author(&String::from_utf8_lossy(&output.stderr)))),
    }
}

/// What componentize-py says of the author's file, without what it says of itself.
fn of_the_author(said: &str) -> String {
    let said = said.split("\nStack backtrace:").next().unwrap_or(said);
    let said = said.split_once("AssertionError: ").map_or(said, |(_, rest)| rest);
    let said = said.split("\nCaused by:").next().unwrap_or(said);
    // The folder of the sources is the first that is searched.
    said.replace("\"/0/", "\"").trim_matches('\n').trim_end().to_owned()
}

fn version() -> io::Result<String> {
    let output = Command::new(COMPONENTIZE).arg("--version").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_is_told_of_their_file_and_not_of_the_tools_inside() {
        let said = "Traceback (most recent call last):\n  File \"/venv/bin/componentize-py\", line 8, in <module>\n    \
                    sys.exit(script())\nAssertionError:   File \"/0/app.py\", line 10\n    def handle(self context)\n      \
                    ^^^^\nSyntaxError: invalid syntax\n\n\nCaused by:\n    SyntaxError: invalid syntax (app.py, line \
                    10)\n\nStack backtrace:\n   0: anyhow\n";
        assert_eq!(
            of_the_author(said),
            "  File \"app.py\", line 10\n    def handle(self context)\n      ^^^^\nSyntaxError: invalid syntax"
        );
        assert_eq!(of_the_author("something else\n"), "something else");
    }
}
