//! What the owner of a store may rely on who takes a plugin from somebody else.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread,
};

use crate::harness::{Daemon, Shop, eventually, generic::shop_talking_to, platform::Platform};
use http::Method;
use serde_json::Value;

fn text(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A path as an argument.
fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What the author of a plugin has beside the store.
struct Author<'a> {
    shop: &'a Shop,
    dir: PathBuf,
}

impl<'a> Author<'a> {
    fn of(shop: &'a Shop) -> Self {
        // The engine is compiled once and for all commands.
        shop.compiled();
        let dir = shop.config().with_file_name("author");
        fs::create_dir(&dir).unwrap();
        Self { shop, dir }
    }

    fn write(&self, file: &str, text: &str) -> PathBuf {
        fs::write(self.dir.join(file), text).unwrap();
        self.dir.join(file)
    }

    /// A new key's file, and its public half.
    fn key(&self, file: &str) -> (PathBuf, String) {
        let path = self.dir.join(file);
        let made = text(&self.shop.run(&["plugin", "keygen", arg(&path)]));
        let key = made.split('"').nth(1).unwrap_or_else(|| panic!("{made}")).to_owned();
        (path, key)
    }

    fn sign(&self, file: &Path, key: &Path) {
        let signed = self.shop.run(&["plugin", "sign", arg(file), "--key", arg(key)]);
        assert!(signed.status.success(), "{}", text(&signed));
    }
}

async fn status(daemon: &Daemon, name: &str) -> Value {
    let all = daemon.admin(Method::GET, "/v1/plugins").await.json();
    all.as_array().unwrap().iter().find(|it| it["name"] == name).cloned().unwrap_or(Value::Null)
}

const HELLO: &str = r#"
export const manifest = { version: "1.0.0", capabilities: ["reply", "kv"] };
export function welcome() { clerk.kv.set("greeted", "yes"); return "one"; }
"#;

#[test]
fn a_key_is_readable_by_its_owner_alone_and_is_never_written_over() {
    let shop = Shop::new();
    let author = Author::of(&shop);
    let (file, public) = author.key("secret.key");
    assert!(public.starts_with("ed25519:"), "{public}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let secret = fs::read_to_string(&file).unwrap();
    let again = shop.run(&["plugin", "keygen", arg(&file)]);
    assert!(!again.status.success() && text(&again).contains("is there already"), "{}", text(&again));
    assert_eq!(fs::read_to_string(&file).unwrap(), secret);
    let public_as_secret = author.write("public.key", &public);
    let hello = author.write("hello.js", HELLO);
    let signed = shop.run(&["plugin", "sign", arg(&hello), "--key", arg(&public_as_secret)]);
    assert!(text(&signed).contains("holds no secret key"), "{}", text(&signed));
    let secret_word = secret.trim().rsplit(':').next().unwrap();
    shop.edit("nightclerk.toml", "[plugins]", &format!("[plugins]\ntrust = [\"ed25519:{secret_word}x\"]"));
    let checked = shop.run(&["check"]);
    assert!(text(&checked).contains("this is no public key"), "{}", text(&checked));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_some_are_trusted_nothing_else_is_loaded_and_everybody_says_so() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let author = Author::of(&shop);
    let (key, public) = author.key("mine.key");
    let (other_key, _) = author.key("other.key");
    shop.edit("nightclerk.toml", "[plugins]", &format!("[plugins]\ntrust = [\"{public}\"]"));
    shop.write("plugins.toml", "[hello]\ngrants = [\"reply\", \"kv\"]\n[greeting]\ngrants = [\"reply\"]\n");
    let hello = shop.plugins().join("hello.js");
    fs::write(&hello, HELLO).unwrap();
    let is_refused = |said: String, why: &str| assert!(said.contains(why), "{why} is not in {said}");
    for command in [&["check"][..], &["plugin", "check"], &["plugin", "list"]] {
        is_refused(text(&shop.run(command)), "it is not signed (no .sig lies beside it)");
    }
    assert!(!shop.run(&["check"]).status.success());
    author.sign(&hello, &other_key);
    for command in [&["check"][..], &["plugin", "check"], &["plugin", "list"]] {
        is_refused(text(&shop.run(command)), "and `trust` in [plugins] names others");
    }
    assert!(!shop.run(&["plugin", "verify", "hello"]).status.success());

    let daemon = shop.start().await;
    eventually("the refusal", async || {
        let status = status(&daemon, "hello").await;
        (status["state"] == "refused" && status["reason"].as_str()?.contains("names others")).then_some(())
    })
    .await;
    // What comes with the clerk is as good as the clerk, but not what takes its place.
    assert_eq!(status(&daemon, "greeting").await["state"], "active");
    fs::write(shop.plugins().join("greeting.js"), "export const welcome = () => 'not mine'\n").unwrap();
    eventually("the refusal of the other greeting", async || {
        status(&daemon, "greeting").await["reason"].as_str()?.contains("is not signed").then_some(())
    })
    .await;
    assert_eq!(status(&daemon, "greeting").await["state"], "active", "the shipped one goes on");

    author.sign(&hello, &key);
    let verified = shop.run(&["plugin", "verify", "hello"]);
    assert!(verified.status.success() && text(&verified).contains(&public), "{}", text(&verified));
    let is_active = async || (status(&daemon, "hello").await["state"] == "active").then_some(());
    for _ in 0..3 {
        // The engine may have to be compiled for the daemon.
        if tokio::time::timeout(crate::harness::PATIENCE, eventually("the signed one", is_active)).await.is_ok() {
            break;
        }
    }
    // Changed behind the signature: what runs goes on.
    fs::write(&hello, HELLO.replace("one", "two")).unwrap();
    eventually("the refusal of the changed one", async || {
        status(&daemon, "hello").await["reason"].as_str()?.contains("changed after it was signed").then_some(())
    })
    .await;
    assert_eq!(status(&daemon, "hello").await["state"], "active");
    assert!(!shop.run(&["plugin", "verify", "hello"]).status.success());
    // A name is signed, too.
    fs::rename(&hello, shop.plugins().join("other.js")).unwrap();
    fs::rename(shop.plugins().join("hello.js.sig"), shop.plugins().join("other.js.sig")).unwrap();
    eventually("the refusal of the renamed one", async || {
        status(&daemon, "other").await["reason"].as_str()?.contains("another name").then_some(())
    })
    .await;
}

/// Answers every request for one of the files, until the test ends; the port.
fn server(files: Vec<(&'static str, Vec<u8>)>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut byte = [0; 1];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                request.extend(byte);
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let answer = match files.iter().find(|(name, _)| path == *name) {
                _ if path == "/latest/hello.js" => {
                    b"HTTP/1.1 302 Found\r\nlocation: /hello.js\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                        .to_vec()
                }
                Some((_, bytes)) => {
                    let head =
                        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", bytes.len());
                    [head.into_bytes(), bytes.clone()].concat()
                }
                None => b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec(),
            };
            let _ = stream.write_all(&answer);
        }
    });
    port
}

#[test]
fn a_plugin_is_installed_only_once_its_owner_has_seen_what_it_may_do() {
    let shop = Shop::new();
    let author = Author::of(&shop);
    let hello = author.write("hello.js", HELLO);
    let place = shop.plugins().join("hello.js");
    let lock = shop.plugins().join("plugins.lock");

    let asked = shop.run(&["plugin", "install", arg(&hello)]);
    assert!(!asked.status.success() && text(&asked).contains("there is nobody to ask"), "{}", text(&asked));
    assert!(text(&asked).contains("answer customers in the clerk's place"), "{}", text(&asked));
    assert!(!place.exists() && !lock.exists());

    let installed = shop.run(&["plugin", "install", arg(&hello), "--yes"]);
    assert!(installed.status.success(), "{}", text(&installed));
    assert!(text(&installed).contains("it waits: add [hello] to plugins.toml"), "{}", text(&installed));
    assert_eq!(fs::read_to_string(&place).unwrap(), HELLO);
    let locked: toml::Table = toml::from_str(&fs::read_to_string(&lock).unwrap()).unwrap();
    assert_eq!(locked["hello"]["source"].as_str(), Some(arg(&hello)));
    assert_eq!(locked["hello"]["wishes"].as_array().unwrap().len(), 2);
    assert_eq!(locked["hello"]["sha256"].as_str().unwrap().len(), 64);

    // A new version shows what it wants more, and a bad one changes nothing.
    let newer = author.write("hello.js", &HELLO.replace("\"kv\"", "\"kv\", \"orders:any\"").replace("1.0.0", "2.0.0"));
    let shown = shop.run(&["plugin", "install", arg(&newer)]);
    assert!(text(&shown).contains("+ read the orders of all customers (orders:any; not granted)"), "{}", text(&shown));
    for (bad, why) in [("oops(;", "hello.js:1:"), ("export const welcome = () => { throw 1 }", "its trial call")] {
        author.write("hello.js", bad);
        let refused = shop.run(&["plugin", "install", arg(&newer), "--yes"]);
        assert!(!refused.status.success() && text(&refused).contains(why), "{}", text(&refused));
        assert_eq!(fs::read_to_string(&place).unwrap(), HELLO);
    }
    shop.write("plugins.toml", "[hello]\ngrants = [\"reply\"]\n[hello.settings]\nnobody = 1\n");
    author.write("hello.js", &HELLO.replace("one", "two"));
    let unfit = shop.run(&["plugin", "install", arg(&newer), "--yes"]);
    assert!(!unfit.status.success(), "{}", text(&unfit));
    assert_eq!(fs::read_to_string(&place).unwrap(), HELLO);
    assert_eq!(fs::read_dir(shop.plugins()).unwrap().count(), 2, "nothing is left lying about");

    shop.write("plugins.toml", "[hello]\ngrants = [\"reply\"]\n");
    let removed = shop.run(&["plugin", "remove", "hello"]);
    assert!(removed.status.success(), "{}", text(&removed));
    assert!(text(&removed).contains("plugins.toml still has its entry [hello]"), "{}", text(&removed));
    assert!(!place.exists() && shop.plugins().join("removed/hello.js").exists());
    assert!(!fs::read_to_string(&lock).unwrap().contains("hello.js"));
    let again = shop.run(&["plugin", "remove", "hello"]);
    assert!(text(&again).contains("has no plugin `hello`"), "{}", text(&again));
    let shipped = shop.run(&["plugin", "remove", "greeting"]);
    assert!(text(&shipped).contains("nightclerk plugin disable greeting"), "{}", text(&shipped));
}

#[test]
fn a_plugin_is_fetched_over_https_or_from_this_machine_where_that_was_said_with_what_vouches_for_it() {
    let shop = Shop::new();
    let author = Author::of(&shop);
    let (key, public) = author.key("mine.key");
    let hello = author.write("hello.js", HELLO);
    author.sign(&hello, &key);
    let signatures = fs::read(author.dir.join("hello.js.sig")).unwrap();
    let large = vec![b' '; 2 << 20];
    let port = server(vec![
        ("/hello.js", HELLO.as_bytes().to_vec()),
        ("/hello.js.sig", signatures),
        ("/other.js", HELLO.as_bytes().to_vec()),
        ("/large.js", large),
    ]);
    shop.edit("nightclerk.toml", "[plugins]", &format!("[plugins]\ntrust = [\"{public}\"]"));
    let install = |path: &str, more: &[&str]| {
        let url = format!("http://127.0.0.1:{port}{path}");
        let command = [&["plugin", "install", url.as_str(), "--yes"], more].concat();
        shop.run(&command)
    };
    let guarded = install("/hello.js", &[]);
    assert!(!guarded.status.success() && text(&guarded).contains("only https"), "{}", text(&guarded));
    let allowed = &["--allow-loopback"][..];
    for (path, why) in [
        ("/other.js", "it is not signed"),
        ("/large.js", "longer than"),
        ("/none.js", "404"),
        ("/hello.txt", "no plugin's file"),
    ] {
        let refused = install(path, allowed);
        assert!(!refused.status.success() && text(&refused).contains(why), "{path}: {}", text(&refused));
    }
    assert_eq!(fs::read_dir(shop.plugins()).unwrap().count(), 0);
    let installed = install("/latest/hello.js", allowed);
    assert!(!installed.status.success(), "what vouches for it lies beside its address: {}", text(&installed));
    let installed = install("/hello.js", allowed);
    assert!(installed.status.success(), "{}", text(&installed));
    assert!(shop.run(&["plugin", "verify", "hello"]).status.success());
    let lock = fs::read_to_string(shop.plugins().join("plugins.lock")).unwrap();
    assert!(lock.contains(&format!("source = \"http://127.0.0.1:{port}/hello.js\"")), "{lock}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_kept_goes_with_it_only_where_that_is_said() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let _cached = Author::of(&shop);
    shop.write("plugins.toml", "[hello]\ngrants = [\"reply\", \"kv\"]\n");
    fs::write(shop.plugins().join("hello.js"), HELLO).unwrap();
    // Compiles the engine, so that the daemon waits for nothing.
    assert!(shop.run(&["plugin", "check", arg(&shop.plugins().join("hello.js"))]).status.success());
    let daemon = shop.start().await;
    eventually("the plugin", async || (status(&daemon, "hello").await["state"] == "active").then_some(())).await;
    daemon.say("m1", "ana", "Hello").await;
    eventually("the answer", async || (!platform.received().is_empty()).then_some(())).await;
    let removed = text(&shop.run(&["plugin", "remove", "hello"]));
    assert!(removed.contains("what it kept of its own is kept"), "{removed}");
    let removed = text(&shop.run(&["plugin", "remove", "hello", "--keys"]));
    assert!(removed.contains("1 keys of its own are deleted"), "{removed}");
    drop(daemon);
    let removed = text(&shop.run(&["plugin", "remove", "hello", "--keys"]));
    assert!(removed.contains("0 keys of its own are deleted"), "{removed}");
}
