//! What a customer says to it that something of theirs is done: where it is not, the same ticket is open again.
//!
//! They were asked to write if anything is left, so that what says so may never be taken for small talk: 不满意 is no wish to
//! write a review, and a bare "no" is an answer.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    at_hand::AtHand,
    text::{fold, fold_pattern, regex},
    tickets::{COMPLAINT, DUE},
    turn::Turn,
};
use crate::model::{Finding, Part, TicketState, Urgency};

/// How long it may turn out that it is not done.
const FRESH_MS: i64 = 7 * 24 * 60 * 60_000;
/// How long a bare no is the answer, where it is the first thing they say.
const ANSWER_MS: i64 = 24 * 60 * 60_000;
/// Characters of what may be about what was told, and nothing else.
const MOST_SAID: usize = 80;

/// It is not done, or not as they wished.
static IS_NOT_DONE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&fold_pattern(concat!(
        "(?:没有?|未)(?:能|被|给|帮|人|我|得到|真正|有|谁|来|去|再)*(?:解决|处理|修|弄|搞|改善|管|联系|答复|回复我)",
        "|没有?好|不(?:太|是很|怎么|大)?满意|解决不了|处理不了|没用|没效果|问题还在|还是(?:一样|老样子|坏|不行|不对|有问题|不能|这样|那样)",
        r"|\b(?:not|isn't|isnt|wasn't|hasn't|hasnt|haven't|never|nobody|no one|nothing)\b(?: \w+){0,4} ",
        "(?:solved|resolved|fixed|sorted|handled|dealt|happened|changed|satisfied|happy|helped|arrived|called|contacted)",
        r"|\bunsolved\b|\bunresolved\b|\bunsatisfied\b|\bdissatisfied\b",
        r"|\bstill (?:not|no|nothing|broken|damaged|wrong|the same|waiting|missing|hasn|haven|isn|doesn)\b",
        r"|\bsame (?:problem|issue|thing) (?:again|still)|\b(?:does|did|do)(?:n't| not) (?:work|help|fix|solve)",
        "|解決し?て?い?(?:ない|ません)|解決され(?:ない|て|ません)|直って?い?(?:ない|ません)|まだ(?:直|解決|対応|届|何も)",
        "|対応され(?:ない|ていな|てな|ていません)|不満|満足し?て?い?(?:ない|ません)",
        "|해결(?:이|은|도)? ?(?:안|않|못|되지)|아직(?:도)? ?(?:안|해결|그대로|못|아무)|불만|만족(?:하지|스럽지)",
        r"|\bno (?:\w+ ){0,4}(?:resuelto|solucionado|arreglado|contento|contenta|satisfecho|satisfecha|funciona)",
        r"|\bsigue (?:igual|rot[oa]|sin|mal)|\bsin (?:resolver|solucionar)|\bnadie me\b",
        "|chưa (?:được |thấy )?(?:giải quyết|xử lý|sửa|xong|ổn|ai)|vẫn (?:chưa|bị|hỏng|vậy|thế|lỗi)|không hài lòng",
        "|ยังไม่(?:เรียบร้อย|หาย|เสร็จ|ดี|ได้(?:แก้|รับ|คืน))|ไม่พอใจ|ยังเสีย|ยังเหมือนเดิม",
        r"|\bbelum (?:selesai|beres|diperbaiki|ditangani|ada|diproses|juga)|\bmasih (?:rusak|sama|belum|salah)|\b(?:tidak|nggak|gak|ga) puas",
    )))
});

/// It is.
static IS_DONE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&fold_pattern(
        "没有?什?么?不满意|没有?问题|no (?:more )?problem|nothing (?:is )?(?:left|else|more)|不用了|已经(?:解决|好|处理)",
    ))
});

/// No, and nothing more.
static IS_A_NO: LazyLock<Regex> = LazyLock::new(|| {
    regex(&fold_pattern(concat!(
        "^(?:(?:不|没有?|还没有?|不是|不行|不对|并没有?|哪有|没有?呢|没呢|いいえ|まだ|ないです|아니요|아니오|아뇨|아직|no+|nope|nah|not (?:really|yet|at all)",
        "|no it (?:isn't|is not|wasn't)|it (?:isn't|is not|wasn't)|todavia no|aun no|chưa|không|ไม่|ยัง|belum|tidak|enggak|nggak|gak)",
        "(?: ?(?:啊|呀|吧|的|了|呢|です|요|ạ|ค่ะ|ครับ|kak))*[ ,.!?。！？~…]*)+$",
    )))
});

impl Turn<'_> {
    /// Opens the ticket again of which they were told that it is done, where they say that it is not; whether they do.
    pub(super) fn says_it_is_not_done(&mut self, said: &str) -> bool {
        let Some(told) = self.decision.conversation.told_done.clone() else { return false };
        let age_ms = self.view.now_ms.saturating_sub(told.at_ms);
        let is_first = self.view.conversation.last_received_ms.is_none_or(|at| at <= told.at_ms);
        if age_ms >= FRESH_MS {
            self.decision.conversation.told_done = None;
            return false;
        }
        if said.chars().count() > MOST_SAID {
            return false;
        }
        let folded = fold(said);
        let is_not = IS_NOT_DONE.is_match(&folded) && !IS_DONE.is_match(&folded)
            || is_first && age_ms < ANSWER_MS && IS_A_NO.is_match(&folded);
        if !is_not {
            return false;
        }
        self.decision.conversation.told_done = None;
        self.open_again(&told.ticket, said)
    }

    fn open_again(&mut self, id: &str, said: &str) -> bool {
        let Some(mut ticket) = self.any_ticket(id).filter(|it| it.state == TicketState::Done) else { return false };
        self.note(Part::Tickets, Finding::OpenAgain { ticket: id.to_owned() });
        ticket.state = TicketState::Open;
        ticket.urgency = Urgency::Urgent;
        (ticket.closed_ms, ticket.told_ms, ticket.escalated_ms) = (None, None, None);
        ticket.due_ms = self.due_ms(&ticket);
        let (kind, due_ms) = (ticket.kind.clone(), ticket.due_ms);
        let to = ticket.owner.clone().filter(|to| self.has_room(to)).unwrap_or_else(|| COMPLAINT.to_owned());
        self.join(&mut ticket);
        self.put_ticket(ticket);
        if let Some(due_ms) = due_ms {
            self.set_ticket_timer(DUE, id, due_ms);
        }
        // Their words go onto it as those of anybody who says the same again.
        self.open_ticket(&kind, said.to_owned(), Urgency::Urgent);
        let to = self.playbook.shop.member(&to).to_owned();
        self.tell(&to, "urgent-ticket", said);
        let told = self.has_room(&to);
        self.say_phrase("sorry", &AtHand { text: Some(said), told, ..AtHand::default() });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_it_is_not_done_is_heard_in_each_language_and_thanks_are_not_taken_for_it() {
        for said in [
            "还是没解决",
            "没有解决啊",
            "根本没人处理",
            "不满意",
            "没好",
            "没人联系我",
            "問題還沒有解決",
            "it is still not solved",
            "No, nothing has happened",
            "nobody called me",
            "Still broken",
            "It isn't fixed!",
            "まだ直っていません",
            "解決していません",
            "해결이 안 됐어요",
            "아직도 그대로예요",
            "no está resuelto",
            "sigue igual",
            "vẫn chưa được",
            "chưa giải quyết",
            "ยังไม่เรียบร้อยค่ะ",
            "belum selesai",
            "masih rusak",
        ] {
            let folded = fold(said);
            assert!(IS_NOT_DONE.is_match(&folded) && !IS_DONE.is_match(&folded), "{said}");
        }
        for said in
            ["no", "No.", "不行", "没有", "nope", "not really", "いいえ", "아니요", "chưa ạ", "belum kak", "还没呢"]
        {
            assert!(IS_A_NO.is_match(&fold(said)), "{said}");
        }
        for said in [
            "thanks!",
            "好的谢谢",
            "没问题了，谢谢",
            "not bad",
            "no problem",
            "没有不满意",
            "do you ship abroad?",
            "有货吗",
            "ok",
            "gracias",
            "已经好了",
            "do you still have it in stock?",
        ] {
            let folded = fold(said);
            let is_not = IS_NOT_DONE.is_match(&folded) && !IS_DONE.is_match(&folded);
            assert!(!is_not && !IS_A_NO.is_match(&folded), "{said}");
        }
    }
}
