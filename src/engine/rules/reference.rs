//! What a rule refers to has to be there: members who can be told, rules that menus lead to, addresses.

use super::{
    BY_ID, ChoiceSettings, FileSettings, ImageSettings,
    compiler::{Compiler, at},
};
use crate::{
    engine::out_of_reach::{REACH_HINT, cannot_be_given, cannot_be_told},
    setting::{PathStep, WEB_URL_HINT, hint, web_url},
};

impl Compiler<'_> {
    pub fn check_addresses(
        &mut self,
        path: &[PathStep],
        link: Option<&str>,
        image: Option<&ImageSettings>,
        file: Option<&FileSettings>,
    ) {
        let addresses = [("link", link), ("image", image.map(|it| &*it.url)), ("file", file.map(|it| &*it.url))];
        for (key, address) in addresses {
            if let Some(message) = address.and_then(|text| web_url(text).err()) {
                self.wrong(at(path, key), message, WEB_URL_HINT);
            }
        }
    }

    pub fn check_menu(&mut self, path: &[PathStep], choices: &[ChoiceSettings]) {
        for (at, choice) in choices.iter().enumerate() {
            let path = |key: &str| [path, &[at.into(), key.into()]].concat();
            if choice.label.is_empty() {
                self.wrong(path("label"), "an empty label", "write what the customer sees");
            }
            if let Some(id) = choice.value.as_deref().and_then(|value| value.strip_prefix(BY_ID))
                && !self.ids.contains(id)
            {
                let hint = hint(id, self.ids.iter().map(String::as_str));
                self.wrong(path("value"), format!("there is no rule `{id}`"), hint);
            }
        }
    }

    pub fn check_member(&mut self, path: Vec<PathStep>, to: &str) {
        if !self.shop.knows(to) {
            let hint = hint(to, self.shop.names());
            self.wrong(path, format!("there is no team or person `{to}` in store.toml"), hint);
        }
    }

    /// What a rule hands to a member, somebody has to hear of. (A route without a member only marks the conversation.)
    pub fn check_hand_over(&mut self, path: Vec<PathStep>, to: &str) {
        if !self.shop.people.can_be_told(to) {
            let (message, hint) = cannot_be_given(to, self.shop.people.is_of_console(to));
            self.wrong(path, message, hint);
        }
    }

    /// What a rule tells somebody has to arrive.
    pub fn check_reach(&mut self, path: Vec<PathStep>, to: &str) {
        if self.shop.knows(to) && self.shop.address_of(to).is_none() {
            self.wrong(path, cannot_be_told(self.shop.member(to)), REACH_HINT);
        }
    }
}
