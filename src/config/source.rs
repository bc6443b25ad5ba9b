//! Reads the files of the folder, and finds the place a mistake belongs to.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    ConfigError, Mistake,
    forgiving::{self, Finding, MOST},
    redact::{is_plain_name, redact},
    slips,
};
#[cfg(test)]
use crate::setting::expect_chinese;
use crate::{
    language::Tag,
    setting::{PathStep, Problem, Words, hint, is_variable, nearest, split_advice},
};

/// Files whose values are hidden where a mistake in them is shown.
const HOLD_SECRETS: [&str; 3] = ["nightclerk.toml", "channels.toml", "plugins.toml"];

/// What a file of the folder is to hold.
#[derive(Clone, Debug)]
pub struct Edit {
    pub file: String,
    pub text: Arc<str>,
}

/// A configuration folder while it is read: the texts, and the mistakes found so far.
pub struct Folder {
    dir: PathBuf,
    /// The language in which mistakes are told: the store's.
    pub words: Words,
    texts: HashMap<Cow<'static, str>, Arc<str>>,
    /// Files that stand in with their defaults, whole or in part, because they could not be read.
    unread: HashSet<Cow<'static, str>>,
    mistakes: Vec<Mistake>,
    /// How many more were found than are told.
    untold: usize,
    /// A file that is read as if it held this.
    edit: Option<Edit>,
    /// Where the rows of tables stand.
    rows: HashMap<&'static str, Vec<Range<usize>>>,
}

impl Folder {
    /// # Errors
    /// There is no such folder.
    pub fn open(dir: &Path) -> Result<Self, ConfigError> {
        if dir.is_dir() {
            return Ok(Self {
                dir: dir.to_owned(),
                words: words_of(dir),
                texts: HashMap::new(),
                unread: HashSet::new(),
                mistakes: Vec::new(),
                untold: 0,
                edit: None,
                rows: HashMap::new(),
            });
        }
        let mistake = Mistake {
            file: dir.to_owned(),
            text: Arc::default(),
            shown: Arc::default(),
            span: None,
            message: "there is no such configuration folder".to_owned(),
            words: words_asked_for().unwrap_or_default(),
            hint: Some("name it with --config, or start in the folder that holds `config/`".to_owned()),
        };
        Err(ConfigError { mistakes: vec![mistake], untold: 0 })
    }

    /// A folder that holds other files than a configuration's, whose mistakes are told in these words.
    pub fn of_others(dir: &Path, words: Words) -> Self {
        Self {
            dir: dir.to_owned(),
            words,
            texts: HashMap::new(),
            unread: HashSet::new(),
            mistakes: Vec::new(),
            untold: 0,
            edit: None,
            rows: HashMap::new(),
        }
    }

    /// Reads one file as if it held another text.
    pub fn edited(self, edit: Option<Edit>) -> Self {
        Self { edit, ..self }
    }

    /// The file's text; empty where the file is absent.
    pub fn text(&mut self, file: impl Into<Cow<'static, str>>) -> Arc<str> {
        let file = file.into();
        if let Some(edit) = self.edit.as_ref().filter(|it| it.file == file) {
            let text = edit.text.clone();
            self.texts.insert(file, text.clone());
            return text;
        }
        let text: Arc<str> = match fs::read_to_string(self.dir.join(&*file)) {
            Ok(text) => text.into(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Ok(target) = fs::read_link(self.dir.join(&*file)) {
                    let message = format!("it is a link to {}, where nothing is", target.display());
                    self.add(file.clone(), None, message, Some("point it to the file, or remove it".to_owned()));
                }
                Arc::default()
            }
            Err(error) => {
                let hint = (error.kind() == io::ErrorKind::InvalidData).then(|| "save it as UTF-8".to_owned());
                self.add(file.clone(), None, format!("cannot be read: {error}"), hint);
                Arc::default()
            }
        };
        self.texts.insert(file, text.clone());
        text
    }

    /// Reads one file whole; after a mistake, its defaults, so that the other files are looked at too.
    pub fn read<T: DeserializeOwned + Default>(&mut self, file: impl Into<Cow<'static, str>>) -> T {
        let file = file.into();
        let text = self.text(file.clone());
        match forgiving::read(&text) {
            Ok(value) => value,
            Err(findings) => {
                self.found(file, findings, None);
                T::default()
            }
        }
    }

    /// The same, but after a mistake what is right of it stands in.
    pub fn read_what_is_right<T: DeserializeOwned + Default>(&mut self, file: &'static str) -> T {
        let value = self.read(file);
        match self.unread.contains(file) {
            true => self.texts.get(file).and_then(|text| forgiving::rest_of(text)).unwrap_or_default(),
            false => value,
        }
    }

    /// Notes what was found in reading; what has no place of its own is somewhere `around`.
    pub fn found(&mut self, file: impl Into<Cow<'static, str>>, findings: Vec<Finding>, around: Option<&Range<usize>>) {
        let file = file.into();
        let holds_secrets = HOLD_SECRETS.contains(&&*file);
        let text = self.texts.get(&file).cloned().unwrap_or_default();
        let is_toml = DeTable::parse(&text).is_ok();
        for Finding { span, message } in findings {
            let slip = if is_toml { None } else { slips::behind(&text, span.as_ref()) };
            if let Some(slip) = slip {
                self.add(file.clone(), Some(slip.span), slip.message, Some(slip.hint.to_owned()));
                continue;
            }
            let (message, advice) = split_advice(&message);
            let suggested = suggestion(message);
            // What may stand there is in the hint, as far as it helps.
            let message = message.split(", expected ").next().filter(|_| suggested.is_some()).unwrap_or(message);
            let hint = advice.map(str::to_owned).or(suggested).or_else(|| advice_on_toml(message));
            let message = if holds_secrets { without_odd_names(message) } else { message.to_owned() };
            self.add(file.clone(), span.or_else(|| around.cloned()), message, hint);
        }
    }

    /// Notes a file of the folder whose name says that it is to be read, and is no name that is.
    pub fn misnamed(&mut self, known: &[&str]) {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        for name in names {
            // `rules.toml.txt` is what Windows' editor makes of `rules.toml`.
            let stem = name.strip_suffix(".txt").unwrap_or(&name);
            let ours = !name.starts_with('.') && stem.ends_with(".toml") && !known.contains(&name.as_str());
            if ours && !self.dir.join(&name).is_dir() {
                let near = nearest(&stem.to_lowercase(), known);
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`? a copy that is to be kept needs another ending"),
                    None => format!("known here: {}; what is not read needs another ending", known.join(", ")),
                };
                self.note(name.into(), None, "nothing reads a file of this name".to_owned(), Some(hint));
            }
        }
    }

    /// Notes what keeps a file, or a part of it, from being read.
    pub fn add(
        &mut self,
        file: impl Into<Cow<'static, str>>,
        span: Option<Range<usize>>,
        message: String,
        hint: Option<String>,
    ) {
        let file = file.into();
        self.unread.insert(file.clone());
        self.note(file, span, message, hint);
    }

    fn note(&mut self, file: Cow<'static, str>, span: Option<Range<usize>>, message: String, hint: Option<String>) {
        if !self.has_room(&file) {
            self.untold += 1;
            return;
        }
        let text = self.texts.get(&file).cloned().unwrap_or_default();
        let shown = if HOLD_SECRETS.contains(&&*file) { redact(&text).into() } else { text.clone() };
        #[cfg(test)]
        [Some(&message), hint.as_ref()].into_iter().flatten().for_each(|it| expect_chinese(it));
        let words = self.words;
        self.mistakes.push(Mistake { file: self.dir.join(&*file), text, shown, span, message, hint, words });
    }

    /// Whether another mistake of a file is told: nobody reads the thousandth of a kind.
    fn has_room(&self, file: &str) -> bool {
        let path = self.dir.join(file);
        self.mistakes.iter().filter(|it| it.file == path).count() < MOST
    }

    /// Notes problems found after reading, each at the value its path names. A file that could not be read
    /// stands in with its defaults, so what is said of it would mislead.
    pub fn report(&mut self, problems: Vec<Problem>) {
        // To parse a large file once for each of its mistakes would take minutes.
        let texts = self.texts.clone();
        let mut tables: HashMap<Cow<'static, str>, Option<Spanned<DeTable<'_>>>> = HashMap::new();
        for Problem { file, path, message, hint } in problems {
            if self.unread.contains(&file) {
                continue;
            }
            let span = match (self.rows.get(&*file), path.get(1)) {
                _ if !self.has_room(&file) => None,
                (Some(rows), Some(PathStep::Index(row))) => rows.get(*row).cloned(),
                (Some(_), _) => None,
                (None, _) => {
                    let parse = || texts.get(&file).and_then(|text| DeTable::parse(text).ok());
                    let table = tables.entry(file.clone()).or_insert_with(parse);
                    table.as_ref().and_then(|table| find(table.get_ref(), table.span(), &path))
                }
            };
            self.note(file, span, message, hint);
        }
    }

    /// The text of a file, where it was read.
    pub fn text_of(&self, file: &str) -> Option<&str> {
        self.texts.get(file).map(|text| &**text)
    }

    /// Where the rows of a table stand, for what is found in them later.
    pub fn stand_at(&mut self, table: &'static str, rows: Vec<Range<usize>>) {
        self.rows.insert(table, rows);
    }

    /// The names of the TOML files of a folder within this one, in order; none where it is absent.
    pub fn files_in(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.dir.join(folder)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<_> = names.filter(|it| it.ends_with(".toml") && !it.starts_with('.')).collect();
        names.sort_unstable();
        names
    }

    /// Whether no mistake was found in a file so far.
    pub fn is_sound(&self, file: &str) -> bool {
        let path = self.dir.join(file);
        self.mistakes.iter().all(|mistake| mistake.file != path)
    }

    /// # Errors
    /// The mistakes found, if any.
    pub fn finish(self) -> Result<(), ConfigError> {
        if self.mistakes.is_empty() {
            Ok(())
        } else {
            Err(ConfigError { mistakes: self.mistakes, untold: self.untold })
        }
    }
}

/// The variable by which an operator has mistakes told in another language than the store's.
const LANGUAGE_VARIABLE: &str = "NIGHTCLERK_LANGUAGE";

/// The language in which mistakes in this folder are told: the store's, as far as its file says it.
pub fn words_of(dir: &Path) -> Words {
    words_asked_for().unwrap_or_else(|| {
        let text = fs::read_to_string(dir.join("store.toml")).unwrap_or_default();
        let (table, _) = DeTable::parse_recoverable(&text);
        let store = table.get_ref().iter().find(|(key, _)| key.get_ref() == "store");
        let keys = store.and_then(|(_, store)| store.get_ref().as_table()).into_iter().flatten();
        let language = keys.into_iter().find(|(key, _)| key.get_ref() == "language");
        let language = language.and_then(|(_, language)| language.get_ref().as_str());
        Words::for_readers_of(language.unwrap_or(Tag::default().as_str()))
    })
}

fn words_asked_for() -> Option<Words> {
    std::env::var(LANGUAGE_VARIABLE).ok().filter(|it| !it.is_empty()).map(|it| Words::for_readers_of(&it))
}

/// The span of the value at `path`, or of the innermost thing on the way that exists.
fn find(table: &DeTable<'_>, whole: Range<usize>, path: &[PathStep]) -> Option<Range<usize>> {
    let mut span = whole;
    let mut table = Some(table);
    let mut value: Option<&DeValue<'_>> = None;
    for step in path {
        let next = match step {
            PathStep::Key(key) => {
                let inner = value.map_or(table, DeValue::as_table);
                let entry = inner.and_then(|inner| inner.iter().find(|(name, _)| name.get_ref().as_ref() == key));
                entry.map(|(_, value)| value)
            }
            PathStep::Index(index) => value.and_then(DeValue::as_array).and_then(|array| array.get(*index)),
        };
        let Some(next) = next else { break };
        span = next.span();
        value = Some(next.get_ref());
        table = None;
    }
    Some(span)
}

/// The message without quoted names that are none: a secret that stands where a name belongs.
fn without_odd_names(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let is_name = |part: &str| is_plain_name(part) || (message.contains("environment variable") && is_variable(part));
    let parts = parts.map(|(at, part)| if at % 2 == 1 && !is_name(part) { "…" } else { part });
    parts.collect::<Vec<_>>().join("`")
}

/// What to do about what the TOML reader says.
fn advice_on_toml(message: &str) -> Option<String> {
    let advice = if message.contains("escape") {
        "in \"…\" a backslash is written `\\\\`; patterns stand in '…', where it is itself"
    } else if message.contains("string") && message.contains("quoted") {
        "write texts in quotes, such as \"…\""
    } else if message.contains("duplicate key") {
        "keep one of the two"
    } else if message.contains("carriage return") {
        "the line ends are those of old Macs: save it with those of Unix or Windows"
    } else if message.contains("missing comma") {
        "write `,` between the two"
    } else if message.contains("key with no value") {
        "a line is `key = \"value\"`, a `[section]`, or a `# comment`"
    } else if message.contains("invalid basic string") || message.contains("invalid literal string") {
        "close the quotes on the same line; a text of several lines stands in \"\"\"…\"\"\""
    } else {
        return None;
    };
    Some(advice.to_owned())
}

/// For an unknown key or variant: the known one it is most like.
fn suggestion(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("unknown ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let wrong = quoted.next()?;
    let known: Vec<&str> = quoted.collect();
    Some(if known.is_empty() { "remove it".to_owned() } else { hint(wrong, known) })
}
