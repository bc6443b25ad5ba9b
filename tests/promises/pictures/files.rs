//! Files at addresses of ours: what they are called, and their parts.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::json;

use super::site::{Site, colleague};

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
