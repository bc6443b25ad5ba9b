//! Setting up a platform: the clerk does what it can, tells of slips, and asks the platforms whether all is well.

use std::process::Output;

use crate::harness::{
    Shop,
    platform::{Platform, Received, json},
    platforms::{ACCOUNT, channel, page, settings, shop_on, whatsapp, whatsapp_message},
};
use serde_json::{Value, json};

/// The concerns that the status shows of a channel.
async fn concerns(daemon: &crate::harness::Daemon, id: &str) -> Vec<Value> {
    let status = daemon.status().await;
    let channels = status["channels"].as_array().unwrap().clone();
    let channel = channels.into_iter().find(|it| it["id"] == id).expect("the channel");
    channel["concerns"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_wrong_secret_is_said_once_with_what_to_do_and_stands_in_the_status() {
    let platform = Platform::start().await;
    let shop = shop_on(&["ln", "tg", "wa", "wx"], &platform);
    let daemon = shop.start().await;
    for (id, headers) in [
        ("ln", ("x-line-signature", "AAAA")),
        ("tg", ("x-telegram-bot-api-secret-token", "wrong")),
        ("wa", ("x-hub-signature-256", "sha256=00")),
        ("wx", ("x-nothing", "")),
    ] {
        for _ in 0..3 {
            let answer = daemon.post(&format!("/hooks/{id}"), &[headers], "{}").await.unwrap();
            assert_eq!(answer.status, 401, "{id}");
        }
    }
    let handshake = daemon.get("/hooks/wa?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1").await.unwrap();
    assert_eq!(handshake.status, 403);
    shop.logged("`verify_token`").await;
    let log = shop.log();
    for (id, setting) in [
        ("ln", "channel_secret"),
        ("tg", "secret_token"),
        ("wa", "app_secret"),
        ("wx", "token"),
        ("wa", "verify_token"),
    ] {
        let concerns = concerns(&daemon, id).await;
        let concern = concerns.iter().find(|it| it["what"].as_str().unwrap().contains(setting)).expect("a concern");
        assert_eq!(concern["times"], if setting == "verify_token" { 1 } else { 3 });
        let lines = log.lines().filter(|line| line.contains(&format!("`{setting}`")) && line.contains("WARN")).count();
        assert_eq!(lines, 1, "{id} {setting}: {log}");
    }
}

#[tokio::test]
async fn a_webhook_for_another_account_is_said_and_a_test_sample_is_good_news() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa", "ms"], &platform);
    let daemon = shop.start().await;
    let text = whatsapp_message("w1", "16505551234", json!({ "type": "text", "text": { "body": "hi" } }));
    let mut other = whatsapp(json!({ "messages": [text] }));
    other["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = json!("15550783881");
    assert_eq!(daemon.meta("wa", other).await.status, 200);
    let found = concerns(&daemon, "wa").await;
    let words = found[0]["what"].as_str().unwrap();
    assert!(words.contains("15550783881") && words.contains(ACCOUNT) && words.contains("phone number id"), "{words}");
    let mut sample = page("page", json!({ "message": { "mid": "m", "text": "sample" } }));
    sample["entry"][0]["id"] = json!("0");
    assert_eq!(daemon.meta("ms", sample).await.status, 200);
    assert!(concerns(&daemon, "ms").await[0]["what"].as_str().unwrap().contains("test sample"));
    shop.logged("test sample").await;
    let log = shop.log();
    assert!(log.lines().any(|line| line.contains("15550783881") && line.contains("WARN")), "{log}");
    assert!(log.lines().any(|line| line.contains("test sample") && line.contains("INFO")), "{log}");
    assert!(platform.after_quiet().await.is_empty());
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn one_channel(id: &str, platform: &Platform) -> Shop {
    let shop = Shop::new();
    shop.write("channels.toml", &channel(id, &format!("path_token = \"unguessable\"\n{}", settings(id)), platform));
    shop
}

const URL: &str = "https://clerk.shop.example";

#[tokio::test(flavor = "multi_thread")]
async fn telegram_is_told_where_to_post_with_which_secret_and_what() {
    let platform = Platform::answering(|_| json(200, r#"{"ok":true,"result":true}"#)).await;
    let shop = one_channel("tg", &platform);
    let output = shop.run(&["channel", "setup", "tg", "--url", URL]);
    assert!(output.status.success() && words(&output).contains("Telegram posts to"), "{}", words(&output));
    let [set] = &platform.received()[..] else { panic!("one call") };
    assert!(set.path().ends_with("/setWebhook"));
    let body = set.json();
    assert_eq!(body["url"], "https://clerk.shop.example/hooks/tg/unguessable");
    assert_eq!(body["secret_token"], "nightclerk_Secret-1");
    assert_eq!(
        body["allowed_updates"],
        json!(["message", "callback_query", "business_connection", "business_message"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn line_and_meta_are_set_up_over_their_apis_and_wechat_by_hand() {
    let platform = Platform::answering(|request| match request.path() {
        "/v25.0/app" => json(200, r#"{"id":"4711","name":"shop"}"#),
        "/v2/bot/channel/webhook/endpoint" => json(200, "{}"),
        _ => json(200, r#"{"success":true,"statusCode":200}"#),
    })
    .await;
    let shop = one_channel("ln", &platform);
    shop.edit("nightclerk.toml", "listen = ", &format!("public_url = \"{URL}/\"\n                listen = "));
    let output = shop.run(&["channel", "setup", "ln"]);
    assert!(output.status.success() && words(&output).contains("Use webhook"), "{}", words(&output));
    let calls = platform.received();
    assert_eq!(
        (calls[0].method.as_str(), &calls[0].json()["endpoint"]),
        ("PUT", &json!(format!("{URL}/hooks/ln/unguessable")))
    );
    assert_eq!(calls[1].path(), "/v2/bot/channel/webhook/test");

    let output = one_channel("ms", &platform).run(&["channel", "setup", "ms", "--url", URL]);
    assert!(output.status.success(), "{}", words(&output));
    let calls: Vec<Received> = platform.received()[2..].to_vec();
    let body = calls[1].json();
    assert_eq!(calls[1].path(), "/v25.0/4711/subscriptions");
    assert_eq!(
        (&body["object"], &body["callback_url"]),
        (&json!("page"), &json!(format!("{URL}/hooks/ms/unguessable")))
    );
    assert_eq!(body["verify_token"], "verify");
    assert_eq!(calls[2].path(), format!("/v25.0/{ACCOUNT}/subscribed_apps"));

    let output = one_channel("wx", &platform).run(&["channel", "setup", "wx", "--url", URL]);
    let words = words(&output);
    assert!(output.status.success() && words.contains(&format!("{URL}/hooks/wx/unguessable")), "{words}");
    assert!(words.contains("left to do by hand") && words.contains("EncodingAESKey"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_refuses_and_what_is_missing_is_said() {
    let platform = Platform::answering(|_| {
        json(400, r#"{"ok":false,"description":"Bad Request: bad webhook: HTTPS is required"}"#)
    })
    .await;
    let shop = one_channel("tg", &platform);
    let output = shop.run(&["channel", "setup", "tg", "--url", URL]);
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output).contains("HTTPS is required") && !words(&output).contains("AAbbCCdd"), "{}", words(&output));
    let output = shop.run(&["channel", "setup", "tg"]);
    assert!(output.status.code() == Some(2) && words(&output).contains("public_url"), "{}", words(&output));
    let output = shop.run(&["channel", "setup", "nowhere", "--url", URL]);
    assert!(output.status.code() == Some(2) && words(&output).contains("no channel `nowhere`"), "{}", words(&output));
    let output = shop.run(&["channel", "setup", "tg", "--url", "clerk"]);
    assert!(output.status.code() == Some(2) && words(&output).contains("not a web address"), "{}", words(&output));
}

/// A platform on which all is well, but what the test says otherwise.
async fn platform_with(odd: &'static [(&'static str, u16, &'static str)]) -> Platform {
    Platform::answering(move |request| {
        let path = request.path();
        if let Some((_, status, body)) = odd.iter().find(|(end, ..)| path.ends_with(end)) {
            return json(*status, body);
        }
        json(
            200,
            match path.rsplit('/').next().unwrap_or_default() {
                "getMe" => r#"{"ok":true,"result":{"username":"night_bot"}}"#,
                "getWebhookInfo" => {
                    r#"{"ok":true,"result":{"url":"https://clerk.shop.example/hooks/tg","pending_update_count":0}}"#
                }
                "info" => r#"{"userId":"U0","displayName":"Night Tea House"}"#,
                "endpoint" => r#"{"endpoint":"https://clerk.shop.example/hooks/ln","active":true}"#,
                "test" => r#"{"success":true,"statusCode":200}"#,
                "app" => r#"{"id":"4711"}"#,
                "debug_token" => {
                    r#"{"data":{"is_valid":true,"expires_at":0,"scopes":["whatsapp_business_messaging"]}}"#
                }
                "stable_token" => r#"{"access_token":"T","expires_in":7200}"#,
                "check" => r#"{"dns":[{"ip":"1.2.3.4"}],"ping":[{"ip":"1.2.3.4","package_loss":"0%"}]}"#,
                _ => r#"{"display_phone_number":"+1 555","verified_name":"Night Tea House","quality_rating":"GREEN"}"#,
            },
        )
    })
    .await
}

fn doctored(platform: &Platform) -> Output {
    let shop = shop_on(&["tg", "ln", "wa", "wx", "shop"], platform);
    shop.edit("nightclerk.toml", "listen = ", &format!("public_url = \"{URL}\"\n                listen = "));
    shop.run(&["doctor"])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_that_all_is_well_where_it_is() {
    let platform = platform_with(&[]).await;
    let output = doctored(&platform);
    let words = words(&output);
    assert!(output.status.success() && !words.contains("ILL"), "{words}");
    for finding in ["@night_bot", "Night Tea House", "the webhook is set", "belong together", "WeChat reaches"] {
        assert!(words.contains(finding), "{finding}: {words}");
    }
    for secret in ["AAbbCCdd", "meta-token", "line-token", "wechat-secret", "0123456789abcdef"] {
        assert!(!words.contains(secret), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_what_is_ill_and_says_what_to_do() {
    for (odd, finding) in [
        (&[("getMe", 401, r#"{"ok":false,"description":"Unauthorized"}"#)][..], "@BotFather"),
        (&[("getWebhookInfo", 200, r#"{"ok":true,"result":{"url":""}}"#)], "no webhook is set"),
        (&[("getWebhookInfo", 200, r#"{"ok":true,"result":{"url":"https://old.example"}}"#)], "leads elsewhere"),
        (
            &[(
                "getWebhookInfo",
                200,
                r#"{"ok":true,"result":{"url":"https://clerk.shop.example/hooks/tg","last_error_message":"Wrong response from the webhook: 401 Unauthorized","pending_update_count":9}}"#,
            )],
            "401 Unauthorized; 9 updates wait",
        ),
        (&[("info", 401, r#"{"message":"Authentication failed"}"#)], "channel access token is not accepted"),
        (&[("endpoint", 200, r#"{"endpoint":"https://clerk.shop.example/hooks/ln","active":false}"#)], "switched off"),
        (&[("test", 200, r#"{"success":false,"reason":"COULD_NOT_CONNECT","detail":"TLS"}"#)], "COULD_NOT_CONNECT"),
        (
            &[("app", 401, r#"{"error":{"code":190,"message":"Malformed access token meta-token"}}"#)],
            "the access token is not accepted",
        ),
        (
            &[("debug_token", 400, r#"{"error":{"code":1,"message":"Invalid OAuth access token signature."}}"#)],
            "`app_secret`",
        ),
        (
            &[(
                "106540352242922",
                400,
                r#"{"error":{"code":100,"error_subcode":33,"message":"Unsupported get request"}}"#,
            )],
            "`account`",
        ),
        (&[("stable_token", 200, r#"{"errcode":40164,"errmsg":"invalid ip"}"#)], "40164"),
    ] {
        let platform = platform_with(odd).await;
        let output = doctored(&platform);
        let words = words(&output);
        assert!(
            output.status.code() == Some(1) && words.contains("ILL") && words.contains(finding),
            "{finding}: {words}"
        );
        assert!(!words.contains("meta-token"), "{words}");
    }
}
