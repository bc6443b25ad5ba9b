//! Several questions in one message: which rules answer beside the best.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{Rule, evidence::Evidence};
use crate::engine::{
    openings::opening,
    stance::parts,
    text::{fold, regex},
    word_list::WordList,
};

/// More than this many answers at once nobody reads.
const AT_ONCE: usize = 3;
/// Of longer texts the rest is not looked at clause by clause.
const CLAUSES: usize = 6;
/// A clause of somebody at a loss, about what another clause tells: it calls for no help of its own.
static HELPLESS: LazyLock<Regex> = LazyLock::new(|| {
    let english = r"(?:(?:and|so|but|now) )*i (?:really |just )?(?:do not|don't|dont) know (?:what (?:to|i should|i can) do|how to)(?: now| next| about it)?|(?:(?:and|so|but|now) )*what (?:do|should|can|shall) i do(?: now| next| about it)?";
    let chinese =
        "(?:那|现在|我|这)*(?:真的|也)?(?:不知道)?(?:该|要|应该)?(?:怎么办|如何是好|怎么弄)(?:呢|啊|呀|才好)?";
    let pattern = format!(r"^[\s,.!?，。！？]*(?:{english}|{chinese})[\s,.!?，。！？]*$");
    regex(&pattern)
});
/// Words that begin another question, language by language, and particles that end one.
const JOINTS: [&[&str]; 8] = [
    &["还有", "另外", "以及", "顺便", "并且", "再问"],
    &[" and ", " also ", " plus ", " & "],
    &[" y ", " e ", " además ", " también "],
    &["それと", "それから", "あと", "また", "ちなみに"],
    &[" 그리고 ", " 또 "],
    &[" dan ", " terus ", " trus "],
    &[" và ", " với lại ", " còn "],
    &["และ", "แล้วก็"],
];
const PARTICLES: [char; 3] = ['吗', '呢', '嘛'];

/// Of rules that fit, best first, those that answer, in the order in which the text asks.
///
/// Beside the best one a rule answers where what it heard stands in other clauses, and where the two cannot contradict:
/// none of them hands over to people or is urgent, they say different things and look up different things, and neither is
/// small talk. A rule that goes on lets the next one answer whatever it heard.
pub fn choose<'a>(fitting: Vec<(&'a Rule, Evidence)>, text: &str) -> Vec<(&'a Rule, Evidence)> {
    let ends = clause_ends(text);
    // Who calls for help in a clause of its own is helped, whatever else is asked.
    let best = fitting.first().filter(|(rule, _)| !rule.is_alone());
    let best = best.map(|(_, evidence)| evidence.places()).unwrap_or_default();
    let calls = fitting.iter().position(|(rule, heard)| {
        let places = heard.places();
        rule.is_alone() && !places.is_empty() && !best.is_empty() && are_apart(&ends, &best, &places)
    });
    if let Some(at) = calls {
        return fitting.into_iter().skip(at).take(1).collect();
    }
    let mut chosen: Vec<(&Rule, Evidence)> = Vec::new();
    for (rule, evidence) in fitting {
        let answers = || chosen.iter().filter(|(rule, _)| !rule.settings.goes_on);
        let agrees = |other: &Rule, heard: &Evidence| {
            let said = (&rule.settings.phrase, &other.settings.phrase);
            let looked_up = (rule.settings.answer, other.settings.answer);
            let same = matches!(said, (Some(one), Some(two)) if one == two)
                || matches!(looked_up, (Some(one), Some(two)) if one == two);
            let small_talk = rule.settings.small_talk || other.settings.small_talk;
            let alone = rule.is_alone() || other.is_alone();
            // What a sentence means as a whole stands in no clause of its own.
            let (places, others) = (evidence.places(), heard.places());
            let placed = !places.is_empty() && !others.is_empty();
            !same && !small_talk && !alone && placed && are_apart(&ends, &places, &others)
        };
        let joins = rule.settings.goes_on
            || answers().count() == 0
            || (answers().count() < AT_ONCE && answers().all(|(other, heard)| agrees(other, heard)));
        if joins {
            chosen.push((rule, evidence));
        }
    }
    chosen.sort_by_key(|(_, evidence)| evidence.places().first().map_or(0, |it| it.start));
    chosen
}

/// The clauses of a text that say something, if there are several.
pub fn clauses(text: &str) -> Vec<Range<usize>> {
    let ends = clause_ends(text);
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let clauses = starts.zip(ends.iter().copied().chain([text.len()])).map(|(start, end)| start..end);
    let says = |it: &Range<usize>| {
        text.get(it.clone())
            .is_some_and(|it| it.chars().filter(|it| it.is_alphanumeric()).count() > 1 && !HELPLESS.is_match(it))
    };
    let without_lead = |it: Range<usize>| {
        let lead = text.get(it.clone()).map_or(0, opening);
        it.start + lead..it.end
    };
    let found: Vec<_> = clauses.map(without_lead).filter(says).take(CLAUSES).collect();
    if found.len() > 1 { found } else { Vec::new() }
}

/// A word as it stands in folded texts, with the spaces around it.
fn folded_within(word: &str) -> String {
    let space = |has: bool| if has { " " } else { "" };
    format!("{}{}{}", space(word.starts_with(' ')), fold(word).trim(), space(word.ends_with(' ')))
}

/// Where clauses end.
fn clause_ends(text: &str) -> Vec<usize> {
    let signs = text.char_indices().filter(|(at, it)| parts(text, *at, *it) || PARTICLES.contains(it));
    static WORDS: LazyLock<WordList> =
        LazyLock::new(|| WordList::new(JOINTS.into_iter().flatten().map(|it| folded_within(it))));
    let joints = WORDS.places(text).map(|it| it.start);
    let mut ends: Vec<_> = signs.map(|(at, it)| at + it.len_utf8()).chain(joints).collect();
    ends.sort_unstable();
    ends
}

/// The number of the clause in which a place lies.
fn clause_of(ends: &[usize], at: usize) -> usize {
    ends.partition_point(|end| *end <= at)
}

fn are_apart(ends: &[usize], one: &[Range<usize>], other: &[Range<usize>]) -> bool {
    let clauses = |spans: &[Range<usize>]| -> Vec<usize> { spans.iter().map(|it| clause_of(ends, it.start)).collect() };
    let other = clauses(other);
    clauses(one).iter().all(|it| !other.contains(it))
}

/// The clause around a place in a text.
pub fn clause_at(text: &str, at: usize) -> Range<usize> {
    let ends = clause_ends(text);
    let number = clause_of(&ends, at);
    let start = number.checked_sub(1).and_then(|it| ends.get(it)).copied().unwrap_or(0);
    let end = ends.get(number).copied().unwrap_or(text.len());
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_at_a_loss_says_no_more_than_the_rest_of_the_message() {
        for helpless in ["and i do not know what to do", "what should i do now?", "怎么办", "我不知道该怎么办"]
        {
            assert!(HELPLESS.is_match(helpless), "{helpless}");
        }
        for said in ["and i do not know what to do with the refund", "what should i do to return it?", "退款怎么办"]
        {
            assert!(!HELPLESS.is_match(said), "{said}");
        }
        let text = "my cup leaks. i don't know what to do";
        assert!(clauses(text).is_empty());
    }
}
