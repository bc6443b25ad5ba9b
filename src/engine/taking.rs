//! What is taken of what was told: 就它了, 第二个, "two of those", "how do i order it".

use std::sync::LazyLock;

use regex::Regex;

use super::{
    entities::{COUNT, UNITS, count},
    text::{fold_pattern, regex},
};

/// The longest text that may only take something, in characters.
const LONGEST: usize = 48;

/// Which of what was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    All,
    /// Counted from one.
    Nth(usize),
    Last,
    Dearest,
    Cheapest,
}

static CHINESE: LazyLock<Regex> = LazyLock::new(|| {
    const LEAD: &str = "(?:那么?|好的?|行|可以|嗯|ok|我们?|就|先|帮我|给我|再|还|想|麻烦|老板|请|直接|[, ])*";
    const THIS: &str = "(?:它们?|这个|那个|这款|那款|这种|那种|这俩|那俩|这些)";
    let which = "(?P<which>第?[一二两三四五1-5][个款种样号](?:的)?|(?:最后|最贵|最便宜|便宜|贵)(?:的)?(?:一|那|这)?[个款种]?|前[一两二]?[个款]|后[一两二]?[个款])";
    let verb = "(?:要|来|拿|买|选|订|拍|定|下单|整|搞|帮我拿|帮我订|入)(?:了|个|上)?";
    let tail = "(?:吧|了|哈|啊|哦|喔|就行|就好|呗|谢谢|的|呢|好了|试试|先| )*$";
    regex(&format!(
        "^{LEAD}{verb}(?:{which}|{THIS}|{COUNT}\\s*(?:{UNITS})(?:{THIS})?|{THIS}{COUNT}\\s*(?:{UNITS})){tail}\
         |^{LEAD}就(?:要|买|选|定|来|拿)?{THIS}{tail}|^{LEAD}(?P<alone>第[一二三四五1-5][个款种](?:的)?|(?:最贵|最便宜|便宜|贵)的?(?:那|这)?[个款种]){tail}\
         |^{LEAD}(?:下单|购买|怎么(?:下单|买|拍|购买|订)|(?:在)?哪(?:里|儿)?(?:能|可以)?(?:下单|买|拍)|(?:发|给|求)?(?:我)?(?:个|一下|下)?(?:购买)?链接(?:发我|有吗|呢|给我|发一下|发下)?){THIS}?(?:吗|呢|啊|一下)?{tail}"
    ))
});

static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    let lead = r"(?:(?:ok|okay|great|good|then|so|cool|perfect|right|alright|yes|yeah|yep|fine|hmm|well|sounds good|nice) ?,? ?)*";
    let verbs = r"(?:(?:please|pls|i|i'd|i'll|ill|id|we|we'd|we'll|will|would|just|can|could|like|want|need|gimme|give|me|get|have|take|grab|order|buy|let's|lets|go|with|for|make|to|put|down|up|add|do) )*";
    let taken = r"(?:(?:i|we)(?:'ll| will|'d like to|'d| want to| would like to)? (?:take|have|buy|order|grab|get) |(?:let's|lets) (?:go with|take|order|get) |give me |gimme |order |get me )";
    let which = r"the (?P<english>first|second|third|fourth|last|cheaper|cheapest|dearer|dearest|more expensive|expensive|1st|2nd|3rd)(?: one| of (?:them|those))?";
    let tail = r"(?: (?:then|please|pls|thanks|thank you|for me|now|sounds good|looks good|it is))*$";
    regex(&format!(
        r"^{lead}{verbs}(?:{which}|{COUNT} (?:of )?(?:those|them|these|it|each)|{COUNT} (?:{UNITS})(?: of (?:it|those|them|that|these))?|both(?: of (?:them|those))?|(?:that|this) one){tail}|^{lead}{taken}(?:it|them|those|these|that|this)(?: one)?{tail}|^{lead}(?:how|where) (?:do|can|could|should|would) (?:i|we) (?:order|buy|get|purchase)(?: (?:it|them|one|this|that|those|these|some))?{tail}|^{lead}(?:(?:send|give|got|have|do you have|can i have|can i get) (?:me )?)?(?:the |a )?link(?: (?:for|to) (?:it|that|this))?{tail}"
    ))
});

static ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    let all = [
        r"^(?:じゃあ?|では|で|を|、|はい|\s)*(?:(?:(?:\d|[一二三四])(?:つ|個|箱|缶|袋)|それ|これ|そちら|こちら)(?:を)?(?:ください|下さい|買います|欲しいです|注文します|注文したいです)|(?:それ|これ|そちら|こちら)に(?:します|決めます))$",
        r"^(?:그럼|네|저는|\s)*(?:(?:하나|둘|두|세|한|\d)\s*(?:개|박스|통|상자)?|그거|이거|그걸로|이걸로|그거로|이거로)\s*(?:주세요|살게요|할게요|주문할게요|주문하고 싶어요)$",
        r"^(?:งั้น|โอเค|ขอ|เอา|รับ|อันนี้|อันนั้น|ตัวนี้|\s)*(?:เอา|รับ|ขอ|สั่ง)(?:อันนี้|อันนั้น|ตัวนี้|เลย|\s)*(?:\d|หนึ่ง|สอง|สาม)?\s*(?:กล่อง|อัน|ชิ้น|กระป๋อง|ถุง)?(?:ค่ะ|ครับ|คะ|นะ|จ้า|\s)*$",
        r"^(?:vậy|ok|dạ|thế|cho|mình|em|tôi|lấy|đặt|mua|\s)*(?:lấy|đặt|mua)(?: (?:\d|một|hai|ba))?(?: (?:hộp|cái|gói|lon|cái này|cái đó|nó|nhé|nha|ạ|đi))+$",
        r"^(?:ok|oke|ya|kalau gitu|saya|aku|mau|beli|pesan|ambil|\s)*(?:mau|beli|pesan|ambil)(?: (?:\d|satu|dua|tiga|yang itu|yang ini|itu|ini))?(?: (?:kotak|pcs|kaleng|bungkus|ya|kak|min|deh|dong|aja|yang itu|itu|ini))+$",
        r"^(?:ok|vale|pues|entonces|bueno|,|\s)*(?:me (?:lo|la|los|las) (?:llevo|quedo)|(?:quiero|ponme|dame|me llevo|pido) (?:uno|una|dos|tres|\d|ese|este|el primero|el segundo)(?: (?:cajas?|de esos|de estos|latas?))?)(?: por favor| gracias)*$",
    ];
    regex(&all.map(fold_pattern).join("|"))
});

/// Which of what was told a folded text takes, where it says no more than that.
pub fn taken(folded: &str) -> Option<Taken> {
    let said = folded.trim_matches(|it: char| it.is_whitespace() || ".!,~?。、…".contains(it));
    if said.is_empty() || said.chars().nth(LONGEST).is_some() {
        return None;
    }
    if let Some(found) = CHINESE.captures(said) {
        return Some(found.name("which").or(found.name("alone")).map_or(Taken::All, |it| in_chinese(it.as_str())));
    }
    if let Some(found) = ENGLISH.captures(said) {
        return Some(found.name("english").map_or(Taken::All, |it| in_english(it.as_str())));
    }
    ELSEWHERE.is_match(said).then_some(Taken::All)
}

fn in_chinese(which: &str) -> Taken {
    let number = || {
        let digit = which.chars().find(|it| "一二三四五12345".contains(*it))?;
        count(&digit.to_string())
    };
    match () {
        () if which.contains("便宜") => Taken::Cheapest,
        () if which.contains('贵') => Taken::Dearest,
        () if which.starts_with("最后") || which.starts_with('后') => Taken::Last,
        () if which.starts_with('第') => number().map_or(Taken::All, |it| Taken::Nth(it as usize)),
        // 来一个 is how many.
        () => Taken::All,
    }
}

fn in_english(which: &str) -> Taken {
    match which {
        "first" | "1st" => Taken::Nth(1),
        "second" | "2nd" => Taken::Nth(2),
        "third" | "3rd" => Taken::Nth(3),
        "fourth" => Taken::Nth(4),
        "last" => Taken::Last,
        "cheaper" | "cheapest" => Taken::Cheapest,
        _ => Taken::Dearest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn what_is_taken_is_told_from_what_is_asked_or_told() {
        for (said, choice) in [
            ("那来两盒", Taken::All),
            ("就它了", Taken::All),
            ("就要这个吧", Taken::All),
            ("我要兩罐", Taken::All),
            ("第二个", Taken::Nth(2)),
            ("要第一款", Taken::Nth(1)),
            ("便宜的那个", Taken::Cheapest),
            ("怎么买", Taken::All),
            ("链接发我", Taken::All),
            ("ok two of those", Taken::All),
            ("I'll take it", Taken::All),
            ("the second one please", Taken::Nth(2)),
            ("the cheaper one then", Taken::Cheapest),
            ("how do i order it?", Taken::All),
            ("じゃあ2つください", Taken::All),
            ("그걸로 할게요", Taken::All),
            ("me lo llevo", Taken::All),
        ] {
            assert_eq!(taken(&fold(said)), Some(choice), "{said}");
        }
        for said in [
            "好的",
            "这个",
            "我要退货",
            "两盒都碎了",
            "第二个坏了",
            "来人",
            "便宜点",
            "我要人工",
            "那个有礼盒吗",
            "ok",
            "please",
            "the second one is broken",
            "how much is it",
            "how do i return it",
            "take care",
            "i want a refund",
            "order",
            "ください",
            "주세요",
            "",
        ] {
            assert_eq!(taken(&fold(said)), None, "{said}");
        }
    }
}
