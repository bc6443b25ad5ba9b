//! How a mistake in the configuration is shown.

use std::{fmt, ops::Range, path::PathBuf, sync::Arc};

use miette::{Diagnostic, LabeledSpan, SourceCode};

use crate::setting::Words;

/// One mistake, at its place.
#[derive(Clone, Debug)]
pub struct Mistake {
    pub file: PathBuf,
    /// The file's text; empty where it could not be read.
    pub text: Arc<str>,
    /// The text as it may be shown: without the secrets of a file that holds some.
    pub shown: Arc<str>,
    /// Bytes of `text` that are wrong.
    pub span: Option<Range<usize>>,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The language in which it is told.
    pub words: Words,
}

impl Mistake {
    /// Line and column, both from 1; the column counts characters.
    pub fn place(&self) -> Option<(usize, usize)> {
        let start = self.span.as_ref()?.start;
        let before = self.text.get(..start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Some((line, column))
    }
}

impl fmt::Display for Mistake {
    /// `config/rules.toml:12:9: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some((line, column)) = self.place() {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.words.say(&self.message))
    }
}

/// All mistakes found in one reading of the configuration.
#[derive(Clone, Debug, Default)]
pub struct ConfigError {
    /// The first of each file.
    pub mistakes: Vec<Mistake>,
    /// How many more there are.
    pub untold: usize,
}

impl ConfigError {
    /// That there are more than are told, where there are.
    pub fn rest(&self) -> Option<String> {
        let words = self.mistakes.first().map(|mistake| mistake.words).unwrap_or_default();
        let rest = || words.say(&format!("{} more, told when these are mended", self.untold)).into_owned();
        (self.untold > 0).then(rest)
    }
}

impl fmt::Display for ConfigError {
    /// A line for each mistake, with its hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{mistake}")?;
            match (&mistake.hint, mistake.words) {
                (Some(hint), Words::English) => write!(f, " ({hint})")?,
                (Some(hint), words) => write!(f, "（{}）", words.say(hint))?,
                (None, _) => {}
            }
        }
        self.rest().map_or(Ok(()), |rest| write!(f, "\n{rest}"))
    }
}

impl std::error::Error for ConfigError {}

impl Diagnostic for ConfigError {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.mistakes.iter().map(|mistake| mistake as &dyn Diagnostic)))
    }
}

/// A mistake as miette draws it: the message above the line it is in.
impl Diagnostic for Mistake {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(self.words.say(hint)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.span.as_ref().map(|_| self as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span.clone()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some(self.words.say("here").into_owned()), span))))
    }
}

impl std::error::Error for Mistake {}

impl SourceCode for Mistake {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let contents = self.shown.read_span(span, before, after)?;
        // Asked for the bytes alone, it is for the heading; a column counts characters there as everywhere.
        let place = self
            .place()
            .filter(|_| (before, after) == (0, 0) && self.span.as_ref().map(|it| it.start) == Some(span.offset()));
        let (line, column) =
            place.map_or((contents.line(), contents.column()), |(line, column)| (line - 1, column - 1));
        let name = self.file.display().to_string();
        Ok(Box::new(miette::MietteSpanContents::new_named(
            name,
            contents.data(),
            *contents.span(),
            line,
            column,
            contents.line_count(),
        )))
    }
}
