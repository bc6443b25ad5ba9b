//! Embeds the sources that a plugin is written against, so that the binary alone is enough to begin one, and learns
//! from the example sentences what customers mean, so that the clerk need not when it starts.
//!
//! What is embedded is found by looking, as a list kept by hand would miss the next file; and here rather than by a
//! macro, because cargo then notices a new file and embeds it too.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// The clerk's own files, so that what is learned from and what is heard come to the same features.
#[allow(dead_code, unused_imports, reason = "learning needs a part of them")]
#[path = "src/engine"]
mod engine {
    pub mod text;
    pub mod intents {
        pub mod concepts;
        pub mod features;
        pub mod layout;
        pub mod learn;
        pub mod settings;
    }
}

/// The folders of `sdk/` that a plugin in Rust needs.
const FOLDERS: [&str; 3] = ["conformance", "rust", "wit"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    embed_sdk()?;
    learn_intents()
}

fn learn_intents() -> io::Result<()> {
    use engine::{
        intents::{features, learn, settings::IntentSettings},
        text,
    };
    let folder = PathBuf::from("src/engine/intents/examples");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    collect(&folder, &mut files)?;
    files.sort();
    let (mut labels, mut examples) = (Vec::new(), Vec::new());
    for path in files.iter().filter(|path| path.extension().is_some_and(|it| it == "toml")) {
        let wrong = |error: toml::de::Error| io::Error::other(format!("{}: {error}", path.display()));
        let intent: IntentSettings = toml::from_str(&fs::read_to_string(path)?).map_err(wrong)?;
        for sentence in intent.examples.values().flatten() {
            let features = features::features(&text::fold(sentence));
            examples.push(learn::Example { intent: labels.len(), urgent: intent.urgent, features });
        }
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        labels.push(learn::Label { id, urgent: intent.urgent });
    }
    let model = learn::learn(&labels, &examples);
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("intents.bin"), model)
}

fn embed_sdk() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("sdk");
    let mut files = Vec::new();
    for folder in FOLDERS.map(|folder| root.join(folder)).iter().filter(|folder| folder.is_dir()) {
        println!("cargo::rerun-if-changed={}", folder.display());
        collect(folder, &mut files)?;
    }
    files.sort();
    let mut source = "&[\n".to_owned();
    for path in &files {
        let name = path.strip_prefix(&root).unwrap_or(path);
        source.push_str(&format!(
            "({:?}, include_bytes!({:?}).as_slice()),\n",
            name.display().to_string(),
            path.display()
        ));
    }
    source.push_str("]\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("sdk_files.rs"), source)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match path.is_dir() {
            _ if name.starts_with('.') || name == "target" => {}
            true => collect(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}
