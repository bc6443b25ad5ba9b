//! `answers.csv`: answers that an owner keeps in a spreadsheet. Each row is a rule: its words, and what is said to them.

use std::ops::Range;

use csv::{ReaderBuilder, StringRecord};

use super::source::Folder;
use crate::{
    engine::{ANSWERS, RuleSettings, Variants, Wording},
    language::Tag,
    setting::hint,
};

/// What spreadsheets put between the cells of a row, by language of the program.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// What stands between the words of one cell.
const BETWEEN_WORDS: [char; 9] = ['|', ',', ';', '\n', '，', '；', '、', '／', '/'];
/// What a column may be called, beside a language.
const COLUMNS: [(&str, Column); 10] = [
    ("words", Column::Words),
    ("question", Column::Words),
    ("keywords", Column::Words),
    ("关键词", Column::Words),
    ("问题", Column::Words),
    ("answer", Column::Answer),
    ("答案", Column::Answer),
    ("回答", Column::Answer),
    ("link", Column::Link),
    ("id", Column::Id),
];

#[derive(Clone, Debug, PartialEq)]
enum Column {
    Words,
    /// In the store's own language.
    Answer,
    In(Tag),
    Link,
    Id,
}

/// Reads the table, if there is one.
pub fn read(folder: &mut Folder) -> Vec<RuleSettings> {
    let text = folder.text(ANSWERS);
    let table = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let before = text.len() - table.len();
    let first = table.lines().next().unwrap_or_default();
    if table.trim().is_empty() {
        return Vec::new();
    }
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    // The first of those that occur equally often, which is the comma where none does.
    let delimiter = DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',');
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(table.as_bytes());
    let mut wrong = |row: Option<Range<usize>>, message: String, hint: String| {
        folder.add(ANSWERS, row, message, Some(hint));
    };
    let mut columns: Option<Vec<Option<Column>>> = None;
    let (mut rules, mut rows) = (Vec::new(), Vec::new());
    let mut record = StringRecord::new();
    loop {
        let begins = usize::try_from(reader.position().byte()).unwrap_or(0);
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                wrong(None, format!("cannot be read as a table: {error}"), "save it as CSV again".to_owned());
                break;
            }
        }
        let ends = usize::try_from(reader.position().byte()).unwrap_or(begins);
        let span = row_within(table, begins..ends, before);
        let Some(columns) = &columns else {
            match read_header(&record) {
                Ok(found) => columns = Some(found),
                Err((message, hint)) => {
                    wrong(Some(span), message, hint);
                    break;
                }
            }
            continue;
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        match rule(columns, &record, line) {
            Ok(rule) => {
                rules.push(rule);
                rows.push(span);
            }
            Err((message, hint)) => wrong(Some(span), message.to_owned(), hint.to_owned()),
        }
    }
    folder.stand_at(ANSWERS, rows);
    rules
}

/// Where a row stands in the whole text, without the end of the line before it and its own.
fn row_within(table: &str, row: Range<usize>, before: usize) -> Range<usize> {
    let text = table.get(row.clone()).unwrap_or_default();
    let begins = row.start + (text.len() - text.trim_start_matches(['\r', '\n']).len());
    before + begins..before + begins + text.trim_matches(['\r', '\n']).len()
}

fn read_header(header: &StringRecord) -> Result<Vec<Option<Column>>, (String, String)> {
    let known = || COLUMNS.iter().map(|(name, _)| *name);
    let mut columns = Vec::new();
    for name in header {
        let name = name.trim();
        let named =
            COLUMNS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, column)| column.clone());
        let column = named.or_else(|| Tag::parse(name).ok().map(Column::In));
        if column.is_none() && !name.is_empty() {
            return Err((format!("`{name}` is no column that is known"), hint(name, known().chain(["zh", "en"]))));
        }
        columns.push(column);
    }
    let has = |wanted: &dyn Fn(&Column) -> bool| columns.iter().flatten().any(wanted);
    let answers = has(&|it| matches!(it, Column::Answer | Column::In(_)));
    if has(&|it| *it == Column::Words) && answers {
        return Ok(columns);
    }
    let hint = "the first row names the columns: `words`, and `answer` or languages such as `zh` and `en`";
    Err(("it lacks a column for the words or for the answer".to_owned(), hint.to_owned()))
}

fn rule(
    columns: &[Option<Column>],
    row: &StringRecord,
    line: u64,
) -> Result<RuleSettings, (&'static str, &'static str)> {
    let mut rule = RuleSettings { id: format!("answers-{line}"), ..RuleSettings::default() };
    let mut texts: Option<Wording> = None;
    for (column, cell) in columns.iter().zip(row).filter(|(_, cell)| !cell.trim().is_empty()) {
        let cell = cell.trim();
        match column {
            Some(Column::Words) => {
                let words = cell.split(BETWEEN_WORDS).map(str::trim).filter(|word| !word.is_empty());
                rule.any.extend(words.map(str::to_owned));
            }
            Some(Column::Answer) => {
                let mut untagged = Wording::from(Variants::One(cell.to_owned()));
                for (tag, text) in texts.iter().flat_map(Wording::entries) {
                    if let Some(tag) = tag {
                        untagged.insert(tag.clone(), text.clone());
                    }
                }
                texts = Some(untagged);
            }
            Some(Column::In(tag)) => {
                texts.get_or_insert_default().insert(tag.clone(), Variants::One(cell.to_owned()));
            }
            Some(Column::Link) => rule.link = Some(cell.to_owned()),
            Some(Column::Id) => rule.id = cell.to_owned(),
            None => {}
        }
    }
    if rule.any.is_empty() {
        return Err(("a row without words is never said", "write the words it answers, with `|` between them"));
    }
    if texts.is_none() && rule.link.is_none() {
        return Err(("a row without an answer says nothing", "write what is answered"));
    }
    rule.text = texts;
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::config::{Config, ConfigError};

    fn config(table: &str, rules: &str) -> Result<Config, ConfigError> {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join(ANSWERS), table).unwrap();
        fs::write(dir.path().join("rules.toml"), rules).unwrap();
        Config::load(dir.path())
    }

    fn read_table(table: &str) -> Vec<RuleSettings> {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join(ANSWERS), table).unwrap();
        let mut folder = Folder::open(dir.path()).unwrap();
        let rules = read(&mut folder);
        folder.finish().unwrap_or_else(|error| panic!("{error}"));
        rules
    }

    /// The one mistake, as its line, message and hint.
    fn mistake(table: &str) -> (usize, String, String) {
        let mistakes = config(table, "").err().expect("a mistake").mistakes;
        let [mistake] = &mistakes[..] else { panic!("{mistakes:#?}") };
        assert!(mistake.file.ends_with(ANSWERS));
        let line = mistake.place().expect("a place").0;
        (line, mistake.message.clone(), mistake.hint.clone().unwrap_or_default())
    }

    #[test]
    fn a_row_of_the_spreadsheet_is_a_rule_whatever_the_program_puts_between_cells() {
        for table in [
            "words,zh,en,link\n刻字|engraving,刻字免费,\"Free, of course\",https://shop.example/e\n",
            "\u{feff}关键词;zh;en;link\r\n刻字、engraving;刻字免费;\"Free, of course\";https://shop.example/e\r\n",
            "Words\tzh\ten\tlink\n\"刻字\nengraving\"\t刻字免费\tFree, of course\thttps://shop.example/e",
        ] {
            let rules = read_table(table);
            let [rule] = &rules[..] else { panic!("{table}: {rules:?}") };
            assert_eq!(rule.any, ["刻字", "engraving"], "{table}");
            assert_eq!(rule.link.as_deref(), Some("https://shop.example/e"));
            let texts: Vec<_> = rule.text.iter().flat_map(Wording::entries).collect();
            assert_eq!(texts.len(), 2, "{texts:?}");
            assert!(texts.iter().any(|(_, text)| **text == Variants::One("Free, of course".to_owned())), "{texts:?}");
        }
        assert_eq!(read_table(""), []);
        assert_eq!(read_table("words,answer\n\n,\n"), [], "empty rows are none");
    }

    #[test]
    fn three_hundred_answers_are_all_given_names_by_their_line() {
        let rows = (0..300).map(|n| format!("word{n},answer {n}\n")).collect::<String>();
        let rules = read_table(&format!("question,answer\n{rows}"));
        assert_eq!(rules.len(), 300);
        assert_eq!((rules[0].id.as_str(), rules[299].id.as_str()), ("answers-2", "answers-301"));
        config(&format!("question,answer\n{rows}"), "").unwrap_or_else(|error| panic!("{error}"));
    }

    #[test]
    fn a_mistake_in_the_table_is_shown_in_its_row() {
        let (line, message, hint) = mistake("words,zn\n茶,好\n");
        assert_eq!(line, 1, "{message}");
        assert!(message.contains("`zn`") || hint.contains("zh"), "{message}: {hint}");
        let (line, message, _) = mistake("zh,en\n茶,好\n");
        assert_eq!(line, 1);
        assert!(message.contains("column"), "{message}");
        let (line, message, _) = mistake("words,answer\ntea,good\n,good\n");
        assert_eq!(line, 3);
        assert!(message.contains("without words"), "{message}");
        let (line, message, _) = mistake("words,answer\ntea,good\n\"a\nb\",\n");
        assert_eq!(line, 3);
        assert!(message.contains("without an answer"), "{message}");
        // What only shows when the rules are put together.
        let (line, message, _) = mistake("words,answer\ntea,good\ncup,{{ nobody }}\n");
        assert_eq!(line, 3, "{message}");
        assert!(message.contains("nobody"), "{message}");
        let (line, _, _) = mistake("words,answer,link\ntea,good,\ncup,good,not an address\n");
        assert_eq!(line, 3);
    }

    #[test]
    fn a_row_and_a_rule_of_one_id_are_one_too_many() {
        let rule = "[[rule]]\nid = \"tea\"\nany = [\"tea\"]\ntext.en = \"Tea.\"\n";
        let error = config("id,words,answer\ntea,cup,A cup.\n", rule).err().expect("two of one name");
        assert!(error.mistakes[0].message.contains("second rule has the id `tea`"), "{error}");
    }
}
