//! What is promised of people is true: that somebody sees to it at once is said where somebody was told, and else when
//! they will see it.

use super::*;

/// In each language, how people say that somebody does it at once, and that they do so when they see it.
const WORDS: [(&str, &[&str], &[&str]); 9] = [
    ("zh-Hans", &["同事马上", "正在处理", "已经通知"], &["看到后", "会看到", "会联系您"]),
    ("zh-Hant", &["同事馬上", "正在處理", "已經通知"], &["看到後", "會看到", "會聯絡您", "會聯繫您"]),
    (
        "en",
        &[
            "it now",
            "checks now",
            "confirms now",
            "you now",
            "choose now",
            "answer now",
            "from here",
            "have called",
            "is on it",
        ],
        &["see it", "sees", "list", "will see"],
    ),
    (
        "ja",
        &["すぐに確認", "すぐに対応", "すぐに手配", "すぐにご", "すぐに入金", "ただいま確認", "知らせました"],
        &["手が空き次第", "確認"],
    ),
    ("ko", &["담당자가 바로", "알렸습니다"], &["확인하는 대로", "확인"]),
    ("th", &["ทีมงานจะตรวจสอบให้ทันที", "ทีมงานจะดูให้ทันที", "ดำเนินการทันที"], &["เมื่อเห็นข้อความ", "ทีมงาน"]),
    (
        "vi",
        &["nhân viên xem ngay", "nhân viên kiểm tra ngay", "nhân viên xử lý ngay", "nhân viên làm ngay"],
        &["sớm nhất có thể", "nhân viên"],
    ),
    ("id", &["rekan saya langsung", "purnajual langsung"], &["begitu sempat", "rekan saya"]),
    (
        "es",
        &["compañero lo mira ahora", "comprueba ahora", "se ocupa ahora", "reclama ahora"],
        &["en cuanto lo vea", "cuando lo vea", "compañero"],
    ),
];

/// What the clerk says to a choice of its own menus, which say outright what is meant.
fn said_to(playbook: &Arc<Playbook>, language: &str, intent: &str, now_ms: i64) -> String {
    let mut talk = Talk::in_store(playbook, now_ms);
    talk.conversation.first_seen_ms = Some(now_ms - 1);
    talk.conversation.away_until_ms = Some(now_ms + 6 * 3_600_000);
    talk.conversation.language = Some(language.to_owned());
    texts(&talk.say(&format!("intent:{intent}"))).join("\n")
}

/// A store without words of its own.
fn plain(mut settings: PlaybookSettings) -> Arc<Playbook> {
    settings.rules.rule.clear();
    settings.rules.menu.clear();
    Arc::new(compile(settings))
}

#[test]
fn nobody_is_promised_at_once_where_nobody_was_told() {
    let stores = [Arc::new(compile(prompt())), plain(prompt())];
    for (language, at_once, _) in WORDS {
        for intent in stores[0].intents.names() {
            for store in &stores {
                let said = said_to(store, language, intent, DAY_MS);
                for words in at_once {
                    assert!(!said.contains(words), "{language} {intent}: {said}");
                }
            }
        }
    }
}

#[test]
fn who_waits_for_help_hears_when_it_is_seen_though_nobody_can_be_told() {
    let store = plain(prompt());
    for (language, _, later) in WORDS {
        for intent in ["late", "damaged", "wrong-item", "fake", "refund-hanging", "refund", "invoice"] {
            let said = said_to(&store, language, intent, DAY_MS);
            assert!(later.iter().any(|words| said.contains(words)), "{language} {intent}: {said}");
        }
    }
}

#[test]
fn somebody_who_was_told_of_it_sees_to_it_at_once() {
    for intent in ["late", "damaged", "wrong-item", "fake", "refund-hanging"] {
        let mut talk = Talk::met(DAY_MS);
        talk.conversation.language = Some("zh-Hans".to_owned());
        let decision = talk.say(&format!("intent:{intent}"));
        let told = decision.actions.iter().any(|it| matches!(it, Action::Notify { to, .. } if to == "aftersales"));
        let said = texts(&decision).join("\n");
        assert!(told && said.contains("马上"), "{intent}: {said}");
    }
    // Of what waits on the list nobody hears at once, whoever is there.
    for intent in ["refund", "invoice", "change-address", "wholesale", "product-spec"] {
        let mut talk = Talk::met(DAY_MS);
        talk.conversation.language = Some("zh-Hans".to_owned());
        let decision = talk.say(&format!("intent:{intent}"));
        let notified = decision.actions.iter().any(|it| matches!(it, Action::Notify { .. }));
        let said = texts(&decision).join("\n");
        assert_eq!(notified, said.contains("马上"), "{intent}: {said}");
    }
}

#[test]
fn at_night_everyone_hears_when_people_are_back() {
    for store in [plain(prompt()), plain(staffed())] {
        for (language, hour) in [("zh-Hans", "09:00"), ("en", "09:00"), ("ja", "09:00"), ("id", "09.00")] {
            for intent in ["late", "damaged", "refund-hanging", "refund", "invoice"] {
                let said = said_to(&store, language, intent, NIGHT_MS);
                assert!(said.contains(hour), "{language} {intent}: {said}");
            }
        }
    }
}

#[test]
fn an_owners_own_words_may_say_whether_somebody_was_told() {
    let rule = r#"
        [[rule]]
        id = "leak"
        any = ["齉鼻"]
        text.zh = "{% if told %}已告诉仓库{% else %}已登记{% endif %}"
        notify = { to = "warehouse", text = { zh = "{{ text }}" } }
    "#;
    assert_eq!(texts(&Talk::with_rule(rule, DAY_MS).say("齉鼻")), ["已告诉仓库"]);
}
