//! What only says which order is meant, or where its customer is reached: "order A1001", 手机尾号8899, "my e-mail is …".
//!
//! Who is asked for it answers so, and who tells of something else begins or ends so: it means nothing by itself.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

use crate::engine::text::{fold, regex};

/// What a phone and its last digits are called, and what stands between a label and its number.
pub const OF_A_PHONE: &str = "my|the|and|with|phone|mobile|cell|cellphone|tel|telephone|number|no|is|ends|ending|in|last|four|4|digits|of\
    |it|手机|电话|号码|号|尾号|后四位|末四位|后4位|末4位|末四码|后四码|是|为|的|我|和|telefono|movil|celular|numero|mi|y|con|termina|terminado|en|番号|下|桁|の\
    |は|です|전화번호|전화|번호|뒷자리|끝자리|는|은|입니다|เบอร์|โทรศัพท์|โทร|ท้าย|ลงท้าย|số|điện thoại|sđt|đuôi|telepon|nomor|hp\
    |akhir|terakhir|digit|dan";
/// The same of an order, and what else says nothing beside a number.
pub const OF_AN_ORDER: &str = "hi|hello|hey|order|id|nr|for|here|this|你好|您好|订单|单号|编号|了|啊|亲|hola|pedido|注文|こんにちは|주문|안녕하세요\
    |คำสั่งซื้อ|สวัสดี|đơn hàng|đơn|xin chào|pesanan|halo";
/// Of where somebody is reached, and courtesy.
const OF_A_CUSTOMER: &str = "it's|its|sorry|so|ok|please|pls|thanks|thank you|thx|e-mail|email|mail|address|at|to|me|send|whatsapp|wechat\
    |这个|这是|就是|单|单子|麻烦|谢谢|给|你|发|发到|发我|寄到|邮箱|邮件|微信|同号|联系|联系方式|就|这|哈|mã đơn|mã|correo|por favor|gracias|ครับ|ค่ะ\
    |อีเมล|ạ|nhé|terima kasih|お願いします|メール|메일|이메일|부탁드려요";
/// A number of an order, or a phone's, or an address. Two digits are how many, and none of these.
const NUMBER: &str =
    r"(?:\+?\d[\d ()-]{6,17}\d|#?\s?[a-z]{0,6}[-_]?\d[a-z0-9]*(?:[-_/][a-z0-9]+){0,4}|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)";

/// Nothing but labels and numbers.
static ONLY: LazyLock<Regex> = LazyLock::new(|| {
    let words = one_of(&[OF_A_PHONE, OF_AN_ORDER, OF_A_CUSTOMER]);
    regex(&format!(r"^(?:[\s,.;:/、。!~#()-]|{NUMBER}|{words})*$"))
});
static CLAUSE_END: LazyLock<Regex> = LazyLock::new(|| regex(r"[,.!?;\n、。~…]"));
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| regex(r"@|(?s:[0-9].*?[0-9].*?[0-9])"));

/// One of these words as folded texts have them, the longest first; a Latin one ends where it ends.
pub fn one_of(lists: &[&str]) -> String {
    let mut words: Vec<String> = lists.iter().flat_map(|it| it.split('|')).map(fold).collect();
    words.sort_by_key(|it| std::cmp::Reverse(it.len()));
    let bounded = words.iter().map(|it| match it.is_ascii() {
        true => format!(r"(?-u:\b){}(?-u:\b)", regex::escape(it)),
        false => regex::escape(it),
    });
    format!("(?:{})", bounded.collect::<Vec<_>>().join("|"))
}

/// Whether a folded text says nothing but which order is meant, or where its customer is reached.
pub fn only_identifies(folded: &str) -> bool {
    is_numbered(folded) && ONLY.is_match(folded)
}

/// A folded text without the clauses that only identify, where others say something.
pub fn without_identification(folded: &str) -> Cow<'_, str> {
    if !is_numbered(folded) || ONLY.is_match(folded) {
        return folded.into();
    }
    let (mut rest, mut from, mut left_out) = (String::new(), 0, false);
    for end in CLAUSE_END.find_iter(folded).map(|it| it.end()).chain([folded.len()]) {
        let clause = folded.get(from..end).unwrap_or_default();
        match only_identifies(clause) && !clause.ends_with('?') {
            true => left_out = true,
            false => rest.push_str(clause),
        }
        from = end;
    }
    if left_out && rest.contains(char::is_alphabetic) { rest.into() } else { folded.into() }
}

/// Whether there is something like a number in it, or an address: most texts have neither.
fn is_numbered(folded: &str) -> bool {
    NUMBERED.is_match(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_says_which_order_or_whose_phone_says_nothing_else() {
        for said in [
            "订单A1001",
            "订单号：A1001",
            "手机尾号8899",
            "单号20261120001，谢谢",
            "訂單編號 A1001",
            "A1001",
            "order number is A1001",
            "my order is #1001",
            "it's A1001, phone ending in 8899",
            "注文番号 A1001 です",
            "주문번호 A1001입니다",
            "mã đơn A1001 ạ",
            "pedido A1001, gracias",
            "发我邮箱 abc@qq.com",
            "my email is js@example.com",
            "电话13800138000 微信同号",
        ] {
            assert!(only_identifies(&fold(said)), "{said}");
        }
        for said in [
            "",
            "订单",
            "订单A1001到哪了",
            "订单A1001坏了",
            "where is order A1001",
            "cancel A1001",
            "A1001?",
            "is it A1001?",
            "尺码不合适",
            "要3盒",
            "300块",
            "I paid 300",
        ] {
            assert!(!only_identifies(&fold(said)), "{said}");
        }
    }

    #[test]
    fn what_else_is_said_is_left() {
        for (said, rest) in [
            ("尺码不合适，订单A1001", "尺码不合适,"),
            ("order A1001, photo attached", " photo attached"),
            ("订单A1001，手机尾号8899，还没收到", "还没收到"),
            ("Hi, A1001. It is broken!", " it is broken!"),
        ] {
            assert_eq!(without_identification(&fold(said)).trim_start_matches("hi,"), rest, "{said}");
        }
        for said in ["订单A1001到哪了", "订单A1001，尾号8899", "尺码不合适", "where is A1001, please?", "3盒，谢谢"]
        {
            assert_eq!(without_identification(&fold(said)), fold(said), "{said}");
        }
    }
}
