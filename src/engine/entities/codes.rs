//! Numbers of orders, parcels and phones.

use std::ops::Range;

use super::{
    Entities,
    cues::Cue,
    form::{Form, Reading, pattern},
};
use crate::engine::text::fold;

pub static PHONE: Form = Form::new(
    || {
        pattern(
            r"(?:^|[^\da-z#])(?P<phone>(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\+\d[\d ()-]{7,17}\d)(?:$|[^\da-z])",
        )
    },
    |it| it.cues.digits > 6,
);
pub static LABELLED_PHONE: Form = Form::new(
    || {
        pattern(
            r"(?:手机号?码?|手機號?碼?|电话号?码?|電話號?碼?|联系方式|phone(?: number| no\.?)?|mobile|tel)\s*(?:是|为|is|[:#.])*\s*(?P<phone>\+?\d[\d ()-]{5,17}\d)(?:$|[^\da-z])",
        )
    },
    |it| it.cues.digits > 6,
);
pub static TAIL: Form = Form::new(
    || {
        pattern(
            r"(?:尾号|尾號|末四位|后四位|後四位|最后四位|最後四位|后4位|末4位|末四碼|後四碼|last (?:four|4)(?: digits)?(?: of (?:my )?(?:phone|mobile)(?: number)?)?|end(?:ing|s)(?: in| with)?)\s*(?:是|为|are|is|[:：])*\s*(?P<tail>\d{4})(?:$|\D)",
        )
    },
    |it| it.cues.digits > 3 && it.cues.has(Cue::Tail),
);
pub static TAIL_BEFORE: Form = Form::new(
    || pattern(r"(?:^|\D)(?P<tail>\d{4})\s*(?:是|为)?\s*(?:手机|我?的?电话)?(?:尾号|尾號|结尾|結尾)"),
    |it| it.cues.digits > 3 && it.cues.has(Cue::Tail),
);
/// Letters that begin the numbers of couriers, and many digits.
pub static PARCEL: Form = Form::new(
    || {
        pattern(
            r"(?:^|[^a-z0-9])(?P<code>(?:sf|yt|zt|sto|jd|jdv[a-z]?|jt|yd|dpk|ems|lp|cn)\d{9,16}|1z[a-z0-9]{8,18}|[a-z]{2}\d{9}[a-z]{2})(?:$|[^a-z0-9])",
        )
    },
    |it| it.cues.digits > 8 || (it.cues.digits > 0 && it.cues.has(Cue::Parcel)),
);
pub static LABELLED_PARCEL: Form = Form::new(
    || {
        pattern(
            r"(?:快递单号|物流单号|运单号?|快遞單號|物流單號|運單號?|tracking(?: number| num\.?| no\.?| code| id)?)\s*(?:是|为|is|[:#])*\s*(?P<code>[a-z]{0,4}\d[a-z0-9]{7,24})",
        )
    },
    |it| it.cues.digits > 0 && it.cues.has(Cue::Parcel),
);
pub static LABELLED_ORDER: Form = Form::new(
    || {
        pattern(
            r"(?:订单|訂單|定单|单号|單號|注文番号|order|ordre|pedido|bestellung|commande)\s*(?:编号|編號|号码|號碼|号|號|number|no\.?|nr\.?|id)?\s*(?:是|为|is|[:#=])*\s*(?P<code>[a-z]{0,6}[-_ ]?\d[a-z0-9]*(?:[-_/ ]\d[a-z0-9]*){0,4})",
        )
    },
    |it| it.cues.digits > 0 && it.cues.has(Cue::Order),
);
pub static HASH: Form = Form::new(
    || pattern(r"(?:#|№)\s?(?P<code>[a-z]{0,6}[-_]?\d[a-z0-9]*(?:[-_]\d[a-z0-9]*){0,4})"),
    |it| it.cues.digits > 0 && it.cues.has(Cue::Order),
);
pub static CODE: Form = Form::new(
    || {
        pattern(
            r"(?:^|[^a-z0-9_-])(?P<code>[a-z]{1,6}[-_]?\d{3,20}(?:[-_]\d{1,12}){0,4}|[a-z]{1,4}(?:[-_ ]\d{2,12}){2,4}|\d{2,12}(?:[-_]\d{2,12}){1,4})(?:$|[^a-z0-9_-])",
        )
    },
    |it| it.cues.digits > 2,
);
pub static LONG: Form =
    Form::new(|| pattern(r"(?:^|[^a-z0-9.])(?P<code>\d{8,24})(?:$|[^a-z0-9])"), |it| it.cues.digits > 7);

/// What is told of first keeps its digits: a phone number is no order's.
pub fn read(reading: &Reading, found: &mut Entities) {
    let text = reading.text;
    let mut taken: Vec<Range<usize>> = Vec::new();
    let digits = |text: &str| text.chars().filter(|it| it.is_ascii_digit() || *it == '+').collect::<String>();
    for number in [&found.tax_number].into_iter().flatten().chain(&found.emails) {
        let upper = text.to_uppercase();
        let place = upper.find(&number.to_uppercase()).filter(|_| upper.len() == text.len());
        taken.extend(place.map(|at| at..at + number.len()));
    }
    for form in [&TAIL, &TAIL_BEFORE] {
        // Of 1001, 尾号8000 the digits after the word are meant.
        if found.phone_tails.is_empty() {
            all(reading, form, "tail", &mut taken, |it| found.phone_tails.push(it.to_owned()));
        }
    }
    for form in [&LABELLED_PARCEL, &PARCEL] {
        all(reading, form, "code", &mut taken, |it| found.parcels.push(it.to_uppercase()));
    }
    for form in [&LABELLED_PHONE, &PHONE] {
        all(reading, form, "phone", &mut taken, |it| found.phones.push(digits(it)));
    }
    for form in [&LABELLED_ORDER, &HASH, &CODE, &LONG] {
        all(reading, form, "code", &mut taken, |it| {
            let it = without_tail(it);
            // Two digits are how many, not which; a date is when.
            if it.chars().filter(char::is_ascii_digit).count() > 2 && !is_date(it) {
                found.orders.push(it.trim().to_owned());
            }
        });
    }
}

/// Takes what is found of a form where nothing was taken yet.
fn all(reading: &Reading, form: &Form, name: &str, taken: &mut Vec<Range<usize>>, mut take: impl FnMut(&str)) {
    let mut from = 0;
    while let Some(captures) = reading.first_from(form, from) {
        let Some(found) = captures.name(name) else { break };
        // What comes after may begin with the very sign that ends this one.
        from = found.end();
        let ends = taken.iter().filter(|it| found.start() < it.end && it.start < found.end()).map(|it| it.start).min();
        // What reaches into something else ends before it: an order's number with a phone's behind it.
        let own = reading.text.get(found.start()..ends.unwrap_or(found.end())).unwrap_or_default();
        let own = own.trim_end_matches([' ', '-', '_', '/']);
        if !own.is_empty() {
            taken.push(found.start()..found.start() + own.len());
            take(own);
        }
        if from >= reading.text.len() {
            break;
        }
    }
}

/// A number without the last digits of a phone that were said behind it (`A9001 8899`). A number may be written in groups,
/// too: behind the year or day that one begins with comes more of it, and so behind a group of several.
fn without_tail(code: &str) -> &str {
    let is_tail = |it: &str| it.len() == 4 && it.bytes().all(|byte| byte.is_ascii_digit());
    let Some((number, _)) = code.trim().rsplit_once(' ').filter(|(_, tail)| is_tail(tail)) else { return code };
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let begins_with_a_day = matches!(digits.len(), 4 | 6 | 8) && (digits.starts_with("19") || digits.starts_with("20"));
    if number.contains(' ') || digits.len() < 3 || begins_with_a_day { code } else { number }
}

fn is_date(code: &str) -> bool {
    let mut parts = code.split(['-', '/', '_']);
    let mut next = |digits: usize| {
        parts.next().is_some_and(|it| it.len() <= digits && it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    code.len() <= 10 && code.starts_with("20") && next(4) && next(2) && next(2) && parts.next().is_none()
}

/// Whether a text is nothing but what could be an order's number: the answer to who asked for one.
pub fn looks_like_order(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if !(3..=30).contains(&digits) {
        return false;
    }
    let text = text.trim().trim_end_matches(['.', '。', '!', ',']).trim_start_matches(['#', '№', ' ']);
    let mut parts = text.split(['-', '_', '/', ' ']);
    let letters = |it: &str| it.len() <= 8 && it.bytes().all(|byte| byte.is_ascii_alphabetic());
    let numbered = |it: &str| {
        let from = it.find(|it: char| it.is_ascii_digit());
        from.is_some_and(|at| at <= 8) && it.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let plain = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let Some(first) = parts.next() else { return false };
    let rest: Vec<&str> = parts.collect();
    let begins = numbered(first) || (letters(first) && rest.first().is_some_and(|it| numbered(it)));
    begins && rest.len() <= 6 && rest.iter().all(|it| plain(it))
}

/// An order's number as it is compared: letters and digits alone, since people leave out and put in what is between.
fn order_key(id: &str) -> String {
    fold(id).chars().filter(|it| it.is_alphanumeric()).collect()
}

/// Whether a folded text says this order's number: with its signs or without, and without the letters before a long one.
pub fn says_order(folded: &str, id: &str) -> bool {
    let key = order_key(id);
    let digits = key.trim_start_matches(|it: char| !it.is_ascii_digit());
    if key.len() < 3 || !key.bytes().any(|it| it.is_ascii_digit()) {
        return key.len() > 2 && folded.contains(&fold(id));
    }
    let runs: Vec<&str> = folded.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty()).collect();
    let short = digits.len() >= 4 && digits.bytes().all(|it| it.is_ascii_digit()) && runs.contains(&digits);
    short || (0..runs.len()).any(|first| spells(runs.get(first..).unwrap_or_default(), &key))
}

/// Whether the first few runs together are the key.
fn spells(runs: &[&str], key: &str) -> bool {
    let mut rest = key;
    for run in runs {
        match rest.strip_prefix(run) {
            Some("") => return true,
            Some(more) => rest = more,
            None => return false,
        }
    }
    false
}
