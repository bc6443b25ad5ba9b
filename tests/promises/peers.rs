//! The platforms' own SDKs play the platform: what they sign the clerk accepts, what the clerk sends they
//! accept. Their versions are pinned in `tests/peers/requirements.txt`.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::harness::{
    Shop, generic,
    platforms::{ACCOUNT, TELEGRAM_TOKEN, settings},
    root, sign,
};

/// A Python with the SDKs, made once under the target folder.
fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_nightclerk")).ancestors().nth(2).unwrap();
    let requirements = root().join("tests/peers/requirements.txt");
    let venv = target.join("peers");
    let done = venv.join("requirements.txt");
    let lock = File::create(target.join("peers.lock")).unwrap();
    lock.lock().unwrap();
    let wanted = std::fs::read(&requirements).unwrap();
    if std::fs::read(&done).ok().as_deref() != Some(&wanted) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
        run(Command::new(venv.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(&requirements));
        std::fs::write(&done, wanted).unwrap();
    }
    venv.join("bin/python")
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?} ended with {status}");
}

/// Lets a peer play its part against a daemon whose channel talks to the peer's API.
async fn play(peer: &str, arguments: &[&str], channel: impl Fn(&str) -> String) {
    let python = tokio::task::spawn_blocking(python).await.unwrap();
    let mut child = Command::new(python)
        .arg(root().join("tests/peers").join(format!("{peer}.py")))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut port = String::new();
    stdout.read_line(&mut port).unwrap();
    let shop = Shop::new();
    shop.write("channels.toml", &channel(&format!("http://127.0.0.1:{}", port.trim())));
    let daemon = shop.start().await;
    writeln!(child.stdin.take().unwrap(), "{}", daemon.public).unwrap();
    let mut words = String::new();
    let mut stderr = child.stderr.take().unwrap();
    let (status, words) = tokio::task::spawn_blocking(move || {
        stderr.read_to_string(&mut words).unwrap();
        (child.wait().unwrap(), words)
    })
    .await
    .unwrap();
    assert!(status.success(), "{words}\nthe clerk's log:\n{}", shop.log());
}

#[tokio::test]
async fn standardwebhooks_signs_what_the_clerk_takes_and_verifies_what_it_sends() {
    play("standardwebhooks_peer", &[sign::WEBHOOK_SECRET], generic::channel).await;
}

#[tokio::test]
async fn python_telegram_bot_and_aiogram_understand_the_clerk() {
    let token = "123456:AAbbCCdd-test_token";
    play("telegram_peer", &["nightclerk_Secret-1", token], |api| {
        format!(
            r#"
            [[channel]]
            id = "telegram"
            kind = "telegram"
            token = "{token}"
            secret_token = "nightclerk_Secret-1"
            api_base = "{api}"
            allow_private_targets = true
            "#
        )
    })
    .await;
}

#[tokio::test]
async fn line_bot_sdk_understands_the_clerk() {
    let secret = "8c570fa6dd201bb328f1c1eac23a96d8";
    play("line_peer", &[secret], |api| {
        format!(
            r#"
            [[channel]]
            id = "line"
            kind = "line"
            channel_secret = "{secret}"
            access_token = "line-token"
            api_base = "{api}"
            allow_private_targets = true
            "#
        )
    })
    .await;
}

#[tokio::test]
async fn wechatpy_understands_the_clerk_in_safe_mode() {
    let (token, key, app) = ("nightclerkToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx2c2769f8efd9abc2");
    play("wechat_peer", &[token, key, app], |api| {
        format!(
            r#"
            [[channel]]
            id = "wechat"
            kind = "wechat"
            token = "{token}"
            app_id = "{app}"
            encoding_aes_key = "{key}"
            api_base = "{api}"
            allow_private_targets = true
            "#
        )
    })
    .await;
}

#[tokio::test]
async fn pywa_understands_the_clerk() {
    play("whatsapp_peer", &["0123456789abcdef0123456789abcdef", "meatyhamhock"], |api| {
        format!(
            r#"
            [[channel]]
            id = "whatsapp"
            kind = "meta"
            platform = "whatsapp"
            account = "106540352242922"
            app_secret = "0123456789abcdef0123456789abcdef"
            verify_token = "meatyhamhock"
            access_token = "whatsapp-token"
            api_base = "{api}"
            allow_private_targets = true
            "#
        )
    })
    .await;
}

#[tokio::test]
async fn metas_own_sdk_says_the_same_as_the_clerk_on_messenger_and_instagram() {
    let (app_secret, verify_token, token) = ("0123456789abcdef0123456789abcdef", "meatyhamhock", "page-token");
    for platform in ["messenger", "instagram"] {
        play("messenger_peer", &[platform, ACCOUNT, app_secret, verify_token, token], |api| {
            format!(
                r#"
                [[channel]]
                id = "{platform}"
                kind = "meta"
                platform = "{platform}"
                account = "{ACCOUNT}"
                app_secret = "{app_secret}"
                verify_token = "{verify_token}"
                access_token = "{token}"
                api_base = "{api}"
                allow_private_targets = true
                "#
            )
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn channel_setup_and_the_doctor_ask_what_the_sdks_ask_and_read_what_they_write() {
    const URL: &str = "https://clerk.shop.example";
    let python = tokio::task::spawn_blocking(python).await.unwrap();
    let secrets =
        ["nightclerk_Secret-1", "line-token", "meta-token", ACCOUNT, "0123456789abcdef0123456789abcdef", "verify"];
    let mut peer = Command::new(python)
        .arg(root().join("tests/peers/setup_peer.py"))
        .args([URL, TELEGRAM_TOKEN])
        .args(secrets)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    BufReader::new(peer.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let shop = Shop::new();
    let channel = |id: &str| {
        let (settings, port) = (settings(id), port.trim());
        format!(
            "[[channel]]\nid = \"{id}\"\nallow_private_targets = true\n{settings}\napi_base = \"http://127.0.0.1:{port}\"\n"
        )
    };
    shop.write("channels.toml", &["tg", "ln", "wa"].map(channel).concat());
    let words = |output: &std::process::Output| {
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    for id in ["tg", "ln", "wa"] {
        let output = shop.run(&["channel", "setup", id, "--url", URL]);
        assert!(output.status.success(), "{id}: {}", words(&output));
    }
    shop.edit("nightclerk.toml", "listen = ", &format!("public_url = \"{URL}\"\nlisten = "));
    let output = shop.run(&["doctor"]);
    let found = words(&output);
    assert!(output.status.success() && !found.contains("ILL"), "{found}");
    for finding in ["@night_bot", "Night Tea House", "the webhook is set", "the account is +1 555-078-3881"] {
        assert!(found.contains(finding), "{finding}: {found}");
    }
    writeln!(peer.stdin.take().unwrap(), "done").unwrap();
    let mut complaint = String::new();
    peer.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert!(peer.wait().unwrap().success(), "{complaint}");
}
