//! What short words say plainly, whatever they resemble: so many of something, a colour or a size and no more.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

use super::{concepts, hashing::name};
use crate::engine::{
    entities::{COUNT, UNITS},
    text::{is_han, regex},
    word_list::WordList,
};

/// The longest of these, in characters.
const LONGEST: usize = 40;

/// 红色的, "the red one": colours and sizes, as of most goods. Folded, so simplified and without accents.
const VARIANT_CHINESE: &str = "(?:深|浅|大|纯)?(?:红|黑|白|蓝|绿|黄|紫|灰|粉|棕|橙|金|银|米|杏|咖啡|卡其|藏青|奶白|酒红|透明)色?(?:色)?|(?:加)?(?:大|小|中|均|s|m|l|xs|xl|xxl|xxxl|[2-5]\\d(?:\\.5)?)(?:号|码)";
const VARIANT_ENGLISH: &str = "(?:dark |light )?(?:red|black|white|blue|green|yellow|purple|violet|grey|gray|pink|brown|orange|gold|golden|silver|beige|navy|cream|khaki)|(?:extra )?(?:large|small|medium|big|little|bigger|smaller|larger)|x{0,3}[sl]|m|size \\d{1,2}(?:\\.5)?";

static ORDER_CHINESE: LazyLock<Regex> = LazyLock::new(|| {
    let item = format!("(?:{COUNT}\\s*(?:{UNITS})|(?:{VARIANT_CHINESE})(?:的|那个|那款|那种|款)*)");
    regex(&format!(
        "^(?:我|就|那|再|先|帮我|给我|还|一共|总共)*(?:想要|要|买|拿|来|订|拍|加|选)?(?:了|个)?\\s*{item}(?:\\s*[,、和加 ]?\\s*{item})*(?:吧|哈|啊|哦|喔|就行|就好|即可|谢谢|的)*$"
    ))
});

static ORDER_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    let item = format!(
        "(?:(?:{COUNT} )(?:(?:{VARIANT_ENGLISH}) )?(?:{UNITS}|ones)|(?:the |a |an )?(?:{VARIANT_ENGLISH})(?: ones?)?)"
    );
    regex(&format!(
        "^(?:(?:i|i'd|i'll|id|ill|we|we'd|would|just|only|please|pls|make it|give me|want|need|take|like|have|get|order|so|ok|then) )*{item}(?:(?: and|,) {item})*(?: of (?:it|them|those|these))?(?: please| pls| thanks| thank you| then| for me)*$"
    ))
});

/// Whether a folded text names how many, or which, and no more: 要3盒, 红色的, "the red one".
pub fn names_what_is_ordered(folded: &str) -> bool {
    let said = folded.trim_matches(|it: char| it.is_whitespace() || matches!(it, '.' | '!' | ',' | '~' | '…'));
    if said.is_empty() || said.chars().nth(LONGEST).is_some() {
        return false;
    }
    match said.chars().any(is_han) {
        true => ORDER_CHINESE.is_match(said),
        false => ORDER_ENGLISH.is_match(said),
    }
}

/// Whether a folded text asks to wait with sending, and no more: 先别发货, "don't ship it yet". It is no parcel that is late.
pub fn asks_to_hold(folded: &str) -> bool {
    static HOLDS: LazyLock<Regex> = LazyLock::new(|| {
        regex(concat!(
            "^(?:请|麻烦|先|你们|那|帮我|帮忙|暂时|等等|亲|,| )*(?:停止|暂停|别|不要|不用|暂缓)(?:急着)?(?:给我)?(?:发货|发出|寄出|发快递|发)",
            "(?:了|哈|啊|哦|谢谢|吧|先|,| )*$",
            r"|^(?:(?:please|pls|hi|hello|wait|so|no),? )*(?:do not|don't|dont|hold off(?: on)?|stop|hold|pause) (?:the )?",
            r"(?:ship|shipping|send|sending|shipment|dispatch)(?:,? (?:it|my|the|this|order|parcel|out|yet|please|pls|for now|thanks))*$",
        ))
    });
    HOLDS.is_match(folded.trim_matches(|it: char| !it.is_alphanumeric()))
}

/// The longest text in which nothing may be wrong without a word for it, in characters of Chinese and in words of others.
const SHORT_CHINESE: usize = 8;
const SHORT_WORDS: usize = 3;
/// What trouble, waiting, anger and refusal are written with; rather too many than too few, since a text with one of them is
/// left to the model. Folded.
const TROUBLE_CHINESE: &str = "坏碎破裂烂漏错少缺没未不丢失迟慢晚催急等快久还退赔假骗坑差投诉举报曝垃圾滚烦气怒恶黑态经领找哪扁皱脏臭霉变过死呢压磕伤断划掉拆空怎什啥为损妈逼傻操狗律消工起警维返遅违割届欠救命完乱湿水污锈毛病问题到收发寄签废蠢贱痴残障无瘪凹磕渣崩甩蔫洒馊腐瞎仿寨赝仨仅才冇唔呃搞糊衍曝避雷得只";
const TROUBLE: &[&str] = &[
    "broke",
    "break",
    "crack",
    "shatter",
    "smash",
    "wrong",
    "miss",
    "late",
    "lost",
    "lose",
    "stole",
    "where",
    "when",
    "wait",
    "still",
    "not",
    "n't",
    "dont",
    "cant",
    "wont",
    "isnt",
    "didnt",
    "no",
    "never",
    "without",
    "refund",
    "money",
    "back",
    "fake",
    "scam",
    "fraud",
    "cheat",
    "liar",
    "lie",
    "complain",
    "manager",
    "bad",
    "worst",
    "awful",
    "terrib",
    "horrib",
    "poor",
    "disappoint",
    "angry",
    "wtf",
    "fuck",
    "shit",
    "damn",
    "hell",
    "stupid",
    "idiot",
    "useless",
    "joke",
    "urgent",
    "asap",
    "help",
    "hurry",
    "leak",
    "dent",
    "dama",
    "defect",
    "torn",
    "rip",
    "stain",
    "dirty",
    "smell",
    "mold",
    "mould",
    "expired",
    "dead",
    "doesn",
    "didn",
    "can't",
    "stop",
    "sue",
    "lawyer",
    "police",
    "review",
    "star",
    "report",
    "short",
    "empty",
    "half",
    "only",
    "delay",
    "overdue",
    "slow",
    "stuck",
    "track",
    "deliver",
    "arriv",
    "receiv",
    "roto",
    "rota",
    "falt",
    "perdid",
    "tard",
    "mal",
    "estafa",
    "queja",
    "rusak",
    "pecah",
    "salah",
    "hilang",
];
const TROUBLE_ELSEWHERE: &[&str] = &[
    "vo", "hong", "loi", "thieu", "sai", "mat", "cham", "lau", "tien", "lua", "chua", "khong", "dau", "got", "sent",
    "came", "telat", "kurang", "lama", "tipu", "kecewa", "llega", "dinero", "reembols",
];

/// The same as `concepts.toml` has it, in every language.
const TROUBLE_CONCEPTS: [&str; 20] = [
    "anger",
    "bad-quality",
    "bad-review",
    "broken",
    "complain",
    "fail",
    "fake",
    "hurry",
    "insult",
    "lost",
    "missing",
    "negation",
    "nobody",
    "not-same",
    "promised",
    "refund",
    "slow",
    "still",
    "wait",
    "wrong",
];

/// Whether a short folded text has no word for anything that may be wrong: 杯子, "i want 10 cups". What it then seems to be
/// like is no call for help.
pub fn is_harmless(folded: &str) -> bool {
    static CONCEPTS: LazyLock<Vec<u32>> = LazyLock::new(|| TROUBLE_CONCEPTS.map(name).to_vec());
    has_no_word_for_trouble(folded) && !concepts::speaks_of(folded, &CONCEPTS)
}

fn has_no_word_for_trouble(folded: &str) -> bool {
    let letters = || folded.chars().filter(|it| it.is_alphanumeric());
    if letters().any(is_han) {
        let chinese = letters().all(|it| is_han(it) || it.is_ascii());
        return chinese
            && letters().count() <= SHORT_CHINESE
            && !folded.contains("12315")
            && !folded.chars().any(|it| TROUBLE_CHINESE.contains(it));
    }
    let words = folded.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).count();
    static WORDS: LazyLock<WordList> =
        LazyLock::new(|| WordList::new(TROUBLE.iter().chain(TROUBLE_ELSEWHERE).copied()));
    letters().all(|it| it.is_ascii()) && (1..=SHORT_WORDS).contains(&words) && !WORDS.occurs_in(folded)
}

/// What is named with a word for trouble and is none, and what it is like.
const INNOCENT: &[(&str, &str)] = &[
    ("碎花", "印花"),
    ("碎银", "银"),
    ("碎冰", "冰块"),
    ("掰碎", "掰开"),
    ("敲碎", "敲开"),
    ("撬碎", "撬开"),
    ("捣碎", "捣开"),
    ("破洞牛仔", "牛仔"),
    ("破洞裤", "裤子"),
    ("破洞款", "款式"),
    ("破壁", "多功能"),
    ("天气太差", "天气不好"),
    ("天气差", "天气不好"),
    ("天气很差", "天气不好"),
    ("糖少点", "备注少放糖"),
    ("盐少点", "备注少放盐"),
    ("冰少点", "备注少放冰"),
    ("ripped jeans", "jeans"),
    ("distressed jeans", "jeans"),
    ("crushed ice", "ice"),
    ("cracked pepper", "pepper"),
    ("hand-picked by human", "picked by hand"),
];

/// A folded text in which what only sounds like trouble is called by another name.
pub fn without_innocent_words(folded: Cow<'_, str>) -> Cow<'_, str> {
    static WORDS: LazyLock<WordList> = LazyLock::new(|| WordList::new(INNOCENT.iter().map(|(word, _)| *word)));
    if !WORDS.occurs_in(&folded) {
        return folded;
    }
    INNOCENT.iter().fold(folded, |text, (word, other)| text.replace(word, other).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn how_many_and_which_is_told_from_what_is_said_about_it() {
        for said in [
            "要3盒",
            "三盒",
            "我要两件",
            "来5包吧",
            "红色的",
            "要红色的",
            "黑色那款",
            "再来一箱",
            "要3盒红色的",
            "XL码",
            "L碼的",
            "３盒",
            "一共十件",
            "3 boxes",
            "the red one",
            "two boxes please",
            "i'll take 3 boxes",
            "a dozen boxes",
            "red",
            "the large one please",
            "2 red ones",
            "size 9",
            "the blue ones",
            "just one box",
        ] {
            assert!(names_what_is_ordered(&fold(said)), "{said}");
        }
        for said in [
            "",
            "红色的吗",
            "红色的有货吗",
            "收到3盒都碎了",
            "少了3盒",
            "3盒坏了",
            "红色的发成蓝色的了",
            "三天没发货",
            "发错了红色",
            "3 boxes broken",
            "the red one is broken",
            "two boxes missing",
            "wrong colour",
            "only got 2 boxes",
            "3 days",
            "received one box",
            "where is the red one",
            "help",
            "大",
            "要",
            "不要红色的",
            "3 boxes short",
            "still 2 boxes missing",
        ] {
            assert!(!names_what_is_ordered(&fold(said)), "{said}");
        }
    }

    #[test]
    fn who_asks_to_wait_with_sending_complains_of_nothing() {
        for said in [
            "停止发货",
            "先别发货",
            "请先不要发货，谢谢",
            "don't ship it yet",
            "please hold the shipment",
            "stop shipping",
        ] {
            assert!(asks_to_hold(&fold(said)), "{said}");
        }
        for said in ["怎么还不发货", "不发货", "别再发坏的了", "stop sending me broken cups", "don't send me ads"]
        {
            assert!(!asks_to_hold(&fold(said)), "{said}");
        }
    }

    #[test]
    fn a_short_text_without_a_word_for_trouble_calls_for_no_help() {
        for said in ["杯子", "白茶", "我要10个杯子", "我要買茶", "tea", "nike air", "i want cups", "strasse"]
        {
            assert!(is_harmless(&fold(said)), "{said}");
        }
        for said in [
            "",
            "杯子碎了",
            "两件只收到一件",
            "发错了",
            "还没到",
            "快点！",
            "人呢",
            "垃圾店",
            "怎么回事",
            "你们就是一群废物",
            "杯子都磕了",
            "就给我仨",
            "kok belum sampai",
            "barang cacat",
            "thất lạc hàng",
            "太离谱了",
            "broken cup",
            "wrong one",
            "help",
            "where",
            "roto",
            "barang rusak",
            "壊れた",
            "破損",
            "못 받았어요",
            "hàng vỡ",
            "我想要买十个白色的茶杯和五个茶壶",
        ] {
            assert!(!is_harmless(&fold(said)), "{said}");
        }
    }
}
