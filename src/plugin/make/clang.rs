//! Finds the C compiler for the script engine.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use super::toolchain::{DEBIAN_LINKERS, newest};

/// A clang, which compiles for WebAssembly wherever it runs.
pub struct Clang(PathBuf);

impl Clang {
    /// The newest there is.
    pub fn find() -> Option<Self> {
        let files = fs::read_dir(DEBIAN_LINKERS).ok()?.flatten().map(|entry| entry.file_name());
        newest("clang", files).map(|name| Self(Path::new(DEBIAN_LINKERS).join(name)))
    }

    /// What to do where there is none.
    pub fn advice() -> String {
        "the script engine is written in C: install clang (on Debian the newest of `apt-cache search '^clang-[0-9]+$'`)"
            .to_owned()
    }

    /// What the build scripts of crates with C in them look for.
    pub fn environment(&self, flags: &str) -> [(&'static str, String); 3] {
        [
            ("CC_wasm32_unknown_unknown", self.0.display().to_string()),
            // The linker reads archives without an index as well.
            ("AR_wasm32_unknown_unknown", "ar".to_owned()),
            ("CFLAGS_wasm32_unknown_unknown", flags.to_owned()),
        ]
    }

    /// In its own words: equal words, equal bytes.
    ///
    /// # Errors
    /// It cannot be run.
    pub fn version(&self) -> io::Result<String> {
        let output = Command::new(&self.0).arg("--version").output()?;
        Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned())
    }
}
