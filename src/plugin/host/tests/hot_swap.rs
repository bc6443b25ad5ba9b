//! Plugins come, change and go while the daemon runs.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;

use super::{Shop, guests, offer, said, start};
use crate::plugin::host::PluginState;

fn greeting(text: &str) -> Vec<u8> {
    guests::replier("greeting", "1.0.0", text)
}

fn shop() -> Shop {
    Shop::with(&[("greeting.wasm", greeting("old"))], json!({ "greeting": { "grants": ["reply"] } }))
}

/// Waits, within reason, until the clerk says this.
fn says_in_time(shop: &Shop, text: Option<&str>) {
    for _ in 0..500 {
        if said(&shop.offer()) == text {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("never said {text:?}: {:?}", shop.host.status());
}

#[test]
fn a_version_replaced_under_load_never_leaves_a_moment_unanswered() {
    let shop = shop();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let answer = shop.offer();
                    let text = said(&answer).expect("an answer");
                    assert!(text == "old" || text.starts_with("version "), "{text}");
                }
            });
        }
        for version in 0..8 {
            shop.put("greeting.wasm", &greeting(&format!("version {version}")));
            assert_eq!(said(&shop.offer()), Some(format!("version {version}").as_str()));
        }
        done.store(true, Ordering::Relaxed);
    });
    let status = shop.status("greeting");
    assert_eq!((status.state, status.failures), (PluginState::Active, 0));
}

#[test]
fn a_bad_file_leaves_the_version_before_running_and_says_why() {
    let shop = shop();
    let next = greeting("new");
    for length in [0, 8, next.len() / 2, next.len() - 1] {
        shop.put("greeting.wasm", &next[..length]);
        assert_eq!(said(&shop.offer()), Some("old"));
        let status = shop.status("greeting");
        assert_eq!(status.state, PluginState::Active);
        assert!(shop.reason("greeting").contains("the newest greeting.wasm is refused"), "{:?}", status.reason);
    }
    shop.put("greeting.wasm", &next);
    assert_eq!(said(&shop.offer()), Some("new"));
    assert_eq!(shop.status("greeting").reason, None);
}

#[test]
fn a_version_the_settings_do_not_fit_waits_for_them() {
    let shop = Shop::with(
        &[("greeting.wasm", greeting("old"))],
        json!({ "greeting": { "grants": ["reply"], "settings": { "mode": "calm" } } }),
    );
    let mut manifest = guests::manifest("greeting", "2.0.0");
    manifest["settings"] = json!({ "tone": { "type": "string" } });
    shop.put("greeting.wasm", &guests::component(guests::REPLY, "new", &manifest));
    assert_eq!(said(&shop.offer()), Some("old"));
    assert!(shop.reason("greeting").contains("no setting `mode`"), "{}", shop.reason("greeting"));
    let entry = json!({ "greeting": { "grants": ["reply"], "settings": { "tone": "warm" } } });
    shop.host.reconfigure(super::entries(entry));
    assert_eq!(said(&shop.offer()), Some("new"));
    assert_eq!(shop.status("greeting").reason, None);
}

#[test]
fn a_plugin_whose_settings_never_fitted_is_refused_until_they_do() {
    let entry = |mode| json!({ "greeting": { "grants": ["reply"], "settings": { "mode": mode } } });
    let shop = Shop::with(&[("greeting.wasm", greeting("Hello"))], entry("odd"));
    assert_eq!(shop.status("greeting").state, PluginState::Refused);
    assert!(shop.reason("greeting").contains("the setting `mode`: \"odd\" is none of"), "{}", shop.reason("greeting"));
    assert_eq!(shop.offer().actions, None);
    shop.host.reconfigure(super::entries(entry("calm")));
    assert_eq!(said(&shop.offer()), Some("Hello"));
}

#[test]
fn a_plugin_without_an_entry_waits_and_says_what_to_write() {
    let shop = Shop::with(&[("greeting.wasm", greeting("Hello"))], json!({}));
    assert_eq!(shop.status("greeting").state, PluginState::Waiting);
    assert_eq!(
        shop.reason("greeting"),
        "add [greeting] to plugins.toml with grants = [\"reply\", \"orders\", \"kv\", \"http:127.0.0.1:9\", \
         \"http:api.example.com\"]"
    );
    assert_eq!(shop.offer().actions, None);
    shop.host.reconfigure(super::entries(json!({ "greeting": { "grants": ["reply"] } })));
    assert_eq!(said(&shop.offer()), Some("Hello"));
    shop.host.reconfigure(super::entries(json!({ "greeting": { "enabled": false } })));
    assert_eq!(shop.status("greeting").state, PluginState::Disabled);
    assert_eq!(shop.offer().actions, None);
}

#[test]
fn a_restart_finds_its_code_compiled_and_damaged_code_is_made_again() {
    let shop = shop();
    let cache = shop.dir.path().join("cache");
    let code = || {
        let files = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path());
        let mut code: Vec<_> = files.filter(|path| path.extension().is_some_and(|it| it == "cwasm")).collect();
        assert_eq!(code.len(), 1, "{code:?}");
        code.remove(0)
    };
    let restart = || {
        let host = start(shop.dir.path(), json!({ "greeting": { "grants": ["reply"] } }));
        assert_eq!(said(&offer(&host, &super::Facts::default())), Some("old"));
    };
    let path = code();
    let made = fs::metadata(&path).unwrap().modified().unwrap();
    restart();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), made, "nothing was compiled");

    let good = fs::read(&path).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for damaged in [flipped, good[..good.len() / 2].to_vec(), Vec::new()] {
        // By renaming: the code that runs is mapped from the file there was.
        fs::write(cache.join("damaged"), damaged).unwrap();
        fs::rename(cache.join("damaged"), &path).unwrap();
        restart();
        assert_eq!(fs::read(&path).unwrap().len(), good.len());
    }
}

#[test]
fn code_that_neither_runs_nor_can_be_rolled_back_to_is_dropped_while_running() {
    let shop = shop();
    for version in 0..8 {
        shop.put("greeting.wasm", &greeting(&format!("version {version}")));
    }
    let kept = shop.status("greeting").kept_versions.len();
    let code = || {
        let files = fs::read_dir(shop.dir.path().join("cache")).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|it| it == "cwasm")).count()
    };
    assert_eq!((code(), kept), (3, 2));
    shop.remove("greeting.wasm");
    shop.host.refresh("greeting.wasm");
    assert_eq!(code(), 0);
}

#[cfg(unix)]
#[test]
fn the_cache_is_closed_to_other_users() {
    use std::os::unix::fs::PermissionsExt;
    let shop = shop();
    let mode = fs::metadata(shop.dir.path().join("cache")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn the_folder_is_followed_while_it_is_watched() {
    let shop = shop();
    let watch = shop.host.clone().watch().unwrap();
    let plugins = shop.dir.path().join("plugins");

    fs::write(plugins.join("greeting.wasm.new"), greeting("renamed over")).unwrap();
    fs::rename(plugins.join("greeting.wasm.new"), plugins.join("greeting.wasm")).unwrap();
    says_in_time(&shop, Some("renamed over"));

    // Written in two halves, with time for the first to be looked at.
    let bytes = greeting("written slowly");
    shop.write("greeting.wasm", &bytes[..bytes.len() / 2]);
    for _ in 0..500 {
        if shop.status("greeting").reason.is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    assert!(shop.reason("greeting").contains("is refused"), "{}", shop.reason("greeting"));
    assert_eq!(said(&shop.offer()), Some("renamed over"));
    shop.write("greeting.wasm", &bytes);
    says_in_time(&shop, Some("written slowly"));

    shop.remove("greeting.wasm");
    says_in_time(&shop, None);
    shop.write("greeting.wasm", &greeting("moved in"));
    says_in_time(&shop, Some("moved in"));
    drop(watch);
}
