//! The morning list: who is sent it and when, and what stands in it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Playbook, schedule::Schedule, turn::Turn};
use crate::{
    desk::morning::{Morning, of_ticket, words},
    model::{Action, Content, Item, ItemOf, MorningCall, Part, WhySilent},
    setting::Delay,
};

/// Who came in this long ago, while the clerk was down, is sent the list late.
const LATE_MS: i64 = 2 * 3_600_000;

/// `[morning]`: the list that people find when they come in.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MorningSettings {
    /// Whether teams are sent it.
    pub enabled: bool,
    /// How long before a shift begins it is sent.
    pub before: Delay,
    /// The teams or people who are sent it; each team of the file that has a chat where absent.
    pub to: Option<Vec<String>>,
}

impl Default for MorningSettings {
    fn default() -> Self {
        Self { enabled: true, before: Delay::minutes(10), to: None }
    }
}

impl Turn<'_> {
    pub(super) fn morning(&mut self, call: &MorningCall) {
        let now_ms = self.view.now_ms;
        let as_it_is = |item: &Item| match item.what {
            ItemOf::Ticket => {
                let ticket = self.view.lookups.ticket(&item.id).filter(crate::model::Ticket::is_open)?;
                Some(of_ticket(&ticket, now_ms))
            }
            _ => Some(item.clone()),
        };
        let items: Vec<Item> = call.items.iter().filter_map(as_it_is).collect();
        let alone = call.alone;
        if items.is_empty() && alone.answered + alone.reminders + alone.notices == 0 {
            return self.stay_silent(Part::Tickets, WhySilent::NothingWaits);
        }
        let is_chinese = self.playbook.shop.language(None).tag().starts_with("zh");
        let text = words(&Morning { items, alone }, call.console.as_deref(), is_chinese, now_ms);
        self.act(Action::Notify { to: call.to.clone(), content: Content::text(text) });
    }
}

impl Playbook {
    /// Who is to be sent the morning list by now, and when their shift begins, or began a while ago.
    pub fn morning_calls(&self, now_ms: i64) -> Vec<(String, i64)> {
        let settings = &self.shop.morning;
        if !settings.enabled {
            return Vec::new();
        }
        let due = |schedule: &Schedule| match schedule.is_open(now_ms) {
            true => schedule.opened_ms(now_ms).filter(|at| now_ms.saturating_sub(*at) < LATE_MS),
            false => {
                let before_ms = settings.before.as_ms();
                schedule.next_open_ms(now_ms).filter(|at| at.saturating_sub(before_ms) <= now_ms)
            }
        };
        let readers = self.shop.morning_readers().into_iter();
        readers.filter_map(|name| Some((name.to_owned(), due(self.hours_of(name))?))).collect()
    }

    /// When somebody more may have to be sent it.
    pub fn next_morning_call_ms(&self, now_ms: i64) -> Option<i64> {
        let settings = &self.shop.morning;
        let before_ms = settings.before.as_ms();
        let next = |schedule: &Schedule| {
            let turn_ms = schedule.next_turn_ms(now_ms)?;
            // Before they come in; where that is past, it is sent, and who comes in changes nothing.
            let sent_ms = if schedule.is_open(now_ms) { turn_ms } else { turn_ms.saturating_sub(before_ms) };
            Some(if sent_ms > now_ms { sent_ms } else { turn_ms })
        };
        let readers = self.shop.morning_readers().into_iter().filter(|_| settings.enabled);
        readers.filter_map(|name| next(self.hours_of(name))).min()
    }

    /// Whether somebody else than this reader is sent what waits for `owner`.
    pub fn is_for_another_reader(&self, reader: &str, owner: &str) -> bool {
        let readers = self.shop.morning_readers();
        let is_theirs = |name: &str| name == owner || self.shop.team_of(owner) == name;
        !is_theirs(reader) && readers.iter().any(|name| is_theirs(name))
    }

    /// From when until when the clerk was alone last, before a shift of these people; the present day where they never go.
    pub fn alone_before(&self, to: Option<&str>, now_ms: i64) -> (i64, i64) {
        let schedule = to.map_or(&self.schedule, |to| self.hours_of(to));
        let until_ms = match schedule.is_open(now_ms) {
            true => match schedule.opened_ms(now_ms) {
                Some(at) => at,
                None => return (schedule.day_began_ms(now_ms), now_ms),
            },
            false => now_ms,
        };
        (schedule.closed_before_ms(until_ms), until_ms)
    }
}
