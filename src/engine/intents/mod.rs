//! What customers mean, where no rule of the store says it: learned from example sentences.
//!
//! A linear model is learned from `examples/` (`nightclerk understand --learn`) and tracked beside them; an owner's own
//! sentences (`config/intents/`) are compared with what is said as they are. Nothing here is random, and nothing asks the
//! outside.

mod concepts;
mod evaluate;
mod features;
mod harm;
mod hashing;
mod impatient;
mod layout;
mod learn;
mod lesson;
mod model;
mod outright;
mod own;
mod pictures;
mod plainly;
mod settings;
mod supposed;
#[cfg(test)]
mod tests;
mod unasked;

use std::{borrow::Cow, collections::BTreeSet, sync::LazyLock};

pub use evaluate::{Case, CasesError, Report, Share, read_cases};
pub use lesson::{Learned, LessonError, Lock, learned};
pub use pictures::{answers_who_asked, only_shows};
pub use plainly::names_what_is_ordered;
pub use settings::{IntentFile, IntentSettings};

use super::{entities::without_identification, openings::without_opening};
use crate::setting::Problem;
use model::{Label, Model};
use own::OwnSentences;
use supposed::{doubts_the_store, only_supposes};
use unasked::{Asked, asked};

/// Without it, and where it stands alone, the clerk is sure of what was meant. Both were set where sentences that were kept
/// from the learner are taken for something else least often for each that is understood.
const SURE: f32 = -0.4;
const LEAD: f32 = 0.15;
/// A lead says more than a score: so many times it is added to the score, and this is what both must come to.
const WORTH_OF_LEAD: f32 = 2.0;
const SURE_TOGETHER: f32 = 0.1;
/// What may have been meant, so that it is worth asking.
const POSSIBLE: f32 = -0.65;
/// How urgent a text must sound, whatever it means, and where what it most likely means is urgent. Both err on the side
/// of those who wait for help.
const URGENT: f32 = -0.3;
const URGENT_BY_INTENT: f32 = -0.6;
/// The same where it clearly means something that is not urgent.
const URGENT_THOUGH_CLEAR: f32 = 0.15;
const CLEAR_LEAD: f32 = 0.3;
/// The share of a text that the examples must have, for it to be understood at all.
const KNOWN: f32 = 0.2;
const KNOWN_URGENT: f32 = 0.25;
/// The same where no trouble is likely that has a name: nonsense is not urgent.
const URGENT_OF_NOTHING: f32 = 0.1;
const KNOWN_URGENT_OF_NOTHING: f32 = 0.5;
const LIKELY: f32 = -0.55;
/// From here on what is urgent is taken for what was meant, though something else is as likely.
const URGENT_ENOUGH: f32 = -0.3;
/// So sure that it is meant though no word for trouble is known in it: much like an example.
const BEYOND_DOUBT: f32 = 0.3;
/// How far what is urgent may be behind what is not.
const NEARLY: f32 = 0.1;
/// What is said around what is meant, and the most characters it is said in.
const COURTESIES: [&str; 4] = ["greeting", "thanks", "bye", "ok"];
const LONGEST_COURTESY: usize = 12;
/// What is ordered is a variant of something; who only says what they do not want has something else to say.
const VARIANT: &str = "product-variant";
const ANYBODY: &str = "anybody-there";
/// Whether a folded text says it, and what it means then.
type Told = (fn(&str) -> bool, &'static str);
/// What is told by its grammar, before the model is asked.
const PLAINLY: [Told; 4] = [
    (plainly::asks_to_hold, "remark"),
    (outright::withdraws, "cancel-order"),
    (outright::asks_to_be_called, "person"),
    (doubts_the_store, "product-authentic"),
];
const COMPLAINT: &str = "complaint";
const DAMAGED: &str = "damaged";
const WRONG_ITEM: &str = "wrong-item";
const WHOLESALE: &str = "wholesale";
/// What is meant kindly, unless it is irony.
const PRAISE: [&str; 5] = ["review", "thanks", "ok", "gift-wrap", "bye"];
/// What is asked of a price, where it is for one piece or for a hundred.
const PRICES: [&str; 5] = ["bargain", "product-price", "product-recommend", "promotion", "product-variant"];
/// That something is not wanted, and that all is well: what their grammar tells, and the model where it is said otherwise.
pub const NOT_WANTED: &str = "not-wanted";
pub const ALL_IS_WELL: &str = "all-is-well";
/// How sure the model must be that nothing is wanted, since nobody looks after that.
const SURE_OF_NOTHING: f32 = 0.3;
/// What people ask for who may long have lost patience; by itself it is not urgent.
const PEOPLE: [&str; 2] = ["person", ANYBODY];
/// Surer than not, and not so sure that nothing may follow.
const PLAIN: u8 = 60;
/// "so 2026", "ref: AB 10023".
const WORDS_OF_A_NUMBER: usize = 2;
const DIGITS_OF_A_NUMBER: usize = 4;
/// Choices that are offered where the clerk is not sure, and likely intents that are told at all.
const CHOICES: usize = 3;
const CANDIDATES: usize = 5;

static MODEL: LazyLock<Option<Model>> = LazyLock::new(Model::built_in);
static LABELS: LazyLock<Vec<Label>> = LazyLock::new(model::built_in_labels);

/// The intents of a store: the clerk's own and the owner's.
#[derive(Default)]
pub struct Intents {
    own: OwnSentences,
    names: BTreeSet<String>,
}

/// What a text most likely means.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Understanding {
    /// The likeliest intents, the best first.
    pub candidates: Vec<Candidate>,
    pub verdict: Verdict,
    /// Whether somebody waits for help who must not be left waiting.
    pub urgent: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub intent: String,
    /// From 0 to 100; the clerk is sure from about 50.
    pub score: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    Sure(String),
    /// One of these, likely.
    Unsure(Vec<String>),
    #[default]
    Miss,
}

impl Intents {
    /// Notes each mistake.
    pub fn compile(files: &[IntentFile], problems: &mut Vec<Problem>) -> Self {
        let built_in = LABELS.iter().map(|label| label.id.to_owned());
        let names = built_in.chain(files.iter().map(|it| it.id.clone())).collect();
        Self { own: OwnSentences::compile(files, problems), names }
    }

    /// Whether rules may name it.
    pub fn knows(&self, intent: &str) -> bool {
        self.names.contains(intent)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// What was chosen of what the clerk offered.
    pub fn chosen(&self, intent: &str) -> Understanding {
        let urgent = LABELS.iter().any(|label| label.id == intent && label.urgent);
        let candidates = vec![Candidate { intent: intent.to_owned(), score: 100 }];
        Understanding { candidates, verdict: Verdict::Sure(intent.to_owned()), urgent }
    }

    /// What a folded text means.
    pub fn understand(&self, folded: &str) -> Understanding {
        let meant = self.mean(folded);
        let sure = meant.sure().unwrap_or_default();
        if PRAISE.contains(&sure) && outright::is_ironical(folded) {
            return Understanding { urgent: true, ..plainly_means(COMPLAINT) };
        }
        if PRICES.contains(&sure) && outright::speaks_of_bulk(folded) {
            return plainly_means(WHOLESALE);
        }
        meant
    }

    /// The same, its courtesies aside: "hello, where is my order, thanks" asks for an order.
    fn mean(&self, folded: &str) -> Understanding {
        // Addresses are no words.
        let address = |word: &&str| word.contains('@') || word.contains("://") || word.starts_with("www.");
        let mut folded = Cow::Borrowed(folded);
        if folded.contains(['@', '/']) || folded.contains("www.") {
            folded = folded.split(' ').filter(|it| !address(it)).collect::<Vec<_>>().join(" ").into();
        }
        folded = plainly::without_innocent_words(folded);
        if let Cow::Owned(rest) = without_identification(&folded) {
            folded = rest.into();
        }
        let asked_of = without_opening(&folded);
        if asked_of.len() < folded.len() {
            folded = asked_of.to_owned().into();
        }
        if pictures::stands_for_a_picture(&folded) {
            return Understanding::default();
        }
        if outright::is_one_letter(&folded) {
            return Understanding::default();
        }
        if outright::came_to_bits(&folded) && !only_supposes(&folded) {
            return Understanding { urgent: true, ..plainly_means(DAMAGED) };
        }
        if outright::was_never_ordered(&folded) {
            return Understanding { urgent: true, ..plainly_means(WRONG_ITEM) };
        }
        if outright::tells_of_paying_twice(&folded) {
            return Understanding { urgent: true, ..plainly_means("payment-failed") };
        }
        if outright::threatens(&folded) || harm::tells_of_harm(&folded) {
            return Understanding { urgent: true, ..plainly_means(COMPLAINT) };
        }
        for (says, intent) in PLAINLY {
            if says(&folded) {
                return plainly_means(intent);
            }
        }
        match asked(&folded) {
            Asked::All => {}
            Asked::Rest(rest) => folded = rest.into(),
            Asked::NothingWanted => return plainly_means(NOT_WANTED),
            Asked::AllIsWell => return plainly_means(ALL_IS_WELL),
        }
        let supposed = only_supposes(&folded);
        let clauses: Vec<_> = folded.split(is_between_clauses).map(str::trim).filter(|it| !it.is_empty()).collect();
        if clauses.len() < 2 {
            return self.weigh(&folded, supposed);
        }
        let is_courtesy = |clause: &str| {
            clause.chars().take(LONGEST_COURTESY + 1).count() <= LONGEST_COURTESY
                && self.weigh(clause, false).sure().is_some_and(|intent| COURTESIES.contains(&intent))
        };
        let left: Vec<&str> = clauses.iter().filter(|it| !is_courtesy(it)).copied().collect();
        if left.is_empty() || left.len() == clauses.len() {
            return self.weigh(&folded, supposed);
        }
        self.weigh(&left.join(" "), supposed)
    }

    /// What a text means as a whole. What is only `supposed` is no call for help.
    fn weigh(&self, folded: &str, supposed: bool) -> Understanding {
        let Some(model) = &*MODEL else { return Understanding::default() };
        if folded.is_empty() || is_a_number(folded) {
            return Understanding::default();
        }
        let features = features::features(folded);
        let scores = model.score(&features);
        let fits = model.labels.iter().zip(scores.intents);
        let mut ranked: Vec<Ranked> = Vec::with_capacity(model.labels.len() + 1);
        ranked.extend(fits.map(|(label, score)| Ranked { intent: label.id, score, urgent: label.urgent }));
        let (mut like_own, mut urgent_own) = (false, false);
        for (intent, score, urgent) in self.own.like(model, &features) {
            match ranked.iter_mut().find(|it| it.intent == intent) {
                Some(known) => known.score = known.score.max(score),
                None => ranked.push(Ranked { intent, score, urgent: false }),
            }
            like_own = true;
            urgent_own |= urgent && score >= SURE;
        }
        if !like_own && plainly::names_what_is_ordered(folded) {
            return plainly_means(VARIANT);
        }
        if scores.known < KNOWN && !like_own {
            return Understanding::default();
        }
        let plainly_urgent = ranked.iter().any(|it| it.urgent && it.score >= BEYOND_DOUBT);
        if !like_own && (supposed || (!plainly_urgent && plainly::is_harmless(folded))) {
            let harmless: Vec<_> = ranked.into_iter().filter(|it| !it.urgent).collect();
            let verdict = verdict(&likeliest(&harmless));
            let urgent = waits_for_people(&verdict, folded);
            return Understanding { candidates: candidates(&likeliest(&harmless)), verdict, urgent };
        }
        let ranked = likeliest(&ranked);
        let Some(best) = ranked.first().copied() else { return Understanding::default() };
        let likely_urgent = scores.urgency >= URGENT_BY_INTENT && best.score >= LIKELY && best.urgent;
        let clear = !best.urgent && matches!(verdict(&ranked), Verdict::Sure(_)) && lead(&ranked) >= CLEAR_LEAD;
        let names_trouble = ranked.iter().any(|it| it.urgent && it.score >= POSSIBLE);
        let (border, known) = match (clear, names_trouble) {
            (true, _) => (URGENT_THOUGH_CLEAR, KNOWN_URGENT),
            (false, true) => (URGENT, KNOWN_URGENT),
            (false, false) => (URGENT_OF_NOTHING, KNOWN_URGENT_OF_NOTHING),
        };
        let sounds = scores.known >= known && (scores.urgency >= border || likely_urgent);
        // Between two troubles nobody is asked who waits for help with either.
        let troubled = ranked.len() > 1 && ranked.iter().take(2).all(|it| it.urgent && it.score >= POSSIBLE);
        let verdict = if sounds || troubled { urgent_verdict(&ranked) } else { verdict(&ranked) };
        let means = ranked.iter().any(|it| it.urgent && verdict == Verdict::Sure(it.intent.to_owned()));
        let urgent = urgent_own || sounds || means || waits_for_people(&verdict, folded);
        Understanding { candidates: candidates(&ranked), verdict, urgent }
    }
}

/// What is meant where the words leave no doubt, and are too few for more to be sure of.
fn plainly_means(intent: &str) -> Understanding {
    let candidates = vec![Candidate { intent: intent.to_owned(), score: PLAIN }];
    Understanding { candidates, verdict: Verdict::Sure(intent.to_owned()), urgent: false }
}

/// Whether somebody asks for a person, or may, and has lost patience.
fn waits_for_people(verdict: &Verdict, folded: &str) -> bool {
    let people = |intent: &String| PEOPLE.contains(&intent.as_str());
    let asks = match verdict {
        Verdict::Sure(intent) => people(intent),
        Verdict::Unsure(intents) => intents.iter().any(people),
        Verdict::Miss => false,
    };
    asks && impatient::is_out_of_patience(folded)
}

/// How well an intent fits.
#[derive(Clone, Copy)]
struct Ranked<'a> {
    intent: &'a str,
    score: f32,
    urgent: bool,
}

fn candidates(ranked: &[Ranked]) -> Vec<Candidate> {
    let score = |score: f32| ((score - POSSIBLE) / (SURE - POSSIBLE) * 50.0).clamp(0.0, 100.0).round() as u8;
    let candidates = ranked.iter().map(|it| Candidate { intent: it.intent.to_owned(), score: score(it.score) });
    candidates.filter(|it| it.score > 0).collect()
}

/// The few that fit best, the best first; of two that fit alike, the one that is named first.
fn likeliest<'a>(all: &[Ranked<'a>]) -> Vec<Ranked<'a>> {
    let mut best: Vec<Ranked> = Vec::with_capacity(CANDIDATES + 1);
    for it in all {
        let before = |other: &Ranked| other.score > it.score || (other.score == it.score && other.intent < it.intent);
        if best.len() < CANDIDATES || !best.last().is_some_and(before) {
            best.insert(best.partition_point(before), *it);
            best.truncate(CANDIDATES);
        }
    }
    best
}

/// What somebody means who waits for help: what is urgent, where it is nearly as likely as the likeliest.
fn urgent_verdict(ranked: &[Ranked]) -> Verdict {
    let best = ranked.first().map_or(0.0, |it| it.score);
    let mut near = ranked.iter().take(CHOICES).filter(|it| it.score >= POSSIBLE && best - it.score <= NEARLY);
    match near.find(|it| it.urgent) {
        Some(urgent) if urgent.score >= URGENT_ENOUGH => Verdict::Sure(urgent.intent.to_owned()),
        // That somebody waits for help is plain, not for what: it is told to people, and the customer asked.
        Some(_) => match verdict(ranked) {
            Verdict::Sure(intent) => Verdict::Sure(intent),
            _ => unsure(ranked),
        },
        None => verdict(ranked),
    }
}

/// A number of an order or a parcel and no more, which may be said of anything. Short words beside a short number are no
/// part of it: of such are all that some languages are written with.
fn is_a_number(folded: &str) -> bool {
    let words = || folded.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    let digits = |word: &str| word.bytes().filter(u8::is_ascii_digit).count();
    let number = |word: &&str| word.is_ascii() && digits(word) > 0;
    let others: Vec<&str> = words().filter(|it| !number(it)).collect();
    let short = |most: usize, letters: usize| {
        others.len() <= most && others.iter().all(|it| it.is_ascii() && it.len() <= letters)
    };
    let long = || words().any(|it| digits(it) >= DIGITS_OF_A_NUMBER);
    words().any(|it| number(&it)) && (short(1, 2) || (short(WORDS_OF_A_NUMBER, 3) && long()))
}

/// Whether a sentence, or a part of one, ends here.
fn is_between_clauses(character: char) -> bool {
    matches!(character, ',' | '.' | '!' | '?' | ';' | '\n' | '、' | '。' | '~' | '…')
}

impl Understanding {
    /// What was meant, where the clerk is sure.
    pub fn sure(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Sure(intent) => Some(intent),
            _ => None,
        }
    }

    /// How likely what was surely meant is; what errs on the urgent side may be less likely than it is sure.
    pub fn sureness(&self) -> u8 {
        self.sure().map_or(0, |intent| self.score(intent))
    }

    pub fn score(&self, intent: &str) -> u8 {
        self.candidates.iter().find(|it| it.intent == intent).map_or(0, |it| it.score)
    }
}

/// How far the likeliest is before the next.
fn lead(ranked: &[Ranked]) -> f32 {
    let score = |at: usize| ranked.get(at).map_or(f32::NEG_INFINITY, |it| it.score);
    score(0) - score(1)
}

fn verdict(ranked: &[Ranked]) -> Verdict {
    let lead = lead(ranked);
    let sure = |score: f32| score >= SURE && lead >= LEAD && score + WORTH_OF_LEAD * lead >= SURE_TOGETHER;
    // Between two courtesies nobody is asked: they are answered alike.
    let courteous = ranked.len() > 1 && ranked.iter().take(2).all(|it| COURTESIES.contains(&it.intent));
    match ranked.first() {
        Some(best) if best.score < SURE_OF_NOTHING && [NOT_WANTED, ALL_IS_WELL].contains(&best.intent) => {
            unsure(ranked)
        }
        Some(best) if sure(best.score) || (courteous && best.score >= SURE) => Verdict::Sure(best.intent.to_owned()),
        _ => unsure(ranked),
    }
}

/// What may have been meant, to be asked.
fn unsure(ranked: &[Ranked]) -> Verdict {
    let possible = ranked.iter().take(CHOICES).take_while(|it| it.score >= POSSIBLE);
    let possible: Vec<_> = possible.map(|it| it.intent.to_owned()).collect();
    if possible.is_empty() { Verdict::Miss } else { Verdict::Unsure(possible) }
}
