//! The two scripts of Chinese, and what Taiwan and Hong Kong call the things of a shop.

use std::borrow::Cow;

use super::lookup::is_same_language;

/// The words of shops that OpenCC's phrases leave as they are, after the change of script.
const TAIWAN: [(&str, &str); 8] = [
    ("尺碼錶", "尺碼表"),
    ("質量", "品質"),
    ("包郵", "免運費"),
    ("郵箱", "電子信箱"),
    ("反饋", "回饋"),
    ("驛站", "取貨點"),
    ("售罄", "售完"),
    ("臺灣", "台灣"),
];
const HONG_KONG: [(&str, &str); 14] = [
    ("尺碼錶", "尺碼表"),
    ("快遞", "速遞"),
    ("短信", "短訊"),
    ("質量", "質素"),
    ("包郵", "免運費"),
    ("郵箱", "電郵"),
    ("視頻", "影片"),
    ("信息", "資訊"),
    ("反饋", "意見"),
    ("驛站", "取貨點"),
    ("售罄", "售完"),
    ("打折", "減價"),
    ("激活", "啟用"),
    ("默認", "預設"),
];

/// A text as the readers of another tag write it, where both are tags of Chinese; else as it is.
pub fn rewrite<'a>(text: &'a str, from: &str, to: &str) -> Cow<'a, str> {
    if text.is_ascii() || !is_same_language(to, "zh") || !is_same_language(from, "zh") {
        return Cow::Borrowed(text);
    }
    match (is_traditional(from), is_traditional(to)) {
        (false, true) if to.ends_with("-HK") => Cow::Owned(replaced(hanconv::s2hk(text), &HONG_KONG)),
        (false, true) => Cow::Owned(replaced(hanconv::s2twp(text), &TAIWAN)),
        (true, false) if from.ends_with("-HK") => Cow::Owned(hanconv::hk2s(text)),
        (true, false) => Cow::Owned(hanconv::tw2sp(text)),
        _ => Cow::Borrowed(text),
    }
}

pub fn is_traditional(tag: &str) -> bool {
    tag.contains("-Hant")
}

fn replaced(text: String, words: &[(&str, &str)]) -> String {
    words.iter().fold(text, |text, (from, to)| if text.contains(from) { text.replace(from, to) } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taiwan_and_hong_kong_have_their_own_words() {
        for (text, taiwan, hong_kong) in [
            ("快递短信", "快遞簡訊", "速遞短訊"),
            ("质量好，包邮", "品質好，免運費", "質素好，免運費"),
            ("这里有干果和面条", "這裡有乾果和麵條", "這裏有乾果和麪條"),
            ("头发、发货", "頭髮、發貨", "頭髮、發貨"),
        ] {
            assert_eq!(rewrite(text, "zh", "zh-Hant"), taiwan);
            assert_eq!(rewrite(text, "zh-CN", "zh-Hant-HK"), hong_kong);
        }
    }

    #[test]
    fn placeholders_and_other_languages_stay_as_they_are() {
        let text = "{{ customer }}{% if open %}, hello{% endif %} https://x.example/?a=1";
        assert_eq!(rewrite(text, "zh", "zh-Hant"), text);
        assert_eq!(rewrite("快递", "zh", "en"), "快递");
        assert_eq!(rewrite("気軽", "ja", "zh-Hant"), "気軽");
    }
}
