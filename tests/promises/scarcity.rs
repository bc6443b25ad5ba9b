//! A machine that runs short of something: disk, descriptors, a clock that can be relied on. What was acknowledged is
//! answered, what cannot be kept is refused, and all is well again without a restart.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use crate::harness::{
    Daemon, Shop, eventually,
    generic::{message, shop_talking_to},
    platform::Platform,
    sign,
};
use http::{Method, StatusCode};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;

/// Bytes to which files may grow where the disk is to be full: more than an empty store, less than a busy one.
const DISK: u64 = 3_000_000;
/// Where Debian keeps the library that lies about the time.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// Messages that were acknowledged, by id.
type Acknowledged = BTreeSet<String>;

/// Messages of different customers, until `enough`; every one is kept or refused for want of room.
async fn talk(daemon: &Daemon, name: &str, acked: &mut Acknowledged, enough: impl Fn(usize, usize) -> bool) {
    let (mut taken, mut refused) = (0, 0);
    for number in 0.. {
        let id = format!("{name}{number}");
        let text = format!("Do you ship abroad? {}", "x".repeat(3000));
        let answer = daemon.webhook(&id, "message.received", message(&id, &id, &text)).await.unwrap();
        match answer.status {
            StatusCode::ACCEPTED => {
                taken += 1;
                acked.insert(id);
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                assert!(answer.headers.contains_key("retry-after"));
                refused += 1;
            }
            other => panic!("{other}: {}", answer.text()),
        }
        if enough(taken, refused) {
            return;
        }
        assert!(number < 5000, "{taken} taken, {refused} refused");
    }
}

async fn every_one_is_answered(platform: &Platform, acked: &Acknowledged) {
    eventually("every answer", async || {
        let received = platform.received();
        let answered: BTreeSet<_> =
            received.iter().filter_map(|it| Some(it.json()["data"]["in_reply_to"].as_str()?.to_owned())).collect();
        acked.is_subset(&answered).then_some(())
    })
    .await;
}

/// Lets the files of a process grow to so many bytes.
fn allow(pid: u32, bytes: Option<u64>) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    prlimit(pid, Resource::Fsize, Rlimit { current: bytes, maximum: None }).expect("it runs");
}

fn talkative(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    shop.edit("channels.toml", "allow_private_targets = true", "allow_private_targets = true\nper_second = 100000");
    shop
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_acknowledged_that_is_lost_and_with_room_all_goes_on_without_a_restart() {
    let platform = Platform::start().await;
    let shop = talkative(&platform);
    let daemon = shop.start_under(Command::new("sh").args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])).await;
    allow(daemon.pid(), Some(DISK));
    let mut acked = Acknowledged::new();
    talk(&daemon, "before", &mut acked, |_, refused| refused >= 50).await;
    assert!(acked.len() > 20, "{} were taken before the disk was full", acked.len());
    eventually("readiness to know it", async || {
        (daemon.get("/readyz").await.ok()?.status == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    let told = shop.log().lines().filter(|line| line.contains("\"ERROR\"")).count();
    assert!(told < 20, "{told} lines for 50 refusals would fill another disk");
    allow(daemon.pid(), None);
    talk(&daemon, "after", &mut acked, |taken, _| taken >= 50).await;
    every_one_is_answered(&platform, &acked).await;
    eventually("readiness to be back", async || {
        (daemon.get("/readyz").await.ok()?.status == StatusCode::OK).then_some(())
    })
    .await;
    daemon.kill();
    let daemon = shop.start().await;
    let kept = daemon.admin(Method::GET, &format!("/v1/explain/{}", acked.first().unwrap())).await;
    assert_eq!(kept.status, StatusCode::OK);
}

#[tokio::test]
async fn a_clerk_that_is_killed_on_a_full_disk_has_lost_nothing_either() {
    let platform = Platform::start().await;
    let shop = talkative(&platform);
    let daemon = shop.start_under(Command::new("sh").args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])).await;
    allow(daemon.pid(), Some(DISK));
    let mut acked = Acknowledged::new();
    talk(&daemon, "before", &mut acked, |_, refused| refused >= 10).await;
    daemon.kill();
    let daemon = shop.start().await;
    talk(&daemon, "after", &mut acked, |taken, _| taken >= 5).await;
    every_one_is_answered(&platform, &acked).await;
}

#[tokio::test]
async fn with_64_descriptors_and_a_hundred_idle_callers_customers_are_answered_and_the_operator_heard() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start_under(Command::new("sh").args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""])).await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(tokio::net::TcpStream::connect(&daemon.public).await.unwrap());
    }
    let mut acked = Acknowledged::new();
    talk(&daemon, "m", &mut acked, |taken, _| taken >= 20).await;
    assert_eq!(acked.len(), 20, "none was refused");
    every_one_is_answered(&platform, &acked).await;
    assert_eq!(daemon.admin(Method::GET, "/v1/status").await.status, StatusCode::OK);
}

/// Kilobytes of addresses with which a clerk just starts.
const ADDRESSES_KB: u32 = 1536 << 10;

fn with_addresses(kb: u32) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {kb}; exec \"$0\" \"$@\"")]);
    shell
}

#[tokio::test]
async fn with_as_little_address_space_as_it_takes_the_clerk_works_with_its_plugins_under_load() {
    let platform = Platform::start().await;
    let shop = talkative(&platform).with_plugins();
    let daemon = shop.start_under(&mut with_addresses(ADDRESSES_KB)).await;
    eventually("the plugins", async || {
        let plugins = daemon.admin(Method::GET, "/v1/plugins").await.json();
        plugins.as_array()?.iter().all(|it| it["state"] == "active").then_some(())
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(tokio::net::TcpStream::connect(&daemon.public).await.unwrap());
    }
    let mut acked = Acknowledged::new();
    talk(&daemon, "m", &mut acked, |taken, _| taken >= 100).await;
    assert_eq!(acked.len(), 100, "none was refused");
    every_one_is_answered(&platform, &acked).await;
    assert!(!shop.log().contains("refused"), "{}", shop.log());
}

#[test]
fn with_less_address_space_the_clerk_says_how_much_it_needs_and_what_to_raise() {
    let shop = Shop::new();
    for kb in [ADDRESSES_KB - 1, 400 << 10] {
        let own = shop.command();
        let mut command = with_addresses(kb);
        let ended = command.arg(own.get_program()).args(own.get_args()).arg("serve").output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(1), "{said}");
        let limited = format!("limited to {} MB", kb >> 10);
        for words in [limited.as_str(), "needs 1536 MB", "ulimit -v"] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}

#[tokio::test]
async fn a_clock_that_jumps_by_a_year_either_way_costs_no_answer() {
    if !Path::new(FAKETIME).exists() {
        println!("skipped: there is no libfaketime");
        return;
    }
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let offset = shop.config().join("offset");
    fs::write(&offset, "+0").unwrap();
    let daemon = shop
        .start_with(&[
            ("LD_PRELOAD", FAKETIME),
            ("FAKETIME_TIMESTAMP_FILE", offset.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ])
        .await;
    let mut acked = Acknowledged::new();
    const DAY_S: i64 = 86_400;
    for (number, days) in [0, 1, 400, 0, -1, -400, 0].into_iter().enumerate() {
        fs::write(&offset, format!("{}{}d", if days < 0 { '-' } else { '+' }, i64::abs(days))).unwrap();
        let id = format!("m{number}");
        let body = json!({ "type": "message.received", "data": message(&id, &id, "Do you ship abroad?") }).to_string();
        let signed = |at_s: i64| sign::standard_at(&id, at_s, &body);
        let post = async |headers: [(&'static str, String); 3]| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            daemon.post("/hooks/shop", &headers, body.clone()).await.unwrap().status
        };
        if days != 0 {
            assert_eq!(post(signed(sign::now_s())).await, StatusCode::UNAUTHORIZED, "{days}: of another time");
        }
        assert_eq!(post(signed(sign::now_s() + days * DAY_S)).await, StatusCode::ACCEPTED, "{days}");
        acked.insert(id);
        every_one_is_answered(&platform, &acked).await;
    }
    // Nothing was taken for old and removed.
    for id in &acked {
        assert_eq!(daemon.admin(Method::GET, &format!("/v1/explain/{id}")).await.status, StatusCode::OK, "{id}");
    }
}
