use proptest::prelude::*;

use super::*;

fn language(text: &str) -> Option<&'static str> {
    recognise(text, None).map(|sign| sign.variety.unwrap_or(sign.language))
}

#[test]
fn words_that_may_be_of_the_language_spoken_so_far_are() {
    let language = |text: &str, settled| recognise(text, settled).map(|sign| sign.language);
    assert_eq!(language("no, gracias", Some("es-MX")), Some("es"));
    assert_eq!(language("do you ship abroad", Some("en")), Some("en"));
    assert_eq!(language("where is my order please", Some("es")), Some("en"));
    assert_eq!(language("dónde está mi pedido", Some("en")), Some("es"));
    assert_eq!(language("我的快递到哪了", Some("en")), Some("zh"));
}

#[test]
fn numbers_codes_addresses_commands_and_pictures_say_nothing() {
    for text in [
        "A10023",
        "12345678",
        "SF1234567890",
        "1001-2026",
        "SO_2026",
        "2",
        "２",
        "👍",
        "😀😀",
        "???",
        "……",
        "100%",
        "#1001",
        "https://shop.example/t1?a=b",
        "www.shop.example",
        "shop.example/where",
        "me@shop.example",
        "/help",
        "/start@shopbot",
        "/menu",
        "@nightclerk",
        "ok",
        "OK!",
        "",
        " ",
        "ㅠㅠ",
        "+86 138 0000 0000",
        "2026-11-25",
        "\u{200b}",
    ] {
        assert_eq!(recognise(text, None), None, "{text}");
    }
}

#[test]
fn short_words_are_known_in_every_language_the_clerk_speaks() {
    for (tag, texts) in [
        (
            "en",
            &[
                "hello",
                "Hi",
                "thanks",
                "Thank you!",
                "where is my order",
                "How much is it?",
                "refund please",
                "yes",
                "is it genuine",
            ][..],
        ),
        (
            "es",
            &[
                "hola",
                "Hola!",
                "gracias",
                "¿dónde está mi pedido?",
                "donde esta mi pedido",
                "quiero devolver",
                "cuánto cuesta",
                "buenas tardes",
                "buenos días",
            ],
        ),
        (
            "vi",
            &[
                "xin chào",
                "cảm ơn",
                "xin chao",
                "đơn hàng của tôi đâu rồi",
                "don hang cua toi dau roi",
                "bao nhiêu tiền",
                "shop ơi",
                "dạ",
            ],
        ),
        (
            "id",
            &[
                "halo",
                "terima kasih",
                "makasih kak",
                "pesanan saya di mana",
                "berapa ongkir",
                "apa masih ada stok",
                "bisa COD?",
                "kapan dikirim ya",
            ],
        ),
        (
            "ja",
            &[
                "こんにちは",
                "ありがとう",
                "返品したいです",
                "注文はどこですか",
                "カタカナ",
                "はい",
                "送料込",
                "発送予定",
            ],
        ),
        ("ko", &["안녕하세요", "감사합니다", "배송 언제 와요?", "네"]),
        ("th", &["สวัสดี", "ขอบคุณค่ะ", "ของถึงไหนแล้ว", "ครับ"]),
        (
            "zh",
            &["你好", "谢谢", "我的快递到哪了", "优の品", "可以ship吗", "我要iPhone case", "在吗", "退款", "有货吗？"],
        ),
        ("zh-Hant", &["謝謝", "請問有貨嗎", "我的訂單呢", "幾時出貨", "運費多少", "訂單"]),
        ("zh-Hant-HK", &["有冇貨", "係唔係今日送到", "幾時送到嚟", "我嘅訂單", "唔該"]),
    ] {
        for text in texts {
            let found = language(text);
            let neutral = tag == "zh" && found == Some("zh");
            assert!(found == Some(tag) || neutral, "{text}: {found:?}, not {tag}");
        }
    }
}

#[test]
fn sentences_of_other_languages_are_not_taken_for_ours() {
    for (text, tag) in [
        ("bonjour, où est ma commande ?", "fr"),
        ("Wo ist meine Bestellung?", "de"),
        ("olá, quanto custa o frete?", "pt"),
        ("dove è il mio ordine?", "it"),
        ("magkano po ang padala?", "fil"),
        ("Где мой заказ?", "ru"),
        ("أين طلبي؟", "ar"),
        ("איפה ההזמנה שלי", "he"),
        ("मेरा ऑर्डर कहाँ है", "hi"),
    ] {
        assert_eq!(language(text), Some(tag), "{text}");
    }
}

#[test]
fn a_name_in_another_script_does_not_change_the_language_of_a_sentence() {
    assert_eq!(language("do you have 铁观音 in stock?"), Some("en"));
    assert_eq!(language("请问有 Tieguanyin 吗"), Some("zh"));
    assert_eq!(language("where is my order https://shop.example/查询"), Some("en"));
}

#[test]
fn sentences_are_certain_and_single_words_are_not() {
    let strength = |text: &str| recognise(text, None).map(|sign| sign.strength);
    assert_eq!(strength("hello"), Some(Strength::Weak));
    assert_eq!(strength("where is my parcel"), Some(Strength::Strong));
    assert_eq!(strength("Zhang Wei"), Some(Strength::Guess));
    assert_eq!(strength("谢谢"), Some(Strength::Strong));
    assert_eq!(strength("在"), Some(Strength::Weak));
}

#[test]
fn characters_that_japanese_shares_may_be_either() {
    assert_eq!(recognise("在庫", None).and_then(|sign| sign.or), Some("ja"));
    assert_eq!(recognise("什么时候", None).and_then(|sign| sign.or), None);
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let _ = recognise(&text, None);
    }

    #[test]
    fn digits_and_marks_never_say_anything(text in "[0-9 .,:;!?#*+/()\\[\\]\"'_–—…%$€¥-]{0,40}") {
        prop_assert_eq!(recognise(&text, None), None);
    }
}
