//! What may lie in the plugins folder, told by its name.

use std::path::Path;

/// What a plugin's file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A WebAssembly component.
    Component,
    /// JavaScript.
    Script,
    /// JavaScript with types.
    TypedScript,
}

/// The extensions of plugins' files.
const EXTENSIONS: [(&str, FileKind); 5] = [
    ("wasm", FileKind::Component),
    ("js", FileKind::Script),
    ("mjs", FileKind::Script),
    ("ts", FileKind::TypedScript),
    ("mts", FileKind::TypedScript),
];
/// Types alone, for editors.
const DECLARATIONS: [&str; 2] = [".d.ts", ".d.mts"];

impl FileKind {
    /// `None` for a file that is no plugin's.
    pub fn of(file: &str) -> Option<Self> {
        if file.starts_with('.') || DECLARATIONS.iter().any(|ending| file.ends_with(ending)) {
            return None;
        }
        let (_, extension) = file.rsplit_once('.')?;
        EXTENSIONS.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind)
    }

    /// A larger file is refused unread.
    pub fn max_bytes(self) -> u64 {
        match self {
            Self::Component => super::MAX_FILE_BYTES,
            Self::Script | Self::TypedScript => 1024 * 1024,
        }
    }
}

/// The name of the plugin in a file of this name.
pub fn plugin_name(file: &str) -> &str {
    match (FileKind::of(file), file.rsplit_once('.')) {
        (Some(_), Some((name, _))) => name,
        _ => file,
    }
}

/// `js` of `hello.js`; a component's where the file is none.
pub fn extension(file: &str) -> &str {
    file.rsplit_once('.').map_or("wasm", |(_, extension)| extension)
}

/// The files of the folder that are the plugin of this name. More than one are a mistake.
pub fn files_of(dir: &Path, name: &str) -> Vec<String> {
    let files = EXTENSIONS.iter().map(|(extension, _)| format!("{name}.{extension}"));
    files.filter(|file| dir.join(file).symlink_metadata().is_ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_and_scripts_are_plugins_and_declarations_are_not() {
        for (file, kind) in [
            ("hello.wasm", Some(FileKind::Component)),
            ("hello.js", Some(FileKind::Script)),
            ("hello.mjs", Some(FileKind::Script)),
            ("hello.ts", Some(FileKind::TypedScript)),
            ("hello.mts", Some(FileKind::TypedScript)),
            ("nightclerk.d.ts", None),
            (".hello.js", None),
            ("hello.js~", None),
            ("hello.json", None),
            ("hello", None),
        ] {
            assert_eq!(FileKind::of(file), kind, "{file}");
        }
        assert_eq!(plugin_name("hello.mts"), "hello");
        assert_eq!(plugin_name("hello"), "hello");
    }
}
