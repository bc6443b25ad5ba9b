//! What a plugin is told of the store at a moment.

use super::{Playbook, back};
use crate::{
    language::Language,
    model::{NextOpening, Offer, StoreFacts},
};

impl Playbook {
    /// Whether people are there, and the store as a plugin is told of it, for a customer who reads this language; the store's
    /// own where that is not known.
    pub fn store_at<T>(&self, now_ms: i64, customers: Option<&str>, tell: impl FnOnce(bool, StoreFacts<'_>) -> T) -> T {
        let open = self.schedule.is_open(now_ms);
        let next_open_ms = if open { None } else { self.schedule.next_open_ms(now_ms) };
        self.facts(now_ms, self.language(customers), next_open_ms, |facts| tell(open, facts))
    }

    /// The same for who knows already when people are back.
    pub(super) fn facts<T>(
        &self,
        now_ms: i64,
        language: Language<'_>,
        next_open_ms: Option<i64>,
        tell: impl FnOnce(StoreFacts<'_>) -> T,
    ) -> T {
        let opens_text = next_open_ms.map_or_else(String::new, |next| self.back(next, now_ms, language));
        let opens = next_open_ms.map(|at_ms| NextOpening { at_ms, text: &opens_text });
        let running = self.catalogue.promotions(self.schedule.wall(now_ms));
        let offers: Vec<_> =
            running.map(|it| Offer { text: it.text_in(language).into_owned(), url: it.url.clone() }).collect();
        let menu: Vec<_> = self.rules.main_menu().iter().map(|it| it.choice(language)).collect();
        tell(StoreFacts {
            name: &self.shop.name(language),
            clerk: &self.shop.clerk(language),
            language,
            url: self.shop.identity.url.as_deref(),
            time_zone: self.schedule.zone().iana_name().unwrap_or_default(),
            opens,
            offers: &offers,
            menu: &menu,
            local_time: &|ms| self.schedule.local_time(ms),
        })
    }

    /// When people are back, in words.
    pub(super) fn back(&self, next_open_ms: i64, now_ms: i64, language: Language<'_>) -> String {
        back::in_words(&self.schedule.zoned(next_open_ms), &self.schedule.zoned(now_ms), language.tag())
    }
}
