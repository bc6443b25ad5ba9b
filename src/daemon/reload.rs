//! Takes changes of the configuration into force while the daemon runs.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Notify,
};

use super::{Prepared, prepare, spare_memory};
use crate::{
    clock,
    config::{Contents, DaemonConfig, EditWatch, Look, Loss, config_files, folders, words_of},
    http::admin::{Edits, Refused, Reloaded},
    in_force,
    outbox::Outbox,
    plugin::host::{PluginHost, folder},
    setting::Problem,
};

/// How often the files are looked at once something happened to them, and how long they must be quiet before an edit is
/// taken: editors write a file in several steps.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often they are looked at though nothing was told: network disks tell nothing, nor does a folder far above that was
/// moved.
const LOOK_ANYWAY: Duration = Duration::from_secs(60);
/// How long a file that is the beginning of what it was may be an upload under way.
const SETTLED: Duration = Duration::from_secs(5);

/// Says what in the configuration is likely not meant.
pub fn tell_doubts(doubts: &[Problem]) {
    for doubt in doubts {
        tracing::warn!(%doubt, "the configuration may not do what is meant");
    }
}

/// What a change has to reach.
pub struct Reload {
    pub config_dir: PathBuf,
    pub plugins_dir: PathBuf,
    /// `nightclerk.toml` as it was at the start.
    pub running: DaemonConfig,
    pub in_force: in_force::Current,
    pub plugins: Arc<PluginHost>,
    pub outbox: Outbox,
    /// What became of the newest change.
    pub edits: Arc<Edits>,
}

/// Who wants the folder to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Somebody edited a file, as it seems.
    ByTheFiles,
    /// An operator, who knows what is in them now.
    ByAPerson,
}

/// The folder as it was when it was last taken.
pub struct Watched {
    reload: Reload,
    taken: Mutex<Taken>,
}

struct Taken {
    contents: Contents,
    /// How it looked just before it was read.
    look: Look,
    /// Since when a file is a mere beginning of itself.
    cut_short: Option<Instant>,
}

impl Watched {
    /// `seen`: how the files looked before the clerk started with them. An edit since, before anything is watched, is one.
    pub fn new(reload: Reload, seen: Look) -> Self {
        let contents = Contents::of(&reload.config_dir);
        let look = seen.and(Look::at(contents.secrets.iter().cloned()));
        Self { reload, taken: Mutex::new(Taken { contents, look, cut_short: None }) }
    }

    /// Reads the folder now, and says what came of it.
    pub fn reload(&self) -> Reloaded {
        self.take(Asked::ByAPerson);
        let edits = &self.reload.edits;
        Reloaded {
            refused: edits.refused.load().as_ref().map(|it| it.why.clone()),
            waits_for_restart: edits.waits_for_restart.load().to_vec(),
        }
    }

    /// Follows the edits of the configuration until it is aborted.
    pub async fn follow(self: Arc<Self>, hangups: Arc<Notify>) {
        let mut watch = EditWatch::new().map_err(unwatched).ok();
        let mut glance = self.first_glance();
        loop {
            let pause = match &mut watch {
                Some(_) if glance.is_watched => LOOK_ANYWAY,
                Some(it) if glance.at_rest => match self.be_told_by(it) {
                    // Something may have happened before it was watched.
                    Ok(()) => Duration::ZERO,
                    Err(error) => {
                        unwatched(error);
                        watch = None;
                        LOOK_EVERY
                    }
                },
                _ => LOOK_EVERY,
            };
            glance.is_watched = pause == Duration::ZERO;
            let happens = async {
                match &watch {
                    Some(watch) if pause == LOOK_ANYWAY => watch.happens().await,
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = happens => {}
                () = hangups.notified() => {
                    let watched = self.clone();
                    let _ = tokio::task::spawn_blocking(move || watched.take(Asked::ByAPerson)).await;
                    continue;
                }
            }
            let watched = self.clone();
            // A disk may take its time, and so may a folder with thousands of rules.
            match tokio::task::spawn_blocking(move || watched.glance(glance)).await {
                Ok(next) => glance = next,
                Err(error) => {
                    tracing::error!(%error, "an edit of the configuration could not be looked at");
                    glance = self.first_glance();
                }
            }
        }
    }

    fn first_glance(&self) -> Glance {
        Glance {
            settings: self.settings(),
            plugins: self.plugin_files(),
            plugins_changed: false,
            at_rest: true,
            is_watched: false,
        }
    }

    /// Looks whether there is something new that has become quiet.
    fn glance(&self, before: Glance) -> Glance {
        let (settings, plugins) = (self.settings(), self.plugin_files());
        let is_taken = || settings == lock(&self.taken).look;
        if settings == before.settings && (!is_taken() || self.has_settled()) {
            self.take(Asked::ByTheFiles);
            lock(&self.taken).look = settings.clone();
        }
        let plugins_changed = plugins != before.plugins;
        // The host follows its folder by itself, but not one that was put in its place. What it reads may be newer than what
        // was seen here, and be gone again before the next look, which then sees no change: so it looks once more.
        if plugins_changed || before.plugins_changed {
            self.reload.plugins.refresh_all();
            spare_memory::give_back();
            // A plugin that was missing when its entry was written may be there now.
            if self.reload.edits.refused.load().is_some() {
                self.take(Asked::ByTheFiles);
            }
        }
        let is_quiet = settings == before.settings && !plugins_changed;
        let at_rest = is_quiet && is_taken() && lock(&self.taken).cut_short.is_none();
        Glance { settings, plugins, plugins_changed, at_rest, is_watched: before.is_watched && at_rest }
    }

    /// Has all be watched that is looked at, and the folders in which more of it may appear.
    fn be_told_by(&self, watch: &mut EditWatch) -> notify::Result<()> {
        let Reload { config_dir, plugins_dir, .. } = &self.reload;
        let mut files = config_files(config_dir);
        files.extend(lock(&self.taken).contents.secrets.iter().cloned());
        files.extend(plugin_files(plugins_dir));
        watch.follow(files, folders(config_dir).into_iter().chain([plugins_dir.clone()]).collect())
    }

    fn settings(&self) -> Look {
        let secrets = lock(&self.taken).contents.secrets.clone();
        Look::at(config_files(&self.reload.config_dir).into_iter().chain(secrets))
    }

    fn plugin_files(&self) -> Look {
        Look::at(plugin_files(&self.reload.plugins_dir))
    }

    /// Whether a file that was cut short has stayed so for long enough.
    fn has_settled(&self) -> bool {
        lock(&self.taken).cut_short.is_some_and(|since| since.elapsed() >= SETTLED)
    }

    /// Reads the folder and takes it into force, or says what stands in the way.
    fn take(&self, asked: Asked) {
        let mut taken = lock(&self.taken);
        match taken.contents.loss() {
            Some(Loss::CutShort(file))
                if asked == Asked::ByTheFiles && taken.cut_short.is_none_or(|it| it.elapsed() < SETTLED) =>
            {
                taken.cut_short.get_or_insert_with(Instant::now);
                let why = "it ends where it went on before (half written? if it stays so, it is taken in a moment)";
                return self.reload.refuse_loss(&file, why, true);
            }
            Some(Loss::CutShort(_)) | None => {}
            Some(Loss::Emptied(file)) => {
                let why =
                    "nothing is left in it (is it being written? if it is to be empty, leave a line such as `# none`)";
                return self.reload.refuse_loss(&file, why, false);
            }
            Some(Loss::Gone(file)) => {
                let why = "it was there and is gone (put it back; to do without, leave a line such as `# none` in it)";
                return self.reload.refuse_loss(&file, why, false);
            }
        }
        taken.cut_short = None;
        let contents = Contents::of(&self.reload.config_dir);
        self.read(&mut taken, contents);
        spare_memory::give_back();
    }

    /// Takes the folder's contents, or says what is wrong with them.
    fn read(&self, taken: &mut Taken, contents: Contents) {
        match prepare(&self.reload.config_dir) {
            Ok(prepared) => {
                taken.contents = contents;
                self.reload.apply(prepared);
            }
            Err(mistakes) => {
                // A new file with a secret may be what is waited for.
                let secrets: BTreeSet<_> = contents.secrets.into_iter().collect();
                taken.contents.secrets.extend(secrets);
                self.reload.refuse(mistakes.to_string(), false);
            }
        }
    }
}

/// What was seen at the last look, and when the folder was last taken.
struct Glance {
    settings: Look,
    plugins: Look,
    /// Against the glance before.
    plugins_changed: bool,
    /// Whether there is nothing that another look could find.
    at_rest: bool,
    /// Whether whatever happens from then on will be told.
    is_watched: bool,
}

fn unwatched(error: notify::Error) {
    tracing::warn!(%error, "the configuration cannot be watched; it is looked at again and again");
}

/// Tells of each signal that asks a daemon to read its configuration again. To be called early: until then it ends us.
pub fn hangups() -> Arc<Notify> {
    let heard = Arc::new(Notify::new());
    match signal(SignalKind::hangup()) {
        Ok(mut signals) => {
            let heard = heard.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    heard.notify_one();
                }
            });
        }
        Err(error) => tracing::warn!(%error, "SIGHUP is not heard; use `nightclerk reload`"),
    }
    heard
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reload {
    /// Brings a configuration into force whole.
    fn apply(&self, prepared: Prepared) {
        tell_doubts(&prepared.doubts);
        let waits = self.running.waits_for_restart(&prepared.daemon);
        self.plugins.reconfigure(prepared.plugins.plugins);
        self.in_force.store(Arc::new(prepared.in_force));
        for (channel, _) in self.outbox.stopped_channels() {
            self.outbox.resume_channel(&channel);
        }
        self.edits.refused.store(None);
        metrics::counter!("nightclerk_config_reloads_total", "result" => "applied").increment(1);
        match waits[..] {
            [] => tracing::info!("the new configuration is in force"),
            _ => tracing::warn!("the new configuration is in force; waits for a restart: {}", waits.join(", ")),
        }
        self.edits.waits_for_restart.store(Arc::new(waits.into_iter().map(str::to_owned).collect()));
        self.edits.came.ring();
    }

    /// Leaves everything as it is because of what a file lost.
    fn refuse_loss(&self, file: &Path, why: &str, may_pass: bool) {
        self.refuse(format!("{}: {}", file.display(), words_of(&self.config_dir).say(why)), may_pass);
    }

    /// Leaves everything as it is and says why.
    fn refuse(&self, why: String, may_pass: bool) {
        tracing::error!("the configuration was changed and is not usable; the old one stays in force: {why}");
        metrics::counter!("nightclerk_config_reloads_total", "result" => "refused").increment(1);
        let since_ms = self.edits.refused.load().as_ref().map_or_else(clock::now_ms, |it| it.since_ms);
        self.edits.refused.store(Some(Arc::new(Refused { why, since_ms, may_pass })));
        self.edits.came.ring();
    }
}

fn plugin_files(dir: &Path) -> Vec<PathBuf> {
    folder::plugin_files(dir).unwrap_or_default().iter().map(|file| dir.join(file)).collect()
}
