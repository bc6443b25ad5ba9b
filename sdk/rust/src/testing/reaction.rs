use std::fmt;

use crate::{Action, Content, Level, Outcome};

/// What came of a call.
#[derive(Debug)]
pub struct Reaction {
    /// The plugin's answer, or why the daemon would skip it.
    pub result: Result<Outcome, Failure>,
    /// What it wrote to the log.
    pub log: Vec<(Level, String)>,
}

/// Why the daemon would skip the plugin for this event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It answered with an error of its own.
    Said(String),
    /// It broke a limit of the host's.
    Limit(String),
    /// Its answer may not be carried out.
    Refused(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(why) => write!(f, "failed: {why}"),
            Self::Limit(why) => write!(f, "was stopped: {why}"),
            Self::Refused(why) => write!(f, "gave an answer that is refused: {why}"),
        }
    }
}

impl Reaction {
    /// What it did, in the clerk's place or beside it; nothing where it passed.
    ///
    /// # Panics
    /// It failed.
    #[track_caller]
    pub fn actions(&self) -> &[Action] {
        match &self.result {
            Ok(Outcome::Pass) => &[],
            Ok(Outcome::Also(actions) | Outcome::Handled(actions)) => actions,
            Err(why) => panic!("the plugin {why}"),
        }
    }

    /// Whether it left the moment to others.
    ///
    /// # Panics
    /// It failed.
    #[track_caller]
    pub fn passed(&self) -> bool {
        self.actions();
        self.result == Ok(Outcome::Pass)
    }

    /// All that the customer reads, in words alone, one reply after the other.
    ///
    /// # Panics
    /// It failed.
    #[track_caller]
    pub fn text(&self) -> String {
        let replies = self.actions().iter().filter_map(|action| match action {
            Action::Reply(content) | Action::AskSatisfaction(content) => Some(plain(content)),
            _ => None,
        });
        replies.collect::<Vec<_>>().join("\n")
    }

    /// Why it failed.
    ///
    /// # Panics
    /// It did not.
    #[track_caller]
    pub fn error(&self) -> &str {
        match &self.result {
            Err(Failure::Said(why) | Failure::Limit(why) | Failure::Refused(why)) => why,
            Ok(outcome) => panic!("the plugin did not fail: {outcome:?}"),
        }
    }
}

/// The same in words, as on a channel without buttons.
fn plain(content: &Content) -> String {
    match content {
        Content::Text(text) => text.clone(),
        Content::Link(link) => format!("{}\n{}", link.text, link.url),
        Content::Image(image) => format!("{}\n{}", image.caption.as_deref().unwrap_or_default(), image.url),
        Content::Choices(question) => {
            let labels = question.choices.iter().enumerate().map(|(at, it)| format!("\n{}. {}", at + 1, it.label));
            labels.fold(question.text.clone(), |text, label| text + &label)
        }
        Content::Extra(extra) => format!("[{}]", extra.name),
    }
}
