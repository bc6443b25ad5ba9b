//! The sample sites of `packaging/`, run by the real programs, with TLS.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::harness::{Daemon, eventually, root, visitor::shop};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The name in the samples.
const SITE: &str = "clerk.shop.example";

/// A proxy in front of a daemon; ended when dropped.
struct Proxy {
    child: Child,
    port: u16,
    dir: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether the programs are there; which are not is said.
fn are_there(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|it| Command::new(it).arg("--help").output().is_err());
    if let Some(missing) = missing {
        println!("skipped: there is no {missing}");
    }
    missing.is_none()
}

/// A certificate for the site, made on the spot: itself and its key.
fn certificate(dir: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (dir.join("site.pem"), dir.join("site.key"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", &format!("/CN={SITE}"), "-addext", &format!("subjectAltName=DNS:{SITE}")])
        .arg("-out")
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (certificate, key)
}

/// A sample with the places of this test in the stead of the sample's; each must be there.
fn adapted(file: &str, places: &[(&str, &str)]) -> String {
    let text = fs::read_to_string(root().join("packaging").join(file)).unwrap();
    places.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{file} has no `{from}`");
        text.replace(from, to)
    })
}

impl Proxy {
    fn nginx(daemon: &Daemon) -> Option<Self> {
        let program = ["/usr/sbin/nginx", "nginx"].into_iter().find(|it| Command::new(it).arg("-v").output().is_ok());
        if program.is_none() {
            println!("skipped: there is no nginx; `apt-get install nginx-light` brings it");
        }
        let (program, dir, port) = (program?, TempDir::new().unwrap(), free_port());
        let (certificate, key) = certificate(dir.path());
        let at = dir.path().display();
        let site = adapted(
            "nginx.conf",
            &[
                ("127.0.0.1:8080", daemon.public.as_str()),
                ("listen 443 ssl;", &format!("listen 127.0.0.1:{port} ssl;")),
                ("listen 80;", &format!("listen 127.0.0.1:{};", free_port())),
                ("    listen [::]:443 ssl;\n", ""),
                ("    listen [::]:80;\n", ""),
                ("/etc/letsencrypt/live/clerk.shop.example/fullchain.pem", certificate.to_str().unwrap()),
                ("/etc/letsencrypt/live/clerk.shop.example/privkey.pem", key.to_str().unwrap()),
            ],
        );
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {at}/{kind};\n"))
            .concat();
        let whole = format!(
            "daemon off; pid {at}/pid; error_log {at}/log; events {{}} http {{ access_log off; {temporary} {site} }}"
        );
        fs::write(dir.path().join("nginx.conf"), whole).unwrap();
        let mut command = Command::new(program);
        command.args(["-p", &at.to_string(), "-e", &format!("{at}/log"), "-c", &format!("{at}/nginx.conf")]);
        Some(Self::run(command, port, dir))
    }

    fn caddy(daemon: &Daemon) -> Option<Self> {
        if !are_there(&["caddy"]) {
            return None;
        }
        let (dir, port) = (TempDir::new().unwrap(), free_port());
        let (certificate, key) = certificate(dir.path());
        let opening = format!(
            "{{\n\tadmin off\n\tauto_https disable_redirects\n}}\nhttps://{SITE}:{port} {{\n\ttls {} {}\n",
            certificate.display(),
            key.display()
        );
        let places = [("127.0.0.1:8080", daemon.public.as_str()), ("clerk.shop.example {\n", &opening)];
        fs::write(dir.path().join("Caddyfile"), adapted("Caddyfile", &places)).unwrap();
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(dir.path().join("Caddyfile"));
        command.envs([("HOME", dir.path()), ("XDG_DATA_HOME", dir.path()), ("XDG_CONFIG_HOME", dir.path())]);
        Some(Self::run(command, port, dir))
    }

    fn run(mut command: Command, port: u16, dir: TempDir) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, port, dir }
    }

    fn url(&self, path: &str) -> String {
        format!("https://{SITE}:{}{path}", self.port)
    }

    /// Asks as a browser does that trusts the site's certificate: what came back, head and body.
    fn ask(&self, path: &str, more: &[&str]) -> String {
        let mut curl = Command::new("curl");
        curl.args(["-s", "-i", "--max-time", "10", "--resolve", &format!("{SITE}:{}:127.0.0.1", self.port)]);
        curl.arg("--cacert").arg(self.dir.path().join("site.pem")).args(more).arg(self.url(path));
        String::from_utf8_lossy(&curl.output().unwrap().stdout).into_owned()
    }

    /// What the samples promise.
    async fn carries_the_chat_the_webhooks_and_nothing_else(&self) {
        eventually("the proxy answers", async || self.ask("/readyz", &[]).contains("ready\n").then_some(())).await;
        let page = self.ask("/chat/", &[]).to_lowercase();
        let cookie =
            page.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap_or_else(|| panic!("{page}"));
        assert!(cookie.contains("secure"), "the page is known to have come by TLS: {cookie}");
        let cookie = format!("cookie: {}", cookie.split(';').next().unwrap());
        let own = format!("origin: https://{SITE}:{}", self.port);
        let words = ["-H", &cookie, "-H", "content-type: application/json", "-d", r#"{"id":"1","text":"hi"}"#];
        let said = self.ask("/chat/messages", &[&["-H", own.as_str()], &words[..]].concat());
        assert!(said.contains(" 202"), "what the page itself says is taken: {said}");
        let foreign = self.ask("/chat/messages", &[&["-H", "origin: https://evil.example"], &words[..]].concat());
        assert!(foreign.contains(" 403"), "{foreign}");
        // Stays open; what it has to say comes at once, not when it ends.
        let heard = self.ask("/chat/events", &["-N", "--max-time", "3", "-H", &cookie]);
        assert!(heard.contains("text/event-stream") && heard.contains("\"id\":\"1\""), "{heard}");
        assert!(self.ask("/hooks/nobody", &["-d", "{}"]).contains(" 404"));
        let picture = self.dir.path().join("picture");
        fs::write(&picture, [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![0; 4 << 20]].concat()).unwrap();
        let picture = format!("@{}", picture.display());
        let headers =
            ["-H", &cookie, "-H", "content-type: image/png", "-H", "message-id: 2", "--data-binary", &picture];
        let sent = self.ask("/chat/pictures", &[&["-H", own.as_str()], &headers[..]].concat());
        assert!(sent.contains(" 202"), "a visitor's picture is not too large: {sent}");
    }
}

#[tokio::test]
async fn the_sample_site_for_nginx_carries_all_that_a_shop_needs() {
    if !are_there(&["curl", "openssl"]) {
        return;
    }
    let shop = shop();
    let daemon = shop.start().await;
    let Some(proxy) = Proxy::nginx(&daemon) else { return };
    proxy.carries_the_chat_the_webhooks_and_nothing_else().await;
}

#[tokio::test]
async fn the_sample_site_for_caddy_carries_all_that_a_shop_needs() {
    if !are_there(&["curl", "openssl"]) {
        return;
    }
    let shop = shop();
    let daemon = shop.start().await;
    let Some(proxy) = Proxy::caddy(&daemon) else { return };
    proxy.carries_the_chat_the_webhooks_and_nothing_else().await;
}
