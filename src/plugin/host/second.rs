//! Who answers for a plugin: the version in place, or its second one, for that one's contacts. And how second versions come
//! and go with `plugins.toml` and their files.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, atomic::Ordering},
};

use super::{
    PluginHost, Registry,
    breaker::Conversation,
    cache,
    call::Called,
    folder,
    outcome::{Outcome, finding},
    roster::OnDuty,
    seat::PluginEntry,
    shadow::{Comparison, Runner, Shadow},
    version::{Seated, Version},
};
use crate::{
    model::{Failure, Finding, HookAnswer, HookCall, OutsideQuestion, TraceStep},
    plugin::contract::{PluginError, extension, plugin_name},
};

/// What came of asking a plugin.
pub enum Asked {
    Answered(Result<Outcome, Failure>),
    /// The event is decided again once that is answered.
    AsksOutside(OutsideQuestion),
}

/// What the entry and the file come to.
enum Wanted {
    None,
    /// It is there already.
    Same,
    Another(Box<Shadow>),
}

impl PluginHost {
    /// Asks the second version, where it answers this contact. `None`: it does not, is set aside, or fails, and the version in
    /// place is to be asked.
    pub(super) fn by_second_version(
        &self,
        OnDuty { in_place, shadow }: &OnDuty,
        call: &HookCall<'_>,
        conversation: Conversation,
        answer: &mut HookAnswer,
    ) -> Option<Asked> {
        let shadow = shadow.as_ref()?;
        let second = shadow.answering(call)?;
        let known_as = format!("{} (canary)", in_place.seat.name());
        let asked = second.version.record.ask(conversation, call.now_ms)?;
        let called = self.loader.call(second, call);
        if let Some(question) = called.question {
            return Some(Asked::AsksOutside(question));
        }
        let took = called.took;
        let result = self.settle(&known_as, in_place.seat.name(), called, call, conversation, answer);
        if shadow.answered(call, &result, took) {
            self.changed.ring();
        }
        self.stir_runner();
        match &result {
            Ok(_) => second.version.record.succeeded(&asked),
            Err(failure) => {
                let bar = self.loader.limits().failures_before_set_aside;
                // In the log that is shown under the plugin's name.
                in_place.version.logbook.failed(call.now_ms, failure);
                if second.version.record.failed(&known_as, &asked, failure, bar) {
                    self.changed.ring();
                }
            }
        }
        result.is_ok().then_some(Asked::Answered(result))
    }

    /// Asks the version in place; `None`: it is set aside.
    pub(super) fn by_version_in_place(
        &self,
        OnDuty { in_place, shadow }: &OnDuty,
        call: &HookCall<'_>,
        conversation: Conversation,
        answer: &mut HookAnswer,
    ) -> Option<Asked> {
        let (name, record) = (in_place.seat.name(), &in_place.version.record);
        let Some(asked) = record.ask(conversation, call.now_ms) else {
            answer.trace.push(TraceStep::plugin(name, Finding::SetAside));
            return None;
        };
        let called = self.loader.call(in_place, call);
        if let Some(question) = called.question {
            return Some(Asked::AsksOutside(question));
        }
        let took = called.took;
        let wrote_before = answer.kv.len();
        let result = self.settle(name, name, called, call, conversation, answer);
        match &result {
            Ok(_) => record.succeeded(&asked),
            Err(failure) => {
                in_place.version.logbook.failed(call.now_ms, failure);
                if record.failed(name, &asked, failure, self.loader.limits().failures_before_set_aside) {
                    self.changed.ring();
                }
            }
        }
        if let (Some(shadow), Some(Some(runner))) = (shadow, self.runner.get()) {
            let wrote = answer.kv.get(wrote_before..).unwrap_or_default();
            runner.saw(shadow, call, &result, wrote, took);
        }
        Some(Asked::Answered(result))
    }

    /// Asks the version in place, for whom it is no matter whether it is set aside or what it told people before.
    pub(super) fn without_consequences(&self, seated: &Seated, call: &HookCall<'_>, answer: &mut HookAnswer) -> Asked {
        let Called { result, kv, trace, question, .. } = self.loader.call(seated, call);
        if let Some(question) = question {
            return Asked::AsksOutside(question);
        }
        answer.trace.extend(trace);
        answer.trace.push(TraceStep::plugin(seated.seat.name(), finding(&result)));
        if result.is_ok() {
            answer.kv.extend(kv);
        }
        Asked::Answered(result)
    }

    /// Takes what a call came to into the answer.
    fn settle(
        &self,
        known_as: &str,
        name: &str,
        called: Called,
        call: &HookCall<'_>,
        conversation: Conversation,
        answer: &mut HookAnswer,
    ) -> Result<Outcome, Failure> {
        let Called { result, kv, trace, .. } = called;
        let result = result.and_then(|outcome| {
            self.notices.count(name, conversation, call.now_ms, outcome.actions()).map_err(Failure::Limit)?;
            Ok(outcome)
        });
        answer.trace.extend(trace);
        answer.trace.push(TraceStep::plugin(known_as, finding(&result)));
        if result.is_ok() {
            answer.kv.extend(kv);
        }
        result
    }

    /// How a plugin and its second version compare.
    ///
    /// # Errors
    /// There is no such plugin, or it has no second version.
    pub fn compare(&self, name: &str) -> Result<Comparison, PluginError> {
        let registry = self.registry();
        let slot = registry.slots.get(name).ok_or_else(|| PluginError::Unknown(name.to_owned()))?;
        let both = slot.version().zip(slot.shadow.as_ref());
        let why = || PluginError::NoShadow { name: name.to_owned(), why: slot.shadow_refused.clone() };
        both.map(|(in_place, shadow)| shadow.comparison(in_place)).ok_or_else(why)
    }

    /// Forgets what second versions keep under the name of a customer.
    pub fn forget(&self, customer_id: &str) {
        self.shadows().iter().for_each(|shadow| shadow.forget(customer_id));
    }

    /// Writes down what is known of second versions, before the end.
    pub fn keep(&self) {
        if let Some(Some(runner)) = self.runner.get() {
            runner.keep();
        }
    }

    pub(super) fn shadows(&self) -> Vec<Arc<Shadow>> {
        self.registry().slots.values().filter_map(|slot| slot.shadow.clone()).collect()
    }

    /// The plugin whose second version a file of the folder is.
    pub(super) fn shadowed_by(&self, file: &str) -> Option<String> {
        let registry = self.registry();
        let found = registry.entries.iter().find(|(_, entry)| entry.shadow.as_deref() == Some(file));
        found.map(|(name, _)| name.clone())
    }

    /// Looks at the second versions of all plugins, and lets none of their files be a plugin of its own.
    pub(super) fn look_at_shadows(&self) {
        let (names, files): (BTreeSet<String>, Vec<String>) = {
            let registry = self.registry();
            let named = registry.entries.iter().filter(|(_, entry)| entry.shadow.is_some()).map(|(name, _)| name);
            let had = registry.slots.iter().filter(|(_, slot)| slot.shadow.is_some() || slot.shadow_refused.is_some());
            let names = named.chain(had.map(|(name, _)| name)).cloned().collect();
            (names, registry.entries.values().filter_map(|entry| entry.shadow.clone()).collect())
        };
        for file in files {
            let mut registry = self.registry();
            let of_its_own = plugin_name(&file).to_owned();
            if registry.slots.get(&of_its_own).is_some_and(|slot| slot.file == file) {
                registry.slots.remove(&of_its_own);
                self.publish(registry);
            }
        }
        names.iter().for_each(|name| self.look_at_shadow(name));
    }

    /// Looks again at second versions that waited for the script engine.
    pub(super) fn retry_awaiting_shadows(&self) {
        let awaiting: Vec<String> = {
            let registry = self.registry();
            registry.slots.iter().filter(|(_, slot)| slot.shadow_awaits_engine).map(|(name, _)| name.clone()).collect()
        };
        awaiting.iter().for_each(|name| self.look_at_shadow(name));
    }

    /// Runs the second version that a plugin's entry names, as its file is now.
    pub(super) fn look_at_shadow(&self, name: &str) {
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        self.look_at_shadow_alone(name);
    }

    /// The same for who looks at a file already.
    pub(super) fn look_at_shadow_alone(&self, name: &str) {
        let (entry, in_place, before) = {
            let registry = self.registry();
            let Some(slot) = registry.slots.get(name) else { return };
            (registry.entries.get(name).cloned(), slot.version().cloned(), slot.shadow.clone())
        };
        let wanted = entry.filter(|entry| entry.enabled).and_then(|entry| Some((entry.shadow.clone()?, entry)));
        let made = match (wanted, in_place) {
            (Some((file, entry)), Some(in_place)) => {
                self.load_shadow(name, &file, &entry, &in_place, before.as_deref())
            }
            _ => Ok(Wanted::None),
        };
        let mut registry = self.registry();
        let Registry { slots, .. } = &mut *registry;
        let Some(slot) = slots.get_mut(name) else { return };
        let why = made.as_ref().err().map(ToString::to_string);
        slot.shadow_awaits_engine = matches!(made, Err(PluginError::EngineAwaited));
        if slot.shadow_awaits_engine {
            self.engine_wanted.give();
        }
        if let Some(why) = why.as_ref().filter(|why| slot.shadow_refused.as_ref() != Some(*why)) {
            tracing::warn!(plugin = name, "its second version is not run: {why}");
        }
        slot.shadow_refused = why;
        match made {
            Ok(Wanted::Same) => return,
            Ok(Wanted::Another(shadow)) => {
                let shadow = Arc::new(*shadow);
                match self.runner() {
                    Some(runner) => runner.watch(&shadow),
                    None => slot.shadow_refused = Some("the system refuses a thread for it".to_owned()),
                }
                let (version, canary) = (shadow.version().called(), shadow.share());
                tracing::info!(plugin = name, version, canary, "its second version is run");
                slot.shadow = Some(shadow);
            }
            Ok(Wanted::None) => {
                if slot.shadow.take().is_some() {
                    tracing::info!(plugin = name, "its second version is run no more");
                    Shadow::drop_kept(&self.shadow_file(name));
                }
            }
            // A bad file leaves the one before running.
            Err(_) => {}
        }
        let canaries = slots.values().filter_map(|slot| slot.shadow.as_ref()).any(|shadow| shadow.share() > 0);
        self.has_canaries.store(canaries, Ordering::Relaxed);
        self.publish(registry);
    }

    fn load_shadow(
        &self,
        name: &str,
        file: &str,
        entry: &PluginEntry,
        in_place: &Version,
        before: Option<&Shadow>,
    ) -> Result<Wanted, PluginError> {
        let path = self.dir.join(file);
        let gone = || PluginError::Io(format!("{} is not there", path.display()));
        let bytes = folder::read(&path)?.ok_or_else(gone)?;
        self.trust.check(name, &bytes, folder::signatures(&path).as_deref())?;
        if before.is_some_and(|before| before.is_of(file, &cache::digest(&bytes), entry, in_place)) {
            return Ok(Wanted::Same);
        }
        let version = self.load(&format!("{name}.{}", extension(file)), &bytes)?;
        let shadow = Shadow::new(file.to_owned(), entry, version, in_place, self.shadow_file(name), before)?;
        Ok(Wanted::Another(Box::new(shadow)))
    }

    fn shadow_file(&self, name: &str) -> std::path::PathBuf {
        self.shadow_dir.join(format!("{name}.json"))
    }

    /// Has what is known of second versions be written down.
    pub(super) fn stir_runner(&self) {
        if let Some(Some(runner)) = self.runner.get() {
            runner.stir();
        }
    }

    /// `None`: the system refuses a thread.
    fn runner(&self) -> Option<&Runner> {
        let start = || {
            let started = Runner::start(self.loader.clone());
            started.inspect_err(|error| tracing::error!(%error, "second versions cannot be run")).ok()
        };
        self.runner.get_or_init(start).as_ref()
    }
}
