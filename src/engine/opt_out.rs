//! Who wants no unasked messages any more, and who wants them again: in each language, what customers write for it as the
//! whole of a message, and what cannot be taken for anything else.

mod goods;

use std::{collections::BTreeSet, rc::Rc, sync::LazyLock};

use regex::RegexSet;
use serde::Deserialize;

use super::{at_hand::AtHand, intents::Understanding, text::fold, turn::Turn};
use crate::model::{Action, Conversation, EventKind, Finding, Part, WhySilent};

static WISHES: LazyLock<Wishes> = LazyLock::new(|| {
    let lists: Lists = toml::from_str(include_str!("builtin/opt-out.toml")).unwrap_or_default();
    Wishes { out: Wish::new(&lists.out), back: Wish::new(&lists.back) }
});

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Lists {
    out: List,
    back: List,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct List {
    words: Vec<String>,
    patterns: Vec<String>,
}

struct Wishes {
    out: Wish,
    back: Wish,
}

struct Wish {
    words: BTreeSet<String>,
    patterns: RegexSet,
}

impl Wish {
    fn new(list: &List) -> Self {
        let words = list.words.iter().map(|it| bare(&fold(it)).to_owned()).collect();
        let patterns = RegexSet::new(&list.patterns).unwrap_or_else(|_| RegexSet::empty());
        Self { words, patterns }
    }

    fn is_said(&self, said: &str) -> bool {
        self.words.contains(said) || self.patterns.is_match(said)
    }
}

/// A folded text without the signs around it and a plea before it.
fn bare(folded: &str) -> &str {
    let bare = folded.trim_matches(|it: char| !it.is_alphanumeric());
    let bare = bare.strip_prefix("please ").unwrap_or(bare);
    bare.strip_suffix(" please").unwrap_or(bare).trim_matches(|it: char| !it.is_alphanumeric())
}

impl Turn<'_> {
    /// Whether the customer said no more than that they want no unasked messages, or want them again. It is confirmed
    /// once.
    pub(super) fn opts(&mut self, said: &str) -> bool {
        let utterance = self.utterance(said);
        let said = bare(utterance.folded().as_str());
        let is_out = self.has_opted_out();
        let (out, phrase) = match () {
            () if WISHES.out.is_said(said) => (true, "opted-out"),
            () if is_out && WISHES.back.is_said(said) => (false, "opted-in"),
            () => return false,
        };
        if out && is_out {
            self.stay_silent(Part::Limits, WhySilent::OptedOutBefore);
            return true;
        }
        self.note(Part::Limits, Finding::Opted { out });
        let tag = Conversation::OPTED_OUT.to_owned();
        self.act(if out { Action::Tag { tag } } else { Action::Untag { tag } });
        self.say_phrase(phrase, &AtHand::default());
        true
    }

    /// What was meant, once it is told apart whether messages or goods are no more wanted.
    pub(super) fn unless_goods(&self, said: &str, meant: Rc<Understanding>) -> Rc<Understanding> {
        goods::meant(self.utterance(said).folded().as_str(), &meant).map_or(meant, Rc::new)
    }

    fn has_opted_out(&self) -> bool {
        self.decision.conversation.tags.iter().any(|it| it == Conversation::OPTED_OUT)
    }

    /// Whether what is said now would come unasked to somebody who does not want that.
    pub(super) fn is_unwanted(&self) -> bool {
        let unasked = match &self.event.kind {
            EventKind::Order(_) => true,
            // The clerk's own timers end what the customer began.
            EventKind::Timer(timer) => !timer.owner.starts_with("clerk:"),
            _ => false,
        };
        unasked && self.has_opted_out()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(said: &str) -> Option<bool> {
        let folded = fold(said);
        let said = bare(&folded);
        match () {
            () if WISHES.out.is_said(said) => Some(true),
            () if WISHES.back.is_said(said) => Some(false),
            () => None,
        }
    }

    #[test]
    fn the_lists_are_good() {
        let lists: Lists = toml::from_str(include_str!("builtin/opt-out.toml")).unwrap();
        for list in [&lists.out, &lists.back] {
            assert!(!list.words.is_empty() && !list.patterns.is_empty());
            RegexSet::new(&list.patterns).unwrap();
        }
    }

    #[test]
    fn who_wants_no_more_messages_is_understood_in_each_language() {
        for said in [
            "STOP",
            "stop!",
            "Stop please",
            "UNSUBSCRIBE",
            "please unsubscribe me",
            "stop sending me messages",
            "opt out",
            "don't message me again",
            "退订",
            "TD",
            "td。",
            "别再发了",
            "不要再给我发消息了",
            "请不要再发信息",
            "退訂",
            "取消订阅",
            "别发广告了",
            "不要再打扰我",
            "baja",
            "darme de baja",
            "désabonner",
            "abmelden",
            "abbestellen",
            "配信停止",
            "수신거부",
            "отписаться",
            "стоп",
            "hủy đăng ký",
            "إلغاء الاشتراك",
            "berhenti berlangganan",
            "descadastrar",
            "disiscrivimi",
            "不想要提醒了",
            "我不需要付款提醒了",
            "不用再通知我了",
            "no more reminders please",
            "please don't remind me again",
            "stop notifying me",
            "リマインドは不要です",
            "お知らせはもういりません",
            "please stop sending me messages",
            "stop sending me your ads",
            "stop texting me",
            "stop sending me these promotional texts please",
            "quit spamming me",
            "stop sending me emails and texts every day",
            "stop contacting me",
        ] {
            assert_eq!(wants(said), Some(true), "{said}");
        }
    }

    #[test]
    fn who_wants_something_else_is_not() {
        for said in [
            "别再发错了",
            "不要发顺丰",
            "我要退订单",
            "怎么取消订单",
            "stop by the shop",
            "when does the offer stop?",
            "can you stop the order",
            "退款",
            "不要发货了",
            "the bus stop",
            "cancel",
            "别发韵达",
            "subscribe to what?",
            "start with green tea",
            "不用提醒卖家发货吗",
            "不需要发票",
            "don't notify the courier",
            "no more green tea?",
            "stop sending me broken cups",
            "stop sending me the wrong size",
            "please stop sending it to the old address",
            "stop sending me empty boxes!",
            "stop contacting my neighbour",
            "别再发坏的了",
            "不要再发错了",
            "不要再发到旧地址了",
        ] {
            assert_eq!(wants(said), None, "{said}");
        }
    }

    #[test]
    fn who_wants_them_again_is_understood() {
        for said in [
            "START",
            "start",
            "UNSTOP",
            "subscribe",
            "订阅",
            "恢复订阅",
            "重新订阅",
            "訂閱",
            "suscribir",
            "abonnieren",
            "購読再開",
        ] {
            assert_eq!(wants(said), Some(false), "{said}");
        }
    }
}
