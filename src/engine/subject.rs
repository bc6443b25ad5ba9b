//! What is spoken of: "when is it back" is asked of the products that were told of last, and 那来两盒 takes two of them.
//!
//! Only clauses that name nothing themselves are completed so: each is read from end to end, and who asks for 红茶 after a green
//! tea asks for something else.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    amount::priced,
    at_hand::AtHand,
    catalogue::in_stock,
    entities::Entities,
    follow_ups::are_guesses,
    intents::names_what_is_ordered,
    question::Question,
    rules::Match,
    taking::{Taken, taken},
    text::{fold_pattern, regex},
    turn::Turn,
    utterance::Utterance,
    word_list::WordList,
};
use crate::model::{Finding, Part, Product, Subject, Urgency};

/// How long "it" is what was spoken of.
const FRESH_MS: i64 = 30 * 60_000;
/// What is asked of a product, whichever it is.
const OF_A_PRODUCT: [&str; 5] =
    ["product-price", "product-stock", "product-spec", "product-variant", "product-compare"];
/// The longest question that a pronoun alone gives its product, in words.
const SHORT_WORDS: usize = 9;

/// What a clause begins and ends with that names nothing.
const LEAD: &str = "(?:那么?|请问|它们?|他|这个?|那个|这款|那款|这种|那种|前面的?|刚才的?|第.个|哦|嗯|好的?|的话|现在|目前|还|一般|大概|大约|你们家?|你家|老板|亲|想问下?|问下|一共|总共|贵的|便宜的|两个|两款|两种|都|分别|各|是| )*";
const TAIL: &str = "(?:的|呢|啊|呀|吗|么|嘛|了|没有|没|不|哦|喔|哈|吧|来着|一下|谢谢| )*$";

/// When there is some again.
static WHEN_BACK: LazyLock<Regex> = LazyLock::new(|| {
    let chinese = "(?:什么时候|啥时候|几时|何时|多久|哪天|几号|什么时间)(?:才|能|会|可以|再|又|后)*(?:补|有货|有现货|有|到货|来货|上货|上新货?|上架|回货|进货|返场|买得?到)|(?:会|还|再|能|要)(?:再)?(?:补|进|上)货?(?:吗|么|嘛|不)|补货了?(?:吗|没|么)|到货了?(?:通知|告诉|叫|提醒)";
    let english = r"\b(?:when|how soon|any idea when|know when)(?:'s|'ll)?\b(?: \S+){0,4}? (?:back|restock(?:ed|ing)?|in stock|available|again|in)\b|\b(?:will|are|going to)\b(?: \S+){0,4}? (?:be back|come back|coming back|restock(?:ed|ing)?|get(?:ting)? (?:more|some|any)|back in stock|in again)\b|\bback in stock\b|\brestock(?:ing)?(?: date)?\b|\b(?:notify|tell|let) me\b.*\b(?:back|in stock|available)\b";
    let elsewhere = "いつ.{0,6}(?:入荷|入り|再販|買え)|(?:再入荷|再販).{0,6}(?:ます|予定|いつ)|언제.{0,6}(?:재?입고|들어|다시|살 수)|(?:เข้า|มี|เติม)(?:ของ)?(?:อีก)?(?:เมื่อไหร่|เมื่อไร)|(?:khi nào|bao giờ|chừng nào).{0,8}(?:có|về|lại)|kapan.{0,8}(?:ready|restock|ada|stok)|(?:ready|restock)(?: lagi)? kapan|cuándo.{0,14}(?:vuelv|hay|tendr|repon|llega|disponible)";
    regex(&format!("{chinese}|{english}|{}", fold_pattern(elsewhere)))
});
/// One of these is in each of them.
static WHEN_BACK_CUES: LazyLock<WordList> = LazyLock::new(|| {
    let cues = [
        "货",
        "有",
        "补",
        "到",
        "上架",
        "返场",
        "back",
        "stock",
        "available",
        "again",
        "more",
        " in",
        "荷",
        "再販",
        "입고",
        "들어",
        "다시",
        "เมื่อไ",
        "nào",
        "giờ",
        "kapan",
        "cuándo",
    ];
    WordList::new(cues.map(super::text::fold))
});

/// A clause that asks for price, stock or a property, and of what.
static ELLIPTIC: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    const UNIT: &str = "(?:(?:一|每|1|两|2|半)(?:斤|盒|罐|克|个|件|份|包|袋|套|饼|瓶)|100克|50克)?";
    let chinese = [
        format!(
            "^{LEAD}{UNIT}(?:多少(?:钱|米)?|几(?:块|多)钱?|(?:什么|啥)价(?:格|位|钱)?|怎么卖|咋卖|价格?(?:多少|呢|是多少)?|价钱|单价|贵(?:不贵)?){UNIT}{TAIL}"
        ),
        format!(
            "^{LEAD}(?:有没有|有|缺|断)(?:现|存)?(?:货|库存){TAIL}|^{LEAD}(?:有没有|有吗|有么|剩多少|剩几|还?有多少|卖完|卖光|断货|库存).{{0,4}}{TAIL}"
        ),
        format!(
            "^{LEAD}(?:什么时候|啥时候|几时|何时|大概多久|多久|哪天|几号|什么时间|会|能|再|又|才|后|可以|补货|补|到货|来货|上货|上新货?|上架|进货|进|回货|有现?货|有|买得?到|通知我|告诉我|叫我){{2,}}{TAIL}|^{LEAD}补货{TAIL}"
        ),
        format!(
            "^{LEAD}(?:保质期|产地|容量|尺寸|大小|重量|净含量|规格|多[大重高长宽厚]|几克|多少(?:克|毫升|斤)|(?:什么)?材质|(?:什么|有几种|有哪些|有别的)?颜色|口味|味道|口感|香|苦|涩|甜|浓|淡|耐泡|适合|好(?:喝|用|吃|看|泡)|怎么(?:用|泡|喝|吃|洗|样|保存|存放|存)|能不?能?(?:喝|泡|用|放|冷泡|机洗)|可以(?:喝|泡|用|放|冷泡|机洗)|哪年|什么年份|(?:今年|新茶|春茶|手工|真皮|纯棉)|质量|包装|烫手|烫|防水|掉色|值得|推荐|咖啡因|热量|成分|配料|孕妇|小孩|老人|有(?:小包装|大包装|试用装|样品|小样|大的|小的)).{{0,8}}$"
        ),
    ];
    let english = [
        r"^(?:(?:and|so|ok|okay|then|but|well|also|btw|roughly|hi|what about|sorry) )*(?:how much(?:(?: is| are|'s| does| do| would| for)?(?: (?:it|they|that|this|those|these|one|each|a box|a tin|both|them|per box|cost|be|all|two|the two))*)|(?:what(?:'s| is) )?the price|price|what does (?:it|this|that) cost)(?: please| then| now)*$",
        r"^(?:(?:and|so|ok|okay|then|but|well|also|sorry|do you|u|is|are|still|got|have) )*(?:(?:it|they|that|this|those|these|any|them|some)(?: still)?(?: in stock| available| sold out| left| here)+|in stock|any left|how many (?:left|do you have|are left))(?: please| then| now| still| right now)*$",
        r"^(?:(?:and|so|ok|okay|then|but|well|also|any idea|do you know|please|hi) )*(?:when|will|restock|restocking|back|notify me|tell me|let me know)(?:'s|'ll| is| are| will| would| does| do| can| you| it| they| that| this| those| these| be| get| getting| come| coming| have| more| some| any| back| in| stock| restock| restocked| restocking| available| again| when| date| then| please| expect| expected| i| buy| order)+$",
    ];
    let elsewhere = [
        "^(?:これ|それ|あれ|じゃあ?|では|で|は|の|いつ|次|また|って|、)*(?:いくら|(?:お)?値段|再?入荷|在庫|価格)(?:は|が|の|予定|いつ|です|ます|します|あり|か|ある|ですか|ますか|教えて(?:ください)?|しますか)*$",
        r"^(?:그럼|그거|이거|그건|이건|그|언제|다시|\s)*(?:얼마|가격|재고|재?입고|들어와|들어오)(?:은|는|이|가|예요|에요|인가요|있나요|있어요|돼요|되나요|나요|요|예정|하나요|해요|언제|\s)*$",
        "^(?:แล้ว|อันนี้|อันนั้น|ตัวนี้|ตัวนั้น|มี|ของ|ยัง)*(?:ราคา)?(?:เท่าไหร่|เท่าไร|กี่บาท|สต็อก|ของไหม|มีไหม|(?:เข้า|เติม|มี)(?:ของ)?(?:อีก)?(?:เมื่อไหร่|เมื่อไร))(?:คะ|ครับ|ค่ะ|ไหม|อ่ะ|จ๊ะ|นะ| )*$",
        r"^(?:(?:vậy|thế|còn|cái này|cái đó|nó|loại này|giá|shop|ơi|ạ) ?)*(?:bao nhiêu(?: tiền)?|bn|nhiêu|giá sao|còn hàng (?:không|ko|k)|(?:khi nào|bao giờ|chừng nào) (?:có|về)(?: hàng| lại)*)(?: (?:vậy|thế|ạ|shop|ơi|nhỉ|một hộp|1 hộp))*$",
        r"^(?:(?:terus|kalau|yang ini|yang itu|itu|ini|harganya|stoknya|stok|kak|min|masih) ?)*(?:berapa(?:an)?|harganya|masih ada|ada stok|(?:ready|restock)(?: lagi)? kapan|kapan (?:ready|restock|ada|ada lagi))(?: (?:kak|min|ya|lagi|sih|gak|ga|nggak|satunya))*$",
        r"^(?:(?:y|entonces|ok|pero|ese|este|eso|esto) ?)*(?:(?:a )?(?:cuánto|qué precio)(?: (?:cuestan?|valen?|es|son|sale|está|tiene))*|(?:quedan?|hay)(?: (?:stock|más|alguno))*|cuándo (?:vuelven?|hay|tendrán|tienen|reponen|llegan?)(?: (?:a haber|más|de nuevo|otra vez|a tener))*)$",
    ]
    .map(fold_pattern);
    chinese.iter().map(String::as_str).chain(english).chain(elsewhere.iter().map(String::as_str)).map(regex).collect()
});
/// What it is asked of, in English.
static PRONOUN: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\b(?:it|it's|its|this|that|they|these|those|them|this one|that one)\b"));
/// What "it" may be beside goods.
static OF_AN_ORDER: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(["order", "parcel", "package", "deliver", "arriv", "ship", "track", "refund", "return"])
});

impl<'a> Turn<'a> {
    /// From now on these are what is spoken of.
    pub(super) fn speak_of(&mut self, products: &[&Product]) {
        let skus = products.iter().map(|it| it.sku.clone()).collect();
        self.decision.conversation.subject = Some(Subject { skus, at_ms: self.view.now_ms });
    }

    /// What is spoken of, unless that was long ago or before a trouble that was told since.
    pub(super) fn spoken_of(&self) -> Vec<&'a Product> {
        let Some(subject) = &self.decision.conversation.subject else { return Vec::new() };
        let fresh = self.view.now_ms.saturating_sub(subject.at_ms) < FRESH_MS;
        let trouble = || self.fresh_trouble().is_some_and(|it| it.opened_ms >= subject.at_ms);
        if !fresh || trouble() {
            return Vec::new();
        }
        subject.skus.iter().filter_map(|sku| self.playbook.catalogue.by_sku(sku)).collect()
    }

    /// A question with what it is asked of before it, where it makes sense by that alone.
    pub(super) fn completed(&self, question: &Question) -> Option<Question> {
        if self.decision.conversation.subject.is_none()
            || question.meant.urgent
            || self.names_goods(&question.utterance)
        {
            return None;
        }
        if !is_elliptic(question.folded()) && !asks_of_it(question) {
            return None;
        }
        let products = self.spoken_of();
        if products.is_empty() {
            return None;
        }
        let language = self.language();
        let names: Vec<_> = products.iter().map(|it| it.name.get(language)).collect();
        let said = format!("{} {}", names.join(", "), question.said);
        let utterance = self.utterance(&said);
        // What is asked is known; the names beside it are no quantities and no wishes.
        Some(Question {
            said,
            utterance,
            entities: Entities::default(),
            meant: question.meant.clone(),
            parts: Vec::new(),
            first: question.first,
        })
    }

    fn names_goods(&self, said: &Utterance) -> bool {
        self.playbook.catalogue.named_at(said).is_some()
    }

    /// Tells where to order what is chosen of what was told: 那来两盒, "the second one please", 就它了.
    pub(super) fn hear_a_choice(&mut self, question: &Question, matches: &[Match<'_>]) -> bool {
        if self.decision.conversation.subject.is_none()
            || question.meant.urgent
            || !are_guesses(matches)
            || self.names_goods(&question.utterance)
        {
            return false;
        }
        let folded = question.folded();
        let Some(choice) = taken(folded).or_else(|| names_what_is_ordered(folded).then_some(Taken::All)) else {
            return false;
        };
        let products = of_choice(choice, self.spoken_of());
        let skus = products.iter().map(|it| it.sku.clone()).collect();
        match products.iter().any(|it| in_stock(it)) {
            false if products.is_empty() => false,
            false => {
                let names: Vec<_> = products.iter().map(|it| it.name.get(self.language())).collect();
                let names = names.join(", ");
                self.tell_of_products(&self.utterance(&names), &question.said)
            }
            true => {
                self.note(Part::Catalogue, Finding::AskedAbout { skus });
                self.speak_of(&products);
                self.say_phrase("to-order", &AtHand { text: Some(&question.said), products, ..AtHand::default() })
            }
        }
    }

    /// Says of what is sold out that a colleague will tell when it is back, where that is asked.
    pub(super) fn hear_when_it_is_back(&mut self, question: &Question, matches: &[Match<'_>]) -> bool {
        let of_stock = ["product-stock", "product-price"].iter().any(|it| question.meant.score(it) > 0);
        if !of_stock || question.meant.urgent || !are_guesses(matches) || !asks_when_it_is_back(question.folded()) {
            return false;
        }
        let catalogue = &self.playbook.catalogue;
        let mut products = catalogue.find_said(&question.utterance, super::catalogue::AT_ONCE);
        products.retain(|it| !in_stock(it));
        if products.is_empty() {
            return false;
        }
        let substitutes = catalogue.substitutes(&products);
        self.note(Part::Catalogue, Finding::AskedAbout { skus: products.iter().map(|it| it.sku.clone()).collect() });
        self.speak_of(&products);
        let at_hand = AtHand { text: Some(&question.said), products, substitutes, ..AtHand::default() };
        self.say_phrase("restock", &at_hand);
        self.open_ticket("question", question.said.clone(), Urgency::Normal);
        true
    }
}

fn of_choice(choice: Taken, mut told: Vec<&Product>) -> Vec<&Product> {
    let price = |it: &&Product| it.price.as_deref().and_then(priced).map(|it| it.minor);
    match choice {
        Taken::All => return told,
        Taken::Last => told.reverse(),
        Taken::Dearest => told.sort_by_key(|it| std::cmp::Reverse(price(it))),
        Taken::Cheapest => told.sort_by_key(|it| price(it).unwrap_or(i64::MAX)),
        Taken::Nth(number) => return told.into_iter().nth(number.saturating_sub(1)).into_iter().collect(),
    }
    told.truncate(1);
    told
}

fn asks_when_it_is_back(folded: &str) -> bool {
    WHEN_BACK_CUES.occurs_in(folded) && WHEN_BACK.is_match(folded)
}

/// Whether each clause asks something of goods, and names none.
fn is_elliptic(folded: &str) -> bool {
    let clauses = folded.split([',', '.', '?', '!', ';', '。', '、', '~', '\n', '¿']).map(str::trim);
    let mut clauses = clauses.filter(|it| !it.is_empty()).peekable();
    clauses.peek().is_some() && clauses.all(|clause| ELLIPTIC.iter().any(|it| it.is_match(clause)))
}

/// Whether it is surely asked of a product, and says of which by "it" alone.
fn asks_of_it(question: &Question) -> bool {
    let folded = question.folded();
    question.meant.sure().is_some_and(|it| OF_A_PRODUCT.contains(&it))
        && folded.split(' ').count() <= SHORT_WORDS
        && PRONOUN.is_match(folded)
        && !OF_AN_ORDER.occurs_in(folded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn what_is_asked_of_nothing_named_is_told_from_what_names_something() {
        for said in [
            "多少钱",
            "那多少钱一盒呢",
            "什么时候补货",
            "啥时候有货啊？",
            "還有貨嗎",
            "多大容量",
            "保质期多久",
            "贵的那个多少钱",
            "有货吗，多少钱",
            "how much is it",
            "when is it back?",
            "and how much are they?",
            "is it still in stock",
            "when will you restock",
            "いくらですか",
            "얼마예요",
            "khi nào có hàng",
            "harganya berapa kak",
            "¿cuánto cuesta?",
            "¿cuándo vuelve?",
        ] {
            assert!(is_elliptic(&fold(said)), "{said}");
        }
        for said in [
            "红茶多少钱",
            "有什么茶",
            "运费多少钱",
            "什么时候发货",
            "什么时候到",
            "多久能到",
            "你们几点上班",
            "how much is shipping",
            "when will it arrive",
            "when is my parcel here",
            "cuánto cuesta el envío",
            "berapa ongkirnya",
            "",
        ] {
            assert!(!is_elliptic(&fold(said)), "{said}");
        }
    }

    #[test]
    fn when_it_is_back_is_asked_in_many_ways() {
        for said in [
            "龙井什么时候有货",
            "绿茶啥时候上新货",
            "还会补货吗",
            "when's the longjing back",
            "will you be getting more",
            "再入荷の予定は",
            "언제 재입고 되나요",
            "longjing ready kapan lagi kak",
        ] {
            assert!(asks_when_it_is_back(&fold(said)), "{said}");
        }
        for said in ["龙井有货吗", "什么时候发货", "do you have longjing", "when will it arrive", "is it in stock"]
        {
            assert!(!asks_when_it_is_back(&fold(said)), "{said}");
        }
    }
}
