//! What the console's page of a plugin offers, each button pressed, on the running daemon.

use std::fs;

use crate::harness::{
    Daemon, Shop, built_plugin,
    desk::{Colleague, staff},
    eventually,
    generic::shop_talking_to,
    platform::Platform,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const ENTRIES: &str = "# What the owner wrote down.\n[payment-reminder]\ngrants = [\"reply\", \"orders\"] # and why\n";
const PAGE: &str = "/console/plugins/payment-reminder";

async fn with_a_plugin() -> (Shop, Daemon, Colleague, Platform) {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    shop.write("plugins.toml", ENTRIES);
    let daemon = shop.start().await;
    until(&daemon, "payment-reminder", "active").await;
    let boss = Colleague::joined(&shop, &daemon, "boss").await;
    (shop, daemon, boss, platform)
}

async fn status(daemon: &Daemon, name: &str) -> Value {
    let all = daemon.admin(Method::GET, "/v1/plugins").await.json();
    all.as_array().unwrap().iter().find(|it| it["name"] == name).cloned().unwrap_or_default()
}

async fn until(daemon: &Daemon, name: &str, state: &str) {
    eventually(state, async || (status(daemon, name).await["state"] == state).then_some(())).await;
}

fn written(shop: &Shop) -> String {
    fs::read_to_string(shop.config().join("plugins.toml")).unwrap()
}

#[tokio::test]
async fn a_plugin_is_turned_off_and_on_and_every_comment_stays() {
    let (shop, daemon, boss, _platform) = with_a_plugin().await;
    let page = boss.get(&daemon, PAGE).await.text();
    assert!(page.contains("Turn off") && !page.contains("Turn on"), "{page}");
    assert_eq!(boss.submit(&daemon, &format!("{PAGE}/disable"), &[]).await.status, StatusCode::SEE_OTHER);
    until(&daemon, "payment-reminder", "disabled").await;
    assert!(boss.get(&daemon, PAGE).await.text().contains("Turn on"));
    assert!(written(&shop).contains("enabled = false") && written(&shop).contains("# and why"));
    assert_eq!(boss.submit(&daemon, &format!("{PAGE}/enable"), &[]).await.status, StatusCode::SEE_OTHER);
    until(&daemon, "payment-reminder", "active").await;
    assert_eq!(written(&shop), ENTRIES);
}

#[tokio::test]
async fn what_is_done_to_plugins_stands_in_the_audit_in_the_words_of_who_reads_it() {
    let (_shop, daemon, boss, _platform) = with_a_plugin().await;
    for (deed, state) in [("disable", "disabled"), ("enable", "active")] {
        assert_eq!(boss.submit(&daemon, &format!("{PAGE}/{deed}"), &[]).await.status, StatusCode::SEE_OTHER);
        until(&daemon, "payment-reminder", state).await;
    }
    boss.submit(&daemon, &format!("{PAGE}/settings"), &[("large_from", "300")]).await;
    boss.submit(&daemon, &format!("{PAGE}/rollback"), &[]).await;
    boss.submit(&daemon, &format!("{PAGE}/reinstate"), &[]).await;
    for (method, path) in [(Method::DELETE, "/v1/plugins/payment-reminder/keys"), (Method::POST, "/v1/reload")] {
        daemon.admin(method, path).await;
    }
    daemon.admin(Method::DELETE, "/v1/console/people/mei").await;
    let page = async |language| {
        let headers = [("cookie", boss.cookie.as_str()), ("accept-language", language)];
        daemon.call(Method::GET, &format!("{}/console/audit", boss.base), &headers, "".into()).await.unwrap().text()
    };
    let (english, chinese) = (page("en").await, page("zh").await);
    for (in_english, in_chinese) in [
        ("Switched a plugin off", "停用插件"),
        ("Switched a plugin on", "启用插件"),
        ("Changed a plugin's settings", "修改插件设置"),
        ("Went back to an earlier version", "退回旧版本"),
        ("Had a plugin tried again", "让插件重试"),
        ("Erased what a plugin kept", "清除插件数据"),
        ("Had the settings read again", "重新读取设置"),
        ("Took the sign-in away", "取消登录权限"),
    ] {
        assert!(english.contains(&format!("<span>{in_english}</span>")), "{in_english}: {english}");
        assert!(chinese.contains(&format!("<span>{in_chinese}</span>")), "{in_chinese}: {chinese}");
    }
    let rows = chinese.split("<span>").skip(1).filter_map(|it| it.split("</span>").next());
    let bare: Vec<_> = rows.filter(|it| !it.is_empty() && it.chars().all(|it| it.is_ascii_lowercase())).collect();
    assert!(bare.is_empty(), "{bare:?}");
}

#[tokio::test]
async fn settings_are_of_the_kind_that_the_plugin_wants_or_nothing_is_written() {
    let (shop, daemon, boss, _platform) = with_a_plugin().await;
    let save = async |fields: &[(&str, &str)]| boss.submit(&daemon, &format!("{PAGE}/settings"), fields).await;
    assert!(boss.get(&daemon, PAGE).await.text().contains("name=\"large_from\""));
    let wrong = save(&[("large_from", "many")]).await;
    assert_eq!(wrong.status, StatusCode::CONFLICT);
    assert!(wrong.text().contains("`large_from` is not of the kind that is wanted."), "{}", wrong.text());
    let out_of_range = save(&[("large_from", "-1")]).await;
    assert_eq!(out_of_range.status, StatusCode::CONFLICT, "{}", out_of_range.text());
    assert_eq!(written(&shop), ENTRIES);
    let right = save(&[("large_from", "300"), ("help_en", "Any trouble? \"Just\" write.")]).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.text());
    let text = written(&shop);
    assert!(text.contains("large_from = 300") && text.contains("# and why"), "{text}");
    let page = boss.get(&daemon, PAGE).await.text();
    assert!(page.contains("value=\"300\"") && page.contains("&quot;Just&quot;"), "{page}");
    let several = save(&[("help_en", "Any trouble?\r\nJust write.")]).await;
    assert_eq!(several.status, StatusCode::SEE_OTHER, "{}", several.text());
    let table: toml::Table = written(&shop).parse().unwrap();
    assert_eq!(table["payment-reminder"]["settings"]["help_en"].as_str(), Some("Any trouble?\nJust write."));
    assert!(boss.get(&daemon, PAGE).await.text().contains("Any trouble?\nJust write.</textarea>"));
    // Empty is the default again.
    let empty = save(&[("large_from", ""), ("help_en", "")]).await;
    assert_eq!(empty.status, StatusCode::SEE_OTHER, "{}", empty.text());
    assert!(!written(&shop).contains("large_from"), "{}", written(&shop));
    // What the plugin does not know is no setting of it.
    save(&[("grants", "[]"), ("enabled", "false")]).await;
    assert!(!written(&shop).contains("enabled"), "{}", written(&shop));
}

#[tokio::test]
async fn a_plugin_goes_back_to_the_version_before() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    shop.write("plugins.toml", "[greeting]\ngrants = [\"reply\", \"catalogue\"]\n");
    fs::write(shop.plugins().join("greeting.wasm"), greeting("1.0.0")).unwrap();
    let daemon = shop.start().await;
    let boss = Colleague::joined(&shop, &daemon, "boss").await;
    let version = async || status(&daemon, "greeting").await["version"].clone();
    let page = "/console/plugins/greeting";
    assert!(boss.get(&daemon, page).await.text().contains("No earlier version is kept."));
    let none = boss.submit(&daemon, &format!("{page}/rollback"), &[("to", "")]).await;
    assert_eq!(none.status, StatusCode::CONFLICT, "{}", none.text());
    fs::write(shop.plugins().join("next"), greeting("1.0.1")).unwrap();
    fs::rename(shop.plugins().join("next"), shop.plugins().join("greeting.wasm")).unwrap();
    eventually("the new version", async || (version().await == "1.0.1").then_some(())).await;
    let shown = boss.get(&daemon, page).await.text();
    assert!(!shown.contains("value=\"1.0.1"), "nobody goes back to what runs: {shown}");
    let kept = shown.split("name=\"to\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version");
    let back = boss.submit(&daemon, &format!("{page}/rollback"), &[("to", kept)]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text());
    assert_eq!(version().await, "1.0.0");
    assert!(boss.get(&daemon, page).await.text().contains("in place of 1.0.1"));
}

#[tokio::test]
async fn what_was_not_set_aside_is_not_reinstated_and_says_so() {
    let (_shop, daemon, boss, _platform) = with_a_plugin().await;
    let answer = boss.submit(&daemon, &format!("{PAGE}/reinstate"), &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("is not set aside"), "{}", answer.text());
}

#[tokio::test]
async fn who_may_not_change_settings_presses_no_button_of_a_plugin() {
    let (shop, daemon, boss, _platform) = with_a_plugin().await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    for path in ["/console/plugins", PAGE] {
        assert_eq!(mei.get(&daemon, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for deed in ["enable", "disable", "reinstate", "rollback", "settings", "promote", "abort", "frobnicate"] {
        let answer = mei.submit(&daemon, &format!("{PAGE}/{deed}"), &[("large_from", "1")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{deed}");
    }
    assert_eq!(written(&shop), ENTRIES);
    assert_eq!(status(&daemon, "payment-reminder").await["state"], "active");
    assert_eq!(boss.submit(&daemon, &format!("{PAGE}/frobnicate"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(boss.get(&daemon, "/console/plugins/nobody").await.status, StatusCode::NOT_FOUND);
}

fn greeting(version: &str) -> Vec<u8> {
    let bytes = fs::read(built_plugin("greeting")).unwrap();
    let edit = |manifest: &mut Value| manifest["version"] = json!(version);
    nightclerk::plugin::contract::manifest::rewrite(&bytes, edit).unwrap()
}
