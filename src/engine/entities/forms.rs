//! The forms in which facts are written.

use std::sync::LazyLock;

use regex::{Captures, Regex, RegexBuilder};

use super::{
    amounts, codes,
    cues::{Cue, Cues},
    days, invoice, number,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Email,
    LabelledTax,
    CreditCode,
    LabelledTitle,
    Company,
    AmountAfterSign,
    AmountBeforeSign,
    CountWithUnit,
    Factor,
    CountBeforeNoun,
    Ago,
    IsoDate,
    MonthDay,
    EnglishDate,
    Weekday,
    NamedDay,
    Wait,
    Tail,
    TailBefore,
    LabelledParcel,
    Parcel,
    LabelledPhone,
    Phone,
    LabelledOrder,
    Hash,
    Code,
    Long,
}

/// In the order of the variants; a test compiles each.
static SOURCES: LazyLock<[String; 27]> = LazyLock::new(|| {
    [
        invoice::EMAIL.to_owned(),
        invoice::LABELLED_TAX.to_owned(),
        invoice::CREDIT_CODE.to_owned(),
        invoice::LABELLED_TITLE.to_owned(),
        invoice::COMPANY.to_owned(),
        amounts::AFTER_SIGN.to_owned(),
        amounts::BEFORE_SIGN.to_owned(),
        number::with_unit(),
        number::FACTOR.to_owned(),
        number::before_noun(),
        days::ago(),
        days::ISO.to_owned(),
        days::MONTH_DAY.to_owned(),
        days::english(),
        days::WEEKDAY.to_owned(),
        days::NAMED.to_owned(),
        days::wait(),
        codes::TAIL.to_owned(),
        codes::TAIL_BEFORE.to_owned(),
        codes::LABELLED_PARCEL.to_owned(),
        codes::PARCEL.to_owned(),
        codes::LABELLED_PHONE.to_owned(),
        codes::PHONE.to_owned(),
        codes::LABELLED_ORDER.to_owned(),
        codes::HASH.to_owned(),
        codes::CODE.to_owned(),
        codes::LONG.to_owned(),
    ]
});

static EACH: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let compiled = SOURCES.iter().map(|it| RegexBuilder::new(it).case_insensitive(true).build());
    compiled.map(|it| it.unwrap_or_else(|error| unreachable!("{error}"))).collect()
});

/// A text in half width, and which forms it may have.
pub struct Reading<'t> {
    pub text: &'t str,
    cues: Cues,
}

impl<'t> Reading<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, cues: Cues::of(text) }
    }

    pub fn first(&self, form: Form) -> Option<Captures<'t>> {
        self.first_from(form, 0)
    }

    pub fn first_from(&self, form: Form, from: usize) -> Option<Captures<'t>> {
        self.regex(form).and_then(|it| it.captures_at(self.text, from))
    }

    pub fn all(&self, form: Form) -> impl Iterator<Item = Captures<'t>> + use<'t> {
        let text = self.text;
        self.regex(form).into_iter().flat_map(move |it| it.captures_iter(text))
    }

    fn regex(&self, form: Form) -> Option<&'static Regex> {
        EACH.get(form as usize).filter(|_| self.may_have(form))
    }

    /// Whether the text has what no text of this form is without.
    fn may_have(&self, form: Form) -> bool {
        let (cues, digits) = (&self.cues, self.cues.digits);
        match form {
            Form::Email => cues.mail,
            Form::LabelledTax => digits > 0 && cues.has(Cue::Tax),
            Form::CreditCode => digits > 6,
            Form::LabelledTitle | Form::Company => cues.has(Cue::Title),
            Form::AmountAfterSign | Form::AmountBeforeSign => digits > 0 && cues.has(Cue::Money),
            Form::CountWithUnit => cues.has(Cue::Unit) && cues.counts(self.text),
            Form::Factor => digits > 0 && cues.has(Cue::Factor),
            Form::CountBeforeNoun => cues.has(Cue::Want) && cues.counts(self.text),
            Form::Ago => cues.has(Cue::Ago),
            Form::IsoDate => digits > 5,
            Form::MonthDay | Form::EnglishDate => digits > 0 && cues.has(Cue::Month),
            Form::Weekday => cues.has(Cue::Last),
            Form::NamedDay => cues.has(Cue::Named),
            Form::Wait => cues.has(Cue::Time),
            Form::Tail | Form::TailBefore => digits > 3 && cues.has(Cue::Tail),
            Form::LabelledParcel => digits > 0 && cues.has(Cue::Parcel),
            Form::Parcel => digits > 8 || (digits > 0 && cues.has(Cue::Parcel)),
            // With fewer it is no number that anybody could be called at.
            Form::LabelledPhone | Form::Phone => digits > 6,
            Form::LabelledOrder | Form::Hash => digits > 0 && cues.has(Cue::Order),
            Form::Code => digits > 2,
            Form::Long => digits > 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORMS: [Form; 27] = {
        use Form::*;
        [
            Email,
            LabelledTax,
            CreditCode,
            LabelledTitle,
            Company,
            AmountAfterSign,
            AmountBeforeSign,
            CountWithUnit,
            Factor,
            CountBeforeNoun,
            Ago,
            IsoDate,
            MonthDay,
            EnglishDate,
            Weekday,
            NamedDay,
            Wait,
            Tail,
            TailBefore,
            LabelledParcel,
            Parcel,
            LabelledPhone,
            Phone,
            LabelledOrder,
            Hash,
            Code,
            Long,
        ]
    };

    #[test]
    fn every_form_is_a_good_pattern_and_stands_in_its_place() {
        assert_eq!(EACH.len(), Form::Long as usize + 1);
        for (form, text) in [
            (Form::Email, "a.b@example.com"),
            (Form::Company, "杭州夜茶有限公司"),
            (Form::CountBeforeNoun, "I want two boxes"),
            (Form::NamedDay, "yesterday"),
            (Form::Wait, "10天"),
            (Form::Long, "2837465910283746591"),
        ] {
            assert!(Reading::new(text).first(form).is_some(), "{form:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_passed_over_for_want_of_a_cue(text in "(13800138000|SF1234567890123|A10023|2026-11-24|x2|[0-9]{1,9}|尾号|订单|#|order |顺丰|元|\\$|个月|天|前|上周一|last mon|一|two |a |boxes|月|公司|Ltd|税号|VAT |@|a.b@c.de|半个月|want |[ ,，]){0,6}") {
            let reading = Reading::new(&text);
            for (number, regex) in EACH.iter().enumerate() {
                let form = FORMS.into_iter().find(|it| *it as usize == number).unwrap();
                prop_assert!(!regex.is_match(&text) || reading.may_have(form), "{form:?}");
            }
        }
    }
}
