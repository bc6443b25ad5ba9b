//! Trouble that is only thought of: 路上会不会碎, "what if it gets lost?". It is asked about, and is no call for help.

use std::sync::LazyLock;

use regex::Regex;

use super::plainly::is_harmless;
use crate::engine::{
    stance::parts,
    text::{fold_pattern, regex},
    word_list::WordList,
};

/// What may go wrong, in a clause that supposes it.
const CHINESE_TROUBLE: &str =
    "坏|碎|破|裂|丢|漏|晚|慢|迟|错|少|假|骗|忽悠|化|变质|压|影响|耽误|延误|延迟|推迟|不满意|不喜欢|收不到|没收到";
const ENGLISH_TROUBLE: &str = r"(?:late|delay(?:s|ed)?|lost|stolen|break|breaks|broken|damaged?|affect(?:s|ed)?|melt|spoil|leak|expire|wrong|missing|defective|faulty|fake|scam|fraud)";

/// A clause that supposes: 如果坏了, 会碎吗, 怕路上丢, "will it arrive late".
static SUPPOSES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        format!("(?:如果|要是|万一|假如|假设|倘若|若是|若).{{0,20}}(?:{CHINESE_TROUBLE})"),
        format!("会不会.{{0,10}}(?:{CHINESE_TROUBLE})|(?:^|[^怎竟居还总也才都就])会.{{0,9}}(?:{CHINESE_TROUBLE}).{{0,6}}(?:吗|么|嘛)|^(?:{CHINESE_TROUBLE})不(?:{CHINESE_TROUBLE})"),
        format!("(?:^|[^可恐哪])(?:怕|担心|害怕|生怕)(?:(?:路上|运输|寄|途中|快递|邮寄|收到|买到|到时候).{{0,8}}|[^了]{{0,8}})(?:{CHINESE_TROUBLE})"),
        "(?:不会|应该不会|该不会)[^了]{0,6}(?:坏|碎|破|漏|丢|晚|慢|压坏)[^了]{0,3}(?:吧|吗|么)".to_owned(),
        "(?:不会|不是|该不会|会不会|是不是)[^了]{0,8}(?:骗|假|忽悠|坑)[^了]{0,4}(?:吧|吗|么)".to_owned(),
        format!(r"^(?:\S+ ){{0,3}}(?:what if|what happens (?:if|when)|suppose|supposing)\b.*\b{ENGLISH_TROUBLE}\b"),
        format!(r"^(?:(?:and|but|so|hi|hello|just|ok) )*(?:in case|if)\b.*\b{ENGLISH_TROUBLE}\b"),
        format!(r"^(?:(?:and|but|so|hi|hello|just|ok) )*(?:will|would|could|might|may|does|do|can) (?:it|this|that|they|there|rain|snow|(?:the|my|a|your|bad|heavy) \w+|weather|strikes?|holidays?|typhoons?)\b(?: \S+){{0,5}} {ENGLISH_TROUBLE}\b[^?]*\?"),
        r"^(?:(?:and|but|so|hi|hello|just|ok|wait) )*(?:is|are) (?:this|it|you|you guys|they|these|the \w+|your \w+|this \w+) (?:a |an |all )?(?:fake|scam|fraud|legit|real|genuine)\b[^?]*\?".to_owned(),
        format!(r"\b(?:afraid|worried|scared)\b.*\b(?:might|may|will|could|would|gets|breaks)\b.*\b{ENGLISH_TROUBLE}\b"),
    ]
    .iter()
    .map(|it| regex(it))
    .collect()
});

/// Whether the store can be trusted: 不会骗我吧, "is this a scam?", 靠谱吗. Who has what they bought in hand asks something else.
static DOUBTS: LazyLock<Regex> = LazyLock::new(|| {
    let chinese = "(?:(?:^|[^是])不是|不会|应该不会|该不会|会不会|可别)[^了]{0,6}(?:骗|假的|假货|忽悠|坑我|坑人|诈骗|跑路|卷钱|收了?钱不发|付了?钱不发)[^了]{0,4}(?:吧|吗|么|嘛|啊|呀|呢|哦)?$\
        |(?:怕|担心|害怕|会不会|不会)(?:会)?被?(?:坑|骗|忽悠|上当|宰)(?:吧|吗|么|啊|钱|呀)?$|(?:靠谱|可靠|可信|正规|信得过)(?:吗|么|嘛|不|吧|呢)$|(?:靠不靠谱|可不可靠|可不可信|正不正规|信不信得过|敢不敢买)";
    let english = r"^(?:(?:and|but|so|hi|hello|hey|just|ok|wait|sorry|honestly|um)\s+)*(?:(?:is|are)\s+(?:this|it|you|you guys|u|they|(?:this|the|your)\s+(?:site|website|store|shop|page|place|seller))\s+(?:even\s+|actually\s+|really\s+)?(?:(?:a|an|all)\s+)?(?:fake|scam|scammers|fraud|legit|legitimate|real|genuine|trustworthy|reliable|for real)(?:\s+(?:site|website|store|shop|seller|or not|or what|or fake|or real|or a scam|right))*|can i (?:really )?trust (?:you|this|u)(?: guys| site| store| shop)?|(?:this|it|you)(?:'d)? better not be (?:a scam|fake|scammers)|(?:this|it) (?:isn't|is not|isnt) a scam(?: right| is it)?|not a scam right)$";
    let elsewhere = "詐欺(?:では|じゃ)?(?:ない|ありません)?(?:です)?(?:か|よね)|怪しい(?:サイト|お?店)では|사기\\s*(?:아니|아닌|인가|맞)|믿을 ?만|โกง(?:ไหม|มั้ย|หรือเปล่า|รึเปล่า)|เชื่อถือได้(?:ไหม|มั้ย)\
        |lừa đảo (?:không|ko|k|hả|à)|uy tín (?:không|ko|k)(?: |$)|penipuan (?:bukan|ya|kah|gak|ga)|(?:terpercaya|amanah) (?:gak|ga|kah|tidak)|es (?:una )?estafa|(?:es|son) (?:confiables?|de fiar)";
    regex(&format!("{chinese}|{english}|{}", fold_pattern(elsewhere)))
});
static IN_HAND: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new([
        "收到",
        "到手",
        "拿到",
        "退款",
        "退货",
        "received",
        "arrived",
        "got",
        "refund",
        "届い",
        "받았",
        "nhan duoc",
        "terima",
        "recib",
    ])
});

/// And what would follow, which is meant in earnest: 如果不发货我就投诉.
static THREATENS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"投诉|差评|举报|12315|我就|就要|再不|还不|必须|\bi(?:'ll| will|ll| am going| want)\b|\bwe(?:'ll| will)\b|\bcomplain|\bchargeback\b",
    )
});

/// What is asked about it: 怎么办, 能退吗, "who pays".
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        "^(?:那|我|你们|您|店里|到时候|应该|又|都|的话|该)*(?:怎么办|咋办|怎么处理|怎么弄|怎么赔|如何处理|谁负责|找谁|包赔吗|赔吗|管吗|负责吗|",
        "(?:能|可以|给|包|支持|能不能|可不可以)(?:不能)?(?:退|换|赔|补发|退货|换货|退款|退换)(?:货|款)?(?:吗|么|嘛|不)?)(?:呢|啊|呀|吗|的)?$",
        r"|^(?:then |so |and )?(?:what (?:then|happens|do i do|should i do|can i do)|who pays|can i (?:return|exchange) it|(?:can|do|will) (?:i|you) (?:get a |give a |get my )?(?:refund|replacement|replace|money back).*)$",
    ))
});

/// What is told with it: 天气不好, "heavy rain here".
static BACKGROUND: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "^.{0,6}(?:天气|下雨|下雪|台风|暴雨|大雪|过年|春节|双11|双十一|假期|放假).{0,6}$|^(?:\\S+ ){0,3}(?:rain|snow|storm|weather|strike|holiday|typhoon)s?(?: \\S+){0,3}$",
    )
});

/// One of these is in each doubt.
static DOUBTED: LazyLock<WordList> = LazyLock::new(|| {
    let words = [
        "骗",
        "假",
        "忽悠",
        "坑",
        "诈",
        "跑路",
        "卷钱",
        "不发",
        "上当",
        "宰",
        "靠谱",
        "可靠",
        "可信",
        "正规",
        "信得过",
        "敢不敢",
        "fake",
        "scam",
        "fraud",
        "legit",
        "real",
        "genuine",
        "trust",
        "reliable",
        "詐欺",
        "怪しい",
        "사기",
        "믿을",
        "โกง",
        "เชื่อถือ",
        "lừa đảo",
        "uy tín",
        "penipu",
        "terpercaya",
        "amanah",
        "estafa",
        "confiable",
        "de fiar",
    ];
    WordList::new(words.map(fold_pattern).iter().map(String::as_str))
});
/// With what such doubts are excused.
static FIRST_TIME: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "^.{0,4}(?:第一次|头一次|头一回|首次).{0,10}$|^.{0,6}(?:这么|那么)便宜.{0,4}$|^(?:\\S+ ){0,4}(?:first time|never (?:bought|ordered)|so cheap|too cheap)(?: \\S+){0,6}$",
    )
});

/// What trouble is named with, in a clause that supposes it: most texts name none, and are not looked at any closer.
static TROUBLE: LazyLock<WordList> = LazyLock::new(|| {
    let english = [
        "late", "delay", "lost", "stolen", "break", "broken", "damage", "affect", "melt", "spoil", "leak", "expire",
        "wrong",
    ];
    let more = ["missing", "defective", "faulty", "fake", "scam", "fraud", "legit", "real", "genuine", "坑"];
    WordList::new(CHINESE_TROUBLE.split('|').chain(english).chain(more))
});

/// Whether a folded text asks if the store can be trusted, and says nothing that is wrong.
pub fn doubts_the_store(folded: &str) -> bool {
    if !DOUBTED.occurs_in(folded) || IN_HAND.occurs_in(folded) || THREATENS.is_match(folded) {
        return false;
    }
    let mut doubts = false;
    let mut from = 0;
    let ends =
        folded.char_indices().filter(|(at, sign)| parts(folded, *at, *sign)).map(|(at, sign)| at + sign.len_utf8());
    for end in ends.chain([folded.len()]) {
        let clause = folded.get(from..end).unwrap_or_default().trim_matches(|it: char| !it.is_alphanumeric());
        from = end;
        if DOUBTS.is_match(clause) {
            doubts = true;
        } else if !(clause.is_empty() || is_harmless(clause) || FIRST_TIME.is_match(clause)) {
            return false;
        }
    }
    doubts
}

/// Whether a folded text supposes trouble, and no part of it has any.
pub fn only_supposes(folded: &str) -> bool {
    if !TROUBLE.occurs_in(folded) {
        return false;
    }
    let mut supposed = false;
    for part in folded.split_inclusive([',', '.', '!', '?', ';', '。', '\n', '~']) {
        let clause =
            part.trim_matches(|it: char| it.is_whitespace() || matches!(it, ',' | '.' | '!' | ';' | '。' | '~'));
        if SUPPOSES.iter().any(|it| it.is_match(clause)) && !THREATENS.is_match(clause) {
            supposed = true;
            continue;
        }
        let beside = |it: &Regex| it.is_match(clause.trim_end_matches('?'));
        if !(clause.is_empty() || is_harmless(clause) || [&*ASKS, &*BACKGROUND].into_iter().any(beside)) {
            return false;
        }
    }
    // "If it is lost I want it sent again" asks for help, with a question mark it asks what would be.
    supposed && (folded.contains('?') || !folded.split(' ').any(|it| it == "if"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{intents::plainly::without_innocent_words, text::fold};

    #[test]
    fn who_doubts_the_store_asks_whether_it_can_be_trusted() {
        for said in [
            "is this a scam?",
            "不会骗我吧",
            "这不是骗人的吧",
            "你们靠谱吗",
            "這家店靠譜嗎",
            "會不會是詐騙啊 第一次跟你們買",
            "第一次在你家买 有点怕被坑😂",
            "你们不会跑路吧",
            "are you guys legit",
            "is this website real?",
            "this better not be a scam",
            "これは詐欺ですか",
            "사기 아니죠?",
            "โกงไหม",
            "lừa đảo không vậy",
            "ini penipuan bukan?",
            "¿es una estafa?",
        ] {
            assert!(doubts_the_store(&fold(said)), "{said}");
        }
        for said in [
            "你们就是骗子",
            "你们是不是骗子",
            "收到的不会是假的吧",
            "this is a scam",
            "被骗了",
            "it's a scam, I want my refund",
            "不会骗我吧，都一个月了还没到",
            "再骗我就投诉，不会是假的吧",
            "これは詐欺です",
            "is it real leather?",
        ] {
            assert!(!doubts_the_store(&fold(said)), "{said}");
        }
    }

    #[test]
    fn trouble_that_is_only_thought_of_is_told_from_trouble() {
        for said in [
            "天气太差了，会影响发货吗",
            "下雨会不会耽误发货",
            "会不会发错货啊",
            "路上会碎吗",
            "万一碎了怎么办",
            "如果收到坏的，怎么处理？",
            "怕收到坏的",
            "担心路上压坏",
            "路上不会碎吧",
            "这不是骗人的吧",
            "不会骗我吧",
            "what if it gets lost?",
            "What if the cup arrives broken? Can I return it?",
            "will it arrive late?",
            "does rain delay delivery?",
            "could the strike delay my delivery?",
            "if it is damaged, who pays?",
            "is this a scam?",
            "I am afraid it might break on the way and arrive damaged",
        ] {
            assert!(only_supposes(&without_innocent_words(fold(said).into())), "{said}");
        }
        for said in [
            "三天没动静了，担心丢了",
            "怎么会碎成这样",
            "居然会发错",
            "如果再不发货我就投诉",
            "该不会丢了吧",
            "是不是发错了",
            "碎了，如果不赔我就差评",
            "it is late, will it be lost?",
            "is it lost?",
            "if it is not here tomorrow I will complain, it is late?",
            "why is it late?",
            "could you tell me why my parcel is late?",
            "万一收到坏的呢，我的杯子碎了",
            "恐怕是丢了",
            "太可怕了，全碎了",
        ] {
            assert!(!only_supposes(&fold(said)), "{said}");
        }
    }
}
