use super::{learn::*, *};
use crate::engine::text::fold;

fn understand(text: &str) -> Understanding {
    Intents::default().understand(&fold(text))
}

#[test]
fn the_built_in_model_is_there_and_small() {
    let model = MODEL.as_ref().unwrap();
    assert!(model.labels.len() >= 50, "{}", model.labels.len());
    assert!(Model::bytes().len() < 9 << 18, "{}", Model::bytes().len());
}

#[test]
fn the_same_sentences_are_learned_to_the_same_model_and_a_sentence_means_what_its_like_mean() {
    let labels = || ["late", "thanks"].map(|id| learn::Label { id: id.to_owned(), urgent: id == "late" });
    let sentences = [(0, "where is it, so late"), (0, "still not here"), (1, "thank you"), (1, "many thanks")];
    let examples = || {
        let example = |(intent, text)| Example { intent, urgent: intent == 0, features: features::features(text) };
        sentences.map(example)
    };
    let learned = learn(&labels(), &examples());
    assert_eq!(learned, learn(&labels(), &examples()));
    let model = Model::parse(learned.leak()).unwrap();
    let scores = model.score(&features::features("thanks"));
    assert!(scores.intents[1] > scores.intents[0] && scores.urgency < 0.0, "{:?}", scores.intents);
    assert!(model.score(&features::features("it is still not here")).urgency > 0.0);
}

#[test]
fn a_model_that_is_cut_off_is_none() {
    let whole = learn(&[learn::Label { id: "a".to_owned(), urgent: false }], &[]);
    for end in 0..whole.len() {
        assert!(Model::parse(whole[..end].to_vec().leak()).is_none());
    }
}

#[test]
fn what_is_said_around_a_question_does_not_hide_it() {
    for text in ["where is my order", "hello, where is my order? thanks!", "Hi! where is my order"] {
        assert_eq!(understand(text).sure(), Some("where-is-order"), "{text}");
    }
}

#[test]
fn what_nobody_has_said_is_not_understood() {
    for text in ["qwertz", "", "  ", "20261125", "A10023", "蘸齉龘"] {
        assert_eq!(understand(text).verdict, Verdict::Miss, "{text}");
        assert!(!understand(text).urgent, "{text}");
    }
}

#[test]
fn an_owners_sentence_means_what_the_owner_says() {
    let own = |id: &str, urgent, text: &str| IntentFile {
        id: id.to_owned(),
        file: format!("intents/{id}.toml"),
        settings: IntentSettings { urgent, examples: [("en".to_owned(), vec![text.to_owned()])].into() },
    };
    let files = [own("tasting", false, "can I book a tea tasting"), own("mould", true, "my cake smells of cellar")];
    let mut problems = Vec::new();
    let intents = Intents::compile(&files, &mut problems);
    assert!(problems.is_empty() && intents.knows("tasting") && intents.knows("late"));
    assert_eq!(intents.understand("can i book a tasting of tea?").sure(), Some("tasting"));
    assert!(intents.understand("my cake smells of cellar!").urgent);
    assert_eq!(intents.understand("where is my order").sure(), Some("where-is-order"));
    Intents::compile(&[own("empty", false, " ")], &mut problems);
    assert!(problems[0].to_string().contains("intents/empty.toml: examples.en[0]: an empty sentence"), "{problems:?}");
}

#[test]
fn what_sounds_urgent_and_may_be_anything_is_asked_about_and_still_on_the_list() {
    let meant = understand("my kid is upset, the dino lunchbox");
    assert!(meant.urgent, "{meant:?}");
    assert!(matches!(meant.sure(), None | Some("complaint")), "no trouble that nobody spoke of: {meant:?}");
    let meant = understand("do u still hav the dino lunchbox my son is obsessed");
    assert_eq!((meant.sure(), meant.urgent), (Some("product-stock"), false), "{meant:?}");
}

#[test]
fn short_words_beside_a_number_are_a_sentence_and_a_number_with_its_name_is_none() {
    for text in ["so 2026 1124", "no. 88102736", "ref AB 10023", "PO-4711", "12", "A 5"] {
        assert_eq!(understand(text), Understanding::default(), "{text}");
    }
    for (text, intent) in [
        ("em cao 1m60 50kg mặc sz nào", "size-help"),
        ("mẫu này còn sz 40 ko", "product-stock"),
        ("bớt cho e xíu, e lấy 2 cái", "bargain"),
    ] {
        assert_eq!(understand(text).sure(), Some(intent), "{text}");
    }
    assert!(understand("đặt 4 hộp mà mở ra có 3").urgent, "something is missing");
}

#[test]
fn who_asks_for_a_person_and_has_lost_patience_is_urgent_and_who_asks_kindly_is_not() {
    for text in [
        "HUMAN. HUMAN. HUMAN.",
        "人工人工人工",
        "别再拿模板糊弄我了，转人工",
        "唔好再出罐頭訊息 轉真人",
        "enough of these canned replies, get me a real person",
        "let me talk to a human right now!!",
        "상담원 연결해주세요 몇 번을 말해요",
    ] {
        let meant = understand(text);
        assert!(meant.urgent, "{text}: {meant:?}");
    }
    for text in ["转人工", "麻烦转一下人工", "轉真人", "can i talk to a human please", "agent", "상담원 연결해주세요"]
    {
        let meant = understand(text);
        assert!(!meant.urgent && meant.sure() == Some("person"), "{text}: {meant:?}");
    }
}

#[test]
fn what_is_counted_and_found_short_is_missing_in_every_language() {
    for text in [
        "买了五瓶 数来数去只有四瓶",
        "明明拍了两件 箱子里就一件",
        "說好附贈品 箱子裡沒有",
        "買三盒得兩盒",
        "paid for four bowls and there are three in the box",
        "love the coat but the belt isn't in the box",
        "3つ頼んだのに2つしか入ってない",
        "두 개 시켰는데 한 개만 들어있어요",
        "đặt 3 hộp mà trong thùng có mỗi 2 hộp",
        "pesan 4 yang datang cuma 3",
        "สั่ง 3 ชิ้น ได้มาแค่ 2 ชิ้น",
        "pedí cuatro y solo venían tres",
    ] {
        let meant = understand(text);
        assert!(meant.urgent, "{text}: {meant:?}");
    }
}
