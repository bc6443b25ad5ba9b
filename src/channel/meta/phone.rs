//! Telephone numbers as people write them, and the ids that WhatsApp makes of them.

use std::borrow::Cow;

use crate::{channel::ByPhone, model::PhoneNumber};

/// A number in digits alone, with the country's code. A user id has letters, and stays as it is.
pub fn digits_of(written: &str) -> Cow<'_, str> {
    match PhoneNumber::read(written) {
        Some(PhoneNumber { digits, .. }) if digits != written => Cow::Owned(digits),
        _ => Cow::Borrowed(written),
    }
}

/// The id of a conversation with whoever has a number: one for both forms in which some numbers go round.
pub fn chat_id(written: &str) -> Cow<'_, str> {
    match PhoneNumber::read(written).map(|it| one_form(it.digits)) {
        Some(id) if id != written => Cow::Owned(id),
        _ => Cow::Borrowed(written),
    }
}

/// The conversation with whoever has this number.
pub fn chats_of(written: &str) -> Option<ByPhone> {
    let PhoneNumber { digits, international } = PhoneNumber::read(written)?;
    Some(ByPhone { chats: vec![one_form(digits)], certain: international })
}

/// Some countries' mobile numbers have a digit that is written or left out, and WhatsApp keeps the form in which somebody
/// signed up: for Brazil (55) and Argentina (54) a nine, which is kept here, for Mexico (52) a one, which is left out.
/// <https://faq.whatsapp.com/1294841057948784>
fn one_form(digits: String) -> String {
    let area_and_number = |code: &str| digits.strip_prefix(code).filter(|it| it.len() == 10);
    if let Some((area, number)) = area_and_number("55").and_then(|it| it.split_at_checked(2))
        && number.starts_with(['6', '7', '8', '9'])
    {
        return format!("55{area}9{number}");
    }
    if let Some(national) = area_and_number("54") {
        return format!("549{national}");
    }
    match area_and_number("521") {
        Some(national) => format!("52{national}"),
        None => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_id_however_a_shop_writes_it() {
        for (written, id) in [
            ("16505551234", "16505551234"),
            ("+1 (650) 555-1234", "16505551234"),
            ("0016505551234", "16505551234"),
            ("+86 138-0000-0000", "8613800000000"),
            ("0086 138 0000 0000", "8613800000000"),
            ("＋８６　１３８００００００００", "8613800000000"),
            ("0049 (0)151 23456789", "4915123456789"),
            ("+44 (0)20 7946 0958", "442079460958"),
            ("tel:+44-20-7946-0958", "442079460958"),
            ("\u{202a}+86\u{a0}138\u{2011}0000\u{2011}0000\u{202c}", "8613800000000"),
            (" 1.650.555/1234 ", "16505551234"),
        ] {
            assert_eq!(chat_id(written), id, "{written}");
            assert_eq!(chats_of(written).unwrap().chats[0], id, "{written}");
        }
        for other in
            ["", "+", "ana", "US.13491208655302741918", "12345", "+86 138 0000 0000 ext. 5", "1234567890123456"]
        {
            assert_eq!(chat_id(other), other);
            assert!(chats_of(other).is_none(), "{other}");
        }
    }

    #[test]
    fn only_a_number_with_its_countrys_code_is_certain() {
        for (written, certain) in [("+8613800000000", true), ("008613800000000", true), ("13800000000", false)] {
            assert_eq!(chats_of(written).unwrap().certain, certain, "{written}");
        }
    }

    #[test]
    fn a_number_is_one_conversation_with_or_without_the_digit_that_may_be_left_out() {
        for (one, other, id) in [
            ("+55 11 98765-4321", "551187654321", "5511987654321"),
            ("+52 1 55 1234 5678", "525512345678", "525512345678"),
            ("+54 9 11 1234 5678", "541112345678", "5491112345678"),
        ] {
            assert_eq!((chat_id(one), chat_id(other)), (id.into(), id.into()));
            assert_eq!(chats_of(one).unwrap().chats, chats_of(other).unwrap().chats);
        }
        assert_ne!(chat_id("551132654321"), chat_id("5511932654321"), "a landline of Brazil has eight digits");
        assert_eq!(digits_of("551187654321"), "551187654321", "written to in the form that is asked for");
    }
}
