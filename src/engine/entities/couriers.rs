//! Couriers, by the names and letters people use for them.

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

/// The couriers named in a text.
pub fn named(text: &str) -> Vec<&'static str> {
    let folded = fold(text);
    let about_parcels = OF_PARCELS.iter().any(|it| folded.contains(it));
    let mut found: Vec<(usize, &'static str)> = Vec::new();
    for (id, names) in COURIERS {
        let clear = names.iter().filter(|it| about_parcels || !AMBIGUOUS.contains(it));
        if let Some(at) = clear.filter_map(|name| place(&folded, name)).min() {
            found.push((at, id));
        }
    }
    found.sort_unstable();
    found.dedup_by_key(|(_, id)| *id);
    found.into_iter().map(|(_, id)| id).collect()
}

/// Where a name stands by itself; a number may follow, as in `sf1234567890`.
fn place(folded: &str, name: &str) -> Option<usize> {
    folded.match_indices(name).map(|(at, _)| at).find(|at| {
        let before = folded.get(..*at).and_then(|it| it.chars().next_back());
        let after = folded.get(at + name.len()..).and_then(|it| it.chars().next());
        let latin = name.is_ascii();
        !latin || (!before.is_some_and(is_spaced) && !after.is_some_and(|it| is_spaced(it) && !it.is_ascii_digit()))
    })
}
