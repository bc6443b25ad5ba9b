//! Words about a picture of what went wrong: the clerk asked for one, and they belong to what it was asked for.

use std::sync::LazyLock;

use regex::Regex;

use super::{at_hand::AtHand, reply::Question, rules::Match, text::regex, turn::Turn};
use crate::model::{Finding, Ticket, Urgency};

/// How long after somebody told of a trouble a picture is one of it: they may take it the next evening.
const FRESH_MS: i64 = 3 * 24 * 60 * 60_000;

/// A picture, and nothing but that there is one, or none.
static SPEAKS: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"^[\s\p{P}]*(?:",
        "(?:对不起|不好意思|抱歉|我|你|您|们|这边|这里|这是|是|就|也|还|已经|已|刚才|刚刚|刚|忘了|忘记|来不及|没有|没|无|不了|不到|有|发|传|上传|给|过去|过来|过",
        "|去|来|在|上面|下面|等下|等会|稍后|晚点|一会|再|拍|看|请|的|了|啊|哦|呢|好)*",
        "(?:照片|图片|相片|截图|视频|图|拍)",
        "(?:我|你|您|们|已经|已|刚才|刚刚|刚|也|还|没有|没|无|不了|不到|有|发|传|给|过去|过来|过|去|来|在|上面|下面|等下|等会|稍后|晚点|一会|再|拍|照|看|的|了|啊|哦|呢|好)*",
        r"|(?:(?:sorry|yes|ok|no|i|i'm|we|have|haven't|had|do|don't|dont|did|didn't|not|any|a|an|the|here|is|are|there|it|its|it's|just|my|you|your|send|sent",
        r"|sending|will|i'll|can|can't|cant|cannot|take|took|see|attached|without|some|this|that|but|and)[\s,.]+)*",
        r"(?:photos?|pictures?|pics?|images?|videos?|screenshots?)",
        r"(?:[\s,.]+(?:attached|above|below|here|of|it|is|are|sent|was|were|now|soon|later|sorry|yet|to|you|i|can|send|have|the|them|for|available|taken|coming|at|moment))*",
        r")[\s\p{P}\p{S}]*$",
    );
    regex(pattern)
});

impl Turn<'_> {
    /// Puts what is said of a picture with the trouble it is of, whatever else it may seem to mean.
    pub(super) fn hear_of_a_photo(&mut self, question: &Question, matches: &[Match<'_>]) -> bool {
        let guesses = matches.iter().all(|it| matches!(it.why, Finding::MeantIt));
        let folded = question.folded();
        if !guesses || asks(folded) || !SPEAKS.is_match(folded) {
            return false;
        }
        let Some(trouble) = self.fresh_trouble() else { return false };
        self.say_phrase("noted", &AtHand { text: Some(&question.said), ..AtHand::default() });
        self.open_ticket(&trouble.kind, question.said.clone(), Urgency::Normal);
        true
    }

    /// The newest urgent ticket of the conversation, if it is no old story.
    fn fresh_trouble(&self) -> Option<Ticket> {
        let tickets = self.decision.conversation.tickets.iter().rev();
        let mut open = tickets.filter_map(|it| self.open_ticket_named(&it.id));
        open.find(|it| it.urgency == Urgency::Urgent && self.view.now_ms.saturating_sub(it.opened_ms) < FRESH_MS)
    }
}

fn asks(folded: &str) -> bool {
    folded.contains(['?', '吗', '么'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn words_about_a_photo_say_nothing_else() {
        for said in [
            "没有照片",
            "照片没有",
            "没拍照",
            "[图片]",
            "图片发你了",
            "照片在上面",
            "拍不了照片",
            "I have no photo",
            "no picture, sorry",
            "here is the picture",
            "[photo]",
            "photo attached",
            "I don't have any photos",
        ] {
            assert!(SPEAKS.is_match(&fold(said)), "{said}");
        }
        for said in [
            "图片和实物不符",
            "和照片上的不一样",
            "可以开发票",
            "the picture on the cup is wrong",
            "it looks different from the photo",
            "where is my photo frame",
            "我拍下了还没付款",
        ] {
            assert!(!SPEAKS.is_match(&fold(said)), "{said}");
        }
    }
}
