//! Whom an invoice is for, as who was asked for it writes it: a label with no sign behind it, that it is for a person, or
//! nothing but a name. Unasked none of these would be one.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::{
    entities::{Entities, without_what_follows},
    text::{fold, half_width, regex},
};

/// A title, with how sure it is to be one.
#[derive(Debug, PartialEq)]
pub struct Title {
    pub title: String,
    /// Nothing else was said.
    pub alone: bool,
    /// Nothing but its characters says that it is a name.
    pub guess: bool,
}

/// What people say in place of a title who have no company.
static PRIVATE: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)^(?:就|那|请|請|麻烦|麻煩|我要|我|是|要|写|寫|填|开|開|给|給|为|為|抬头|抬頭|发票|發票|普通|电子|電子|的|用|:|\s)*",
        r"(?P<who>个人|個人|私人|本人)",
        r"(?:的|就|行|好|可以|即可|抬头|抬頭|发票|發票|名义|名義|吧|哈|啊|呀|で|です|お願いします|\s)*$",
        r"|(?i)^(?:(?:it'?s|it is|this is|for|a|an|just|as|the|my|title|invoice|on|make it|put|please|to|only)[\s:]+)*",
        r"(?P<self>personal|private|individual|myself|me)",
        r"(?:\s+(?:person|individual|use|invoice|title|name|please|pls|thanks|only|customer|buyer))*$",
        r"|(?i)^(?P<other>particular|a mi nombre|개인|cá nhân|pribadi|perorangan|ส่วนตัว|บุคคลธรรมดา)(?:이요|이에요|입니다|ครับ|ค่ะ|ạ|\s)*$",
    ))
});
/// A label, and what it is a label of.
static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)^(?:就|那|请|請|the\s)?(?:发票|發票|开票|開票|invoice\s+)?(?:抬头|抬頭|title(?-u:\b))(?:的话|的話)?",
        r"(?:就|请|請|写|寫|填|开|開|用|是|为|為|给|給|:|=|is(?-u:\b)|should be(?-u:\b)|\s)*(?P<title>.{1,60})$",
    ))
});
/// A name that is called one, in Latin letters; or the word alone, and the name after it.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)^(?:(?:it'?s|just|only|use|put|under|in|with|to|the|please|invoice|for|on)\s+)*(?:my\s+)?(?:full\s+|own\s+)?",
        r"name(?:\s+is|\s+as|\s+of|\s*[:=-])?(?:\s+(?P<name>.+))?$",
    ))
});
static LATIN: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\p{Latin}[\p{Latin}'’.-]*(?:\s\p{Latin}[\p{Latin}'’.-]*){0,3}$"));
/// A surname and a name in Korean, and what makes a sentence of it.
static HANGUL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?P<name>[김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허유남심노하곽성차주우구민진지엄]\p{Hangul}{2})(?:입니다|이에요|예요|이요|요|으로 해주세요)?$",
    )
});
/// The same in Chinese.
static NAMED_HAN: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(?:我叫|我的名字|我名字|名字|姓名)(?:是|叫|就|写|寫|:|\s)*(?P<name>\p{Han}{2,4})$"));
/// What may be a name by its surname.
static BARE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:就|请|請|写|寫|开|開|填|用|给|給|叫|是)*(?P<name>\p{Han}{2,4}?)(?:就行|就好|就可以|即可|吧|先生|女士|小姐)?$",
    )
});
static COURTESY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^(?:你好|您好|好的?|嗯|谢谢您?|谢谢你|謝謝您?|麻烦了?|麻煩了?|thanks|thank you|please|pls|ok|okay|hi|hello|sure|yes)$",
    )
});

/// Usual surnames; of the rarer ones those that begin no usual words.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤康施牛樊葛邢安齐易乔伍庞颜倪庄聂鲁岳翟殷詹申欧耿焦俞柳甘祝尚舒阮柯纪梅童凌毕季裴霍涂苗谷盛翁冉骆辛靳柴蒙鲍华喻祁蒲屈饶牟艾尤穆司卓古吉缪项芦褚娄窦戚岑卜席卫柏瞿桂佟臧闵苟邬边卞姬仇栾隋刁荣巫寇郎甄虞敖巩";
/// Surnames of two characters.
const DOUBLE: &str = "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|司空|端木|南宫";
/// What in a short text speaks of something: hardly anybody is called so.
const NOT_IN_NAMES: &str =
    "吗呢吧啊呀哦嗯的了么不没我你您他她它这那哪要什怎几点个款货发退换买卖价邮费票号件订单谢快给用再就还都也问到收催改";
/// Words that begin as names do.
const WORDS: &str = "马上|方便|高兴|白色|黄色|金色|金额|金条|安全|安排|安心|何时|何必|任何|任意|任务|于是|许多|许久|万一|江苏\
    |江西|黄金|白茶|毛巾|毛病|毛尖|龙井|高端|高级|高清|高档|高铁|方形|方式|方法|方案|易碎|易拉|汤圆|梅花\
    |苏州|杨梅|史上|左右|徐州|郑州|胡说|胡来|胡闹|叶子|石头|石榴|唐装|陈皮|陈年|陈茶|熊猫|夏天|夏季|顾客\
    |季节|童装|严重|严格|程序|程度|周末|周边|余额|余款|曾经|申请|申诉|付款|贺卡";
/// What a label is followed by where no title is.
const NO_TITLE: &str = "不|没|無|无|还|有|错|改|能|可|要|需|也|都|在|呢|了|的|和|随便|后|wrong|please|not |should|must|can |and \
    |for |of ";
/// What no name consists of.
const NO_NAME: &str = "wrong|on|the|order|not|please|address|is|in|was|to|missing|misspelled|changed|change|invoice|a|of|for\
    |and|tag|brand|what|correct";
/// Words that stand in short answers, and in no name.
const TALK: &str = "thanks|thank|you|yes|no|nope|yeah|ok|okay|never|mind|hello|hi|hey|good|morning|night|evening|later|sure|great|cool|just|wait|what\
    |who|why|how|when|where|which|i|we|it|do|can|need|want|by|post|paper|electronic|pdf|same|as|before|nothing|none|don't|dont|know|refund|cancel\
    |help|human|agent|person|more|tomorrow|today|soon|will|send|have|my|your|this|that|got|get|please|me|am|are|any|with|without|forget|skip|all\
    |too|so|very|really|always|asap|email|mail|thx|hola|gracias|buenos|dias|no|si|por|favor|terima|kasih|cam|on|khong|xin|chao|mau|bisa|tidak";
/// What makes a question of it.
const ASKS: &str = "吗|嗎|呢|什么|什麼|怎么|怎麼|如何|能不能|可不可|是不是|要不要|哪|?|how ";

/// The title in the answer of who was asked for one.
pub fn title(said: &str, entities: &Entities) -> Option<Title> {
    let text = half_width(said);
    let mut found = entities.invoice_title.clone().map(|title| Title { title, alone: true, guess: false });
    let (mut alone, mut name_follows) = (true, false);
    for part in text.split([',', ';', '。', '\n', '、', '!']) {
        let part = without_what_belongs(part, entities);
        if part.is_empty() || COURTESY.is_match(part) {
            continue;
        }
        let known = found.as_ref().is_some_and(|it| part.ends_with(it.title.as_str()));
        if known {
            continue;
        }
        if !name_follows && NAMED.captures(part).is_some_and(|it| it.name("name").is_none()) {
            name_follows = true;
            continue;
        }
        let read =
            (found.is_none() && !ASKS.split('|').any(|it| part.contains(it))).then(|| of_part(part, name_follows));
        match read.flatten() {
            Some(read) => found = Some(read),
            None => alone = false,
        }
    }
    // What may be a name is one where nothing else is said.
    found.map(|it| Title { alone, ..it }).filter(|it| it.alone || !it.guess)
}

/// A part without the tax number, the address and their labels.
fn without_what_belongs<'t>(part: &'t str, entities: &Entities) -> &'t str {
    let numbers = entities.emails.iter().chain(&entities.tax_number);
    let end = numbers.filter_map(|it| part.find(it.as_str())).min().unwrap_or(part.len());
    let part = without_what_follows(part.get(..end).unwrap_or(part));
    part.trim_matches(|it: char| it.is_whitespace() || matches!(it, '.' | '~' | '"' | '“' | '”' | ':'))
}

fn of_part(part: &str, name_follows: bool) -> Option<Title> {
    let sure = |title: &str| Some(Title { title: title.trim().to_owned(), alone: true, guess: false });
    if let Some(found) = PRIVATE.captures(part) {
        return ["who", "self", "other"].iter().find_map(|it| found.name(it)).and_then(|it| sure(it.as_str()));
    }
    if let Some(title) = LABELLED.captures(part).and_then(|it| it.name("title")) {
        let folded = fold(title.as_str());
        return if NO_TITLE.split('|').any(|it| folded.starts_with(it)) { None } else { sure(title.as_str()) };
    }
    let latin = if name_follows {
        Some(part)
    } else {
        NAMED.captures(part).and_then(|it| it.name("name")).map(|it| it.as_str())
    };
    if let Some(name) = latin.filter(|it| is_latin_name(it)) {
        return Some(Title { guess: true, ..sure(name)? });
    }
    if let Some(name) = HANGUL.captures(part).and_then(|it| it.name("name")) {
        return Some(Title { guess: true, ..sure(name.as_str())? });
    }
    let plea = [" please", " pls", " thanks"].iter().find_map(|it| part.strip_suffix(it));
    if let Some(name) = Some(plea.unwrap_or(part)).filter(|it| is_bare_latin_name(it)) {
        return Some(Title { guess: true, ..sure(name)? });
    }
    if let Some(name) = NAMED_HAN.captures(part).and_then(|it| it.name("name")).map(|it| it.as_str())
        && !speaks(&fold(name))
    {
        return sure(name);
    }
    let name = BARE.captures(part)?.name("name")?.as_str();
    is_han_name(&fold(name)).then(|| Title { title: name.to_owned(), alone: true, guess: true })
}

fn is_latin_name(text: &str) -> bool {
    LATIN.is_match(text) && !fold(text).split(' ').any(|it| NO_NAME.split('|').any(|word| word == it))
}

/// Two to four words that could be anybody's name, and are no words of talk.
fn is_bare_latin_name(text: &str) -> bool {
    let folded = fold(text);
    let words = folded.split(' ').count();
    let talks = || folded.split(' ').any(|it| TALK.split('|').any(|word| word == it));
    (2..=4).contains(&words) && is_latin_name(text) && !talks()
}

/// Whether a name is written in small letters throughout, as people do who are in a hurry, and as other words are.
pub fn is_in_small_letters(title: &str) -> bool {
    title.chars().any(char::is_lowercase) && !title.chars().any(char::is_uppercase)
}

fn speaks(name: &str) -> bool {
    name.chars().any(|it| NOT_IN_NAMES.contains(it))
}

/// A surname and a name of one or two characters.
fn is_han_name(name: &str) -> bool {
    let length = name.chars().count();
    let double = DOUBLE.split('|').any(|it| name.starts_with(it));
    let single = name.chars().next().is_some_and(|it| SURNAMES.contains(it));
    let given: String = name.chars().skip(1).collect();
    let word = WORDS.split('|').any(|it| name.starts_with(it));
    let fits = (double && (3..=4).contains(&length)) || (single && (2..=3).contains(&length));
    fits && !word && !speaks(&given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(said: &str) -> Option<String> {
        title(said, &Entities::read(said, jiff::civil::date(2026, 11, 24))).map(|it| it.title)
    }

    #[test]
    fn a_title_is_read_without_a_sign_behind_its_label() {
        for (said, expected) in [
            ("抬头张三", "张三"),
            ("抬头写张三", "张三"),
            ("發票抬頭寫張三", "張三"),
            ("抬头个人", "个人"),
            ("抬头就写个人，邮箱a@b.com", "个人"),
            ("抬头张三 邮箱 a@b.com", "张三"),
            ("抬头：个人", "个人"),
            ("title John Smith", "John Smith"),
            ("the title is Acme", "Acme"),
        ] {
            assert_eq!(read(said).as_deref(), Some(expected), "{said}");
        }
    }

    #[test]
    fn who_has_no_company_says_so() {
        for said in ["个人", "个人的", "开个人", "个人就行", "个人抬头", "我是个人", "個人", "开个人发票，谢谢"]
        {
            assert_eq!(fold(&read(said).unwrap_or_default()), "个人", "{said}");
        }
        for said in ["personal", "Private", "private person", "it's personal", "just me", "for myself please"] {
            assert!(read(said).is_some(), "{said}");
        }
    }

    #[test]
    fn a_short_name_is_the_title_of_a_person() {
        for (said, name) in [
            ("张三", "张三"),
            ("王小明。", "王小明"),
            ("歐陽娜娜", "歐陽娜娜"),
            ("写张三", "张三"),
            ("张三就行", "张三"),
            ("我叫阿依古丽", "阿依古丽"),
            ("just my name, John Smith", "John Smith"),
            ("my name is Anna Maria de Souza", "Anna Maria de Souza"),
            ("name: José García", "José García"),
            ("in the name of Li Wei", "Li Wei"),
            ("John Smith", "John Smith"),
            ("John Smith please", "John Smith"),
            ("Acme Trading", "Acme Trading"),
            ("María García López", "María García López"),
            ("Nguyễn Văn An", "Nguyễn Văn An"),
            ("john smith", "john smith"),
            ("김민수입니다", "김민수"),
        ] {
            assert_eq!(read(said).as_deref(), Some(name), "{said}");
        }
    }

    #[test]
    fn what_asks_or_says_something_else_is_no_title() {
        for said in [
            "什么时候发货",
            "转人工",
            "人工",
            "谢谢",
            "好的",
            "马上",
            "周末发吗",
            "何时发货",
            "付款了",
            "高兴",
            "钱退了",
            "抬头写什么",
            "抬头错了",
            "抬头还没想好",
            "抬头不要",
            "个人可以开吗",
            "a person please",
            "talk to a person",
            "my name is wrong on the order",
            "wrong title",
            "what title?",
            "John Smith wants his money back",
            "张三，什么时候发货",
            "cancel",
            "no thanks",
            "Thank you",
            "Never Mind",
            "what for",
            "by email",
            "I don't know",
        ] {
            assert_eq!(read(said), None, "{said}");
        }
    }
}
