//! The files of the plugins folder.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::plugin::contract::{FileKind, Manifest, PluginError, extension, plugin_name, signature};

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
    FileKind::of(name).map(|_| name.to_owned())
}

/// The plugin's file that this one belongs to: itself, or what it is the signature of.
pub fn belongs_to(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let file = name.strip_suffix(signature::ENDING).unwrap_or(name);
    FileKind::of(file).map(|_| file.to_owned())
}

/// Where the signatures of a plugin's file lie.
pub fn signature_file(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(signature::ENDING);
    name.into()
}

/// The signatures of a plugin's file, where there are any.
pub fn signatures(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = fs::File::open(signature_file(path)).ok().filter(|file| file.metadata().is_ok_and(|it| it.is_file()))?;
    // What is not text is no signature, and says so by being none.
    file.take(signature::MAX_BYTES).read_to_string(&mut text).map_or(Some("?".to_owned()), |_| Some(text))
}

/// Only `<name>.wasm`, or `<name>.js` and so on, may say that it is the plugin `<name>`: no other file takes its place, grants and keys.
///
/// # Errors
/// The file is called otherwise.
pub fn check_name(file: &str, manifest: &Manifest) -> Result<(), PluginError> {
    if plugin_name(file) == manifest.name {
        return Ok(());
    }
    Err(PluginError::FileName { name: manifest.name.clone(), extension: extension(file).to_owned() })
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
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let limit = FileKind::of(&file).unwrap_or(FileKind::Component).max_bytes();
    if about.len() > limit {
        return Err(PluginError::TooLarge { bytes: about.len(), limit });
    }
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(Some(bytes))
}

/// The same of a file that has to be there.
///
/// # Errors
/// As for [`read`], and where there is no such file.
pub fn read_there(path: &Path) -> Result<Vec<u8>, PluginError> {
    read(path)?.ok_or_else(|| PluginError::Io("there is no such file".to_owned()))
}
