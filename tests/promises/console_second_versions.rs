//! What the console's page of a plugin offers that has a second version, on the running daemon with real scripts.

use std::{collections::BTreeMap, fs, path::Path};

use super::second_versions::{ONE, Trial};
use crate::harness::{
    Shop,
    desk::{Colleague, staff},
    generic::shop_talking_to,
    platform::Platform,
};
use bytes::Bytes;
use http::{Method, StatusCode};

const PAGE: &str = "/console/plugins/hello";
const NEXT: &str = "hello-next.js";
const ENTRY: &str = "shadow = \"hello-next.js\" # tried since Monday";

fn two() -> String {
    ONE.replace("\"one\"", "\"two\"").replace("1.0.0", "2.0.0")
}

/// A store with its people, whose plugin `hello` has a second version.
async fn on_trial(entry: &str) -> (Trial, Colleague) {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    let trial = Trial::at(platform, shop, ONE, &two(), entry).await;
    let boss = Colleague::joined(&trial.shop, &trial.daemon, "boss").await;
    (trial, boss)
}

/// Every file of the plugins folder, and what is said of plugins.
fn all_there_is(shop: &Shop) -> BTreeMap<String, String> {
    fn read(dir: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => read(&path, files),
                false => {
                    files.insert(path.display().to_string(), fs::read_to_string(&path).unwrap());
                }
            }
        }
    }
    let mut files = BTreeMap::new();
    read(&shop.plugins(), &mut files);
    let said = fs::read_to_string(shop.config().join("plugins.toml")).unwrap();
    files.insert("plugins.toml".to_owned(), said);
    files
}

fn names(shop: &Shop) -> Vec<String> {
    let plugins = format!("{}/", shop.plugins().display());
    all_there_is(shop).into_keys().filter_map(|path| path.strip_prefix(&plugins).map(str::to_owned)).collect()
}

/// Who did this to the plugin, by the audit.
async fn who_did(trial: &Trial, deed: &str) -> Vec<String> {
    let found = trial.daemon.admin(Method::GET, &format!("/v1/audit?what={deed}")).await.json();
    let found = found.as_array().unwrap().iter().inspect(|it| assert_eq!(it["subject"], "plugin hello"));
    found.map(|it| it["who"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_puts_a_second_version_in_place_from_the_console() {
    let (trial, boss) = on_trial(&format!("canary = 0\n{ENTRY}")).await;
    assert_eq!(trial.told("m1", "ana", "Hello").await, "one");
    let page = boss.get(&trial.daemon, PAGE).await.text();
    for shown in ["Second version", "2.0.0 (", "Nobody hears it.", "hello/promote", "hello/abort", "Calls unheard"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let done = boss.submit(&trial.daemon, &format!("{PAGE}/promote"), &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    // Not a little later: the page that follows shows it.
    let page = boss.get(&trial.daemon, PAGE).await.text();
    assert!(page.contains("<strong>2.0.0</strong>") && !page.contains("Second version"), "{page}");
    assert!(trial.status().await["shadow"].is_null(), "{}", trial.status().await);
    assert_eq!(trial.told("m2", "ana", "Hello again").await, "two");
    assert_eq!(names(&trial.shop), ["hello.js"]);
    let said = fs::read_to_string(trial.shop.config().join("plugins.toml")).unwrap();
    assert!(said.contains("grants") && !said.contains("shadow") && !said.contains("canary"), "{said}");
    assert_eq!(who_did(&trial, "promote").await, ["boss"]);
    let audit = Colleague::owner(&trial.daemon).await.get(&trial.daemon, "/console/audit?who=boss").await.text();
    assert!(audit.contains("<span>Put a second version in place</span><code>plugin hello</code>"), "{audit}");
    // There is a way back, as after every new version.
    let kept = page.split("name=\"to\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version");
    let back = boss.submit(&trial.daemon, &format!("{PAGE}/rollback"), &[("to", kept)]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text());
    assert_eq!(trial.told("m3", "ana", "Hello once more").await, "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_does_without_a_second_version_from_the_console() {
    let (trial, boss) = on_trial(&format!("canary = 100\n{ENTRY}")).await;
    assert_eq!(trial.told("m1", "ana", "Hello").await, "two");
    let page = boss.get(&trial.daemon, PAGE).await.text();
    assert!(page.contains("It answers 100 of a hundred contacts."), "{page}");
    let done = boss.submit(&trial.daemon, &format!("{PAGE}/abort"), &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let page = boss.get(&trial.daemon, PAGE).await.text();
    assert!(page.contains("<strong>1.0.0</strong>") && !page.contains("Second version"), "{page}");
    assert_eq!(trial.told("m2", "ana", "Hello again").await, "one");
    assert_eq!(names(&trial.shop), ["hello.js", "removed/hello-next.js"]);
    assert_eq!(who_did(&trial, "abort").await, ["boss"]);
    // Who presses the button of a page that is no longer so reads why nothing happens.
    for deed in ["promote", "abort"] {
        let before = all_there_is(&trial.shop);
        let late = boss.submit(&trial.daemon, &format!("{PAGE}/{deed}"), &[]).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());
        assert!(late.text().contains("plugins.toml names no second version of hello"), "{}", late.text());
        assert_eq!(all_there_is(&trial.shop), before, "{deed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_version_that_is_refused_leaves_everything_as_it_was() {
    let (trial, boss) = on_trial(ENTRY).await;
    let second = trial.shop.plugins().join(NEXT);
    let refused = async |why: &str| {
        let before = all_there_is(&trial.shop);
        let answer = boss.submit(&trial.daemon, &format!("{PAGE}/promote"), &[]).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
        assert!(answer.text().contains("role=\"alert\"") && answer.text().contains(why), "{why}: {}", answer.text());
        assert_eq!(all_there_is(&trial.shop), before, "{why}");
        assert_eq!(trial.status().await["version"], "1.0.0", "{why}");
    };
    let wants = two().replace("version:", "settings: { tone: { type: \"string\", description: \"how\" } }, version:");
    for (text, why) in [
        ("oops(;", "is not put in place: hello.js:1:"),
        ("export const message = () => { throw 1 }", "is not put in place: its trial call"),
        (&wants, "is not put in place: its entry in plugins.toml is refused"),
    ] {
        fs::write(&second, text).unwrap();
        refused(why).await;
    }
    fs::remove_file(&second).unwrap();
    refused("is not put in place: there is no such file").await;
    // What is not taken in force is not begun.
    fs::write(&second, two()).unwrap();
    trial.shop.write("phrases.toml", "[nobody.knows]\n");
    refused("phrases.toml").await;
    let aborted = boss.submit(&trial.daemon, &format!("{PAGE}/abort"), &[]).await;
    assert_eq!(aborted.status, StatusCode::CONFLICT, "{}", aborted.text());
    assert!(second.exists());
    assert_eq!(trial.told("m1", "ana", "Hello").await, "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_version_that_nobody_trusted_signed_is_not_put_in_place_from_the_console() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    let key = shop.config().with_file_name("secret.key");
    let key = key.to_str().unwrap();
    let made = String::from_utf8(shop.run(&["plugin", "keygen", key]).stdout).unwrap();
    let public = made.split('"').nth(1).unwrap_or_else(|| panic!("{made}"));
    shop.edit("nightclerk.toml", "[plugins]", &format!("[plugins]\ntrust = [\"{public}\"]"));
    let sign = |shop: &Shop, file: &str| {
        let path = shop.plugins().join(file);
        let signed = shop.run(&["plugin", "sign", path.to_str().unwrap(), "--key", key, "--name", "hello"]);
        assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    };
    for (file, text) in [("hello.js", ONE.to_owned()), (NEXT, two())] {
        fs::write(shop.plugins().join(file), text).unwrap();
        sign(&shop, file);
    }
    let trial = Trial::at(platform, shop, ONE, &two(), ENTRY).await;
    let boss = Colleague::joined(&trial.shop, &trial.daemon, "boss").await;
    let promoted = async || boss.submit(&trial.daemon, &format!("{PAGE}/promote"), &[]).await;
    fs::write(trial.shop.plugins().join(NEXT), two().replace("2.0.0", "2.0.1")).unwrap();
    let before = all_there_is(&trial.shop);
    let refused = promoted().await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    assert!(refused.text().contains("is not put in place: it was changed after it was signed"), "{}", refused.text());
    assert_eq!(all_there_is(&trial.shop), before);
    assert_eq!(trial.told("m1", "ana", "Hello").await, "one");
    sign(&trial.shop, NEXT);
    let done = promoted().await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(names(&trial.shop), ["hello.js", "hello.js.sig"], "what vouches for it goes with it");
    assert_eq!(trial.status().await["version"], "2.0.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_change_settings_neither_puts_a_second_version_in_place_nor_does_without_it() {
    let (trial, boss) = on_trial(ENTRY).await;
    let mei = Colleague::joined(&trial.shop, &trial.daemon, "mei").await;
    let stranger = Colleague::stranger(&trial.daemon);
    let before = all_there_is(&trial.shop);
    for deed in ["promote", "abort"] {
        let path = format!("{PAGE}/{deed}");
        assert_eq!(mei.submit(&trial.daemon, &path, &[]).await.status, StatusCode::FORBIDDEN, "{deed}");
        let unknown = stranger.post(&trial.daemon, &path, &[]).await;
        assert!(unknown.headers["location"].to_str().unwrap().starts_with("/console/sign-in"), "{deed}");
        // Another site's page has the cookie sent along, and not the word of the session's forms.
        assert_eq!(boss.post(&trial.daemon, &path, &[]).await.status, StatusCode::FORBIDDEN, "{deed}");
        let word = boss.form_token(&trial.daemon).await;
        let elsewhere = boss.post_from(&trial.daemon, "https://evil.example", &path, &[("form-token", &word)]).await;
        assert_eq!(elsewhere.status, StatusCode::FORBIDDEN, "{deed}");
        assert_eq!(who_did(&trial, deed).await, Vec::<String>::new());
    }
    assert_eq!(all_there_is(&trial.shop), before);
    assert!(trial.status().await["shadow"].is_object(), "{}", trial.status().await);
    // A reader of Chinese presses Chinese buttons.
    let headers = [("cookie", boss.cookie.as_str()), ("accept-language", "zh")];
    let page = trial.daemon.call(Method::GET, &format!("{}{PAGE}", boss.base), &headers, Bytes::new()).await.unwrap();
    for words in ["新版本", "换成新版本", "不要新版本", "谁也听不到它。"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
}
