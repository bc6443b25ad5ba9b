//! The texts of a wording in one language, ready to be filled.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use crate::{
    language::rewrite,
    template::{TemplateId, Templates},
};

/// Where texts are, of which each is said in turn.
#[derive(Clone, Debug)]
pub enum Texts {
    /// In the phrasebook's templates.
    Written(Vec<TemplateId>),
    /// Those of another script of Chinese.
    Rewritten(Arc<OtherScript>),
}

/// Texts in one script of Chinese for the readers of the other. They are made when the first of these reads one: there are
/// hundreds, and a start should not wait for what few stores say.
pub struct OtherScript {
    texts: Vec<String>,
    from: String,
    to: &'static str,
    made: OnceLock<(Templates, Vec<TemplateId>)>,
}

impl fmt::Debug for OtherScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtherScript").field("from", &self.from).field("to", &self.to).finish_non_exhaustive()
    }
}

impl Texts {
    /// The texts of `from`, whose templates are good, as readers of `to` write them.
    pub fn rewritten(texts: Vec<String>, from: &str, to: &'static str) -> Self {
        Self::Rewritten(Arc::new(OtherScript { texts, from: from.to_owned(), to, made: OnceLock::new() }))
    }

    /// The text whose turn it is, with what fills it.
    pub fn at<'a>(&'a self, turn: u64, templates: &'a Templates) -> Option<(&'a Templates, &'a TemplateId)> {
        let (templates, ids) = match self {
            Self::Written(ids) => (templates, ids),
            Self::Rewritten(other) => {
                let (templates, ids) = other.made();
                (templates, ids)
            }
        };
        let count = u64::try_from(ids.len()).unwrap_or(1).max(1);
        let index = usize::try_from(turn % count).unwrap_or(0);
        Some((templates, ids.get(index)?))
    }
}

impl OtherScript {
    fn made(&self) -> &(Templates, Vec<TemplateId>) {
        self.made.get_or_init(|| {
            let mut templates = Templates::default();
            let rewritten = self.texts.iter().map(|text| rewrite(text, &self.from, self.to));
            let ids = rewritten.filter_map(|text| templates.add(&text).ok()).map(|(id, _)| id).collect();
            (templates, ids)
        })
    }
}
