//! The two scripts of Chinese, and what Taiwan and Hong Kong call the things of a shop.

use std::{borrow::Cow, sync::LazyLock};

use ferrous_opencc::{OpenCC, config::BuiltinConfig};

use super::lookup::is_same_language;

// Each has dictionaries of megabytes, and few stores need all.
static TO_TAIWAN: LazyLock<OpenCC> = LazyLock::new(|| dictionaries(BuiltinConfig::S2twp));
static TO_HONG_KONG: LazyLock<OpenCC> = LazyLock::new(|| dictionaries(BuiltinConfig::S2hk));
static FROM_TAIWAN: LazyLock<OpenCC> = LazyLock::new(|| dictionaries(BuiltinConfig::Tw2sp));
static FROM_HONG_KONG: LazyLock<OpenCC> = LazyLock::new(|| dictionaries(BuiltinConfig::Hk2s));

fn dictionaries(config: BuiltinConfig) -> OpenCC {
    OpenCC::from_config(config).expect("they are a part of the program, and tests read each")
}

/// The words of shops that OpenCC's phrases leave as they are, after the change of script.
const TAIWAN: &[(&str, &str)] = &[
    ("尺碼錶", "尺碼表"),
    ("檢視", "查看"),
    ("好訊息", "好消息"),
    ("您的支援", "您的支持"),
    ("質量", "品質"),
    ("包郵", "免運費"),
    ("郵箱", "電子信箱"),
    ("反饋", "回饋"),
    ("驛站", "取貨點"),
    ("售罄", "售完"),
    ("臺灣", "台灣"),
    ("發貨", "出貨"),
    ("補發", "補寄"),
    ("加急", "緊急"),
    ("到賬", "入帳"),
    ("工作日", "工作天"),
    ("滿減", "滿額折扣"),
    ("手機號後", "手機號碼後"),
    ("訂單號碼", "訂單編號"),
    ("訂單號", "訂單編號"),
];
const HONG_KONG: &[(&str, &str)] = &[
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
    ("發貨", "出貨"),
    ("補發", "補寄"),
    ("加急", "緊急"),
    ("到賬", "入賬"),
    ("滿減", "滿額折扣"),
    ("説", "說"),
    ("手機號後", "手機號碼後"),
    ("訂單號碼", "訂單編號"),
    ("訂單號", "訂單編號"),
];

/// A text as the readers of another tag write it, where both are tags of Chinese; else as it is.
pub fn rewrite<'a>(text: &'a str, from: &str, to: &str) -> Cow<'a, str> {
    if text.is_ascii() || !is_same_language(to, "zh") || !is_same_language(from, "zh") {
        return Cow::Borrowed(text);
    }
    match (is_traditional(from), is_traditional(to)) {
        (false, true) if to.ends_with("-HK") => Cow::Owned(replaced(TO_HONG_KONG.convert(text), HONG_KONG)),
        (false, true) => Cow::Owned(replaced(TO_TAIWAN.convert(text), TAIWAN)),
        (true, false) if from.ends_with("-HK") => Cow::Owned(FROM_HONG_KONG.convert(text)),
        (true, false) => Cow::Owned(FROM_TAIWAN.convert(text)),
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
            ("头发、发货", "頭髮、出貨", "頭髮、出貨"),
            ("请把订单号发给我", "請把訂單編號發給我", "請把訂單編號發給我"),
        ] {
            assert_eq!(rewrite(text, "zh", "zh-Hant"), taiwan);
            assert_eq!(rewrite(text, "zh-CN", "zh-Hant-HK"), hong_kong);
        }
    }

    #[test]
    fn traditional_texts_are_read_by_those_who_write_simplified() {
        assert_eq!(rewrite("請把簡訊發給我", "zh-Hant", "zh"), "请把短信发给我");
        assert_eq!(rewrite("請把短訊發給我", "zh-Hant-HK", "zh"), "请把短讯发给我");
    }

    #[test]
    fn placeholders_and_other_languages_stay_as_they_are() {
        let text = "{{ customer }}{% if open %}, hello{% endif %} https://x.example/?a=1";
        assert_eq!(rewrite(text, "zh", "zh-Hant"), text);
        assert_eq!(rewrite("快递", "zh", "en"), "快递");
        assert_eq!(rewrite("気軽", "ja", "zh-Hant"), "気軽");
    }
}
