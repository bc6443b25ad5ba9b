//! A shop to test in: the real binary on a folder of its own, a platform that records what it is sent, and
//! the signatures platforms make.

#![allow(dead_code, reason = "each test file uses its own part of the harness")]

pub mod browser;
pub mod chat;
mod compiled;
pub mod desk;
pub mod generic;
pub mod nginx;
pub mod platform;
pub mod platforms;
pub mod sign;
pub mod visitor;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take before a test gives up; generous, as machines are noisy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a plugin or the script engine may take to be compiled, where all is unoptimised and other tests run beside it.
pub const ENGINE: Duration = Duration::from_secs(120);

/// The plugins that come with the clerk.
pub const SHIPPED: [&str; 4] = ["greeting", "payment-reminder", "review-request", "shipping-notice"];

/// The token of every test shop's admin API.
pub const ADMIN_TOKEN: &str = "test-admin-token";

/// A store's folder: configuration, plugins, data.
pub struct Shop {
    dir: TempDir,
}

impl Shop {
    /// The shipped configuration, on free ports, with data and a plugins folder of its own, no channels, and no word
    /// of plugins, so that none is asked.
    pub fn new() -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let shop = Self { dir };
        fs::create_dir_all(shop.config()).unwrap();
        fs::create_dir_all(shop.plugins()).unwrap();
        for entry in fs::read_dir(root().join("config")).unwrap() {
            let entry = entry.unwrap();
            // The owner's scenarios are of the configuration as it is shipped.
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), shop.config().join(entry.file_name())).unwrap();
            }
        }
        shop.write(
            "nightclerk.toml",
            &format!(
                r#"
                [server]
                listen = "127.0.0.1:0"
                [admin]
                listen = "127.0.0.1:0"
                token = "{ADMIN_TOKEN}"
                [data]
                dir = "../var"
                [plugins]
                dir = "../plugins"
                [outbox]
                first_backoff = "50ms"
                max_backoff = "500ms"
                "#
            ),
        );
        shop.write("channels.toml", "");
        shop.write("plugins.toml", "");
        shop
    }

    /// Lets the shipped plugins do what the shipped configuration lets them do.
    pub fn with_plugins(self) -> Self {
        fs::copy(root().join("config/plugins.toml"), self.config().join("plugins.toml")).unwrap();
        if other_components().is_some() {
            for name in SHIPPED {
                fs::copy(built_plugin(name), self.plugins().join(format!("{name}.wasm"))).unwrap();
            }
        }
        self
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("config")
    }

    pub fn plugins(&self) -> PathBuf {
        self.dir.path().join("plugins")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("var")
    }

    /// Writes a configuration file.
    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.config().join(file), text).unwrap();
    }

    /// Replaces a text in a configuration file; it must be there.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.config().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Runs a command of the binary on this shop.
    pub fn run(&self, arguments: &[&str]) -> std::process::Output {
        self.command().args(arguments).output().expect("the binary runs")
    }

    /// A command of the binary on this shop, still to be given its arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nightclerk"));
        command.arg("--config").arg(self.config()).env_remove("NIGHTCLERK_LOG").env("NIGHTCLERK_LANGUAGE", "en");
        command
    }

    /// Starts the daemon and waits until it takes webhooks.
    pub async fn start(&self) -> Daemon {
        self.start_with(&[]).await
    }

    /// Starts it with other environment variables.
    pub async fn start_with(&self, variables: &[(&str, &str)]) -> Daemon {
        self.start_as(self.command().arg("serve").envs(variables.iter().copied())).await
    }

    /// Starts it by way of another program, to which its command line is given.
    pub async fn start_under(&self, program: &mut Command) -> Daemon {
        let own = self.command();
        let program = program.arg(own.get_program()).args(own.get_args()).arg("serve");
        self.start_as(program.env_remove("NIGHTCLERK_LOG")).await
    }

    /// Starts whatever runs the daemon on this shop.
    pub async fn start_as(&self, command: &mut Command) -> Daemon {
        if !self.data().exists() {
            self.compiled();
        }
        let addresses = self.data().join("daemon.json");
        let _ = fs::remove_file(&addresses);
        let log = fs::OpenOptions::new().create(true).append(true).open(self.dir.path().join("log")).unwrap();
        let child = command
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(Stdio::from(log))
            .spawn()
            .expect("the binary starts");
        let mut daemon = Daemon { child, public: String::new(), admin: String::new(), client: client() };
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = daemon.child.try_wait().unwrap() {
                panic!("the daemon ended with {status}:\n{}", self.log());
            }
            if let Some(found) = fs::read(&addresses).ok().and_then(|it| serde_json::from_slice::<Value>(&it).ok()) {
                daemon.public = found["public"].as_str().unwrap().to_owned();
                daemon.admin = found["admin"].as_str().unwrap().to_owned();
                if daemon.get("/readyz").await.is_ok_and(|answer| answer.status == StatusCode::OK) {
                    return daemon;
                }
            }
            assert!(Instant::now() < deadline, "the daemon is not ready:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until a daemon of this shop has logged this: its log has a thread of its own, which may come to it later.
    pub async fn logged(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.log().contains(text) {
            assert!(Instant::now() < deadline, "`{text}` is not in the log:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// All that daemons of this shop have logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

/// A running daemon; killed when dropped.
pub struct Daemon {
    child: Child,
    pub public: String,
    pub admin: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

pub type CallResult = Result<Answer, hyper_util::client::legacy::Error>;

impl Daemon {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub async fn get(&self, path: &str) -> CallResult {
        self.call(Method::GET, &format!("http://{}{path}", self.public), &[], Bytes::new()).await
    }

    /// Sends a webhook.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> CallResult {
        self.call(Method::POST, &format!("http://{}{path}", self.public), headers, body.into()).await
    }

    /// Asks the admin API.
    pub async fn admin(&self, method: Method, path: &str) -> Answer {
        let token = format!("Bearer {ADMIN_TOKEN}");
        let url = format!("http://{}{path}", self.admin);
        self.call(method, &url, &[("authorization", &token)], Bytes::new()).await.expect("the admin API answers")
    }

    /// Waits until this plugin is asked; a message that comes before is answered without it.
    pub async fn until_active(&self, plugin: &str) {
        eventually_for(ENGINE, plugin, async || {
            let all = self.admin(Method::GET, "/v1/plugins").await.json();
            all.as_array()?.iter().any(|it| it["name"] == plugin && it["state"] == "active").then_some(())
        })
        .await;
    }

    /// Asks the admin API with a body of this kind.
    pub async fn admin_with(&self, method: Method, path: &str, kind: &str, body: Bytes) -> Answer {
        let token = format!("Bearer {ADMIN_TOKEN}");
        let url = format!("http://{}{path}", self.admin);
        let headers = [("authorization", token.as_str()), ("content-type", kind)];
        self.call(method, &url, &headers, body).await.expect("the admin API answers")
    }

    pub async fn call(&self, method: Method, url: &str, headers: &[(&str, &str)], body: Bytes) -> CallResult {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.request(request.body(Full::new(body)).unwrap()).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(|it| it.to_bytes()).unwrap_or_default();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `SIGHUP`.
    pub fn hang_up(&self) {
        kill_process(Pid::from_child(&self.child), Signal::HUP).expect("it runs");
    }

    /// `SIGTERM`, and the exit status.
    pub fn terminate(mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("it runs");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the daemon does not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `look` finds something.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_for(PATIENCE, what, look).await
}

/// The same of something that takes its time.
pub async fn eventually_for<T>(patience: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn client() -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).build_http()
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The component of a shipped plugin.
pub fn built_plugin(name: &str) -> PathBuf {
    other_components().unwrap_or_else(|| root().join("plugins/dist")).join(format!("{name}.wasm"))
}

/// A folder with other components of the shipped plugins, to be tried in place of the tracked ones: what another
/// compiler made of the same sources.
fn other_components() -> Option<PathBuf> {
    std::env::var_os("NIGHTCLERK_TEST_PLUGINS").map(PathBuf::from)
}

/// A component that says it is this plugin, with these settings declared, and can do nothing: enough for what is told
/// from a file without running it.
pub fn component(name: &str, settings: &str) -> Vec<u8> {
    let manifest = format!(
        r#"{{"contract":"1.0","name":"{name}","version":"1.0.0","capabilities":["reply"],
            "settings":{settings}}}"#
    );
    let empty = wat::parse_str("(component)").expect("a component");
    nightclerk::plugin::contract::manifest::attach(&empty, manifest.as_bytes())
}

/// `kill -9` by process id, for a daemon that others still hold.
pub fn kill_9(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, Signal::KILL).expect("it runs");
}
