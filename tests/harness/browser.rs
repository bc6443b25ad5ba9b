//! Chromium, driven by its own WebDriver (W3C WebDriver, JSON over HTTP).

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{client, eventually};

// Keys without a character (WebDriver, section 17.4.2).
pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const SHIFT_TAB: &str = "\u{e008}\u{e004}";

pub const PHONE: Look = Look { width: 390, height: 844, is_dark: false };
pub const DESKTOP: Look = Look { width: 1280, height: 800, is_dark: false };

/// What it is looked at with.
#[derive(Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub is_dark: bool,
}

/// One browser with a profile of its own.
pub struct Browser {
    session: String,
    client: Client<HttpConnector, Full<Bytes>>,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    pub async fn open(look: Look) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is on the path");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .find_map(|line| Some(line.ok()?.split("successfully on port ").nth(1)?.trim_end_matches('.').to_owned()))
            .expect("chromedriver says its port");
        std::thread::spawn(move || lines.for_each(drop));
        let profile = TempDir::new().unwrap();
        let Look { width, height, is_dark } = look;
        let mut arguments = vec![
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--accept-lang=en-GB".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
            format!("--window-size={width},{height}"),
        ];
        if is_dark {
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let options = json!({ "args": arguments });
        let capabilities = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let base = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { session: base, client: client(), driver, _profile: profile };
        let made = browser.post("", json!({ "capabilities": { "alwaysMatch": capabilities } })).await;
        browser.session = format!("{}/{}", browser.session, made["sessionId"].as_str().unwrap());
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        let command = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics });
        browser.post("/goog/cdp/execute", command).await;
        browser
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = Request::builder().method(method).uri(format!("{}{path}", self.session));
        let request = request.header("content-type", "application/json").body(Full::new(body)).unwrap();
        let response = self.client.request(request).await.expect("chromedriver answers");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let value = serde_json::from_slice::<Value>(&body).unwrap()["value"].take();
        assert!(value["error"].is_null(), "{path}: {} {}", value["error"], value["message"]);
        value
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn go(&self, url: &str) {
        self.post("/url", json!({ "url": url })).await;
    }

    pub async fn reload(&self) {
        self.post("/refresh", json!({})).await;
    }

    /// Runs a script and gives what it returns.
    pub async fn js(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Waits until an expression is true.
    pub async fn until(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        eventually(expression, async || (self.js(&script).await == json!(true)).then_some(())).await;
    }

    async fn element(&self, expression: &str) -> Value {
        self.js(&format!("return {expression}")).await
    }

    async fn at(&self, element: &Value, what: &str, body: Value) {
        let id = element.as_object().and_then(|it| it.values().next()).and_then(Value::as_str).expect("an element");
        self.post(&format!("/element/{id}/{what}"), body).await;
    }

    /// Types into what has the focus, as a keyboard does.
    pub async fn keys(&self, keys: &str) {
        let active = self.call(Method::GET, "/element/active", None).await;
        self.at(&active, "value", json!({ "text": keys })).await;
    }

    pub async fn say(&self, words: &str) {
        self.keys(&format!("{words}{ENTER}")).await;
    }

    pub async fn click(&self, css: &str) {
        let element = self.element(&format!("document.querySelector({})", json!(css))).await;
        self.at(&element, "click", json!({})).await;
    }

    pub async fn choose_file(&self, css: &str, file: &Path) {
        let element = self.element(&format!("document.querySelector({})", json!(css))).await;
        self.at(&element, "value", json!({ "text": file.to_str().unwrap() })).await;
    }

    /// Opens a second tab and looks at it; the first one's handle.
    pub async fn open_tab(&self) -> String {
        let first = self.call(Method::GET, "/window", None).await;
        let second = self.post("/window/new", json!({ "type": "tab" })).await;
        self.switch_to(second["handle"].as_str().unwrap()).await;
        first.as_str().unwrap().to_owned()
    }

    pub async fn switch_to(&self, handle: &str) {
        self.post("/window", json!({ "handle": handle })).await;
    }

    pub async fn enter_frame(&self, expression: &str) {
        let frame = self.element(expression).await;
        self.post("/frame", json!({ "id": frame })).await;
    }

    pub async fn leave_frame(&self) {
        self.post("/frame/parent", json!({})).await;
    }

    /// How many elements there are.
    pub async fn count(&self, css: &str) -> u64 {
        self.js(&format!("return document.querySelectorAll({}).length", json!(css))).await.as_u64().unwrap()
    }

    /// The id of what has the focus, or its kind.
    pub async fn focused(&self) -> String {
        let active = self.js("return document.activeElement.id || document.activeElement.localName").await;
        active.as_str().unwrap().to_owned()
    }

    /// What the console said since the last time, errors alone.
    pub async fn errors(&self) -> Vec<String> {
        let entries = self.post("/se/log", json!({ "type": "browser" })).await;
        let errors = entries.as_array().into_iter().flatten().filter(|entry| entry["level"] == "SEVERE");
        errors.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Leaves a picture where `NIGHTCLERK_SHOTS` says.
    pub async fn shot(&self, name: &str) {
        use base64::{Engine, engine::general_purpose::STANDARD};
        if let Some(folder) = std::env::var_os("NIGHTCLERK_SHOTS") {
            let picture = self.call(Method::GET, "/screenshot", None).await;
            let picture = STANDARD.decode(picture.as_str().unwrap()).unwrap();
            std::fs::write(Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
        }
    }

    /// The rules of accessibility that are broken (axe-core's: WCAG 2.2 and best practices).
    pub async fn broken_rules(&self) -> Vec<String> {
        let path = std::env::var("NIGHTCLERK_AXE").expect("NIGHTCLERK_AXE names axe.min.js");
        self.js(&std::fs::read_to_string(path).unwrap()).await;
        let script = "const done = arguments[0]; axe.run().then((found) => done(found.violations
            .map((it) => it.id + ': ' + it.nodes.map((node) => node.html).join(' | '))))";
        let found = self.post("/execute/async", json!({ "script": script, "args": [] })).await;
        serde_json::from_value(found).unwrap()
    }

    pub async fn close(self) {
        self.call(Method::DELETE, "", None).await;
    }
}

impl Drop for Browser {
    /// Asked to stop, the driver takes Chromium with it; killed, it would leave it behind.
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.driver), Signal::TERM);
        let _ = self.driver.wait();
    }
}
