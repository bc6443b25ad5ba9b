//! The daemon under measurement: this same binary, on a store of its own.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use miette::{IntoDiagnostic, Report, WrapErr, miette};
use rustix::process::{Pid, Signal, kill_process};

use super::{
    messages::{Kind, SECRET, TELEGRAM_SECRET},
    process::Process,
};
use crate::{clock, daemon::address_file::Addresses, setting::Secret, webhook::standard::SigningKey};

/// A token in the form of Telegram's, of no bot there is.
const TELEGRAM_TOKEN: &str = "123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0";

/// A folder with a configuration for the bench.
pub struct Site {
    pub dir: PathBuf,
}

impl Site {
    /// Copies the configuration in `config` and the plugins in `plugins` into `dir`, with a generic and a
    /// Telegram channel that answer to `api`, and without the storm guard, which would rightly stop the bench.
    pub fn lay(dir: &Path, config: &Path, plugins: &Path, api: SocketAddr) -> Result<Self, Report> {
        let site = Self { dir: dir.to_owned() };
        for folder in [site.config(), site.plugins()] {
            fs::create_dir_all(folder).into_diagnostic()?;
        }
        copy_all(config, &site.config(), "toml")?;
        copy_all(plugins, &site.plugins(), "wasm")?;
        let settings = "[server]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"\n\
                        [data]\ndir = \"../var\"\n[plugins]\ndir = \"../plugins\"\n[log]\nlevel = \"warn\"\n";
        fs::write(site.config().join("nightclerk.toml"), settings).into_diagnostic()?;
        let channel = format!(
            "[[channel]]\nid = \"bench\"\nkind = \"standard-webhooks\"\nsecrets = [\"{SECRET}\"]\n\
             reply_url = \"http://{api}/replies\"\nallow_private_targets = true\nper_second = 1000000\n\
             [[channel]]\nid = \"bench-telegram\"\nkind = \"telegram\"\ntoken = \"{TELEGRAM_TOKEN}\"\n\
             secret_token = \"{TELEGRAM_SECRET}\"\napi_base = \"http://{api}\"\nallow_private_targets = true\n\
             per_second = 1000000\n"
        );
        fs::write(site.config().join("channels.toml"), channel).into_diagnostic()?;
        edit(&site.config().join("store.toml"), fit_store)?;
        edit(&site.config().join("rules.toml"), fit_rules)?;
        Ok(site)
    }

    pub fn config(&self) -> PathBuf {
        self.dir.join("config")
    }

    pub fn plugins(&self) -> PathBuf {
        self.dir.join("plugins")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.join("var")
    }

    /// Starts the daemon; returns it with the time from its start to the first accepted webhook.
    pub fn start(&self) -> Result<(Daemon, Duration), Report> {
        self.start_as(Command::new(std::env::current_exe().into_diagnostic()?), Duration::from_secs(60))
    }

    /// The same as `start` by a command that takes the daemon's arguments, which may take so long.
    pub fn start_as(&self, mut command: Command, patience: Duration) -> Result<(Daemon, Duration), Report> {
        let addresses = self.data().join(Addresses::FILE);
        let _ = fs::remove_file(&addresses);
        let began = Instant::now();
        let child = command
            .arg("--config")
            .arg(self.config())
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .into_diagnostic()
            .wrap_err("the daemon does not start")?;
        let mut daemon = Daemon { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        loop {
            if let Some(found) =
                fs::read(&addresses).ok().and_then(|bytes| serde_json::from_slice::<Addresses>(&bytes).ok())
            {
                daemon.address = found.public.parse().into_diagnostic()?;
                if answers(daemon.address) {
                    return Ok((daemon, began.elapsed()));
                }
            }
            if let Some(status) = daemon.child.try_wait().into_diagnostic()? {
                return Err(miette!("the daemon ended at once: {status}"));
            }
            if began.elapsed() > patience {
                return Err(miette!("the daemon is not ready after {} s", patience.as_secs()));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }
}

/// Whether the server takes a webhook: one that is genuine, and of a kind that means nothing to it, so that it stores none
/// and warns of none.
fn answers(address: SocketAddr) -> bool {
    use std::io::{Read, Write};
    const BODY: &str = r#"{"type":"bench.knocked","timestamp":"2026-11-24T21:30:00Z","data":{}}"#;
    let Ok(key) = SigningKey::parse(&Secret::new(SECRET)) else { return false };
    let Ok(mut stream) = std::net::TcpStream::connect(address) else { return false };
    let path = Kind::StandardWebhooks.path();
    let seconds = (clock::now_ms() / 1000).to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nwebhook-id: knock\r\n\
         webhook-timestamp: {seconds}\r\nwebhook-signature: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{BODY}",
        key.sign("knock", &seconds, BODY.as_bytes()),
        BODY.len(),
    );
    let mut answer = [0; 10];
    stream.write_all(request.as_bytes()).is_ok() && stream.read_exact(&mut answer).is_ok() && &answer == b"HTTP/1.1 2"
}

/// Lets the clerk answer as often as it is asked, and has teams and people told on the bench's channel.
fn fit_store(store: &mut toml::Table) {
    let limits = store.entry("limits").or_insert_with(|| toml::Table::new().into());
    if let Some(limits) = limits.as_table_mut() {
        limits.insert("replies".to_owned(), 0.into());
    }
    for list in ["team", "person"] {
        for member in tables(store, list).filter(|it| it.contains_key("channel")) {
            member.insert("channel".to_owned(), "bench".into());
        }
    }
}

/// Has rules that hold on some channels hold on the bench's.
fn fit_rules(rules: &mut toml::Table) {
    for rule in tables(rules, "rule") {
        rule.remove("channels");
    }
}

/// The tables of a list.
fn tables<'a>(file: &'a mut toml::Table, list: &str) -> impl Iterator<Item = &'a mut toml::Table> {
    let list = file.get_mut(list).and_then(toml::Value::as_array_mut);
    list.into_iter().flatten().filter_map(toml::Value::as_table_mut)
}

/// Edits a file of the configuration.
fn edit(file: &Path, edit: impl FnOnce(&mut toml::Table)) -> Result<(), Report> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut table = text.parse().into_diagnostic().wrap_err_with(|| format!("{} cannot be read", file.display()))?;
    edit(&mut table);
    fs::write(file, table.to_string()).into_diagnostic()
}

/// Copies the files of a folder that end so.
pub fn copy_all(from: &Path, to: &Path, extension: &str) -> Result<(), Report> {
    let entries =
        fs::read_dir(from).into_diagnostic().wrap_err_with(|| format!("{} cannot be read", from.display()))?;
    for entry in entries {
        let path = entry.into_diagnostic()?.path();
        if path.extension().is_some_and(|it| it == extension)
            && let Some(name) = path.file_name()
        {
            fs::copy(&path, to.join(name)).into_diagnostic()?;
        }
    }
    Ok(())
}

/// A server in a process of its own; ended when dropped.
pub struct Daemon {
    pub child: Child,
    pub address: SocketAddr,
}

impl Daemon {
    /// Starts the bare server that answers to `api`.
    pub fn bare(api: SocketAddr) -> Result<Self, Report> {
        use std::io::{BufRead, BufReader};
        let mut child = Command::new(std::env::current_exe().into_diagnostic()?)
            .args(["bench", "--bare", &api.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .into_diagnostic()?;
        let stdout = child.stdout.take().ok_or_else(|| miette!("the bare server has no output"))?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).into_diagnostic()?;
        let address = line.trim().parse().into_diagnostic().wrap_err("the bare server does not say where it is")?;
        Ok(Self { child, address })
    }

    /// What the system knows it as.
    pub fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// Asks it to stop, and waits.
    pub fn stop(mut self) -> Result<(), Report> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).into_diagnostic()?;
        self.child.wait().into_diagnostic()?;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
