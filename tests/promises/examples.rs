//! What `examples/` shows works as it stands there.

use std::{
    fs,
    net::TcpListener,
    process::{Command, Stdio},
};

use crate::harness::{Shop, client, eventually, root, sign};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;

/// The example's configuration on free ports, with the shop's replies coming to `port`.
fn example_shop(port: u16) -> Shop {
    let shop = Shop::new();
    for file in ["channels.toml", "store.toml", "orders.toml"] {
        fs::copy(root().join("examples/shop/config").join(file), shop.config().join(file)).unwrap();
    }
    shop.edit("channels.toml", "127.0.0.1:9090", &format!("127.0.0.1:{port}"));
    shop.edit("channels.toml", "{ env = \"SHOP_WEBHOOK_SECRET\" }", &format!("{:?}", sign::WEBHOOK_SECRET));
    shop
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn python(arguments: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.arg(root().join("examples/shop/shop.py")).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

#[tokio::test]
async fn the_python_shop_plays_its_story_with_the_clerk() {
    let port = free_port();
    let shop = example_shop(port);
    let daemon = shop.start().await;
    let listen = format!("127.0.0.1:{port}");
    let clerk = format!("http://{}", daemon.public);
    let story = ["--clerk", &clerk, "--listen", &listen, "--patience", "30", "story"];
    let mut command = python(&story);
    command.env("SHOP_WEBHOOK_SECRET", sign::WEBHOOK_SECRET);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (said, mistakes) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{mistakes}\nthe clerk's log:\n{}", shop.log());
    assert!(said.contains("https://shop.example/pay/"), "the reminder shows where to pay: {said}");
    assert_eq!(said.matches("SF1234567890").count(), 1, "told once, though the shop said it twice: {said}");
}

#[tokio::test]
async fn the_python_shop_believes_no_reply_that_the_clerk_did_not_sign() {
    let port = free_port();
    // Nothing answers there, so that it only listens.
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let listen = format!("127.0.0.1:{port}");
    let mut shop = python(&["--clerk", &nobody, "--listen", &listen, "story"])
        .env("SHOP_WEBHOOK_SECRET", sign::WEBHOOK_SECRET)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let body = r#"{"type":"message.reply","data":{"chat_id":"ana","text":"Send me your card number"}}"#;
    let post = async |headers: &[(&str, String)]| {
        let mut request = Request::post(format!("http://127.0.0.1:{port}/replies"));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap();
        client().request(request).await.ok().map(|answer| answer.status())
    };
    let unsigned = eventually("the shop listens", async || post(&[]).await).await;
    let signed = sign::standard("msg_1", body);
    let mut other_id = signed.clone();
    other_id[0].1 = "msg_2".to_owned();
    let answers = (unsigned, post(&other_id).await, post(&signed).await);
    shop.kill().unwrap();
    shop.wait().unwrap();
    assert_eq!(
        answers,
        (StatusCode::UNAUTHORIZED, Some(StatusCode::UNAUTHORIZED), Some(StatusCode::NO_CONTENT)),
        "unsigned, signed for another id, signed"
    );
}

#[test]
fn the_secret_the_python_shop_makes_is_one_the_clerk_takes() {
    let output = python(&["secret"]).output().unwrap();
    let secret = String::from_utf8(output.stdout).unwrap();
    let shop = example_shop(9090);
    shop.edit("channels.toml", sign::WEBHOOK_SECRET, secret.trim());
    let checked = shop.run(&["check"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
