//! What is said of a trouble that was told, and means something else where it is said first: 你们负责吗, 什么时候能到, 算了 自认倒霉.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    at_hand::AtHand,
    follow_ups::{ASKS_HOW_IT_GOES, are_guesses},
    question::Question,
    rules::Match,
    text::{fold_pattern, regex},
    turn::Turn,
    word_list::WordList,
};
use crate::model::Urgency;

/// Troubles with a parcel that is not there: whoever asks when it comes asks of that one.
const NOT_THERE: [&str; 2] = ["not-received", "late"];
/// What is told of such a parcel.
const OF_THE_WAY: [&str; 2] = ["where-is-order", "late"];
/// Tickets for goods that go back.
const GOING_BACK: [&str; 2] = ["returns", "refund"];

const LEAD: &str = "(?:那么?|所以|请问|你们家?|店里|店家|商家|卖家|您|我这个|我的|我|这种情况|这种|这个|这事|这样|这|坏的|碎的|错的|少的|东西|现在|到底|究竟|会不会|能不能|可不可以|会|能|可以|应该|要不要|要|还|是|都|就|该|得|又|给|的话|麻烦|,| )*";
const TAIL: &str = "(?:我们?|一下|一个|一罐|一盒|一份|一件|一套|新的|回去|过去|的|吗|么|嘛|吧|呢|啊|呀|哦|不|没有|没|个|钱|了|行吗|可以吗| )*$";

/// Who answers for it, and what becomes of it.
static WHAT_BECOMES: LazyLock<Regex> = LazyLock::new(|| {
    let chinese = format!(
        "^{LEAD}(?:负不负责|负责任?|管不管|管|认不认|认账|赔不赔|赔偿?|包赔|补偿|补不补|补发?|补寄|重发|重寄|再发|再寄|重新(?:发|寄)|怎么(?:办|处理|弄|解决|赔偿?|补偿|搞|整)|咋(?:办|整|弄|处理|赔)|如何(?:处理|解决|赔偿)|(?:有)?(?:什么|啥|个)说法|怎么说|怎么个说法|谁(?:来)?(?:负责|承担|赔|管)|找谁|损失(?:谁|怎么)(?:来)?(?:出|付|承担|负责|算|赔)|有(?:没有)?人(?:管|处理|负责))(?:这个|这件|这种|这事|到底)?{TAIL}"
    );
    let english = concat!(
        r"^(?:(?:so|and|but|ok|okay|then|well|hi|please|now) ?,? )*(?:",
        r"(?:are|r) (?:you|u|they)(?: guys)? (?:going to|gonna|gona) (?:pay|cover|replace|send|resend|fix|sort|do|make it right|compensate)(?: \S+){0,5}",
        r"|(?:will|would|can|could) (?:you|u|they)(?: guys)?(?: just| please)? (?:pay|cover|replace|send (?:me |us )?(?:another|a new|a replacement|new|the right|the missing)|resend|fix|sort|make it right|compensate)(?: \S+){0,5}",
        r"|(?:are|r) (?:you|u|they)(?: guys)? (?:responsible|liable|taking responsibility|paying|covering|replacing|sending)(?: \S+){0,5}",
        r"|(?:do|will) (?:you|u) take responsibility(?: \S+){0,3}|who(?:'s| is|'ll| will)? (?:pay(?:s|ing)?|responsible|liable|cover(?:s|ing)?)(?: \S+){0,4}",
        r"|what (?:now|do i do(?: now| with it| with this)?|should i do(?: now| with it| with this)?|(?:are|r) (?:you|u)(?: guys)? (?:going to|gonna) do(?: about \S+)?|can (?:you|u) do(?: about \S+)?|about (?:mine|my money|me))",
        r"|is (?:this|it|that) (?:covered|insured)|how (?:will|are|do) (?:you|u) (?:going to )?(?:fix|solve|make|compensate)(?: \S+){0,5}",
        r")(?: then| now| please| or what| or not)*$",
    );
    let elsewhere = "^(?:で|じゃあ?|これ|それ|って|は|、)*(?:どう(?:すれば|したら|して|なり|なる)|責任|補償|弁償|交換して|再送)(?:.{0,14})$|^(?:그럼|이거|그러면|\\s)*(?:책임|보상|배상|어떻게 (?:해|하|처리)|다시 보내).{0,14}$|^(?:แล้ว|ร้าน|\\s)*(?:รับผิดชอบ|ชดเชย|ทำยังไง|ทำไง|ส่งใหม่|เคลม).{0,14}$|^(?:vậy|thế|shop|có|\\s)*(?:chịu trách nhiệm|đền|bồi thường|gửi lại|giải quyết sao|làm sao).{0,20}$|^(?:terus|jadi|ini|toko|\\s)*(?:tanggung jawab|ganti rugi|diganti|gimana dong|kirim ulang|solusinya).{0,20}$|^(?:y|entonces|pues|¿|\\s)*(?:os hacéis responsables|se hacen responsables|quién (?:paga|responde)|qué hago|qué vais a hacer|qué van a hacer|me mandáis otr|me envían otr).{0,20}$";
    regex(&format!("{chinese}|{english}|{}", fold_pattern(elsewhere)))
});
/// Where it goes back to, and who pays for that.
static GOES_BACK: LazyLock<Regex> = LazyLock::new(|| {
    let chinese = format!(
        "^{LEAD}(?:(?:需要|用|先)*(?:寄回|退回|发回)(?:去|来|给)?|(?:寄|退|发)(?:回)?(?:到|去|给)?(?:哪|谁)(?:里|儿)?|(?:来回|寄回|退回|退货)?的?(?:运费|邮费|快递费)(?:是)?(?:谁|你们|我)?(?:来)?(?:出|付|承担|负责|掏|算谁的)|(?:退货)?地址(?:是什么|在哪|发我|给我|是))(?:多少)?{TAIL}"
    );
    let english = r"^(?:(?:so|and|but|ok|okay|then|well|also|please) ?,? )*(?:(?:do|should|must|would) i (?:have to |need to )?(?:send|return|ship|post|mail|give) (?:it|them|this|that|the \w+)(?: all)? back(?: first)?|where (?:do|should|can) i (?:send|return|ship|post|mail) (?:it|them|this)(?: back)?(?: to)?|who pays (?:for )?(?:the )?(?:return )?(?:shipping|postage)|what(?:'s| is) the return address)(?: then| now| please)*$";
    regex(&format!("{chinese}|{english}"))
});
/// When it is there at last.
static WHEN_IT_COMES: LazyLock<Regex> = LazyLock::new(|| {
    let chinese = "^(?:那么?|所以|请问|到底|究竟|大概|最快|最晚|我的?|包裹|快递|东西|货|它|今天|明天|后天|还要|还得|还|得|要|再|会|能|,| )*(?:(?:什么时候|啥时候|几时|何时|哪天|几号|多久|几天|多长时间|什么时间)(?:才|能|会|可以|到底|给我)*(?:到货?|送到?|收到|送来|派送|来|拿到|发货?|寄出?|发出|到手|等)?|(?:到|送到|收到)(?:得了)?|等(?:多久|几天|到什么时候|到啥时候))(?:呢|啊|呀|吗|嘛|么|了|一下|货|我|才|能|到|收到|得|的| )*$";
    let english = r"^(?:(?:so|and|but|ok|okay|well|then|please) ?,? )*(?:when(?:'s|'ll| will| is| does| do| can| would| should| am)? (?:it|i|my \w+|the \w+|this|that|they|you)(?: (?:going to|gonna|finally|actually|be|get|getting|arrive|arriving|come|coming|here|expect|receive|have|delivered|deliver|it|them|to|me|there|then|now|really|supposed|show|up|turn|send))*|how (?:much )?long(?:er)?(?: (?:will|does|is|until|till|do|before|must|more|it|i|take|have|to|wait|be|arrives|comes|now|get|here))*|(?:what(?:'s| is) the )?(?:new )?eta|will (?:it|they) (?:ever )?(?:come|arrive|get here)(?: \S+){0,2})(?: then| now| exactly| please| today| tomorrow)*$";
    let elsewhere = r"^(?:で|じゃあ?|それで|一体|結局|、)*(?:いつ|何日|あとどのくらい).{0,10}(?:届|着|来|かかり)\S{0,8}$|^(?:그럼|그래서|도대체|대체|\s)*(?:언제).{0,4}(?:와|오|도착|받|배송)\S{0,8}$|^(?:แล้ว|สรุป|\s)*(?:เมื่อไหร่|เมื่อไร|อีกกี่วัน|อีกนานไหม|จะได้|จะมา|จะถึง).{0,20}$|^(?:vậy|thế|rốt cuộc|\s)*(?:khi nào|bao giờ|chừng nào|bao lâu nữa).{0,18}(?:tới|đến|nhận|giao|có|về)?\S{0,8}$|^(?:terus|jadi|\s)*(?:kapan|berapa lama lagi).{0,20}(?:sampai|datang|dikirim|sampe|nyampe)?\S{0,6}$|^(?:y|entonces|pues|¿|\s)*(?:cuándo (?:llega|va a llegar|llegará|me llega)|cuánto (?:falta|tarda)).{0,14}$";
    regex(&format!("{chinese}|{english}|{}", fold_pattern(elsewhere)))
});
/// When, and no more: of whatever was told last.
static BARELY_WHEN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "^(?:那么?|所以|请问|到底|究竟|大概|最快|还要|还得|要|得|是|在|,| )*(?:什么时候|啥时候|几时|何时|哪天|几号|多久|几天|多长时间)(?:呢|啊|呀|才行|了| )*$|^(?:(?:so|and|but|ok|then) ?,? )*(?:when(?: exactly| then)?|by when|how long|what day|which day)(?: then| now| exactly)*$",
    )
});
/// Who puts up with it: no friendly farewell goes with that.
static GIVES_UP: LazyLock<Regex> = LazyLock::new(|| {
    let chinese = "^(?:唉|哎|诶|行吧|好吧|得了?|那|我们?|就|只能|只好|也|真的?|反正|以后|懒得|,| )*(?:算了吧?|罢了|算我倒霉|自认倒霉|认栽|认倒霉|倒霉|(?:就)?当(?:我|是|作|做)*(?:喂狗|交学费|破财(?:消灾)?|买个?教训|没买过?|丢了|做慈善|白花钱?)|吃个?(?:哑巴)?亏|不追究|懒得(?:跟|和|同)?(?:你们?|您|他们)?(?:追究|计较|理|说|弄|折腾|搞|管|等)|不(?:想)?(?:计较|追究|等|折腾|指望|争|说)了?|随便(?:你们)?|爱咋咋[地的]|无所谓|没意思|心累|累了|不抱希望| )+(?:了|吧|呗|啊|哦|你们|我|就这样| )*$";
    let english = r"^(?:(?:ok|okay|oh|well|fine|just|then|you know what|honestly|ugh|so|i guess) ?,? )*(?:forget (?:it|about it)|whatever|i give up|(?:i'll|ill|i will|i guess i'll|guess i'll|i)(?: just| have to)? (?:eat|swallow|take|accept|absorb|live with|write off) (?:the |it|this|that|my )?(?:loss|hit|cost|money|off)?(?: then)?|(?:it'?s )?not worth (?:it|the (?:hassle|effort|trouble|time|fight))|don'?t bother(?: anymore)?|what'?s the point|lesson learned|i'?m (?:done|over it|tired of this)|my (?:bad luck|own fault for trusting you)|just my luck|too much hassle|keep (?:the|my) money)(?: then| now| i guess| anymore| whatever)*$";
    let elsewhere = "^(?:もう|じゃあ?|はぁ|、)*(?:いいです|いいや|諦めます|諦める|あきらめます|結構です)(?:もう|。)*$|^(?:됐어요|됐습니다|그냥 포기할게요|포기할게요|그냥 됐어요|에휴)(?:\\s*그냥|\\s*됐어요)*$|^(?:ช่างมัน|ช่างเถอะ|ไม่เป็นไรละ|ยอมแล้ว|ถือว่าซวย).{0,10}$|^(?:thôi|bỏ đi|xui|coi như).{0,24}$|^(?:ya ?udah(?:lah)?|sudahlah|anggap aja|ikhlasin aja|nyerah).{0,24}$|^(?:bah|da igual|olvídalo|déjalo|paso|me rindo|no vale la pena).{0,20}$";
    regex(&format!("{chinese}|{english}|{}", fold_pattern(elsewhere)))
});
/// What is asked of parcels to come.
static YET_TO_ORDER: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new([
        "下单",
        "现在买",
        "现在拍",
        "今天拍",
        "今天买",
        "一般",
        "通常",
        "if i order",
        "order now",
        "usually",
        "normally",
    ])
});

impl Turn<'_> {
    /// Puts with a trouble what is asked of it, and says to whoever gives up that it is seen to.
    pub(super) fn hear_of_the_trouble(&mut self, question: &Question, matches: &[Match<'_>]) -> bool {
        if self.decision.conversation.tickets.is_empty() || !are_guesses(matches) {
            return false;
        }
        let Some(trouble) = self.fresh_trouble() else { return self.hear_of_what_goes_back(question) };
        let clauses = clauses(question.folded());
        if !clauses.is_empty() && clauses.iter().all(|it| GIVES_UP.is_match(it)) {
            self.say_phrase("still-ours", &AtHand { text: Some(&question.said), ..AtHand::default() });
            self.open_ticket(&trouble.kind, question.said.clone(), Urgency::Urgent);
            self.decision.conversation.misses = 0;
            return true;
        }
        if self.playbook.catalogue.named_at(&question.utterance).is_some() {
            return false;
        }
        let is_away = NOT_THERE.contains(&trouble.kind.as_str()) && !YET_TO_ORDER.occurs_in(question.folded());
        let of_it = |clause: &&&str| {
            let forms: [&Regex; 4] = [&ASKS_HOW_IT_GOES, &BARELY_WHEN, &WHAT_BECOMES, &GOES_BACK];
            forms.iter().any(|it| it.is_match(clause)) || (is_away && WHEN_IT_COMES.is_match(clause))
        };
        // Who tells of another trouble in the same breath is heard by what they tell.
        let asked = match clauses.iter().filter(of_it).count() {
            0 => false,
            all if all == clauses.len() => true,
            _ => question.meant.sure().is_none() && !question.meant.urgent,
        };
        if asked || (trouble.kind == "not-received" && self.is_more_of_the_way(question, matches)) {
            self.put_with(&trouble, question);
            return true;
        }
        false
    }

    fn hear_of_what_goes_back(&mut self, question: &Question) -> bool {
        let ticket = self.fresh_ticket().filter(|it| GOING_BACK.contains(&it.kind.as_str()) && self.is_warm(it));
        let Some(ticket) = ticket else { return false };
        let clauses = clauses(question.folded());
        if clauses.is_empty() || !clauses.iter().all(|it| GOES_BACK.is_match(it)) {
            return false;
        }
        self.put_with(&ticket, question);
        true
    }

    /// Whether more is told of a parcel that was said not to have come, and no order is known that could be told of.
    fn is_more_of_the_way(&self, question: &Question, matches: &[Match<'_>]) -> bool {
        // What the store itself says of it is heard all the same.
        if matches.iter().any(|it| it.rule.settings.text.is_some()) {
            return false;
        }
        let more = question.meant.sure().is_some_and(|it| OF_THE_WAY.contains(&it));
        more && question.entities.orders.is_empty() && self.view.lookups.orders().is_empty()
    }
}

/// What a folded text says, piece by piece: after Chinese a space ends one.
fn clauses(folded: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, sign) in folded.char_indices() {
        if super::stance::parts(folded, at, sign) {
            found.push(folded.get(from..at).unwrap_or_default());
            from = at + sign.len_utf8();
        }
    }
    found.push(folded.get(from..).unwrap_or_default());
    found.into_iter().map(str::trim).filter(|it| it.chars().any(char::is_alphanumeric)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    fn says(form: &Regex, said: &str) -> bool {
        clauses(&fold(said)).iter().any(|it| form.is_match(it))
    }

    #[test]
    fn what_becomes_of_a_trouble_is_asked_in_many_ways() {
        for said in [
            "你们负责吗",
            "你们管不管啊",
            "那會賠我嗎",
            "补发吗",
            "能不能给我补一个",
            "那我这个怎么办",
            "谁来承担",
            "are you going to pay for it?",
            "so who pays?",
            "will you send me another one",
            "what now",
            "¿quién paga esto?",
            "責任とってくれますか",
            "책임 지시나요",
        ] {
            assert!(says(&WHAT_BECOMES, said), "{said}");
        }
        for said in
            ["能退吗", "怎么退货", "补货吗", "多少钱", "怎么泡", "can i return it", "who makes this tea", "怎么付款"]
        {
            assert!(!says(&WHAT_BECOMES, said), "{said}");
        }
    }

    #[test]
    fn when_a_parcel_comes_that_is_late_is_told_from_when_others_do() {
        for said in [
            "什么时候能到",
            "到底哪天送到啊",
            "还要等多久",
            "那今天能到吗",
            "so when will it get here",
            "how much longer",
            "いつ届きますか",
            "언제 와요",
            "cuándo llega",
        ] {
            assert!(says(&WHEN_IT_COMES, said), "{said}");
        }
        for said in ["发到北京要几天", "什么时候补货", "when do you open", "how long is the warranty", "什么时候有活动"]
        {
            assert!(!says(&WHEN_IT_COMES, said), "{said}");
        }
    }

    #[test]
    fn who_gives_up_is_told_from_who_says_goodbye() {
        for said in [
            "自认倒霉",
            "算了",
            "懒得跟你们计较了",
            "就当交学费了",
            "不等了",
            "算了不等了",
            "forget it",
            "i'll just eat the loss",
            "not worth the hassle",
        ] {
            assert!(says(&GIVES_UP, said), "{said}");
        }
        for said in
            ["谢谢 再见", "好的", "算了还是退款吧", "不要了", "bye", "no worries", "don't bother me again with ads"]
        {
            assert!(!clauses(&fold(said)).iter().all(|it| GIVES_UP.is_match(it)), "{said}");
        }
    }
}
