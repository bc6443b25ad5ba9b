//! However the configuration of a running clerk is put in place, it is taken; and what is no edit changes nothing.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::harness::{
    Daemon, Shop, eventually,
    generic::{channel, message, replies, shop_talking_to},
    platform::{Platform, json},
};
use bytes::Bytes;

/// A rule by which one sees which rules are in force.
fn version(number: u32) -> String {
    format!("[[rule]]\nid = \"version\"\npriority = 1000\nany = [\"version\"]\ntext = \"V{number}\"\n")
}

/// Asks until the answer is that of the rules' version.
async fn until_in_force(daemon: &Daemon, platform: &Platform, number: u32) {
    let want = format!("V{number}");
    eventually(&want, async || {
        let count = platform.received().len();
        daemon
            .say(&format!("{want}-{count}-{}", crate::harness::sign::now_s()), &format!("{want}-{count}"), "version")
            .await;
        let received = eventually("a reply", async || Some(platform.received()).filter(|it| it.len() > count)).await;
        replies(&received[count..]).iter().any(|(_, text)| *text == want).then_some(())
    })
    .await;
}

async fn complaint(daemon: &Daemon, of: &str) -> String {
    eventually(of, async || {
        daemon.status().await["config_error"].as_str().filter(|it| it.contains(of)).map(str::to_owned)
    })
    .await
}

async fn until_all_is_well(daemon: &Daemon) {
    eventually("no complaint", async || daemon.status().await["config_error"].is_null().then_some(())).await;
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A shop with a rule that shows its version, as it is deployed: linked, or as it is.
fn shop(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    shop.write("rules.toml", &version(1));
    shop
}

#[tokio::test]
async fn a_folder_in_the_place_of_another_is_taken_and_so_are_later_edits() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    until_in_force(&daemon, &platform, 1).await;
    let beside = |name: &str| shop.config().with_file_name(name);
    copy_folder(&shop.config(), &beside("new"));
    fs::write(beside("new").join("rules.toml"), version(2)).unwrap();
    fs::rename(shop.config(), beside("old")).unwrap();
    fs::rename(beside("new"), shop.config()).unwrap();
    until_in_force(&daemon, &platform, 2).await;
    shop.write("rules.toml", &version(3));
    until_in_force(&daemon, &platform, 3).await;
}

#[tokio::test]
async fn a_link_that_points_to_another_release_is_taken_and_so_are_later_edits() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let release = |number: u32| shop.config().with_file_name(format!("release-{number}"));
    fs::rename(shop.config(), release(1)).unwrap();
    symlink(release(1), shop.config()).unwrap();
    let daemon = shop.start().await;
    until_in_force(&daemon, &platform, 1).await;
    copy_folder(&release(1), &release(2));
    fs::write(release(2).join("rules.toml"), version(2)).unwrap();
    let fresh = shop.config().with_file_name("fresh");
    symlink(release(2), &fresh).unwrap();
    fs::rename(fresh, shop.config()).unwrap();
    until_in_force(&daemon, &platform, 2).await;
    fs::write(release(2).join("rules.toml"), version(3)).unwrap();
    until_in_force(&daemon, &platform, 3).await;
}

#[tokio::test]
async fn a_config_map_that_is_swapped_is_taken() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let config = shop.config();
    copy_folder(&config, &config.join("..1"));
    symlink("..1", config.join("..data")).unwrap();
    for entry in fs::read_dir(config.join("..1")).unwrap() {
        let name = entry.unwrap().file_name();
        fs::remove_file(config.join(&name)).unwrap();
        symlink(Path::new("..data").join(&name), config.join(&name)).unwrap();
    }
    let daemon = shop.start().await;
    until_in_force(&daemon, &platform, 1).await;
    copy_folder(&config.join("..1"), &config.join("..2"));
    fs::write(config.join("..2/rules.toml"), version(2)).unwrap();
    symlink("..2", config.join("..fresh")).unwrap();
    fs::rename(config.join("..fresh"), config.join("..data")).unwrap();
    fs::remove_dir_all(config.join("..1")).unwrap();
    until_in_force(&daemon, &platform, 2).await;
}

#[tokio::test]
async fn a_secret_that_is_renewed_in_its_file_is_taken() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let secret = shop.config().with_file_name("secret");
    fs::write(&secret, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n").unwrap();
    let entry = channel(&platform.url());
    let inline = format!("\"{}\"", crate::harness::sign::WEBHOOK_SECRET);
    assert!(entry.contains(&inline));
    shop.write("channels.toml", &entry.replace(&inline, &format!("{{ file = \"{}\" }}", secret.display())));
    let daemon = shop.start().await;
    let answer = daemon.webhook("m1", "message.received", message("m1", "ana", "version")).await.unwrap();
    assert_eq!(answer.status, 401);
    fs::write(&secret, crate::harness::sign::WEBHOOK_SECRET).unwrap();
    eventually("the new secret to hold", async || {
        let answer = daemon.webhook("m2", "message.received", message("m2", "ana", "version")).await.unwrap();
        answer.status.is_success().then_some(())
    })
    .await;
}

#[tokio::test]
async fn files_that_vanish_are_no_edit() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    for file in ["rules.toml", "hours.toml", "channels.toml", "catalogue.toml"] {
        let aside = shop.config().join(format!("{file}.bak"));
        fs::rename(shop.config().join(file), &aside).unwrap();
        let why = complaint(&daemon, file).await;
        assert!(why.contains("gone"), "{why}");
        until_in_force(&daemon, &platform, 1).await;
        let forced = shop.run(&["reload"]);
        assert_eq!(forced.status.code(), Some(2), "{}", said(&forced));
        fs::rename(&aside, shop.config().join(file)).unwrap();
        until_all_is_well(&daemon).await;
    }
    shop.write("rules.toml", "# none\n");
    eventually("the rules to be gone, as somebody wanted", async || {
        let reloaded = shop.run(&["reload"]);
        reloaded.status.success().then_some(())
    })
    .await;
}

#[tokio::test]
async fn reload_waits_and_says_what_came_of_it() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let nobody = shop.run(&["reload"]);
    assert_eq!(nobody.status.code(), Some(1), "{}", said(&nobody));
    let daemon = shop.start().await;
    shop.write("rules.toml", &version(2));
    let reloaded = shop.run(&["reload"]);
    assert!(reloaded.status.success(), "{}", said(&reloaded));
    daemon.say("m1", "ana", "version").await;
    let version = eventually("the rule's answer", async || {
        replies(&platform.received()).into_iter().map(|(_, text)| text).find(|it| it.starts_with('V'))
    })
    .await;
    assert_eq!(version, "V2", "in force once the command is back");

    shop.edit("nightclerk.toml", "[outbox]\n", "[outbox]\nmax_in_flight = 7\n");
    let waits = said(&shop.run(&["reload"]));
    assert!(waits.contains("restart: [outbox]"), "{waits}");
    assert_eq!(daemon.status().await["waits_for_restart"][0], "[outbox]");

    shop.write("rules.toml", "[[rule]]\nid = “a”\n");
    let refused = shop.run(&["reload"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("rules.toml:2:6"), "{}", said(&refused));
    assert!(daemon.status().await["config_error_since_ms"].is_i64());
}

#[tokio::test]
async fn a_hangup_has_the_configuration_read_again() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    let before = shop.log().matches("the new configuration is in force").count();
    daemon.hang_up();
    eventually("the configuration to be read again", async || {
        (shop.log().matches("the new configuration is in force").count() > before).then_some(())
    })
    .await;
    until_in_force(&daemon, &platform, 1).await;
}

#[tokio::test]
async fn what_waits_for_a_channel_that_is_commented_out_leaves_when_it_is_back() {
    let is_up = Arc::new(AtomicBool::new(false));
    let up = is_up.clone();
    let platform = Platform::answering(move |_| match up.load(Ordering::SeqCst) {
        true => json(200, "{}"),
        false => crate::harness::platform::json(503, "{}"),
    })
    .await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "version").await;
    platform.wait_for(1).await;
    let channels = fs::read_to_string(shop.config().join("channels.toml")).unwrap();
    shop.write("channels.toml", "# closed for a while\n");
    let reason = eventually("the channel to be shown as missing", async || {
        let status = daemon.status().await;
        let channels = status["channels"].as_array()?;
        channels.iter().find(|it| it["id"] == "shop")?["stopped"].as_str().map(str::to_owned)
    })
    .await;
    assert!(reason.contains("channels.toml"), "{reason}");
    let dead = daemon.admin(http::Method::GET, "/v1/outbox/dead").await;
    assert_eq!(dead.body, Bytes::from_static(b"[]"));
    is_up.store(true, Ordering::SeqCst);
    let before = platform.received().len();
    shop.write("channels.toml", &channels);
    eventually("the answer", async || {
        let received = platform.received();
        replies(&received[before..]).iter().any(|(chat, text)| chat == "ana" && text == "V1").then_some(())
    })
    .await;
}

#[tokio::test]
async fn check_names_misnamed_files_dangling_links_and_all_that_is_wrong_at_one_and_the_same_place() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    shop.write("phrase.toml", "");
    fs::remove_file(shop.config().join("hours.toml")).unwrap();
    symlink("/nowhere/hours.toml", shop.config().join("hours.toml")).unwrap();
    shop.write("store.toml", "[store]\nname = { zh = \"夜茶铺\", nme = \"x\" }\nclrk = \"a\"\n");
    shop.write("channels.toml", "[[channel]]\nid = \"a\"\nkind = \"line\"\nchannel_secret = hunter2\n");
    let checked = shop.run(&["check"]);
    assert_eq!(checked.status.code(), Some(2));
    let words = said(&checked);
    for part in
        ["phrase.toml", "`phrases.toml`", "hours.toml", "/nowhere/hours.toml", "store.toml:3:1", "channels.toml:4"]
    {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(!words.contains("hunter2"), "{words}");
}

#[tokio::test]
async fn a_spreadsheet_of_answers_is_live_as_soon_as_it_is_saved_and_a_broken_one_changes_nothing() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.write("rules.toml", "");
    let daemon = shop.start().await;
    shop.write("answers.csv", "words,answer\nversion,V1\n");
    until_in_force(&daemon, &platform, 1).await;
    shop.write("answers.csv", "\u{feff}words;answer\r\nversion;V2\r\n;V3\r\n");
    let complaint = complaint(&daemon, "answers.csv").await;
    assert!(complaint.contains("3:"), "{complaint}");
    until_in_force(&daemon, &platform, 1).await;
    shop.write("answers.csv", "\u{feff}words;answer\r\nversion;V2\r\n");
    until_in_force(&daemon, &platform, 2).await;
    until_all_is_well(&daemon).await;
}
