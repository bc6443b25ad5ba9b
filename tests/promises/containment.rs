//! What goes wrong within the clerk costs as little as it can: one event, one answer, never the house.

use std::fs;

use crate::guests;
use crate::harness::{
    Daemon, Shop, eventually,
    generic::{message, shop_talking_to},
    platform::Platform,
};
use http::{Method, StatusCode};
use serde_json::json;

const CALM: &str = "[brooding]\ngrants = [\"reply\"]\n";
const WILD: &str = "[brooding]\ngrants = [\"reply\"]\n[brooding.settings]\nmode = \"wild\"\n";

/// A shop whose plugin passes, until it is let to brood over each message for seconds.
fn shop_with_a_brooding_plugin(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    let body = "(if (result i32) (call $is_wild) (then (loop $again (br $again)) (unreachable)) (else (call $pass)))";
    let brooding = guests::component(body, "", &guests::manifest("brooding", "1.0.0"));
    fs::write(shop.plugins().join("brooding.wasm"), brooding).unwrap();
    shop.write("plugins.toml", CALM);
    shop.edit("nightclerk.toml", "dir = \"../plugins\"", "dir = \"../plugins\"\ntimeout = \"10s\"");
    shop
}

/// Waits until a lane is deciding an event: the record of what is under way holds its mark.
async fn somebody_is_deciding(shop: &Shop) {
    let record = shop.data().join("under-way");
    eventually("a decision under way", async || {
        fs::read(&record).ok().filter(|places| places.iter().any(|byte| *byte != 0)).map(drop)
    })
    .await;
}

async fn ask(daemon: &Daemon, id: &str) -> Result<StatusCode, ()> {
    let sent = daemon.webhook(id, "message.received", message(id, "c1", "Do you ship abroad?")).await;
    sent.map(|answer| answer.status).map_err(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_which_the_clerk_died_twice_is_answered_without_plugins() {
    let platform = Platform::start().await;
    let shop = shop_with_a_brooding_plugin(&platform);
    let daemon = shop.start().await;
    assert_eq!(ask(&daemon, "calm").await, Ok(StatusCode::ACCEPTED), "while the plugin passes, all is well");
    drop(daemon);
    for round in 1..=2 {
        let daemon = shop.start().await;
        shop.write("plugins.toml", WILD);
        eventually("the plugin to brood", async || {
            (shop.log().matches("the new configuration is in force").count() == round).then_some(())
        })
        .await;
        tokio::select! {
            outcome = ask(&daemon, "deadly") => panic!("it was decided, {outcome:?}"),
            () = somebody_is_deciding(&shop) => {}
        }
        // As a stack overflow, or the system short of memory, would end it.
        daemon.kill();
        shop.write("plugins.toml", CALM);
    }
    let daemon = shop.start().await;
    assert_eq!(ask(&daemon, "deadly").await, Ok(StatusCode::ACCEPTED));
    eventually("the answer", async || {
        platform.received().iter().any(|it| it.json()["data"]["in_reply_to"] == json!("deadly")).then_some(())
    })
    .await;
    let explained = daemon.admin(Method::GET, "/v1/explain/deadly").await.text();
    assert!(!explained.contains("plugin:brooding"), "{explained}");
    shop.logged("the clerk died over this event before").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_which_the_clerk_died_three_times_is_put_aside_for_a_person_and_its_customer_hears_so() {
    let platform = Platform::start().await;
    let shop = shop_with_a_brooding_plugin(&platform);
    let record = shop.data().join("under-way");
    let daemon = shop.start().await;
    assert_eq!(ask(&daemon, "calm").await, Ok(StatusCode::ACCEPTED));
    shop.write("plugins.toml", WILD);
    eventually("the plugin to brood", async || shop.log().contains("the new configuration is in force").then_some(()))
        .await;
    tokio::select! {
        outcome = ask(&daemon, "deadly") => panic!("it was decided, {outcome:?}"),
        () = somebody_is_deciding(&shop) => {}
    }
    daemon.kill();
    let left_by_death = fs::read(&record).unwrap();
    shop.write("plugins.toml", CALM);
    // Two more deaths leave what the first one left.
    for _ in 0..2 {
        drop(shop.start().await);
        fs::write(&record, &left_by_death).unwrap();
    }
    let daemon = shop.start().await;
    assert_eq!(ask(&daemon, "deadly").await, Ok(StatusCode::ACCEPTED));
    assert_eq!(ask(&daemon, "harmless").await, Ok(StatusCode::ACCEPTED));
    eventually("both answers", async || {
        let answered = |id: &str| platform.received().iter().any(|it| it.json()["data"]["in_reply_to"] == json!(id));
        (answered("deadly") && answered("harmless")).then_some(())
    })
    .await;
    let tickets = shop.run(&["tickets"]);
    let listed = String::from_utf8_lossy(&tickets.stdout).into_owned();
    // The mark of what is urgent.
    assert!(listed.contains("undecided") && listed.starts_with('!'), "{listed}");
    let explained = daemon.admin(Method::GET, "/v1/explain/deadly").await.text();
    assert!(explained.contains("brought") || explained.contains("died"), "{explained}");
    assert!(!daemon.admin(Method::GET, "/v1/explain/harmless").await.text().contains("brought"));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_data_folder_is_away_nothing_is_acknowledged_and_then_all_is_well_again() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    // What is loaded at the start is kept in the folder.
    daemon.admin(Method::GET, "/v1/plugins").await;
    assert_eq!(ask(&daemon, "before").await, Ok(StatusCode::ACCEPTED));
    let away = shop.data().with_extension("away");
    fs::rename(shop.data(), &away).unwrap();
    assert_eq!(ask(&daemon, "meanwhile").await, Ok(StatusCode::SERVICE_UNAVAILABLE));
    eventually("readiness to know it", async || {
        let ready = daemon.get("/readyz").await.ok()?;
        (ready.status == StatusCode::SERVICE_UNAVAILABLE && ready.text().contains("store")).then_some(())
    })
    .await;
    fs::rename(&away, shop.data()).unwrap();
    assert_eq!(ask(&daemon, "after").await, Ok(StatusCode::ACCEPTED));
    assert_eq!(ask(&daemon, "meanwhile").await, Ok(StatusCode::ACCEPTED), "its platform sends it again");
    eventually("readiness to be back", async || {
        (daemon.get("/readyz").await.ok()?.status == StatusCode::OK).then_some(())
    })
    .await;
    eventually("every answer", async || {
        let answered = |id: &str| platform.received().iter().any(|it| it.json()["data"]["in_reply_to"] == json!(id));
        ["before", "meanwhile", "after"].iter().all(|id| answered(id)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_second_clerk_runs_on_a_store_whose_lock_file_was_removed() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    fs::remove_file(shop.data().join("nightclerk.sqlite.lock")).unwrap();
    let second = shop.run(&["serve"]);
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("in use by another nightclerk"), "{said}");
    assert_eq!(ask(&daemon, "still").await, Ok(StatusCode::ACCEPTED));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_that_was_killed_before_it_wrote_anything_is_no_damage() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    fs::create_dir(shop.data()).unwrap();
    // What is left where the process ends between the file's head and its first table.
    let begun = rusqlite::Connection::open(shop.data().join("nightclerk.sqlite")).unwrap();
    begun
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a); DROP TABLE t; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(begun);
    assert!(fs::metadata(shop.data().join("nightclerk.sqlite")).unwrap().len() > 0);
    let checked = shop.run(&["check"]);
    assert!(checked.status.success(), "{checked:?}");
    let daemon = shop.start().await;
    assert_eq!(ask(&daemon, "first").await, Ok(StatusCode::ACCEPTED));
    assert!(!shop.log().contains("its store is empty"), "nobody used it before: {}", shop.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_empty_in_a_folder_that_was_in_use_is_told() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    for _ in 0..2 {
        drop(shop.start().await);
    }
    assert!(!shop.log().contains("its store is empty"), "nothing was said yet, and nothing was lost");
    for file in ["nightclerk.sqlite", "nightclerk.sqlite-wal", "nightclerk.sqlite-shm"] {
        let _ = fs::remove_file(shop.data().join(file));
    }
    drop(shop.start().await);
    shop.logged("its store is empty").await;
}

/// A plugin that takes a second or more to compile, and answers then.
fn heavy() -> Vec<u8> {
    let work = "(local.set $i (i32.rotl (i32.mul (local.get $i) (i32.const 7)) (i32.const 3)))".repeat(80_000);
    guests::component(&format!("{work} {}", guests::REPLY), "heavy", &guests::manifest("heavy", "1.0.0"))
}

const HEAVY: &str = "[heavy]\ngrants = [\"reply\"]\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_door_opens_before_the_plugins_are_compiled() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    fs::write(shop.plugins().join("heavy.wasm"), heavy()).unwrap();
    shop.write("plugins.toml", HEAVY);
    let daemon = shop.start().await;
    assert_eq!(ask(&daemon, "early").await, Ok(StatusCode::ACCEPTED));
    eventually("the plugin", async || shop.log().contains("\"plugin\":\"heavy\"").then_some(())).await;
    let log = shop.log();
    let place = |words: &str| log.find(words).unwrap_or_else(|| panic!("{words}: {log}"));
    assert!(place("the clerk is in") < place("\"plugin\":\"heavy\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_the_compiler_dies_of_is_refused_and_customers_notice_nothing() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.admin(Method::GET, "/v1/plugins").await;
    fs::write(shop.plugins().join("heavy.wasm"), heavy()).unwrap();
    let compiler = eventually("the compiler", async || compiler_of(daemon.pid())).await;
    // As the system would, short of memory.
    crate::harness::kill_9(compiler);
    eventually("the refusal", async || {
        let listed = daemon.admin(Method::GET, "/v1/plugins").await.text();
        listed.contains("the compiler gave up (signal: 9").then_some(())
    })
    .await;
    assert_eq!(ask(&daemon, "after").await, Ok(StatusCode::ACCEPTED));
}

/// The process that compiles for a daemon, if one does.
fn compiler_of(daemon: u32) -> Option<u32> {
    let tasks = fs::read_dir(format!("/proc/{daemon}/task")).ok()?;
    let children = tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    children.flat_map(|it| it.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()).find(|pid| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|it| String::from_utf8_lossy(&it).contains("compile-plugin"))
    })
}
