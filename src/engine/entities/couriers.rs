//! Couriers, by the names and letters people use for them.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::engine::text::{fold, is_spaced};

/// Each by its id, with what it is called.
const COURIERS: [(&str, &[&str]); 24] = [
    ("sf", &["顺丰", "sf", "sf express", "shunfeng"]),
    ("yto", &["圆通", "yto", "yuantong"]),
    ("yunda", &["韵达", "yunda", "yd"]),
    ("zto", &["中通", "zto", "zhongtong"]),
    ("sto", &["申通", "sto", "shentong"]),
    ("jd", &["京东快递", "京东物流", "jd logistics", "jdl"]),
    ("jt", &["极兔", "j&t", "jitu", "jt express"]),
    ("ems", &["ems", "邮政特快"]),
    ("china-post", &["中国邮政", "邮政", "邮局", "china post", "平邮"]),
    ("deppon", &["德邦", "deppon"]),
    ("cainiao", &["菜鸟", "cainiao", "丹鸟"]),
    ("best", &["百世", "汇通"]),
    ("tiantian", &["天天快递"]),
    ("dhl", &["dhl"]),
    ("ups", &["ups"]),
    ("fedex", &["fedex", "联邦快递"]),
    ("tnt", &["tnt"]),
    ("usps", &["usps"]),
    ("dpd", &["dpd"]),
    ("gls", &["gls"]),
    ("hermes", &["hermes", "evri"]),
    ("royal-mail", &["royal mail"]),
    ("yamato", &["yamato", "黑猫", "ヤマト", "クロネコ"]),
    ("sagawa", &["sagawa", "佐川"]),
];

/// Names that are also words: these are meant only where a parcel is spoken of in the same breath.
const AMBIGUOUS: [&str; 6] = ["ups", "yd", "sto", "best", "汇通", "hermes"];
const OF_PARCELS: [&str; 14] = [
    "快递", "发", "寄", "单号", "物流", "包裹", "派送", "ship", "courier", "deliver", "parcel", "package", "tracking",
    "sent",
];

/// Every name with its courier, and what finds them all in one pass.
static NAMES: LazyLock<(AhoCorasick, Vec<(&'static str, &'static str)>)> = LazyLock::new(|| {
    let names: Vec<_> = COURIERS.iter().flat_map(|(id, names)| names.iter().map(|name| (*id, *name))).collect();
    let finder =
        AhoCorasick::new(names.iter().map(|(_, name)| name)).expect("a few short names are no large automaton");
    (finder, names)
});

/// The couriers named in a text, in the order of the text.
pub fn named(text: &str) -> Vec<&'static str> {
    let folded = fold(text);
    let (finder, names) = &*NAMES;
    let about_parcels = || OF_PARCELS.iter().any(|it| folded.contains(it));
    let mut found: Vec<(usize, &'static str)> = finder
        .find_overlapping_iter(&folded)
        .filter_map(|it| names.get(it.pattern().as_usize()).map(|name| (it.start(), it.end(), name)))
        .filter(|(begins, ends, (_, name))| stands_by_itself(&folded, *begins, *ends, name.is_ascii()))
        .filter(|(.., (_, name))| !AMBIGUOUS.contains(name) || about_parcels())
        .map(|(begins, _, (id, _))| (begins, *id))
        .collect();
    found.sort_unstable();
    let mut couriers = Vec::new();
    for (_, id) in found {
        if !couriers.contains(&id) {
            couriers.push(id);
        }
    }
    couriers
}

/// A number may follow, as in `sf1234567890`.
fn stands_by_itself(folded: &str, begins: usize, ends: usize, latin: bool) -> bool {
    let before = folded.get(..begins).and_then(|it| it.chars().next_back());
    let after = folded.get(ends..).and_then(|it| it.chars().next());
    !latin || (!before.is_some_and(is_spaced) && !after.is_some_and(|it| is_spaced(it) && !it.is_ascii_digit()))
}
