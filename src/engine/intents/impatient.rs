//! Who asks for a person, and has lost patience: it is heard from how they say it.
//!
//! That a person is asked for is no trouble by itself, so the model takes no such sentence for urgent; what makes it so is
//! the same whatever is asked for: shouting, saying it over and over, and being tired of what the clerk says.

use std::sync::LazyLock;

use crate::engine::word_list::WordList;

/// How often somebody says a word who says it over and over.
const OVER_AND_OVER: usize = 3;
/// Letters of Chinese that are so repeated.
const LONGEST_REPEATED: usize = 4;

/// What people write who are tired of being answered as they are. Folded, so simplified and without accents.
const TIRED: &[&str] = &[
    // Of answers from a tin.
    "模板",
    "自动回复",
    "罐头",
    "复制粘贴",
    "套话",
    "糊弄",
    "敷衍",
    "绕圈",
    "兜圈",
    "车轱辘",
    "鬼打墙",
    "推来推去",
    "踢皮球",
    "听不懂人话",
    "说人话",
    "答非所问",
    "没用",
    "有完没完",
    "够了",
    "受够",
    "烦死",
    "气死",
    "别再",
    "不想再",
    "第几次",
    "第二次",
    "第三次",
    "第四次",
    "第五次",
    "三次了",
    "四次了",
    "五次了",
    "三遍",
    "四遍",
    "五遍",
    "百遍",
    "n遍",
    "n次",
    "几遍",
    "多少遍",
    "多少次",
    "到底",
    "马上给我",
    "立刻",
    "立马",
    "赶紧",
    "活人",
    "死哪",
    "冇用",
    "唔好再",
    "即刻",
    "讲咗几多",
    "canned",
    "template",
    "templates",
    "copy paste",
    "copy and paste",
    "scripted",
    "going in circles",
    "in circles",
    "round in circles",
    "useless",
    "no use",
    "pointless",
    "going nowhere",
    "getting nowhere",
    "this mess",
    "sick of",
    "tired of",
    "fed up",
    "had enough",
    "enough of",
    "for the last time",
    "third time",
    "fourth time",
    "fifth time",
    "3rd time",
    "4th time",
    "5th time",
    "6th time",
    "10th time",
    "100th time",
    "how many times",
    "actually fix",
    "actually help",
    "actually do something",
    "right now",
    "this instant",
    "immediately",
    "for god's sake",
    "for gods sake",
    "for the love of",
    "ffs",
    "wtf",
    "stop sending",
    "stop with",
    "stop giving",
    "stop wasting",
    "stop this",
    "ridiculous",
    // Elsewhere.
    "いい加減",
    "何度",
    "何回",
    "定型文",
    "テンプレ",
    "ふざけ",
    "今すぐ",
    "話にならない",
    "役に立たない",
    "몇 번",
    "몇번",
    "답답",
    "복붙",
    "매크로",
    "장난",
    "당장",
    "그만 좀",
    "짜증",
    "tra loi may",
    "vo dung",
    "buc minh",
    "may lan roi",
    "bao nhieu lan",
    "lien di",
    "dung gui",
    "ngay lap tuc",
    "jawaban template",
    "gitu2 mulu",
    "muter2",
    "muter-muter",
    "percuma",
    "berkali-kali",
    "berapa kali",
    "sekarang juga",
    "capek",
    "ga guna",
    "ตอบวน",
    "กี่รอบ",
    "กี่ครั้ง",
    "เดี๋ยวนี้",
    "ไม่รู้เรื่อง",
    "พอแล้ว",
    "เบื่อ",
    "no sirve",
    "harto",
    "harta",
    "ya basta",
    "ahora mismo",
    "de una vez",
    "cuantas veces",
    "respuestas automaticas",
    "dejen de",
    "inutil",
];

/// Whether a folded text is of somebody who has lost patience: "AGENT. AGENT. AGENT.", 别再发模板了.
pub fn is_out_of_patience(folded: &str) -> bool {
    static WORDS: LazyLock<WordList> = LazyLock::new(|| WordList::new(TIRED.iter().copied()));
    shouts(folded) || says_it_over_and_over(folded) || WORDS.occurs_in(folded)
}

fn shouts(folded: &str) -> bool {
    ["!!", "! !", "?!", "!?"].iter().any(|it| folded.contains(it))
}

/// Whether a word, or a part of the text between its signs, comes again and again.
fn says_it_over_and_over(folded: &str) -> bool {
    let words: Vec<&str> = folded.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
    let repeated = words.windows(OVER_AND_OVER).any(|it| it.iter().all(|word| Some(word) == it.first()));
    let letters: Vec<char> = folded.chars().collect();
    // What is the same when moved by its length is that over and over.
    let in_a_row = (2..=LONGEST_REPEATED).any(|length| {
        letters.windows(length * OVER_AND_OVER).any(|all| {
            all.iter().all(|it| it.is_alphabetic())
                && all.iter().zip(all.iter().skip(length)).all(|(it, later)| it == later)
        })
    });
    repeated || in_a_row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn shouting_repeating_and_being_tired_of_it_is_impatience() {
        for said in [
            "HUMAN!!!",
            "Agent. Agent. Agent.",
            "人工 人工 人工",
            "转人工转人工转人工",
            "别拿模板糊弄我 换个人",
            "唔好再send罐頭訊息",
            "enough of the canned replies, put me through to somebody",
            "stop sending me templates",
            "i need a manager right now",
            "nói bao nhiêu lần rồi, cho gặp người",
            "mau ngomong sama orang, bot muter2",
            "何度も同じ答え、人を出して",
        ] {
            assert!(is_out_of_patience(&fold(said)), "{said}");
        }
    }

    #[test]
    fn asking_kindly_for_a_person_is_not() {
        for said in [
            "转人工",
            "人工客服",
            "麻烦转一下人工 谢谢",
            "可以打電話嗎",
            "can I talk to a human please",
            "agent",
            "is there a phone number I can ring?",
            "상담원 연결해주세요",
            "cho gặp nhân viên",
            "mau bicara dengan orang",
            "有人在吗？",
        ] {
            assert!(!is_out_of_patience(&fold(said)), "{said}");
        }
    }
}
