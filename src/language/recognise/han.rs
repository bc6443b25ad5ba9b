//! Texts in Chinese characters alone: simplified or traditional Chinese, the Chinese of Hong Kong, or Japanese.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use hanconv::RawDictionary;

use super::{Sign, Strength};

/// What a character says that is not written everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    Simplified,
    Traditional,
    Japanese,
}

/// Characters that are written in one of the scripts alone, by OpenCC's tables.
static ONLY: LazyLock<HashMap<char, Only>> = LazyLock::new(|| {
    let single = |text: &str| {
        let mut characters = text.chars();
        characters.next().filter(|_| characters.next().is_none())
    };
    let mut only = HashMap::new();
    for (japanese, _) in RawDictionary::JPVariants.inv_iter() {
        only.extend(single(japanese).map(|it| (it, Only::Japanese)));
    }
    for (simplified, traditional) in RawDictionary::STCharacters.var_iter() {
        let Some(character) = single(simplified) else { continue };
        if traditional.contains(&simplified) {
            only.remove(&character);
        } else {
            only.insert(character, Only::Simplified);
        }
    }
    for (traditional, simplified) in RawDictionary::TSCharacters.var_iter() {
        let Some(character) = single(traditional) else { continue };
        if simplified.contains(&traditional) {
            only.remove(&character);
        } else {
            only.insert(character, Only::Traditional);
        }
    }
    only.extend(MADE_IN_JAPAN.chars().map(|it| (it, Only::Japanese)));
    only
});

/// Characters that Japanese has simplified, and what it has made of them.
static REFORMED: LazyLock<(HashSet<char>, HashSet<char>)> = LazyLock::new(|| {
    let first = |text: &'static str| text.chars().next();
    RawDictionary::JPVariants.iter().filter_map(|(old, new)| first(old).zip(first(new))).unzip()
});

/// Characters that Japanese has made, as far as shops write them.
const MADE_IN_JAPAN: &str = "込働枠匂峠畑辻凪栃";
/// Characters of Cantonese.
const CANTONESE: &str = "嘅喺咗冇唔佢哋啲嗰咩嚟乜嘢啱攞搵畀喇啩噃咁睇喐";
/// Words of Chinese that Japanese does not have, in both scripts.
const CHINESE: &str = "你您吗嗎呢吧啊呀嘛哦喔哪这這们們么麼怎谁啥没沒很给給让讓跟她它请谢";

/// Whether a text has words that Japanese does not have.
pub fn is_chinese(text: &str) -> bool {
    let (before_reform, after_reform) = &*REFORMED;
    text.chars().any(|it| match only(it) {
        Some(Only::Simplified) => !after_reform.contains(&it),
        Some(Only::Traditional) => before_reform.contains(&it),
        _ => CHINESE.contains(it) || CANTONESE.contains(it),
    })
}

fn only(character: char) -> Option<Only> {
    ONLY.get(&character).copied()
}

/// A text with `han` Chinese characters, and no kana.
pub fn recognise(text: &str, han: usize) -> Sign {
    let count = |wanted: Only| text.chars().filter(|it| only(*it) == Some(wanted)).count();
    let (simplified, traditional, japanese) =
        (count(Only::Simplified), count(Only::Traditional), count(Only::Japanese));
    let strength = if han > 1 { Strength::Strong } else { Strength::Weak };
    let is_chinese = is_chinese(text);
    if japanese > 0 && !is_chinese {
        return Sign { language: "ja", variety: None, or: None, strength };
    }
    let cantonese = text.chars().any(|it| CANTONESE.contains(it));
    let variety = match () {
        () if simplified > traditional => Some("zh"),
        () if cantonese => Some("zh-Hant-HK"),
        () if traditional > 0 => Some("zh-Hant"),
        () => None,
    };
    Sign { language: "zh", variety, or: (!is_chinese).then_some("ja"), strength }
}
