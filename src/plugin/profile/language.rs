//! What a plugin is written in: by the ending of a script, and by what compilers leave in a component.

use wasmparser::{KnownCustom, Parser, Payload};

use crate::plugin::contract::FileKind;

/// The fields in which compilers and tools say it.
const LANGUAGE: &str = "language";
const TOOLS: &str = "processed-by";
/// What tools for one language alone are called.
const OF_TOOLS: [(&str, &str); 6] = [
    ("wit-bindgen-rust", "Rust"),
    ("wit-bindgen-c", "C"),
    ("wit-bindgen-go", "Go"),
    ("TinyGo", "Go"),
    ("componentize-py", "Python"),
    ("ComponentizeJS", "JavaScript"),
];

/// `None` where the file does not say.
pub fn language(file: &str, bytes: &[u8]) -> Option<String> {
    match FileKind::of(file) {
        Some(FileKind::Script) => Some("JavaScript".to_owned()),
        Some(FileKind::TypedScript) => Some("TypeScript".to_owned()),
        Some(FileKind::Component) | None => of_component(bytes),
    }
}

/// The language that one of its modules names, else that of the tool that made it.
fn of_component(bytes: &[u8]) -> Option<String> {
    let named = values(bytes, LANGUAGE).into_iter().find_map(|word| plain(&word));
    named.or_else(|| {
        let tools = values(bytes, TOOLS);
        let known = OF_TOOLS.iter().find(|(tool, _)| tools.iter().any(|it| it == tool));
        known.map(|(_, language)| (*language).to_owned())
    })
}

/// What stands in this field, in all that the component is made of.
fn values(bytes: &[u8], field: &str) -> Vec<String> {
    let sections = Parser::new(0).parse_all(bytes).map_while(Result::ok).filter_map(|part| match part {
        Payload::CustomSection(section) => Some(section),
        _ => None,
    });
    let mut found = Vec::new();
    for section in sections {
        let KnownCustom::Producers(producers) = section.as_known() else { continue };
        for producer in producers.into_iter().map_while(Result::ok).filter(|it| it.name == field) {
            found.extend(producer.values.into_iter().map_while(Result::ok).map(|value| value.name.to_owned()));
        }
    }
    found
}

/// A stranger's word, if it is one.
fn plain(word: &str) -> Option<String> {
    let fits = (1..=40).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::shipped::SHIPPED;

    #[test]
    fn a_file_tells_what_it_is_written_in() {
        for (file, bytes) in SHIPPED {
            assert_eq!(language(file, bytes).as_deref(), Some("Rust"), "{file}");
        }
        assert_eq!(language("hello.mts", b"").as_deref(), Some("TypeScript"));
        assert_eq!(language("hello.wasm", b"nonsense"), None);
    }
}
