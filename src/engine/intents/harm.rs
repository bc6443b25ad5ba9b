//! That somebody came to harm by what was sold: 喝完拉肚子, "my kid got a rash from it". The model knows too few such sentences, and
//! nothing that reaches a store at night is more urgent.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::{
    text::{fold, fold_pattern, regex},
    word_list::WordList,
};

/// Without one of these no text tells of it; they are looked for in one pass.
static SIGNS: LazyLock<WordList> = LazyLock::new(|| {
    let signs = [
        "肚子",
        "腹泻",
        "拉稀",
        "吐",
        "中毒",
        "过敏",
        "疹",
        "起泡",
        "烂脸",
        "红肿",
        "胃疼",
        "胃痛",
        "伤",
        "触电",
        "医院",
        "急诊",
        "poison",
        "sick",
        " ill",
        "nause",
        "vomit",
        "threw up",
        "throwing up",
        "diarr",
        "stomach",
        "allergic",
        "rash",
        "hives",
        "blister",
        "burn",
        "hospital",
        "emergency room",
        "electr",
        "bleed",
        "食中毒",
        "お腹",
        "下痢",
        "かぶれ",
        "湿疹",
        "アレルギー",
        "식중독",
        "배탈",
        "두드러기",
        "알레르기",
        "ngộ độc",
        "đau bụng",
        "tiêu chảy",
        "nổi mẩn",
        "อาหารเป็นพิษ",
        "ท้องเสีย",
        "ผื่น",
        "keracunan",
        "diare",
        "sakit perut",
        "ruam",
        "intoxica",
        "sarpullido",
        "enferm",
    ];
    WordList::new(signs.map(fold))
});

/// What is done with goods, and what came of it.
const USED: &str = r"(?:喝|吃|用|敷|涂|擦|戴|穿|抹|洗|泡|闻|试)";
const ILL: &str = "(?:拉肚子|拉稀|闹肚子|腹泻|上吐下泻|呕吐|吐了|食物中毒|中毒|过敏|疹子|红疹|皮疹|起疹|起泡|烂脸|红肿|肚子(?:好|很|特别)?[疼痛]|胃[疼痛]|烫伤|割伤|划伤|扎伤|触电|烧伤|灼伤)";

/// After it was used: whatever else is asked then, it happened.
static OF_USE: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!("{USED}(?:了|完|过|后|的|你|您|这|那|一|上|着|下|以后|之后).{{0,14}}{ILL}")));
/// That it happened, whatever of.
static HAPPENED: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        "{ILL}(?:了|好几|一晚|一天|一整|到|得)|(?:进|去|送|住)了?(?:医院|急诊|icu)(?:了|$|[,.!。，])|(?:在|去)医院(?:输液|挂水|打针|看)"
    ))
});
/// Who asks whether it could happen, or tells that it did not: with no other clause between, and nothing that is over.
static NO_HARM: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:会|能|可以|怕|担心|容易|避免|防|没|不|别|治|如果|万一|要是|对[^\s,.!?。完了过后]{{1,6}})[^\s,.!?。完了过后]{{0,4}}{ILL}|{ILL}的?吗"
    ))
});
/// Who asks for somebody who is so, whatever of.
static IS_SO: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"{ILL}(?:体质|患者|人群|肌|的人|期间|[^\s,.!?。了]{{0,6}}(?:能|可以))")));
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\bfood poison|\bpoisoned\b|\bmade (?:me|us|him|her|them|(?:my|our) \w+)(?: \w+)? (?:sick|ill|vomit|throw up|nauseous|dizzy)\b",
        r"|\b(?:got|getting|fell|felt|feel|feeling|became|been|is|am|are|was|were)(?: \w+){0,2} (?:sick|ill|nauseous)\b.{0,24}\b(?:after|from|because of|since)\b",
        r"|\b(?:after|from) (?:drinking|eating|using|wearing|trying|the first (?:cup|use)).{0,40}\b(?:sick|ill|nauseous|vomit\w*|threw up|diarrh?o?ea|stomach|rash|hives)\b",
        r"|\b(?:vomited|vomiting|threw up|throwing up)\b|\b(?:have|had|has|got|gave|giving|gives)(?: \w+){0,3} (?:diarrh?o?ea|stomach ?aches?|upset stomach|rash(?:es)?|hives|blisters|allergic reaction)\b",
        r"|\b(?:broke|came|break|breaking) out in\b|\bburn(?:ed|t) (?:my|me|his|her|our)\b|\b(?:went|ended up|taken|rushed|admitted|sent)(?: \w+){0,3} (?:hospital|emergency room)\b|\bin (?:the )?hospital (?:because|after|now)\b",
        r"|\belectric shock\b|\belectrocuted\b|\bbleeding\b",
    ))
});
/// The same in English. What could happen has the plain form of a verb, and whoever asks the store for something says "you".
static NO_HARM_IN_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    const HARM: &str = "(?:food poison|poisoned|sick|ill|nause|vomit|throw|diarr|stomach|upset|allergic|rash|hives|blister|burn|bleed)";
    regex(&format!(
        r"\b(?:not|no|never|nobody|without|hasn't|haven't|didn't|wasn't)(?: made)?(?: \w+){{0,2}} {HARM}|\b(?:will|would|can|could|does|do|did|might|may|won't|doesn't|don't|to|avoid)(?: \w+){{0,2}} (?:make|give|get|cause|have|feel|be|burn)(?: \w+){{0,3}} {HARM}|\b(?:if|when|who|whoever)(?: \w+){{0,2}} (?:have|has|get|gets|am|is|are|feel|feels)(?: \w+){{0,2}} {HARM}"
    ))
});
static ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&fold_pattern(concat!(
        "食中毒|お腹を?(?:壊|こわ)し|下痢(?:し|が)|かぶれ(?:た|て|まし)|湿疹が|アレルギー反応が?出|식중독|배탈(?:이)? ?났|두드러기가? ?(?:났|나|생)|알레르기 ?반응이?",
        "|bị ngộ độc|bị đau bụng|bị tiêu chảy|bị nổi mẩn|bị dị ứng|อาหารเป็นพิษ|ท้องเสีย|ผื่นขึ้น|เป็นผื่น|keracunan|jadi diare|kena diare|sakit perut (?:setelah|habis|abis)|ruam",
        "|me intoxi|nos intoxi|se intoxi|me dio diarrea|sarpullido|me enferm|se enferm|me senti muy mal despu",
    )))
});

/// Whether a folded text tells that somebody fell ill or was hurt.
pub fn tells_of_harm(folded: &str) -> bool {
    if !SIGNS.occurs_in(folded) {
        return false;
    }
    let in_chinese = (OF_USE.is_match(folded) || (HAPPENED.is_match(folded) && !IS_SO.is_match(folded)))
        && !NO_HARM.is_match(folded);
    let in_english = ENGLISH.is_match(folded) && !NO_HARM_IN_ENGLISH.is_match(folded);
    in_chinese || in_english || (ELSEWHERE.is_match(folded) && !folded.contains('?'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_to_harm_is_heard() {
        for said in [
            "喝完拉肚子",
            "喝了你们的茶肚子疼进医院了",
            "用了你家面霜手起泡了",
            "敷完面膜满脸红疹",
            "我家宝宝吃了上吐下泻",
            "涂了一次就过敏了",
            "过敏了怎么办",
            "孩子食物中毒了",
            "过敏了能退吗",
            "喝完拉肚子你们能负责吗",
            "吃了拉肚子可以赔吗",
            "会不会有事啊喝完拉肚子",
            "怎么能这样，吃完上吐下泻",
            "吃完你們家的餅乾拉肚子一整天",
            "杯子突然炸了把我手烫伤了",
            "老人喝了住院了，现在在医院输液",
            "got food poisoning from your tea",
            "my kid got a rash from it",
            "I felt really sick after drinking this",
            "your cream gave me a rash all over",
            "it made my daughter sick",
            "can you help i got food poisoning",
            "can i get a refund i got food poisoning",
            "can you give me my money back, the cream gave me a rash",
            "what can i do my son got a rash from it",
            "not happy i got sick from your tea",
            "we both threw up last night",
            "the handle broke and the tea burned my hand",
            "ended up in the hospital because of your snacks",
            "after eating these my son has hives",
            "飲んだ後お腹を壊しました",
            "먹고 배탈 났어요",
            "uống xong bị đau bụng",
            "กินแล้วท้องเสีย",
            "anak saya keracunan",
            "me dio diarrea",
        ] {
            assert!(tells_of_harm(&fold(said)), "{said}");
        }
    }

    #[test]
    fn who_asks_whether_it_could_or_says_that_it_did_not_tells_of_no_harm() {
        for said in [
            "会过敏吗",
            "喝了会拉肚子吗",
            "过敏体质能用吗",
            "娃对花生过敏 别放花生的赠品",
            "宝宝用了没过敏 满意",
            "拉肚子可以喝普洱吗",
            "怕烫伤，有隔热套吗",
            "医院门口那家店是你们的吗",
            "送医院的朋友，包装好看点",
            "这个杯子防烫伤吗",
            "用了不过敏，回购",
            "喝完会拉肚子吗",
            "涂完没起疹子",
            "吃了一个月没过敏",
            "will it make me sick?",
            "does this cause an allergic reaction",
            "could it give my kid a rash",
            "is it safe for people who have hives",
            "never got sick from it, love it",
            "nobody got sick after drinking it",
            "it has not made me sick so far",
            "is it good for an upset stomach",
            "I did not get a rash this time, great cream",
            "I am sick today, can you deliver tomorrow",
            "a gift for a friend in hospital",
            "can I drink this if I have diarrhea",
            "the electric kettle arrived",
            "胃不舒服适合喝什么茶",
            "¿da diarrea?",
            "ท้องเสียดื่มได้ไหม?",
        ] {
            assert!(!tells_of_harm(&fold(said)), "{said}");
        }
    }
}
