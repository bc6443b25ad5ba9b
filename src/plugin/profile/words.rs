//! Hooks and capabilities in words that an owner reads who has never heard of either. Their Chinese stands with that of all
//! that is said of a configuration.

use super::SettingChange;
use crate::{model::Hook, plugin::contract::Capability};

/// When a plugin with this hook is asked.
pub fn asked_when(hook: Hook) -> &'static str {
    match hook {
        Hook::Welcome => "when a customer writes or comes in for the first time",
        Hook::Message => "at every message, before the store's own rules",
        Hook::Order => "at every change to an order, a review included",
        Hook::PaymentReminder => "when a reminder is due and the order still unpaid",
        Hook::ShippingNotice => "when an order was shipped",
        Hook::ReviewRequest => "when a review may be asked for",
        Hook::Timer => "when a timer of its own is due",
        Hook::ShiftBegins => "when people come in",
        Hook::Daily => "when a day begins",
    }
}

/// What a plugin may do that is granted this.
pub fn may(capability: &Capability) -> String {
    match capability {
        Capability::Reply => "answer customers in the clerk's place, or leave them without an answer".to_owned(),
        Capability::Notify(None) => "write to any person or team of the store".to_owned(),
        Capability::Notify(Some(to)) => format!("write to the person or team `{to}` of the store"),
        Capability::Tag => "put tags on customers, and take them off".to_owned(),
        Capability::Remark => "put notes on orders, for the warehouse".to_owned(),
        Capability::Timer => "set timers, and act when they are due".to_owned(),
        Capability::Assign => "hand a conversation to a team or person".to_owned(),
        Capability::Transfer => "hand a conversation from one team or person to another".to_owned(),
        Capability::Ticket => "open and close tickets, and read the open ones of the customer at hand".to_owned(),
        Capability::AskSatisfaction => "ask customers how satisfied they are".to_owned(),
        Capability::Orders => "read the orders of the customer at hand".to_owned(),
        Capability::AnyOrders => "read the orders of all customers".to_owned(),
        Capability::Catalogue => "read the products".to_owned(),
        Capability::Kv => "keep data of its own, of all customers it serves".to_owned(),
        Capability::Http(place) => format!("send anything it knows over the internet to `{place}`"),
    }
}

/// What becomes of a setting, in words.
pub fn change_in_words(change: &SettingChange) -> String {
    match change {
        SettingChange::Added { key, required: true } => format!("the new setting `{key}`, which you must set"),
        SettingChange::Added { key, required: false } => format!("the new setting `{key}`"),
        SettingChange::Dropped { key } => format!("no more setting `{key}`"),
        SettingChange::Changed { key } => format!("another type, default or range of the setting `{key}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting::expect_chinese;

    #[test]
    fn all_of_it_is_said_in_chinese_too() {
        for hook in Hook::ALL {
            expect_chinese(asked_when(hook));
        }
        let wishes = [
            "reply",
            "notify",
            "notify:warehouse",
            "tag",
            "remark",
            "timer",
            "assign",
            "transfer",
            "ticket",
            "ask-satisfaction",
            "orders",
            "orders:any",
            "catalogue",
            "kv",
            "http:api.example.com/v1",
        ];
        for wish in wishes {
            expect_chinese(&may(&wish.parse().unwrap()));
        }
        let key = "text".to_owned();
        for change in [
            SettingChange::Added { key: key.clone(), required: true },
            SettingChange::Added { key: key.clone(), required: false },
            SettingChange::Dropped { key: key.clone() },
            SettingChange::Changed { key },
        ] {
            expect_chinese(&change_in_words(&change));
        }
    }
}
