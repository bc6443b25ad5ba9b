//! The texts of a wording in one language, ready to be filled.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, OnceLock},
};

use crate::{
    engine::variables::VARIABLES,
    language::rewrite,
    template::{TemplateId, Templates},
};

/// What has a place in a text, of `VARIABLES`.
pub type Placeholders = BTreeSet<&'static str>;

/// Where texts are, of which each is said in turn.
#[derive(Clone, Debug)]
pub enum Texts {
    /// In the phrasebook's templates, in which they were tried.
    Tried { ids: Vec<TemplateId>, placeholders: Placeholders },
    /// Those that are known to be good: the clerk's own, and texts in another script of Chinese.
    Good(Arc<GoodTexts>),
}

/// Texts whose templates are good. They are made when the first customer reads one: there are thousands in all languages, and
/// a start should not wait for what few stores say.
pub struct GoodTexts {
    texts: Vec<String>,
    /// The script of Chinese that they are in, and the one of their readers.
    scripts: Option<(String, &'static str)>,
    made: OnceLock<Made>,
}

struct Made {
    templates: Templates,
    ids: Vec<TemplateId>,
    placeholders: Placeholders,
}

/// The texts whose turn it may be, with what fills them and what they are filled with.
pub struct Ready<'a> {
    pub templates: &'a Templates,
    pub ids: &'a [TemplateId],
    pub placeholders: &'a Placeholders,
}

impl fmt::Debug for GoodTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoodTexts").field("scripts", &self.scripts).finish_non_exhaustive()
    }
}

/// The placeholders among the names that a template asks for.
pub fn placeholders(names: &BTreeSet<String>) -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().filter(|known| names.contains(**known)).copied()
}

impl Texts {
    /// The clerk's own.
    pub fn own(texts: Vec<String>) -> Self {
        Self::Good(Arc::new(GoodTexts { texts, scripts: None, made: OnceLock::new() }))
    }

    /// Texts in the script of `from`, as readers of `to` write them.
    pub fn rewritten(texts: Vec<String>, from: &str, to: &'static str) -> Self {
        Self::Good(Arc::new(GoodTexts { texts, scripts: Some((from.to_owned(), to)), made: OnceLock::new() }))
    }

    /// These are in the templates of the phrasebook, if they had to be tried.
    pub fn ready<'a>(&'a self, phrasebook: &'a Templates) -> Ready<'a> {
        match self {
            Self::Tried { ids, placeholders } => Ready { templates: phrasebook, ids, placeholders },
            Self::Good(good) => {
                let Made { templates, ids, placeholders } = good.made();
                Ready { templates, ids, placeholders }
            }
        }
    }

    /// Whether a placeholder stands in one of them. Of texts in two scripts those that they were written in are asked, and none
    /// are made to find that they have no such name.
    pub fn speak_of(&self, variable: &str) -> bool {
        match self {
            Self::Tried { placeholders, .. } => placeholders.contains(variable),
            Self::Good(good) => {
                let may_have_it = good.scripts.is_none() && good.texts.iter().any(|text| text.contains(variable));
                may_have_it && good.made().placeholders.contains(variable)
            }
        }
    }
}

impl Ready<'_> {
    /// The text whose turn it is.
    pub fn at(&self, turn: u64) -> Option<&TemplateId> {
        let count = u64::try_from(self.ids.len()).unwrap_or(1).max(1);
        self.ids.get(usize::try_from(turn % count).unwrap_or(0))
    }
}

impl GoodTexts {
    #[cfg(test)]
    pub fn is_made(&self) -> bool {
        self.made.get().is_some()
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| {
            let mut made = Made { templates: Templates::default(), ids: Vec::new(), placeholders: Placeholders::new() };
            for text in &self.texts {
                let added = match &self.scripts {
                    Some((from, to)) => made.templates.add(&rewrite(text, from, to)),
                    None => made.templates.add(text),
                };
                if let Ok((id, names)) = added {
                    made.ids.push(id);
                    made.placeholders.extend(placeholders(&names));
                }
            }
            made
        })
    }
}
