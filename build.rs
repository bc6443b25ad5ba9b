//! Embeds the sources that a plugin is written against, so that the binary alone is enough to begin one.
//!
//! What is embedded is found by looking, as a list kept by hand would miss the next file; and here rather than by a
//! macro, because cargo then notices a new file and embeds it too.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// The folders of `sdk/` that a plugin in Rust needs.
const FOLDERS: [&str; 3] = ["conformance", "rust", "wit"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    embed_sdk()
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
