//! The files of the plugins folder.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use crate::plugin::contract::{MAX_FILE_BYTES, Manifest, PluginError};

/// The names of the files that are plugins, in order.
///
/// # Errors
/// The folder cannot be read.
pub fn plugin_files(dir: &Path) -> io::Result<Vec<String>> {
    let mut files: Vec<_> = fs::read_dir(dir)?.flatten().filter_map(|entry| plugin_file(&entry.path())).collect();
    files.sort_unstable();
    Ok(files)
}

/// The file's name, if it is one a plugin would have.
pub fn plugin_file(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    (name.ends_with(".wasm") && !name.starts_with('.')).then(|| name.to_owned())
}

/// The name of the plugin in a file of this name.
pub fn name_of(file: &str) -> &str {
    file.strip_suffix(".wasm").unwrap_or(file)
}

/// Only `<name>.wasm` may say that it is the plugin `<name>`: no other file takes its place, grants and keys.
///
/// # Errors
/// The file is called otherwise.
pub fn check_name(file: &str, manifest: &Manifest) -> Result<(), PluginError> {
    if name_of(file) == manifest.name { Ok(()) } else { Err(PluginError::FileName(manifest.name.clone())) }
}

/// A file's bytes; `None` where there is no such file.
///
/// # Errors
/// It is no ordinary file (to open a pipe would wait for its writer), too large, or cannot be read.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, PluginError> {
    let failed = |error: io::Error| PluginError::Io(format!("it cannot be read: {error}"));
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if !about.is_file() {
        return Err(PluginError::Io("it is not an ordinary file".to_owned()));
    }
    if about.len() > MAX_FILE_BYTES {
        return Err(PluginError::TooLarge(about.len()));
    }
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(Some(bytes))
}
