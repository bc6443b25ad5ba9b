//! What the Graph API answers, and settings.

use super::*;

#[test]
fn each_error_has_its_meaning() {
    let account = account("whatsapp");
    let refusal = |status: u16, code: i64, subcode: Option<i64>| {
        let error = json!({ "error": { "message": "words", "code": code, "error_subcode": subcode } });
        account.classify(&answer(status, &error.to_string()), &ATTEMPT)
    };
    for code in [1, 2, 1_200, 131_000, 131_016, 131_057, 133_004] {
        assert_eq!(refusal(400, code, None), Outcome::Retry(None), "{code}");
    }
    for code in [4, 613, 80_007, 130_429] {
        assert_eq!(refusal(400, code, None), Outcome::SlowDown(10_000, None), "{code}: the whole account");
    }
    for code in [131_048, 131_064] {
        let why = Some(format!("400: error {code}: words"));
        assert_eq!(refusal(400, code, None), Outcome::SlowDown(600_000, why), "{code}: and the owner hears of it");
    }
    let gone = refusal(400, 100, Some(33));
    assert!(matches!(gone, Outcome::StopChannel(ref why) if why.contains("`account`")), "{gone:?}");
    for (code, wait) in [(131_056, 6_000), (133_016, 3_600_000)] {
        assert_eq!(refusal(400, code, None), Outcome::Retry(Some(wait)), "{code}");
    }
    for code in [100, 551, 131_008, 131_009, 131_021, 131_026, 131_030, 131_047, 131_049, 131_051, 132_001, 999_999] {
        assert_eq!(refusal(400, code, None), Outcome::Drop(format!("400: error {code}: words")), "{code}");
    }
    assert!(matches!(refusal(500, 131_026, None), Outcome::Drop(_)), "the code counts, not the status");
    for code in [0, 3, 10, 190, 200, 299, 368, 131_005, 131_031, 131_042, 131_045, 133_010] {
        assert!(matches!(refusal(403, code, None), Outcome::StopChannel(_)), "{code}");
    }
    for (code, subcode) in [(10, 2_018_065), (10, 2_018_278), (10, 2_534_022), (10, 2_018_108), (200, 1_545_041)] {
        assert!(matches!(refusal(403, code, Some(subcode)), Outcome::Drop(_)), "{code} {subcode}");
    }
    assert_eq!(refusal(503, 999_999, None), Outcome::Retry(None));
    assert!(matches!(refusal(401, 999_999, None), Outcome::StopChannel(_)));
    let transient = r#"{"error":{"code":999999,"message":"words","is_transient":true}}"#;
    assert_eq!(account.classify(&answer(400, transient), &ATTEMPT), Outcome::Retry(None));
}

#[test]
fn an_answer_without_an_error_code_is_read_by_its_status() {
    let account = account("messenger");
    let sent = |id: &str| Outcome::Sent(Some(id.to_owned()));
    let whatsapp = r#"{"messaging_product":"whatsapp","messages":[{"id":"wamid.1"}]}"#;
    assert_eq!(account.classify(&answer(200, whatsapp), &ATTEMPT), sent("wamid.1"));
    assert_eq!(account.classify(&answer(200, r#"{"recipient_id":"24001","message_id":"m1"}"#), &ATTEMPT), sent("m1"));
    assert_eq!(account.classify(&answer(200, ""), &ATTEMPT), Outcome::Sent(None));
    assert_eq!(account.classify(&answer(502, "<html>"), &ATTEMPT), Outcome::Retry(None));
    assert!(matches!(account.classify(&answer(401, ""), &ATTEMPT), Outcome::StopChannel(_)));
    assert!(matches!(account.classify(&answer(404, ""), &ATTEMPT), Outcome::Drop(_)));
    let mut limited = answer(429, r#"{"error":{"code":131056,"message":"words"}}"#);
    limited.headers_mut().insert("retry-after", HeaderValue::from_static("30"));
    assert_eq!(account.classify(&limited, &ATTEMPT), Outcome::Retry(Some(30_000)));
    limited.headers_mut().insert("retry-after", HeaderValue::from_static("1"));
    assert_eq!(account.classify(&limited, &ATTEMPT), Outcome::Retry(Some(6_000)));
}

#[test]
fn a_refused_token_is_not_quoted() {
    let error = r#"{"error":{"code":190,"message":"Malformed access token meta-token","type":"OAuthException"}}"#;
    let Outcome::StopChannel(why) = account("whatsapp").classify(&answer(401, error), &ATTEMPT) else {
        panic!("not stopped")
    };
    assert!(why.contains("190") && !why.contains("meta-token"), "{why}");
}

#[test]
fn settings_that_cannot_work_are_refused_without_showing_secrets() {
    for (from, to, word) in [
        (ACCOUNT, "@shop", "account"),
        (ACCOUNT, "1/../2", "account"),
        (SECRET, "", "app_secret"),
        ("meatyhamhock", "", "verify_token"),
        ("meta-token", "two\\nlines", "access_token"),
    ] {
        let mistake = mistake(&settings("whatsapp").replace(from, to));
        assert!(mistake.contains(word) && !mistake.contains("lines"), "{mistake}");
    }
    for (setting, value) in [("api_version", "25"), ("api_version", "v25.0/x"), ("api_base", "graph.facebook.com")] {
        let mistake = mistake(&format!("{}\n{setting} = \"{value}\"", settings("messenger")));
        assert!(mistake.contains(setting), "{mistake}");
    }
}
