//! `nightclerk plugin new`: a plugin that builds, passes its test, and waits to be changed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    sdk,
    sketch::{self, Script},
};
use crate::{model::Hook, plugin::contract::files_of, setting::is_name};

const FILES: [(&str, &str); 4] = [
    ("Cargo.toml", include_str!("../../../sdk/rust/template/Cargo.toml.in")),
    ("manifest.json", include_str!("../../../sdk/rust/template/manifest.json")),
    ("src/lib.rs", include_str!("../../../sdk/rust/template/lib.rs")),
    (".gitignore", "/target\n"),
];
const PYTHON_APP: &str = include_str!("../../../sdk/python/template/app.py");
const PYTHON_MANIFEST: &str = include_str!("../../../sdk/python/template/manifest.json");
const PYTHON_WORLD: &str = include_str!("../../../sdk/python/template/world.wit.in");
/// Where componentize-py looks for what a world includes.
const WIT_OF_PYTHON: &str = "wit/deps/nightclerk";
/// What editors know of the contract, written beside a script.
const DECLARATIONS: (&str, &str) = ("nightclerk.d.ts", include_str!("../../../sdk/js/nightclerk.d.ts"));
/// The SDK's place in nightclerk's own repository.
const SDK_IN_REPOSITORY: &str = "sdk/rust";
/// Its place beside a plugin that is elsewhere.
const SDK_WRITTEN_OUT: &str = "nightclerk-sdk";

/// Why no plugin was begun.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ScaffoldError {
    #[error("`{0}` is no name for a plugin")]
    #[diagnostic(help("1 to 64 of a-z, 0-9 and `-`, a letter first"))]
    Name(String),
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    #[error("{} is not the Rust SDK: it has no Cargo.toml", .0.display())]
    NoSdk(PathBuf),
    #[error("{} cannot be written: {why}", path.display())]
    Write { path: PathBuf, why: io::Error },
}

/// Makes `<parent>/<name>`. It depends on the SDK at `sdk`, else on the one of the repository that `parent` lies in,
/// else on a copy of this daemon's own, written into it. It is asked at these moments; at messages unless some are named.
///
/// # Errors
/// The name will not do, the folder is there already, or it cannot be written.
pub fn create(name: &str, parent: &Path, sdk: Option<&Path>, hooks: &[Hook]) -> Result<PathBuf, ScaffoldError> {
    let folder = new_folder(name, parent)?;
    let sdk = match find_sdk(parent, sdk)? {
        Some(found) => found,
        None => {
            let copy = folder.join(SDK_WRITTEN_OUT);
            sdk::write_out(&copy).map_err(failed(&copy))?;
            Path::new(SDK_WRITTEN_OUT).join("rust")
        }
    };
    // A TOML literal string has no escapes, and no path of a repository has its quote.
    let dependency = format!("{{ path = '{}' }}", sdk.display());
    let (lib, manifest) = sketch::rust(hooks);
    for (file, text) in FILES {
        let path = folder.join(file);
        let text = match file {
            "src/lib.rs" if !hooks.is_empty() => &lib,
            "manifest.json" if !hooks.is_empty() => &manifest,
            _ => text,
        };
        write(&path, &text.replace("@name@", name).replace("@sdk@", &dependency))?;
    }
    Ok(folder)
}

/// Makes `<parent>/<name>` with `app.py`, its manifest, and the world and contract that componentize-py generates from.
///
/// # Errors
/// The name will not do, the folder is there already, or it cannot be written.
pub fn create_python(name: &str, parent: &Path, hooks: &[Hook]) -> Result<PathBuf, ScaffoldError> {
    let folder = new_folder(name, parent)?;
    let (app, manifest, exports) = match hooks {
        [] => (PYTHON_APP.to_owned(), PYTHON_MANIFEST.replace("@name@", name), sketch::exports(&[Hook::Message])),
        hooks => sketch::python(name, hooks),
    };
    let wit = folder.join(WIT_OF_PYTHON);
    sdk::write_contract(&wit).map_err(failed(&wit))?;
    write(&folder.join("app.py"), &app)?;
    write(&folder.join("manifest.json"), &manifest)?;
    write(&folder.join("wit/world.wit"), &PYTHON_WORLD.replace("@hooks@", &exports))?;
    // What `componentize-py bindings` writes for editors.
    write(&folder.join(".gitignore"), "__pycache__/\n/wit_world/\n/componentize_py_*\n/poll_loop.py\n")?;
    Ok(folder)
}

/// Where a plugin of this name is begun.
fn new_folder(name: &str, parent: &Path) -> Result<PathBuf, ScaffoldError> {
    if !is_name(name, b'-') {
        return Err(ScaffoldError::Name(name.to_owned()));
    }
    let folder = parent.join(name);
    if folder.exists() { Err(ScaffoldError::Exists(folder)) } else { Ok(folder) }
}

fn write(path: &Path, text: &str) -> Result<(), ScaffoldError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ScaffoldError {
    let path = path.to_owned();
    move |why| ScaffoldError::Write { path, why }
}

/// Makes `<parent>/<name>.js`, or `.ts`, and beside it what tells an editor of the contract.
///
/// # Errors
/// The name will not do, the plugin is there already, or it cannot be written.
pub fn create_script(name: &str, parent: &Path, language: Script, hooks: &[Hook]) -> Result<PathBuf, ScaffoldError> {
    if !is_name(name, b'-') {
        return Err(ScaffoldError::Name(name.to_owned()));
    }
    let (extension, text) = match language {
        Script::JavaScript => ("js", include_str!("../../../sdk/js/template/plugin.js")),
        Script::TypeScript => ("ts", include_str!("../../../sdk/js/template/plugin.ts")),
    };
    let sketched = sketch::script(hooks, language);
    let text = if hooks.is_empty() { text } else { &sketched };
    if let Some(file) = files_of(parent, name).first() {
        return Err(ScaffoldError::Exists(parent.join(file)));
    }
    let file = parent.join(format!("{name}.{extension}"));
    for (path, text) in [(parent.join(DECLARATIONS.0), DECLARATIONS.1), (file.clone(), text)] {
        write(&path, text)?;
    }
    Ok(file)
}

/// The SDK at `named`, else that of the repository that `parent` lies in.
fn find_sdk(parent: &Path, named: Option<&Path>) -> Result<Option<PathBuf>, ScaffoldError> {
    let is_sdk = |path: &Path| path.join("Cargo.toml").is_file();
    let here = fs::canonicalize(parent).or_else(|_| std::path::absolute(parent));
    Ok(match named {
        Some(path) if !is_sdk(path) => return Err(ScaffoldError::NoSdk(path.to_owned())),
        Some(path) => fs::canonicalize(path).ok(),
        None => here.ok().and_then(|here| here.ancestors().map(|it| it.join(SDK_IN_REPOSITORY)).find(|it| is_sdk(it))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_the_daemon_would_not_load_are_refused() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["", "Hello", "1st", "a b", "../up", "a/b", "ä", &"a".repeat(65)] {
            assert!(matches!(create(name, parent.path(), None, &[]), Err(ScaffoldError::Name(_))), "{name}");
        }
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_that_is_there_is_overwritten() {
        let parent = tempfile::tempdir().unwrap();
        create("hello", parent.path(), None, &[]).unwrap();
        fs::write(parent.path().join("hello/src/lib.rs"), "mine").unwrap();
        assert!(matches!(create("hello", parent.path(), None, &[]), Err(ScaffoldError::Exists(_))));
        assert_eq!(fs::read_to_string(parent.path().join("hello/src/lib.rs")).unwrap(), "mine");
    }

    #[test]
    fn a_script_is_one_file_with_its_declarations_and_overwrites_no_plugin() {
        let parent = tempfile::tempdir().unwrap();
        let file = create_script("hello", parent.path(), Script::TypeScript, &[]).unwrap();
        assert_eq!(file, parent.path().join("hello.ts"));
        assert!(parent.path().join("nightclerk.d.ts").is_file());
        for language in [Script::TypeScript, Script::JavaScript] {
            assert!(matches!(create_script("hello", parent.path(), language, &[]), Err(ScaffoldError::Exists(_))));
        }
    }

    #[test]
    fn the_sdk_is_the_one_named_else_the_repositorys_else_a_copy() {
        let repository = tempfile::tempdir().unwrap();
        let sdk = repository.path().join(SDK_IN_REPOSITORY);
        let cargo_toml = |folder: PathBuf| fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let alone = create("a", repository.path(), None, &[]).unwrap();
        assert!(alone.join("nightclerk-sdk/rust/src/lib.rs").is_file());
        assert!(cargo_toml(alone).contains("nightclerk-sdk = { path = 'nightclerk-sdk/rust' }"));
        assert!(matches!(create("b", repository.path(), Some(&sdk), &[]), Err(ScaffoldError::NoSdk(_))));
        fs::create_dir_all(&sdk).unwrap();
        fs::write(sdk.join("Cargo.toml"), "").unwrap();
        let plugins = repository.path().join("plugins");
        let inside = create("b", &plugins, None, &[]).unwrap();
        assert!(!inside.join("nightclerk-sdk").exists());
        assert!(cargo_toml(inside).contains("sdk/rust' }"));
        assert!(cargo_toml(create("c", repository.path(), Some(&sdk), &[]).unwrap()).contains("sdk/rust' }"));
    }
}
