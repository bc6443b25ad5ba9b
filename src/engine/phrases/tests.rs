use super::*;
use crate::language::rewrite;

/// What a text asks for.
fn placeholders(text: &str) -> BTreeSet<String> {
    let (_, names) = Templates::default().add(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    names
}

#[test]
fn every_phrase_is_there_in_every_language_with_the_same_placeholders() {
    let mut missing = Vec::new();
    for (name, wording) in built_in().unwrap().phrase {
        let texts: BTreeMap<_, _> = wording.entries().filter_map(|(tag, it)| Some((tag?.as_str(), it))).collect();
        let asked = |language: &str| -> Vec<_> {
            texts
                .get(language)
                .map(|it| it.as_slice().iter().map(|text| placeholders(text)).collect())
                .unwrap_or_default()
        };
        let original: Vec<_> = [asked("zh"), asked("en")].concat();
        let may: BTreeSet<_> = original.iter().flatten().collect();
        let must: Vec<_> = may.iter().filter(|it| original.iter().all(|names| names.contains(**it))).collect();
        // Customers read what is said in staff rooms in no language.
        let for_customers = !name.starts_with("room-");
        let translations = TRANSLATIONS.iter().filter(|_| for_customers).map(|(language, _)| *language);
        for language in ["zh", "en"].into_iter().chain(translations) {
            match texts.get(language) {
                None => {
                    missing.push(format!("{name} in {language}: add it to src/engine/builtin/phrases/{language}.toml"))
                }
                Some(variants) => {
                    for text in variants.as_slice() {
                        let names = placeholders(text);
                        assert!(
                            names.iter().all(|it| may.contains(it)),
                            "{name} in {language} asks for more: {names:?}"
                        );
                        assert!(
                            must.iter().all(|it| names.contains(**it)),
                            "{name} in {language} asks for less: {names:?}"
                        );
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn traditional_texts_have_no_simplified_character_left() {
    for (name, wording) in built_in().unwrap().phrase {
        for language in ["zh-Hant", "zh-Hant-HK"] {
            let simplified = wording.find(Language::of(language)).unwrap();
            for text in simplified.value.as_slice() {
                let text = rewrite(text, simplified.tag, language);
                for left in ["发", "这", "们", "请", "单", "购", "贵", "货", "讯息", "檢視"] {
                    assert!(!text.contains(left), "{name} in {language}: {text}");
                }
            }
        }
    }
}

/// They are made when they are first said, which is no time to find out that one of them is no good template.
#[test]
fn none_of_the_clerks_own_texts_is_lost_when_it_is_made() {
    let book = Phrasebook::compile(&PhrasesSettings::default(), Tag::default(), &mut Vec::new());
    for (name, wording) in built_in().unwrap().phrase {
        for language in ["zh", "en", "zh-Hant", "zh-Hant-HK"].into_iter().chain(TRANSLATIONS.map(|(tag, _)| tag)) {
            let language = Language::of(language);
            let (written, words) = (wording.find(language).unwrap(), &book.phrases[&name]);
            let made = words.variants.find(language).unwrap().value.ready(&book.templates);
            let asked: BTreeSet<_> = written.value.as_slice().iter().flat_map(|text| placeholders(text)).collect();
            assert_eq!(made.ids.len(), written.value.as_slice().len(), "{name} in {language:?}");
            assert!(
                made.placeholders.iter().copied().eq(asked.iter().map(String::as_str)),
                "{name} in {language:?}: {asked:?}"
            );
        }
    }
}

#[test]
fn what_words_speak_of_is_told_without_making_those_that_do_not() {
    let book = Phrasebook::compile(&PhrasesSettings::default(), Tag::default(), &mut Vec::new());
    let made = |words: &Words| -> Vec<Tag> {
        let is_made = |texts: &Texts| matches!(texts, Texts::Good(good) if good.is_made());
        words.variants.entries().filter(|(_, texts)| is_made(texts)).filter_map(|(tag, _)| tag.cloned()).collect()
    };
    for (name, wording) in built_in().unwrap().phrase {
        let words = &book.phrases[&name];
        let texts = wording.entries().flat_map(|(_, variants)| variants.as_slice());
        let asked: BTreeSet<_> = texts.flat_map(|text| placeholders(text)).collect();
        assert!(!words.speaks_of("a name that none has"), "{name}");
        assert_eq!(made(words), [], "{name}");
        for variable in crate::engine::variables::VARIABLES {
            assert_eq!(words.speaks_of(variable), asked.contains(variable), "{name} and {variable}");
        }
        // What is asked of them its original tells.
        let rewritten: Vec<_> = made(words).into_iter().filter(|tag| tag.starts_with("zh-Hant")).collect();
        assert_eq!(rewritten, [], "{name}");
        assert!(words.variants.entries().any(|(tag, _)| tag.is_some_and(|it| it.starts_with("zh-Hant"))), "{name}");
    }
}
