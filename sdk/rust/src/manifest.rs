//! The manifest that every plugin carries, put together while it compiles.

/// The contract this SDK speaks.
const CONTRACT: &str = "1.0";

/// Implemented by [`crate::plugin!`].
pub trait Manifest {
    /// The whole manifest: contract, name, version, description, author, capabilities, settings.
    const JSON: &'static str;
}

/// What Cargo.toml and `manifest.json` say of a plugin.
pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    pub description: &'static str,
    /// Separated by colons, as Cargo has them.
    pub authors: &'static str,
    /// The text of `manifest.json`: an object with `capabilities` and `settings`, each if need be.
    pub file: &'static str,
}

impl Package {
    /// The bytes that [`Self::compose`] needs.
    pub const fn length(&self) -> usize {
        self.write(&mut [])
    }

    /// The manifest as JSON: Cargo.toml's facts before those of the file.
    pub const fn compose<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.write(&mut bytes);
        bytes
    }

    const fn write(&self, out: &mut [u8]) -> usize {
        let mut writer = Writer { out, written: 0 };
        writer.raw("{\"contract\":");
        writer.quoted(CONTRACT);
        writer.raw(",\"name\":");
        writer.quoted(self.name);
        writer.raw(",\"version\":");
        writer.quoted(self.version);
        writer.raw(",\"description\":");
        writer.quoted(self.description);
        writer.raw(",\"author\":");
        writer.quoted(self.authors);
        let (_, members) = self.file.as_bytes().split_at(members(self.file.as_bytes()));
        if members[0] != b'}' {
            writer.raw(",");
        }
        writer.bytes(members);
        writer.written
    }
}

/// Where the first member of a JSON object begins, or where it ends without one.
const fn members(object: &[u8]) -> usize {
    let mut at = skip_space(object, 0);
    assert!(at < object.len() && object[at] == b'{', "manifest.json is a JSON object");
    at = skip_space(object, at + 1);
    assert!(at < object.len() && matches!(object[at], b'"' | b'}'), "manifest.json is a JSON object");
    at
}

const fn skip_space(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && text[at].is_ascii_whitespace() {
        at += 1;
    }
    at
}

/// Writes as far as there is room, and counts all.
struct Writer<'a> {
    out: &'a mut [u8],
    written: usize,
}

impl Writer<'_> {
    const fn byte(&mut self, byte: u8) {
        if self.written < self.out.len() {
            self.out[self.written] = byte;
        }
        self.written += 1;
    }

    const fn bytes(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            self.byte(bytes[at]);
            at += 1;
        }
    }

    const fn raw(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A JSON string. Cargo's fields are single lines, so quotes, backslashes and stray controls are all there is.
    const fn quoted(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        self.byte(b'"');
        while at < bytes.len() {
            match bytes[at] {
                b'"' => self.raw("\\\""),
                b'\\' => self.raw("\\\\"),
                0..0x20 => self.byte(b' '),
                byte => self.byte(byte),
            }
            at += 1;
        }
        self.byte(b'"');
    }
}

/// What [`Package::compose`] made, as text.
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("texts joined with texts are a text"),
    }
}

/// The same as an array, which is what a custom section is made of.
pub const fn section<const N: usize>(manifest: &[u8]) -> [u8; N] {
    let mut section = [0; N];
    section.copy_from_slice(manifest);
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: Package = Package {
        name: "hello",
        version: "1.2.3",
        description: r#"Says "hello" \ 你好"#,
        authors: "Ana <ana@example.com>:Bo",
        file: "  {\n \"capabilities\": [\"reply\"] }\n",
    };

    #[test]
    fn cargos_facts_and_the_file_make_one_manifest() {
        const BYTES: [u8; PACKAGE.length()] = PACKAGE.compose();
        let manifest: serde_json::Value = serde_json::from_str(text(&BYTES)).unwrap();
        assert_eq!(
            manifest,
            serde_json::json!({
                "contract": "1.0",
                "name": "hello",
                "version": "1.2.3",
                "description": r#"Says "hello" \ 你好"#,
                "author": "Ana <ana@example.com>:Bo",
                "capabilities": ["reply"],
            })
        );
    }

    #[test]
    fn a_file_without_members_adds_none() {
        const BARE: Package = Package { file: " { } ", ..PACKAGE };
        const BYTES: [u8; BARE.length()] = BARE.compose();
        let manifest: serde_json::Value = serde_json::from_str(text(&BYTES)).unwrap();
        assert_eq!(manifest["name"], "hello");
    }

    #[test]
    fn a_file_that_is_no_object_does_not_compile() {
        for bad in ["", "[]", "{", "\"capabilities\""] {
            assert!(std::panic::catch_unwind(|| members(bad.as_bytes())).is_err(), "{bad}");
        }
    }
}
