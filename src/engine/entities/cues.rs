//! What a text must have for a form to be worth looking for: most messages have none of it, and one pass says so.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Words and signs by what they may be part of.
const CUES: [(Cue, &[&str]); 14] = [
    (
        Cue::Title,
        &[
            "抬头",
            "抬頭",
            "开票",
            "名称",
            "名稱",
            "公司",
            "事务所",
            "事務所",
            "工作室",
            "商行",
            "经营部",
            "合作社",
            "研究院",
            "大学",
            "学校",
            "医院",
            "委员会",
            "invoice",
            "company",
            "bill",
            "title",
            " ltd",
            " limited",
            " inc",
            " llc",
            " gmbh",
            " corp",
            " co",
            " plc",
            " bv",
            " b.v",
            " sa",
            " s.a",
            " srl",
            " sr.l",
            " s.rl",
            " s.r.l",
        ],
    ),
    (Cue::Tax, &["税", "稅", "信用代", "统一编号", "統一編號", "統編", "tax", "vat", "gst"]),
    (
        Cue::Money,
        &[
            "¥",
            "￥",
            "$",
            "€",
            "£",
            "元",
            "圆",
            "块",
            "塊",
            "人民币",
            "美金",
            "港币",
            "円",
            "cny",
            "rmb",
            "usd",
            "eur",
            "gbp",
            "hkd",
            "jpy",
            "yuan",
            "dollar",
            "bucks",
            "pounds",
        ],
    ),
    (
        Cue::Unit,
        &[
            "件", "个", "個", "盒", "箱", "包", "袋", "斤", "克", "kg", "套", "条", "條", "双", "雙", "瓶", "罐", "饼",
            "餅", "只", "隻", "支", "枝", "份", "张", "張", "本", "台", "臺", "把", "块装", "片", "打", "pcs", "piece",
            "box", "set", "bag", "unit", "bottle", "can", "cake", "pack", "pair", "cup", "pot", "gram", "kilo", "item",
        ],
    ),
    (Cue::Factor, &["x", "×", "*"]),
    (Cue::Want, &["want", "need", "take", "buy", "order", "like", "get", "for"]),
    (Cue::Ago, &["前", "ago"]),
    (Cue::Month, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "月"]),
    (Cue::Last, &["上", "last"]),
    (Cue::Named, &["前天", "昨天", "昨日", "今天", "yesterday", "today"]),
    (Cue::Time, &["天", "日", "周", "週", "星期", "礼拜", "禮拜", "月", "day", "week", "month"]),
    (Cue::Tail, &["尾", "末", "后", "後", "last", "ending", "ends", "结尾", "結尾"]),
    (Cue::Parcel, &["单号", "單號", "运单", "運單", "tracking", "1z"]),
    (
        Cue::Order,
        &[
            "订单",
            "訂單",
            "定单",
            "单号",
            "單號",
            "注文番号",
            "order",
            "ordre",
            "pedido",
            "bestellung",
            "commande",
            "#",
            "№",
        ],
    ),
];

/// Counts in words.
const COUNTS: [&str; 26] = [
    "一", "二", "两", "兩", "三", "四", "五", "六", "七", "八", "九", "十", "百", "千", "半", "one", "two", "three",
    "four", "five", "six", "seven", "eight", "nine", "ten", "twelve",
];

static FINDER: LazyLock<(AhoCorasick, Vec<u32>)> = LazyLock::new(|| {
    let counts = COUNTS.iter().map(|it| (*it, Cue::Count.bit()));
    let cues = CUES.iter().flat_map(|(cue, words)| words.iter().map(|it| (*it, cue.bit())));
    let (words, bits): (Vec<_>, Vec<_>) = counts.chain(cues).unzip();
    let finder = AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words);
    (finder.expect("a few short words are no large automaton"), bits)
});

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cue {
    Title,
    Tax,
    Money,
    Unit,
    Factor,
    Want,
    Ago,
    Month,
    Last,
    Named,
    Time,
    Tail,
    Parcel,
    Order,
    /// A count in words; those in digits are told apart.
    Count,
}

impl Cue {
    const fn bit(self) -> u32 {
        1 << self as u8
    }
}

/// What was found in a text in half width.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cues {
    found: u32,
    pub digits: usize,
    pub mail: bool,
}

impl Cues {
    pub fn of(text: &str) -> Self {
        let (finder, bits) = &*FINDER;
        let mut cues = Self::default();
        for byte in text.bytes() {
            cues.digits += usize::from(byte.is_ascii_digit());
            cues.mail |= byte == b'@';
        }
        for hit in finder.find_overlapping_iter(text) {
            cues.found |= bits.get(hit.pattern().as_usize()).copied().unwrap_or_default();
        }
        cues
    }

    pub fn has(&self, cue: Cue) -> bool {
        self.found & cue.bit() != 0
    }
}
