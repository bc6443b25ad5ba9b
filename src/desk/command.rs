//! What is typed or pressed in a staff room, read. Which customer it is about is not known here.

use unicode_normalization::UnicodeNormalization;

use crate::model::{Contact, Content, StaffDeed, Unclear, is_unseen};

/// What a button of the clerk's sends begins with.
const BUTTON: &str = "desk:";
const SLASHES: [char; 2] = ['/', '／'];
/// What keyboards have where others have the slash: before the word of a command, it is one.
const NEAR_SLASHES: [char; 3] = ['、', '\\', '＼'];
const MINUSES: [char; 7] = ['-', '－', '−', '‐', '–', '—', '﹣'];

/// What was said in a room.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Something about a customer.
    OfCustomer(StaffDeed),
    /// Something about whoever said it, or nothing that leads anywhere.
    OfDesk(StaffDeed),
}

/// What a button sends: a word, the message that it stands under, and for a quick phrase its code. Nothing in it says who
/// may press it: a press counts where it comes from a staff room.
pub fn button(word: &str, reference: &str, code: Option<&str>) -> String {
    match code {
        Some(code) => format!("{BUTTON}{word}:{reference}:{code}"),
        None => format!("{BUTTON}{word}:{reference}"),
    }
}

/// A pressed button: the reference in it, and what was meant.
pub fn pressed(text: &str) -> Option<(&str, StaffDeed)> {
    let (word, rest) = text.strip_prefix(BUTTON)?.split_once(':')?;
    let (reference, code) = rest.split_once(':').unwrap_or((rest, ""));
    let deed = match word {
        "take" => StaffDeed::Take,
        "return" => StaffDeed::Return,
        "close" => StaffDeed::Close,
        "phrase" => StaffDeed::Phrase { code: code.to_owned() },
        "draft" => StaffDeed::Draft { words: String::new() },
        _ => return None,
    };
    Some((reference, deed))
}

/// A typed line, or what was sent with it. `content`: what a customer can be given of it, if anything.
pub fn read(text: Option<&str>, content: Option<Content>) -> Said {
    let text = text.map(|it| it.trim_matches(|it: char| it.is_whitespace() || is_unseen(it)));
    let text = text.unwrap_or_default();
    if let Some(line) = text.strip_prefix(SLASHES) {
        let (word, name, rest) = taken_apart(line);
        let unknown = || Said::OfDesk(StaffDeed::Unclear { why: Unclear::UnknownCommand { command: word.clone() } });
        return command(&word, &name, rest).unwrap_or_else(unknown);
    }
    let meant = text.strip_prefix(NEAR_SLASHES).and_then(|line| {
        let (word, name, rest) = taken_apart(line);
        command(&word, &name, rest)
    });
    meant.unwrap_or(match content {
        Some(content) => Said::OfCustomer(StaffDeed::Say { content }),
        None => Said::OfDesk(StaffDeed::Unclear { why: Unclear::CannotRelay }),
    })
}

/// The word of a command, the name that hangs on it, and what follows.
fn taken_apart(line: &str) -> (String, String, &str) {
    let line = line.trim_start();
    let (word, rest) = line.split_at(line.find(is_between).unwrap_or(line.len()));
    let word: String = word.nfkc().filter(|it| !is_unseen(*it)).collect::<String>().to_lowercase();
    let (word, name) = word.split_once('@').unwrap_or((&word, ""));
    let word = word.trim_end_matches(['.', '。', '!', '、', '~']);
    (word.to_owned(), name.to_owned(), rest.strip_prefix(is_between).unwrap_or(rest).trim())
}

/// What may stand between a command, a name and the words: who writes Chinese puts no space there.
fn is_between(character: char) -> bool {
    character.is_whitespace() || matches!(character, ':' | '：' | ',' | '，')
}

/// What a word asks for, if it is a command. `name`: in a group, the bot that it is for.
fn command(word: &str, name: &str, rest: &str) -> Option<Said> {
    use Said::{OfCustomer, OfDesk};
    let owned = || rest.to_owned();
    let incomplete = || OfDesk(StaffDeed::Unclear { why: Unclear::Incomplete { command: word.to_owned() } });
    let with_more = |deed: StaffDeed| if rest.is_empty() { incomplete() } else { OfCustomer(deed) };
    Some(match word {
        "take" | "接手" => OfCustomer(StaffDeed::Take),
        "return" | "clerk" | "交回" => OfCustomer(StaffDeed::Return),
        "close" | "done" | "结束" | "結束" => OfCustomer(StaffDeed::Close),
        "draft" | "草稿" => OfCustomer(StaffDeed::Draft { words: String::new() }),
        "phrase" | "p" | "短语" | "短語" => OfCustomer(StaffDeed::Phrase { code: owned() }),
        "say" | "说" | "說" => with_more(StaffDeed::Say { content: Content::text(rest) }),
        "note" | "记录" | "記錄" => with_more(StaffDeed::Note { text: owned() }),
        "remark" | "备注" | "備註" => with_more(StaffDeed::Remark { order: None, text: owned() }),
        "tag" | "标签" | "標籤" => match rest.strip_prefix(MINUSES) {
            _ if rest.is_empty() => incomplete(),
            Some(tag) if tag.trim().is_empty() => incomplete(),
            Some(tag) => OfCustomer(StaffDeed::Untag { tag: tag.trim().to_owned() }),
            None => match Contact::tag(rest) {
                Some(tag) => OfCustomer(StaffDeed::Tag { tag }),
                None => OfDesk(StaffDeed::Unclear { why: Unclear::NoTag { tag: owned() } }),
            },
        },
        "untag" => with_more(StaffDeed::Untag { tag: owned() }),
        "transfer" | "转交" | "轉交" => {
            // Bots' names end so; whoever writes another means whom it goes to.
            let (to, note) = match name {
                "" => rest.split_once(is_between).unwrap_or((rest, "")),
                name if name.ends_with("bot") => rest.split_once(is_between).unwrap_or((rest, "")),
                name => (name, rest),
            };
            match to.trim_start_matches(['@', '＠']) {
                "" => incomplete(),
                to => OfCustomer(StaffDeed::Transfer { to: to.to_owned(), note: note.trim().to_owned() }),
            }
        }
        "away" | "离开" | "離開" => OfDesk(StaffDeed::Away),
        "back" | "online" | "回来" | "回來" => OfDesk(StaffDeed::Online),
        "help" | "start" | "帮助" | "幫助" => OfDesk(StaffDeed::Help),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Said {
        read(Some(text), Some(Content::text(text)))
    }

    #[test]
    fn what_begins_with_no_slash_is_for_the_customer() {
        assert_eq!(typed("hello"), Said::OfCustomer(StaffDeed::Say { content: Content::text("hello") }));
        assert_eq!(typed("/say /take"), Said::OfCustomer(StaffDeed::Say { content: Content::text("/take") }));
    }

    #[test]
    fn commands_are_read_in_both_languages_and_with_a_bots_name() {
        for text in ["/take", "/TAKE", "／接手", "/take@shop_bot"] {
            assert_eq!(typed(text), Said::OfCustomer(StaffDeed::Take), "{text}");
        }
        let transfer = StaffDeed::Transfer { to: "mei".to_owned(), note: "wants a refund".to_owned() };
        assert_eq!(typed("/transfer @mei  wants a refund"), Said::OfCustomer(transfer));
        assert_eq!(typed("/tag -vip"), Said::OfCustomer(StaffDeed::Untag { tag: "vip".to_owned() }));
        assert_eq!(typed("/离开"), Said::OfDesk(StaffDeed::Away));
        assert_eq!(typed("/back"), Said::OfDesk(StaffDeed::Online));
    }

    #[test]
    fn a_command_is_one_however_a_keyboard_writes_it() {
        let note = |text: &str| Said::OfCustomer(StaffDeed::Note { text: text.to_owned() });
        for text in [
            "\u{200e}/note angry",
            "\u{feff}/note angry",
            "\u{200b} ／ＮＯＴＥ　angry",
            "/ note angry",
            "/记录：angry",
            "/note: angry",
            "、记录 angry",
            "\\note angry",
            "/no\u{200b}te@shop_bot angry \u{202c}",
        ] {
            assert_eq!(typed(text), note("angry"), "{text:?}");
        }
        assert_eq!(typed("/接手！"), Said::OfCustomer(StaffDeed::Take));
        for text in ["/tag −vip", "/标签 —vip", "/标签：－ vip"] {
            assert_eq!(typed(text), Said::OfCustomer(StaffDeed::Untag { tag: "vip".to_owned() }), "{text}");
        }
        let transfer = StaffDeed::Transfer { to: "小李".to_owned(), note: "请看：急".to_owned() };
        for text in ["/转交@小李 请看：急", "/转交 @小李，请看：急", "/转交@shop_bot 小李 请看：急"]
        {
            assert_eq!(typed(text), Said::OfCustomer(transfer.clone()), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_command_is_for_the_customer() {
        for text in ["、接手一下", "\\ hello", "、 你好", "no /take"] {
            let said = StaffDeed::Say { content: Content::text(text) };
            assert_eq!(typed(text), Said::OfCustomer(said), "{text}");
        }
    }

    #[test]
    fn what_lacks_something_or_is_no_command_says_so() {
        let why = |text| match typed(text) {
            Said::OfDesk(StaffDeed::Unclear { why }) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(why("/transfer"), Unclear::Incomplete { command: "transfer".to_owned() });
        assert_eq!(why("/remark  "), Unclear::Incomplete { command: "remark".to_owned() });
        assert_eq!(why("/transfer @"), Unclear::Incomplete { command: "transfer".to_owned() });
        assert_eq!(why("/tag - "), Unclear::Incomplete { command: "tag".to_owned() });
        assert_eq!(why("/标签"), Unclear::Incomplete { command: "标签".to_owned() });
        assert_eq!(why("/tag tier:gold"), Unclear::NoTag { tag: "tier:gold".to_owned() });
        assert_eq!(why("/foo bar"), Unclear::UnknownCommand { command: "foo".to_owned() });
        assert_eq!(read(None, None), Said::OfDesk(StaffDeed::Unclear { why: Unclear::CannotRelay }));
    }

    #[test]
    fn a_button_says_what_it_was_made_for() {
        let reference = "0b4f0a52-1a2b-5c3d-8e4f-0123456789ab";
        for (word, code, deed) in [
            ("take", None, StaffDeed::Take),
            ("close", None, StaffDeed::Close),
            ("phrase", Some("hours"), StaffDeed::Phrase { code: "hours".to_owned() }),
        ] {
            let value = button(word, reference, code);
            assert!(value.len() <= 64, "{value}: Telegram takes no more");
            assert_eq!(pressed(&value), Some((reference, deed)));
        }
        assert_eq!(pressed("desk:open-the-till:x"), None);
        assert_eq!(pressed("take"), None);
    }
}
