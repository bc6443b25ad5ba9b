//! What is said outright, in words so few or so crooked that the model hears something else: 不订了, 平台见, "call me back",
//! praise with a wry face.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::{
    entities::{COUNT, count},
    text::regex,
    word_list::WordList,
};

/// From so many pieces on, a price is asked for as traders ask for it.
const BULK: u32 = 100;

/// 不订了: what was ordered, or was about to be, is no longer wanted.
static WITHDRAWS: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        "^(?:那|算了|我们?|还是|先|就|这个|这单|这次|亲|不好意思|抱歉|,| )*(?:不|不想|不要|不打算)(?:再)?(?:订|定|预订|预定|下单|下订|拍)了",
        "(?:吧|哈|啊|哦|呀|谢谢|谢了|麻烦了|,| )*$",
        r"|^(?:(?:nvm|never mind|nevermind|ok|okay|oh|sorry|actually|please|pls|plz|hi|hello|hey|so|no|wait|and|just)[ ,]+)*",
        r"(?:do not|don't|dont) (?:send|ship|dispatch|post|mail) (?:(?:it|them|this|that|those|(?:the|my) order)(?: (?:any ?more|please|pls|thanks|sorry|to me))*$|(?:it|them|this|that|those|(?:the|my) (?:\w+ )?\w+)(?: (?:any ?more|please|pls|sorry|to me))*",
        r"[ ,]+(?:(?:(?:i|we)(?:'ve| have)? )?changed (?:my|our) minds?|(?:i|we) (?:do not|don't|dont) (?:want|need) (?:it|them)(?: any ?more)?)(?:[ ,]+(?:sorry|thanks|please|pls))*$)",
    ))
});
/// 平台见, "see you in court".
static THREATENS: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        "(?:平台|消协|消保委|消费者协会|法院|法庭|12315|12345|工商局?|市监局?|派出所|微博|小红书|抖音)上?(?:再)?见(?:吧|了|啊|哈)*$",
        r"|\bsee you in (?:small claims |the )?court\b|\b(?:you(?:'ll| will) (?:be hearing|hear) from my (?:lawyer|attorney|bank))\b",
    ))
});
/// 我付了两份钱, "you took the money twice".
static PAID_TWICE: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        "(?:付|扣|扣款|付款|收|支付)(?:了|我|我们|咱)+(?:两|2|二|三|3|双|好几)(?:次|份|遍|笔|倍|回)(?:的)?(?:钱|款|费|$|[,.!?，。 耶啊呀喎欸喔哦呢吧])",
        "|(?:碌|刷)(?:了|咗)(?:我|我们)?(?:两|2|二|三|3|好几)次卡|卡(?:被)?(?:碌|刷|扣)(?:了|咗)(?:两|2|二|三|3|好几)次|重复(?:(?:扣|付|支付|收)(?:款|费|钱)|(?:扣|付|支付)了)",
        r"|\b(?:took|taken|charged|paid|debited|billed)(?: \w+){0,4} (?:twice|two times|2 times|2x|double)\b|\bdouble[- ]charge[ds]?\b|\bduplicate (?:charge|payment)s?\b|\btwo charges (?:of|for|on)\b",
    ))
});
/// 会不会重复扣款, "will I be charged twice if I try again?": asked of what has not happened.
static WOULD_PAY_TWICE: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        "(?:会|怕|避免|不要|别|防止).{0,4}(?:重复|(?:付|扣|刷|收).{0,2}(?:两|2|二))",
        r"|\b(?:will|would|won't|might|may|could|can) (?:i|it|we|you|my \w+)(?: \w+){0,3} (?:charged?|debited|billed|pay|paid|take)\b",
    ))
});
/// 请联系我, "call me back tomorrow".
static CALL_ME: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        "^(?:请|麻烦|尽快|尽早|赶紧|今天|明天|明早|早上|上午|下午|上班|有空|有人|晚点|回头|方便|白天|让|叫|你们?|您|老板|客服|同事|店长|的话|时候|时|后|再|能|可以|先|就|,| )*",
        "(?:(?:联系|回复|回电|打给|找)(?:一下|下)?我|(?:给我|跟我)(?:回|来)(?:个|一个)?(?:电话|消息|信|信息))(?:一下|下|吧|哈|啊|哦|谢谢|,| )*$",
        r"|^(?:(?:please|pls|plz|can|could|would|have|get|ask|someone|somebody|you|anyone|a|human|person|just|ok|so|and|then)\s+)*",
        r"(?:(?:call|phone|ring|contact) me|get back to me|give me a (?:call|ring))(?: back)?",
        r"(?:\s+(?:back|tomorrow|asap|please|pls|in|the|morning|afternoon|when|you|open|are|later|today|tonight|first|thing|at|on|monday|thanks|thank|soon|possible|as))*$",
    ))
});
/// 200盒: pieces, not grams.
static PIECES: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?P<count>{COUNT})\s*(?:多)?(?:个|件|盒|箱|套|份|条|罐|瓶|只|双|饼|副|台|pcs|pieces|boxes|sets|units|cups|bottles)"
    ))
});
/// Thanks for something that nobody thanks for, and praise between quotation marks.
static IRONY: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\bthank(?:s|s a lot|s so much| you)(?: (?:so much|a lot|very much))? for (?:nothing|wasting|ruining|lying|ignoring|the (?:broken|late|wrong|empty|smashed))\b",
        r#"|["“”「」'‘’『』](?:很|真|太|最)?(?:好|棒|赞|优质|优秀|专业|快|迅速|神速|及时|结实|牢固|精美|精致|新鲜|热情|贴心|负责|高效|完美|完好|great|excellent|fast|express|premium|new|brand new|fresh|quick)["“”「」'‘’『』]"#,
    ))
});

/// 茶饼都成茶末了: what goods became on the way. What they are made into has no 了 behind it, and is asked about.
static CAME_TO_BITS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "(?:^|[^做打磨切制熬煮剪裁缝泡冲搅改变分换调订买拍买收当生长])成了?(?:一)?(?:堆|滩|坨|团|摊|包|地|锅|片片)?(?:的)?[茶饼盒瓷玻璃豆腐]{0,3}(?:粉末|碎末|末末?|渣渣?|碎渣|碎片|粉|泥|糊|两半|两瓣|两截|两片|[三四五六七八几]瓣|[三四五六七八几]块|[三四五六七八几]截|蜂窝煤|马蜂窝|一坨|烂泥)子?了(?:都|呀|啊|哎|诶|呢|吧|老板|亲| )*(?:$|[ ,.!?。~])",
    )
});
/// "I got biluochun, never ordered that": what came is not what was bought, whatever it is.
static NEVER_ORDERED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\b(?:got|get|received|sent|came|arrived|turned up|box|parcel|package)\b.*\b(?:never|didn't|didnt|did not|don't remember|wasn't what i)(?: even| ever)? (?:order(?:ed|ing)?|buy|bought|ask(?:ed)? for)\b",
        "|(?:收到|寄来|发来|来了|送来|拆开|里面|打开).{0,16}(?:我)?(?:没|没有|从没|从来没|压根没|根本没)(?:买|订|拍|要|点|下单)过?(?:这|它|那|呀|啊|的|$|[,.!?。])",
    ))
});

/// Whether goods are said to have come to bits.
pub fn came_to_bits(folded: &str) -> bool {
    folded.contains('成') && CAME_TO_BITS.is_match(folded)
}

/// Whether something came that was never ordered.
pub fn was_never_ordered(folded: &str) -> bool {
    static WORDS: LazyLock<WordList> = LazyLock::new(|| {
        WordList::new([
            "order",
            "buy",
            "bought",
            "asked for",
            "没买",
            "没订",
            "没拍",
            "没要",
            "没有买",
            "没有订",
            "没点",
            "没下单",
        ])
    });
    // "I got an e-mail that it is cancelled, I never asked for that" is of another matter.
    WORDS.occurs_in(folded) && !folded.contains("cancel") && NEVER_ORDERED.is_match(folded)
}

/// Whether what was ordered is no longer wanted, and no more is said.
pub fn withdraws(folded: &str) -> bool {
    // A paper that is not to be sent is no order.
    const PAPERS: [&str; 7] = ["invoice", "receipt", "bill", "price", "catalog", "photo", "message"];
    let may = folded.contains("了")
        || (folded.contains("don") || folded.contains("do not")) && !PAPERS.iter().any(|it| folded.contains(it));
    may && WITHDRAWS.is_match(folded.trim_end_matches(|it: char| !it.is_alphanumeric()))
}

/// Whether money was taken more than once.
pub fn tells_of_paying_twice(folded: &str) -> bool {
    static WORDS: LazyLock<WordList> = LazyLock::new(|| {
        WordList::new(["付", "扣", "收了", "重复", "次", "twice", "double", "times", "2x", "duplicate", "two charges"])
    });
    WORDS.occurs_in(folded) && PAID_TWICE.is_match(folded) && !WOULD_PAY_TWICE.is_match(folded)
}

/// Whether it is said where the matter goes next.
pub fn threatens(folded: &str) -> bool {
    static WORDS: LazyLock<WordList> = LazyLock::new(|| WordList::new(["见", "court", "hear"]));
    WORDS.occurs_in(folded) && THREATENS.is_match(folded.trim_end_matches(|it: char| !it.is_alphanumeric()))
}

/// Whether somebody asks to be called, and no more.
pub fn asks_to_be_called(folded: &str) -> bool {
    static WORDS: LazyLock<WordList> = LazyLock::new(|| WordList::new(["我", "me"]));
    WORDS.occurs_in(folded) && CALL_ME.is_match(folded.trim_matches(|it: char| !it.is_alphanumeric()))
}

/// Whether a text speaks of as many pieces as only traders and companies buy.
pub fn speaks_of_bulk(folded: &str) -> bool {
    PIECES
        .captures_iter(folded)
        .any(|it| it.name("count").and_then(|it| count(it.as_str())).is_some_and(|it| it >= BULK))
}

/// Whether praise is none: with a wry face beside it, or between quotation marks.
pub fn is_ironical(folded: &str) -> bool {
    const WRY: [char; 9] = ['🙄', '😒', '🤡', '😤', '😡', '🤬', '🖕', '👎', '💩'];
    static WORDS: LazyLock<WordList> =
        LazyLock::new(|| WordList::new(["thank", "\"", "“", "”", "「", "」", "'", "‘", "’", "『", "』"]));
    folded.contains(WRY) || (WORDS.occurs_in(folded) && IRONY.is_match(folded))
}

/// Whether a text is one Latin letter over and over, which says nothing; what laughs so, says so.
pub fn is_one_letter(folded: &str) -> bool {
    const LAUGHTER: [char; 5] = ['h', 'w', 'k', 'j', 'x'];
    let mut letters = folded.chars().filter(|it| !it.is_whitespace());
    let Some(first) = letters.next().filter(|it| it.is_ascii_lowercase() && !LAUGHTER.contains(it)) else {
        return false;
    };
    letters.next() == Some(first) && letters.next() == Some(first) && letters.all(|it| it == first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn who_paid_twice_is_heard() {
        for said in [
            "我付了两份钱",
            "扣了我兩次錢",
            "付款付了两次",
            "you took the money two times",
            "I was charged twice for it",
            "碌咗我兩次卡",
            "帳單上同一筆被扣了兩次耶 麻煩看一下",
            "我的卡被刷了两次",
            "重复扣款了",
            "my card was charged 2 times",
            "there is a duplicate payment",
            "u double charged me",
            "why are there two charges of 20 for one order",
        ] {
            assert!(tells_of_paying_twice(&fold(said)), "{said}");
        }
        for said in [
            "能分两次付吗",
            "收到两份",
            "付了两盒的钱",
            "I asked twice",
            "double rooms",
            "碌卡得唔得",
            "看了两次",
            "重复的问题",
            "重复收到两个包裹",
            "再付一次会不会重复扣款",
            "will I be charged twice if I try again?",
        ] {
            assert!(!tells_of_paying_twice(&fold(said)), "{said}");
        }
    }

    #[test]
    fn who_takes_back_an_order_is_told_from_who_tells_of_trouble() {
        for said in [
            "不订了",
            "不定了",
            "算了不拍了",
            "我还是不订了吧",
            "不想订了",
            "不下單了",
            "nvm dont send the skateboard, changed my mind",
            "please don't ship it",
            "Don't send my order, I don't want it any more.",
        ] {
            assert!(withdraws(&fold(said)), "{said}");
        }
        for said in [
            "订了",
            "不订阅了",
            "都不发了",
            "定了不发货",
            "不拍照了",
            "don't send the invoice",
            "don't send it to the old address",
            "don't send me messages",
            "why don't you send it",
            "please don't ship it with Evri",
            "please don't send the blue one",
            "don't send the wrong size",
        ] {
            assert!(!withdraws(&fold(said)), "{said}");
        }
    }

    #[test]
    fn where_the_matter_goes_next_is_a_threat_and_seeing_each_other_is_none() {
        for said in ["平台见", "行 平台见", "那就消协见吧", "12315见", "咱们法庭上见", "小红书见", "see you in court"]
        {
            assert!(threatens(&fold(said)), "{said}");
        }
        for said in ["明天见", "回头见", "看见了", "see you tomorrow", "平台上没看见", "tennis court shoes"]
        {
            assert!(!threatens(&fold(said)), "{said}");
        }
    }

    #[test]
    fn what_came_to_bits_is_told_from_what_is_made_of_something() {
        for said in ["茶饼都成茶末了", "盘子碎成三瓣了", "饼干全压成渣了！", "蛋糕糊成一坨了 怎么办"]
        {
            assert!(came_to_bits(&fold(said)), "{said}");
        }
        for said in ["能磨成粉吗", "压成饼的茶", "做成粉了再发", "拼成一单了", "变成会员了", "会碎成渣吗", "换成两片了"]
        {
            assert!(!came_to_bits(&fold(said)), "{said}");
        }
    }

    #[test]
    fn what_was_never_ordered_is_the_wrong_thing() {
        for said in [
            "umm i got biluochun?? never ordered that",
            "this came today, i didn't order it",
            "收到一罐红茶，我没买过这个",
            "打开是猫粮 压根没订过这东西",
        ] {
            assert!(was_never_ordered(&fold(said)), "{said}");
        }
        for said in
            ["i never ordered from you before", "didn't order yet", "没买过这个 好喝吗", "收到了，没拍照", "我没下单"]
        {
            assert!(!was_never_ordered(&fold(said)), "{said}");
        }
    }

    #[test]
    fn who_asks_to_be_called_is_heard() {
        for said in [
            "明天联系我",
            "明早联系我",
            "请尽快联系我",
            "给我回个电话",
            "call me back tomorrow",
            "please contact me asap",
        ] {
            assert!(asks_to_be_called(&fold(said)), "{said}");
        }
        for said in [
            "别联系我",
            "快递没联系我",
            "到了打我电话",
            "don't call me",
            "the courier did not call me",
            "你们怎么不联系我",
        ] {
            assert!(!asks_to_be_called(&fold(said)), "{said}");
        }
    }

    #[test]
    fn many_pieces_are_told_from_many_grams() {
        for said in ["一次拿两百盒什么价", "一百盒做员工福利", "200 pcs best price?", "要300个"] {
            assert!(speaks_of_bulk(&fold(said)), "{said}");
        }
        for said in ["两盒什么价", "200克多少钱", "100g", "100块能买几盒", "99个"] {
            assert!(!speaks_of_bulk(&fold(said)), "{said}");
        }
    }

    #[test]
    fn praise_with_a_wry_face_is_none() {
        for said in [
            "wow great service guys, truly world class 🙄",
            "服务真好呢🙄",
            "谢谢你们的“好”服务",
            "您家包装可真“结实” 一摇哗啦响",
            "thanks for nothing",
            "so your \"fast\" shipping takes a month",
        ] {
            assert!(is_ironical(&fold(said)), "{said}");
        }
        for said in ["great service 😊", "谢谢👍", "thanks for the tea", "“铁观音”多少钱", "it's great"]
        {
            assert!(!is_ironical(&fold(said)), "{said}");
        }
    }

    #[test]
    fn one_letter_over_and_over_says_nothing() {
        assert!(is_one_letter("bbb") && is_one_letter("a a a") && !is_one_letter("hhh") && !is_one_letter("bb"));
        assert!(!is_one_letter("abc") && !is_one_letter("111"));
    }
}
