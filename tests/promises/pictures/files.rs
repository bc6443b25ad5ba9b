//! Files at addresses of ours: what they are called, and their parts.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::site::{ROOM, Site, colleague};
use crate::harness::{
    desk::Colleague,
    eventually,
    platforms::{whatsapp, whatsapp_message},
    visitor,
};

const PDF: &[u8] = b"%PDF-1.7 an invoice";

#[tokio::test]
async fn a_player_gets_the_part_of_a_colleagues_video_that_it_asks_for() {
    let video: &'static [u8] = b"\0\0\0\x20ftypisom\0\0\x02\0 a cup is turned round and round";
    let site = Site::new(&["tg", "ln"], true).await;
    site.world.keeps("/photos/BAACvideo", video);
    let daemon = site.shop.start().await;
    let card = site.line_customer(&daemon).await;
    colleague(&daemon, 2, &card, json!({ "video": { "file_id": "BAACvideo" } })).await;
    let told = site.world.said("Uana", "the address", |it| it.text().contains("https://clerk.example/media/")).await;
    let words = told.text();
    let path = words.split("https://clerk.example").nth(1).unwrap().split_whitespace().next().unwrap();
    let ask = async |headers: &[(&str, &str)]| {
        daemon.call(Method::GET, &format!("http://{}{path}", daemon.public), headers, Bytes::new()).await.unwrap()
    };
    let whole = ask(&[]).await;
    assert_eq!((whole.status, &whole.body[..]), (StatusCode::OK, video));
    assert_eq!(whole.headers["accept-ranges"], "bytes");
    assert_eq!(whole.headers["content-type"], "video/mp4");
    let tag = whole.headers["etag"].to_str().unwrap();
    let length = video.len();
    let rest = ask(&[("range", "bytes=4-"), ("if-range", tag)]).await;
    assert_eq!((rest.status, &rest.body[..]), (StatusCode::PARTIAL_CONTENT, &video[4..]));
    assert_eq!(rest.headers["content-range"].to_str().unwrap(), format!("bytes 4-{}/{length}", length - 1));
    for name in ["content-type", "content-disposition", "x-content-type-options", "cache-control", "etag"] {
        assert_eq!(rest.headers[name], whole.headers[name], "{name}");
    }
    let first = ask(&[("range", "bytes=0-1")]).await;
    assert_eq!((&first.body[..], first.headers["content-length"].to_str().unwrap()), (&video[..2], "2"));
    let beyond = ask(&[("range", "bytes=9999-")]).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.headers["content-range"].to_str().unwrap(), format!("bytes */{length}"));
    let of_another = ask(&[("range", "bytes=0-1"), ("if-range", "\"another\"")]).await;
    assert_eq!((of_another.status, &of_another.body[..]), (StatusCode::OK, video));
}

#[tokio::test]
async fn a_file_keeps_the_name_that_its_sender_gave_it_both_ways() {
    let site = Site::new(&["tg", "wa"], false).await;
    let lies = format!("{{\"url\":\"{}/lookaside/1\",\"mime_type\":\"application/pdf\"}}", site.platform.url());
    site.world.answers("/v25.0/77", &[(200, Box::leak(lies.into_boxed_str()).as_bytes())]);
    site.world.keeps("/lookaside/1", PDF);
    site.world.keeps("/photos/BQACnew", PDF);
    let daemon = site.shop.start().await;
    let say = async |id: &str, more: Value| {
        daemon.meta("wa", whatsapp(json!({ "messages": [whatsapp_message(id, "16505551234", more)] }))).await;
    };
    say("w1", json!({ "type": "text", "text": { "body": "hello" } })).await;
    say("w2", json!({ "type": "text", "text": { "body": "I want to talk to a person" } })).await;
    let card = site.taken(&daemon).await;
    say("w3", json!({ "type": "document", "document": { "id": "77", "filename": "发票 \"11\".pdf" } })).await;
    let shown = site.world.said(ROOM, "the file", |it| it.method() == "sendDocument").await;
    assert_eq!((&shown.fields["document"], shown.file.as_deref()), (&json!("发票 _11_.pdf"), Some(PDF)));
    colleague(&daemon, 2, &card, json!({ "document": { "file_id": "BQACnew", "file_name": "../Rechnung.pdf" } })).await;
    let file = site.world.said("16505551234", "the file", |it| it.fields["type"] == "document").await;
    assert_eq!(file.fields["document"], json!({ "id": "4490709327384033", "filename": "Rechnung.pdf" }));
    // Who reads the conversation in the console sees what each is called, and keeps it under that name.
    let owner = Colleague::owner(&daemon).await;
    let page = owner.get(&daemon, "/console/conversations/wa/16505551234").await.text();
    assert!(page.contains(">发票 _11_.pdf</a>") && page.contains(">Rechnung.pdf</a>"), "{page}");
    let path =
        page.split("href=\"").find(|it| it.contains("Rechnung.pdf")).and_then(|it| it.split('"').next()).unwrap();
    let kept = owner.get(&daemon, path).await;
    assert_eq!(kept.headers["content-disposition"], "attachment; filename=\"Rechnung.pdf\"");
    let log = site.shop.log();
    assert!(!log.contains("Rechnung") && !log.contains("发票"), "a name is somebody's words");
    site.keeps_its_secrets();
}

#[tokio::test]
async fn a_file_at_an_address_of_ours_is_kept_under_the_name_its_sender_gave_it() {
    let site = Site::new(&["tg", "ln"], true).await;
    site.world.keeps("/photos/BQACnew", PDF);
    let daemon = site.shop.start().await;
    let card = site.line_customer(&daemon).await;
    let file = json!({ "document": { "file_id": "BQACnew", "file_name": "发票.pdf" }, "caption": "here it is" });
    colleague(&daemon, 2, &card, file).await;
    let told = site.world.said("Uana", "the address", |it| it.text().contains("here it is\n发票.pdf\nhttps://")).await;
    let words = told.text();
    let path = words.split("https://clerk.example").nth(1).unwrap().split_whitespace().next().unwrap();
    let kept = daemon.get(path).await.unwrap();
    assert_eq!((kept.status, &kept.body[..]), (StatusCode::OK, PDF));
    let disposition = kept.headers["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf");
    let forgotten = daemon.admin(Method::DELETE, "/v1/customers/ln/Uana").await;
    assert_eq!(forgotten.status, StatusCode::OK);
    assert!(std::fs::read_dir(site.shop.data().join("pictures")).unwrap().next().is_none(), "its name goes with it");
}

#[tokio::test]
async fn a_visitor_of_the_web_chat_reads_what_a_colleagues_file_is_called() {
    let site = Site::new(&["tg"], false).await;
    let channels = std::fs::read_to_string(site.shop.config().join("channels.toml")).unwrap();
    site.shop.write("channels.toml", &format!("{channels}[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n"));
    site.world.keeps("/photos/BQACnew", PDF);
    let daemon = site.shop.start().await;
    let cookie = visitor::visit(&daemon).await;
    visitor::say(&daemon, &cookie, "m1", "hello").await;
    visitor::say(&daemon, &cookie, "m2", "I want to talk to a person").await;
    let card = site.taken(&daemon).await;
    colleague(&daemon, 2, &card, json!({ "document": { "file_id": "BQACnew", "file_name": "发票.pdf" } })).await;
    let content = eventually("the file on the page", async || {
        let history = visitor::history(&daemon, &cookie).await;
        let lines = history["lines"].as_array().unwrap().clone();
        lines.into_iter().map(|it| it["content"].clone()).find(|it| it["type"] == "file")
    });
    let content = content.await;
    assert_eq!(content["name"], "发票.pdf");
    let url = format!("http://{}{}", daemon.public, content["url"].as_str().unwrap());
    let kept = daemon.call(Method::GET, &url, &[("cookie", &cookie)], Bytes::new()).await.unwrap();
    let disposition = kept.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.ends_with("filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf"), "{disposition}");
}
