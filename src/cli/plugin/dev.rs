//! `nightclerk plugin dev`: a plugin while it is written, and a chat with the clerk that asks it.

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::{Duration, SystemTime},
};

use clap::Args;
use miette::{IntoDiagnostic, Report, miette};

use super::super::output::{Colour, field, paint, say};
use crate::{
    clock,
    daemon::{
        self,
        rehearsal::{Company, Failing},
    },
    model::Plugins,
    plugin::{
        contract::{files_of, plugin_name},
        host::{LogLine, PluginState, PluginStatus, folder},
        make::build,
    },
    rehearsal::{
        Played, Stage, Timed,
        scenario::When,
        talk::{COMMANDS, Talk},
        words,
    },
};

/// Between two looks at the sources.
const LOOK: Duration = Duration::from_millis(100);
/// Where what is built here lies in the data folder: no customer is answered with it.
const BUILT: &str = "plugin-dev";
/// Log lines that are looked through after each event.
const LINES: usize = 200;

#[derive(Args)]
pub struct DevArgs {
    /// The plugin's name, or its file or the folder of its sources.
    name: PathBuf,
    /// When it is, such as `23:30`; now unless given.
    #[arg(long, value_name = "TIME")]
    at: Option<When>,
    /// The channel on which the customer writes.
    #[arg(long, value_name = "ID")]
    channel: Option<String>,
}

/// What is worked on.
enum Sources {
    /// A file that is evaluated when it was saved.
    Script(PathBuf),
    /// A folder that is built when something in it was saved.
    Folder(PathBuf),
}

/// A plugin being written.
struct Workshop {
    name: String,
    sources: Sources,
    company: Company,
    looked: Option<SystemTime>,
    log: Vec<LogLine>,
    /// It has no entry, and is granted what it wishes for, since nothing it does reaches anybody.
    granted_here: bool,
}

/// Chats until the input ends.
pub fn run(args: &DevArgs, config_dir: &Path) -> Result<(), Report> {
    let mut prepared = daemon::prepare(config_dir)?;
    let (name, sources) = find(&args.name, &prepared.plugins.dir)?;
    match &sources {
        Sources::Script(file) => {
            if let Some(dir) = file.parent().filter(|dir| !dir.as_os_str().is_empty()) {
                dir.clone_into(&mut prepared.plugins.dir);
            }
        }
        Sources::Folder(_) => prepared.plugins.dir = beside(&prepared.plugins.dir, &prepared.data_dir, &name)?,
    }
    // Without an entry it is asked all the same, and granted what it wishes for.
    let granted_here = !prepared.plugins.plugins.contains_key(&name);
    prepared.plugins.plugins.entry(name.clone()).or_default();
    let company = Company::of(prepared, Failing::IsAskedAgain).into_diagnostic()?;
    let mut workshop = Workshop { name, sources, company, looked: None, log: Vec::new(), granted_here };
    workshop.look()?;
    let zone = workshop.company.in_force.playbook.zone().clone();
    let now_ms = clock::now_ms();
    let begins_ms = args.at.map_or(Some(now_ms), |at| at.after(now_ms, &zone)).unwrap_or(now_ms);
    let timed = Arc::new(Timed::new(workshop.company.plugins.clone()));
    let plugins: Arc<dyn Plugins> = timed.clone();
    let stage = Stage::new(workshop.company.in_force.clone(), plugins, begins_ms).asking(asking());
    let mut talk = Talk::new(stage, args.channel.as_deref());
    say!("write as a customer, or /help; nothing is sent")?;
    let lines = lines();
    loop {
        prompt(&talk)?;
        let line = loop {
            match lines.recv_timeout(LOOK) {
                Ok(line) => break line,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    if workshop.look()? {
                        prompt(&talk)?;
                    }
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
            }
        };
        workshop.look()?;
        match line.trim() {
            "/quit" | "/exit" => return Ok(()),
            "/help" => help()?,
            line => match talk.line(line) {
                Ok(played) => {
                    for it in &played {
                        show(&talk, it)?;
                    }
                    for (hook, took) in timed.take() {
                        say!("    {hook}: the plugins took {took:.1?}")?;
                    }
                    workshop.tell_log()?;
                }
                Err(why) => say!("  {}", field(&why.to_string()))?,
            },
        }
    }
}

/// Nobody outside is asked while a plugin is tried out; scenarios say what they answer.
fn asking() -> crate::rehearsal::Ask {
    Box::new(|_| crate::model::Reply::Failed("nobody outside is asked here; a scenario can answer".to_owned()))
}

/// The plugin of a name, a file, or a folder of sources.
fn find(named: &Path, plugins: &Path) -> Result<(String, Sources), Report> {
    // `.` has a name as well.
    let whole = if named.file_name().is_none() { fs::canonicalize(named).ok() } else { None };
    let name = whole.as_deref().unwrap_or(named).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file_of =
        |dir: &Path| files_of(dir, &name).into_iter().find(|file| !file.ends_with(".wasm")).map(|file| dir.join(file));
    let sources = if named.is_file() {
        Sources::Script(named.to_owned())
    } else if build::is_source(named) {
        Sources::Folder(named.to_owned())
    } else if let Some(file) = file_of(plugins) {
        Sources::Script(file)
    } else if build::is_source(&plugins.join(&name)) {
        Sources::Folder(plugins.join(&name))
    } else {
        let help =
            format!("begin one with `nightclerk plugin new {name}`, or name its file or the folder of its sources");
        return Err(miette!(help = help, "there is no plugin `{}` in {}", field(&name), plugins.display()));
    };
    Ok((plugin_name(&name).to_owned(), sources))
}

/// A folder with what is in the plugins folder, but for the plugin itself, which is built there.
fn beside(plugins: &Path, data_dir: &Path, name: &str) -> Result<PathBuf, Report> {
    let dir = data_dir.join(BUILT);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).into_diagnostic()?;
    for file in folder::plugin_files(plugins).unwrap_or_default() {
        if plugin_name(&file) != name {
            fs::copy(plugins.join(&file), dir.join(&file)).into_diagnostic()?;
        }
    }
    Ok(dir)
}

/// The lines that are written, until the end of the input.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn prompt(talk: &Talk) -> Result<(), Report> {
    if io::stdin().is_terminal() {
        let stage = talk.stage();
        let time = words::clock(stage.now_ms(), stage.in_force().playbook.zone());
        eprint!("{time} {}> ", field(&talk.who().address.chat));
        io::stderr().flush().into_diagnostic()?;
    }
    Ok(())
}

fn help() -> Result<(), Report> {
    for (name, example, what) in COMMANDS {
        say!("  {:<46} {what}", format!("/{name} {example}"))?;
    }
    say!("  {:<46} the chat is over", "/quit")?;
    Ok(())
}

/// What came of an event: what is said, then why.
fn show(talk: &Talk, played: &Played) -> Result<(), Report> {
    let zone = talk.stage().in_force().playbook.zone();
    let (time, what) = (words::clock(played.at_ms, zone), words::event(&played.event.kind));
    say!("  {time}  {}", field(&what))?;
    for message in &played.messages {
        let text = message.content.to_plain_text().replace('\n', "\n        ");
        let to = match message.address == talk.who().address {
            true => String::new(),
            false => format!("to {}: ", field(&message.address.to_string())),
        };
        paint(Colour::Green, &format!("      > {to}{text}"))?;
    }
    if played.messages.is_empty() {
        say!("      (nothing is said)")?;
    }
    for asked in &played.asked {
        say!("    outside: {}", field(&words::asked(asked)))?;
    }
    for step in &played.decision.trace {
        say!("    {:<24} {}", step.by, field(&step.what.to_string()))?;
    }
    let done = played.decision.actions.iter().filter_map(words::action).filter(|it| it != "reply");
    let done: Vec<_> = done.collect();
    if !done.is_empty() {
        say!("    done: {}", field(&done.join(", ")))?;
    }
    say!("    decided in {:.1?}", played.took)?;
    Ok(())
}

impl Workshop {
    /// Takes in what was saved since the last look, and says what came of it. Whether something was said.
    fn look(&mut self) -> Result<bool, Report> {
        let changed = match &self.sources {
            Sources::Script(file) => newest(std::slice::from_ref(file)),
            Sources::Folder(folder) => newest(&files_below(folder)),
        };
        if changed == self.looked {
            return Ok(false);
        }
        let first = self.looked.is_none();
        self.looked = changed;
        let file = match &self.sources {
            Sources::Script(file) => file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            Sources::Folder(folder) => {
                let out = self.company.config.dir.clone();
                eprintln!("building {} …", folder.display());
                match build::build(std::slice::from_ref(folder), &out, &|_| ()) {
                    Ok(built) if built.iter().all(|it| it.name == self.name) => format!("{}.wasm", self.name),
                    Ok(built) => {
                        let names: Vec<_> = built.into_iter().map(|it| it.name).collect();
                        let (folder, name) = (folder.display(), field(&self.name));
                        eprintln!("{folder} holds the plugin {}: call its folder so, not {name}", names.join(", "));
                        return Ok(true);
                    }
                    Err(error) => {
                        eprintln!("{:?}", Report::new(error));
                        return Ok(true);
                    }
                }
            }
        };
        self.company.plugins.look_again(&file);
        if self.granted_here {
            self.company.grant_wishes(&self.name);
        }
        self.log.clear();
        self.tell_state(first)?;
        Ok(true)
    }

    fn status(&self) -> Option<PluginStatus> {
        self.company.plugins.status().into_iter().find(|it| it.name == self.name)
    }

    fn tell_state(&self, first: bool) -> Result<(), Report> {
        let what = if first { "loaded" } else { "reloaded" };
        match self.status() {
            Some(status) => match (status.state, &status.reason) {
                (PluginState::Active, None) => {
                    let hooks: Vec<_> = status.hooks.iter().map(ToString::to_string).collect();
                    say!("{} {} is {what}: asked at {}", status.name, field(&status.version), hooks.join(", "))?;
                    if self.granted_here {
                        let grants: Vec<_> = status.granted.iter().map(|it| format!("\"{it}\"")).collect();
                        say!("  it may do what it wishes here; for customers, write into plugins.toml:")?;
                        say!("  [{}]\n  grants = [{}]", status.name, grants.join(", "))?;
                    }
                }
                (state, reason) => {
                    let reason = reason.as_deref().unwrap_or_default();
                    paint(Colour::Red, &format!("{} is {state}: {}", status.name, field(reason)))?;
                }
            },
            None => paint(Colour::Red, &format!("{} is not there", field(&self.name)))?,
        }
        Ok(())
    }

    /// What the plugin wrote to the log since the last time, and what it failed with.
    fn tell_log(&mut self) -> Result<(), Report> {
        let Ok(now) = self.company.plugins.recent_log(&self.name, LINES) else { return Ok(()) };
        let known = (0..=self.log.len().min(now.len()))
            .rev()
            .find(|known| now.get(..*known) == self.log.get(self.log.len() - known..));
        for line in now.iter().skip(known.unwrap_or_default()) {
            say!("    log {:5} {}", line.level, field(&line.text))?;
        }
        self.log = now;
        Ok(())
    }
}

fn newest(files: &[PathBuf]) -> Option<SystemTime> {
    files.iter().filter_map(|file| file.metadata().ok()?.modified().ok()).max()
}

/// The sources in a folder, without what is made of them; cargo writes its lock while it builds.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() && name != "target" && name != "__pycache__" && !name.starts_with('.') {
                folders.push(path);
            } else if path.is_file() && name != "Cargo.lock" {
                files.push(path);
            }
        }
    }
    files
}
