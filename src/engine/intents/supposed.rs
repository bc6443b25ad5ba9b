//! Trouble that is only thought of: 路上会不会碎, "what if it gets lost?". It is asked about, and is no call for help.

use std::sync::LazyLock;

use regex::Regex;

use super::plainly::is_harmless;
use crate::engine::{text::regex, word_list::WordList};

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

/// What trouble is named with, in a clause that supposes it: most texts name none, and are not looked at any closer.
static TROUBLE: LazyLock<WordList> = LazyLock::new(|| {
    let english = [
        "late", "delay", "lost", "stolen", "break", "broken", "damage", "affect", "melt", "spoil", "leak", "expire",
        "wrong",
    ];
    let more = ["missing", "defective", "faulty", "fake", "scam", "fraud", "legit", "real", "genuine", "坑"];
    WordList::new(CHINESE_TROUBLE.split('|').chain(english).chain(more))
});

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
