//! What belongs to something that was told before: the number, phone or address that was asked for, why, and how it goes.
//!
//! Each of these means something else where it is said first, and often what was told again, as another kind of it. A colleague who takes
//! the ticket wants to read it there.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    at_hand::AtHand,
    entities::only_identifies,
    intents::Verdict,
    limits,
    lines::asks,
    question::{CERTAINLY, Question},
    rules::Match,
    tickets::{CALLBACK, UNDECIDED},
    turn::Turn,
};
use crate::model::{Content, Finding, Ticket, Urgency};

/// How long something told is what an answer to it is about: a picture may be taken the next evening.
const FRESH_MS: i64 = 3 * 24 * 60 * 60_000;
/// How long what is said and not understood goes with it.
const WARM_MS: i64 = 2 * 60 * 60_000;
/// Tickets for which nobody was asked which order it is.
const OF_NO_ORDER: [&str; 6] = ["order", "question", "wholesale", CALLBACK, UNDECIDED, "storm"];
/// Tickets for which a reason is given.
const OF_A_REASON: [&str; 3] = ["returns", "refund", "cancel-order"];
/// What reasons are like, and means no more than that beside such a ticket.
const LIKE_REASONS: [&str; 4] = ["size-help", "product-variant", "product-spec", "review"];

/// How it goes, and when it will be done: 今天能解决吗, "how long will this take".
pub(super) static ASKS_HOW_IT_GOES: LazyLock<Regex> = LazyLock::new(|| {
    let chinese = "^(?:那|请问|你们|您|这|这个|这事|事情|我的|问题|到底|大概|大约|最快|一般|今天|今晚|明天|现在|马上|得|要|需要|等|会|就|还要|还得)*\
        (?:(?:多久|什么时候|啥时候|几时|何时|几天|多长时间|几点|哪天)(?:才|能|可以|会|给我?|帮我?|有|来)*(?:解决|处理|答复|回复|回|结果|搞定|弄好|说法|消息|好|到账|入账|退款|退钱|退到|打款|退给|退)\
        |(?:能|可以|能不能|可不可以)(?:给|帮|把)*(?:我|这个|问题)*(?:解决|处理|答复|回复|搞定|弄好|给个说法)\
        |(?:处理|解决|核实|查|弄)(?:得|的|到)?(?:怎么样|如何|咋样|哪一步)|(?:有|出)(?:结果|消息|进展|答复|回复|说法)\
        |(?:处理|解决|弄|搞定)(?:好|完)?了?(?:没|吗))\
        (?:我|完|好|到|了|吗|嘛|呢|啊|呀|没有|没|不|一下| )*$";
    let english = r"^(?:(?:so|and|ok|okay|hi|hello|please|but|just|then|also)\s+)*(?:how long (?:will|does|is|would|might) (?:this|it|that|they)(?: going to)? (?:take|be)|how (?:much )?long(?:er)?|when (?:will|can|do|would) (?:you|i|it|this|someone|somebody|they|we)(?: guys)? (?:fix|solve|sort|handle|resolve|deal with|get|hear|know|have|reply|answer|respond|be (?:fixed|solved|sorted|handled|resolved|done))(?: (?:it|this|that|out|back|from you|an answer|a reply|to me|me|more))*|(?:is there |do you have |have you got )?any (?:news|update|updates|progress|answer)(?: (?:yet|on this|on that|for me|please))*|what(?:'s| is) (?:happening|going on|the status)(?: (?:with|on) (?:this|that|it|my (?:case|ticket|complaint)))?|what happens (?:next|now))(?:\s+(?:please|pls|then|now|exactly|tonight|today))*$";
    let elsewhere = "^(?:で|今|その後|それで|、)*(?:どうなって|どうなり|進捗|進展|対応は|いつ(?:解決|対応|返事|返金)).{0,12}$\
        |^(?:그럼|그래서|지금|제|\\s)*(?:어떻게 (?:돼|되|진행)|진행 ?상황|언제 (?:해결|처리|답변|환불)|얼마나 (?:걸|기다)|소식).{0,12}$\
        |^(?:แล้ว|ตอนนี้|เรื่อง|สรุป|\\s)*(?:ถึงไหนแล้ว|ไปถึงไหน|คืบหน้า|เป็นยังไง(?:บ้าง)?|ได้เรื่อง|จะแก้|เมื่อไหร่จะ|อีกนาน).{0,16}$\
        |^(?:vậy|thế|shop|ơi|bên mình|vụ này|của mình|\\s)*(?:xử lý|giải quyết|tới đâu|đến đâu|sao rồi|có tin gì|bao giờ xong|khi nào xong).{0,18}$\
        |^(?:terus|jadi|kak|min|ini|\\s)*(?:gimana|bagaimana|kabarnya|sudah sampai mana|udah sampai mana|kapan (?:selesai|diproses|beres)|ada kabar|progresnya?|berapa lama).{0,20}$\
        |^(?:y|entonces|hola|pues|¿|\\s)*(?:cómo (?:va|está|sigue|anda)|qué (?:pasa|hay)|alguna novedad|hay novedades|cuándo (?:lo )?(?:resuelv|solucion|sabr)|cuánto (?:va a )?tarda).{0,24}$";
    super::text::regex(&format!("{chinese}|{english}|{}", super::text::fold_pattern(elsewhere)))
});

/// Their own mistake, which is a reason and no trouble of the store's.
static OWN_MISTAKE: LazyLock<Regex> = LazyLock::new(|| {
    super::text::regex(concat!(
        "^(?:我|自己|是|不小心|不好意思|抱歉|刚才|刚刚|因为|就是|,| )*(?:(?:拍|买|订|定|下|选|点|按|看|写|填)(?:单|成)?错|手滑|手抖)",
        r"|^(?:(?:sorry|oops|i|we|just|because|accidentally|by mistake|my bad|it was)\s+)*(?:ordered|bought|picked|chose|selected|clicked|got|put)(?: in)? (?:the )?wrong\b",
    ))
});

impl Turn<'_> {
    /// The newest urgent ticket of the conversation, if it is no old story.
    pub(super) fn fresh_trouble(&self) -> Option<Ticket> {
        self.newest(FRESH_MS, |it| it.urgency == Urgency::Urgent)
    }

    /// The newest ticket of the conversation, if it is no old story.
    pub(super) fn fresh_ticket(&self) -> Option<Ticket> {
        self.newest(FRESH_MS, |_| true)
    }

    fn newest(&self, within_ms: i64, fits: impl Fn(&Ticket) -> bool) -> Option<Ticket> {
        let tickets = self.decision.conversation.tickets.iter().rev();
        let mut open = tickets.filter_map(|it| self.open_ticket_named(&it.id));
        open.find(|it| fits(it) && self.view.now_ms.saturating_sub(it.opened_ms) < within_ms)
    }

    /// Puts a number, a phone or an address that is all that was said with what waits for it, whatever it may seem to mean.
    pub(super) fn hear_of_details(&mut self, question: &Question, matches: &[Match<'_>]) -> bool {
        if !are_guesses(matches) || !only_identifies(question.folded()) {
            return false;
        }
        let which = !question.entities.orders.is_empty();
        let waits = |it: &Ticket| !which || !OF_NO_ORDER.contains(&it.kind.as_str());
        let Some(ticket) = self.fresh_trouble().or_else(|| self.newest(FRESH_MS, waits)) else { return false };
        self.put_with(&ticket, question);
        true
    }

    /// Puts with a trouble, or a wish, what is said of it: how long it takes, why, and what sounds like another trouble by a guess
    /// alone.
    pub(super) fn hear_more_of_it(&mut self, question: &Question, matches: &[Match<'_>]) -> bool {
        if matches.is_empty() || !are_guesses(matches) {
            return false;
        }
        let how_it_goes =
            || question.folded().split([',', '.', '?', '!', '。', '¿']).any(|it| ASKS_HOW_IT_GOES.is_match(it.trim()));
        if let Some(trouble) = self.fresh_trouble() {
            let kind = |it: &Match<'_>| it.rule.settings.ticket.as_ref().map(|it| it.kind.clone());
            let another = |it: &Match<'_>| it.rule.is_alone() && kind(it).is_some_and(|kind| kind != trouble.kind);
            let a_guess = question.meant.sureness() < CERTAINLY && self.is_warm(&trouble);
            if how_it_goes() || (a_guess && matches.iter().all(another)) {
                self.put_with(&trouble, question);
                return true;
            }
        }
        let Some(ticket) = self.ticket_that_wants_a_reason() else { return false };
        let like_one = question.meant.sure().is_some_and(|it| LIKE_REASONS.contains(&it)) && !question.meant.urgent;
        let reason = (like_one || OWN_MISTAKE.is_match(question.folded())) && !asks(question.folded());
        if !reason && !how_it_goes() {
            return false;
        }
        self.put_with(&ticket, question);
        true
    }

    /// Puts what nothing answers with what was told just now, where it asks nothing; whether there is any such thing.
    pub(super) fn hear_what_nobody_knows(&mut self, question: &Question) -> bool {
        let trouble = || self.fresh_trouble().filter(|it| self.is_warm(it));
        let offers = matches!(question.meant.verdict, Verdict::Unsure(_)) && asks(question.folded());
        let how_it_goes = || ASKS_HOW_IT_GOES.is_match(question.folded().trim_matches(['?', '.', '!', ' ', '¿']));
        let ticket = match () {
            () if self.fresh_trouble().is_some() && how_it_goes() => self.fresh_trouble(),
            () if offers || asks(question.folded()) => None,
            () => trouble().or_else(|| self.ticket_that_wants_a_reason()),
        };
        let Some(ticket) = ticket else { return false };
        self.put_with(&ticket, question);
        true
    }

    fn ticket_that_wants_a_reason(&self) -> Option<Ticket> {
        self.fresh_ticket().filter(|it| OF_A_REASON.contains(&it.kind.as_str()) && self.is_warm(it))
    }

    pub(super) fn is_warm(&self, ticket: &Ticket) -> bool {
        self.view.now_ms.saturating_sub(ticket.opened_ms) < WARM_MS
    }

    /// Says that something was added to what waits, and never the same words twice running.
    pub(super) fn say_noted(&mut self, said: &str) {
        let at_hand = AtHand { text: Some(said), ..AtHand::default() };
        let noted = self.phrase("noted", &at_hand);
        let again = noted.as_deref().is_some_and(|it| limits::was_said_last(&self.decision.conversation, it));
        match noted {
            Some(text) if !again => self.say(Content::text(text)),
            _ => drop(self.say_phrase("fallback-noted", &at_hand)),
        }
    }

    pub(super) fn put_with(&mut self, ticket: &Ticket, question: &Question) {
        self.say_noted(&question.said);
        // Trouble that only sounds like one raises nobody's wish to the top.
        let urgency =
            if question.meant.urgent && ticket.urgency == Urgency::Urgent { Urgency::Urgent } else { Urgency::Normal };
        self.open_ticket(&ticket.kind, question.said.clone(), urgency);
        self.decision.conversation.misses = 0;
    }
}

/// Whether nothing but what was probably meant speaks for an answer.
pub(super) fn are_guesses(matches: &[Match<'_>]) -> bool {
    matches.iter().all(|it| matches!(it.why, Finding::MeantIt))
}
