//! Contacts as a list that a spreadsheet opens, and such a list read again.

use csv::{ReaderBuilder, StringRecord, Writer};

use crate::{
    model::{Address, Contact, ContactKey, PhoneNumber, ShopAccount, email_key},
    setting::hint,
};

/// The columns of the list. Those of the second half are told and not read again: they follow from what was bought.
pub const COLUMNS: [&str; 13] = [
    "id",
    "name",
    "addresses",
    "emails",
    "phones",
    "accounts",
    "tags",
    "notes",
    "tier",
    "groups",
    "orders",
    "spent",
    "first_seen",
];
/// Between several of a kind in one cell.
const BETWEEN: char = ';';
/// Lines of a list.
const MOST_LINES: usize = 100_000;
/// Mistakes that are told at once.
const MOST_MISTAKES: usize = 20;
const MOST_BYTES: usize = 200;

/// A line of a list that is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub number: u64,
    pub id: Option<String>,
    pub name: Option<String>,
    pub keys: Vec<ContactKey>,
    pub tags: Vec<String>,
    pub note: Option<String>,
}

/// The list of these contacts.
pub fn write(contacts: &[Contact]) -> Result<Vec<u8>, csv::Error> {
    let mut csv = Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS)?;
    for it in contacts {
        let spent: Vec<String> = crate::http::admin::contacts::spent(it).iter().map(ToString::to_string).collect();
        let join = |parts: Vec<String>| parts.join("; ");
        csv.write_record([
            it.id.clone(),
            guarded(it.name.as_deref().unwrap_or_default()),
            guarded(&join(it.addresses.iter().map(ToString::to_string).collect())),
            guarded(&join(it.emails.clone())),
            guarded(&join(it.phones.clone())),
            guarded(&join(it.accounts.iter().map(|it| format!("{}/{}", it.shop, it.id)).collect())),
            guarded(&join(it.tags.clone())),
            guarded(&it.notes.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join("\n")),
            it.tier.clone().unwrap_or_default(),
            join(it.groups.clone()),
            it.purchases.len().to_string(),
            join(spent),
            it.first_seen_ms
                .and_then(|at| jiff::Timestamp::from_millisecond(at).ok())
                .map(|at| format!("{at:.0}"))
                .unwrap_or_default(),
        ])?;
    }
    csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A cell that a spreadsheet would take for a formula, made harmless.
fn guarded(text: &str) -> String {
    if is_like_a_formula(text) { format!("'{text}") } else { text.to_owned() }
}

fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|it| is_like_a_formula(it)).unwrap_or(text)
}

/// Marks that stand before it on their own account count as well: one of them is taken away where it is read.
fn is_like_a_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Reads a list whole.
///
/// # Errors
/// What is wrong with it, each with its line; then nothing of it is to be used.
pub fn read(text: &[u8]) -> Result<Vec<Line>, Vec<String>> {
    let text = strip_mark(text);
    let mut reader = ReaderBuilder::new().flexible(true).delimiter(delimiter(text)).from_reader(text);
    let header = reader.headers().map_err(|error| vec![said(&error)])?.clone();
    let mut mistakes = Vec::new();
    for (index, name) in header.iter().map(str::trim).enumerate() {
        if !COLUMNS.contains(&name) {
            mistakes.push(format!("line 1: there is no column `{name}`: {}", hint(name, COLUMNS)));
        } else if header.iter().take(index).any(|it| it.trim() == name) {
            mistakes.push(format!("line 1: the column `{name}` is there twice"));
        }
    }
    if !mistakes.is_empty() {
        mistakes.push(format!("the first line names the columns, of these: {}", COLUMNS.join(",")));
        return Err(mistakes);
    }
    let mut lines: Vec<Line> = Vec::new();
    for record in reader.records() {
        if mistakes.len() >= MOST_MISTAKES {
            mistakes.push("more was not looked at".to_owned());
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                mistakes.push(said(&error));
                continue;
            }
        };
        let number = record.position().map_or(0, csv::Position::line);
        if lines.len() >= MOST_LINES {
            mistakes.push(format!("line {number}: no more than {MOST_LINES} lines are read at once"));
            break;
        }
        match line(&header, &record, number) {
            Ok(line) => lines.push(line),
            Err(why) => mistakes.extend(why.into_iter().map(|why| format!("line {number}: {why}"))),
        }
    }
    let mut seen = std::collections::HashMap::new();
    for line in &lines {
        for key in &line.keys {
            if let Some(before) = seen.insert(key.clone(), line.number) {
                let (kind, ..) = key.parts();
                mistakes.push(format!("line {}: its {kind} stands in line {before} already", line.number));
            }
        }
    }
    if mistakes.is_empty() { Ok(lines) } else { Err(mistakes) }
}

/// A spreadsheet's mark of UTF-8.
fn strip_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// What stands between the cells: spreadsheets write semicolons where a comma is a number's, and tabs when told so. No column
/// has any of them in its name.
fn delimiter(text: &[u8]) -> u8 {
    let header = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    *header.iter().find(|byte| matches!(byte, b',' | b';' | b'\t')).unwrap_or(&b',')
}

fn said(error: &csv::Error) -> String {
    const WHAT: &str = "it is no CSV in UTF-8: where a spreadsheet offers it, save the list as `CSV UTF-8`";
    match error.position() {
        Some(position) => format!("line {}: {WHAT}", position.line()),
        None => WHAT.to_owned(),
    }
}

fn line(header: &StringRecord, record: &StringRecord, number: u64) -> Result<Line, Vec<String>> {
    let mut line = Line { number, ..Line::default() };
    let mut wrong = Vec::new();
    if record.len() > header.len() {
        wrong.push(format!("it has {} cells, and there are {} columns", record.len(), header.len()));
    }
    for (name, cell) in header.iter().map(str::trim).zip(record.iter().map(str::trim)) {
        let cell = unguarded(cell);
        if cell.is_empty() {
            continue;
        }
        let one = || Some(cell.to_owned());
        let parts = || cell.split(BETWEEN).map(str::trim).filter(|it| !it.is_empty());
        let pair =
            |part: &str| part.split_once('/').filter(|(one, other)| !one.is_empty() && !other.is_empty()).map(owned);
        match name {
            "id" => line.id = one(),
            "name" if cell.len() > MOST_BYTES => wrong.push("the name is too long".to_owned()),
            "name" => line.name = one(),
            "notes" => line.note = one(),
            "tags" => {
                for written in parts() {
                    match Contact::tag(written) {
                        Some(tag) => line.tags.push(tag),
                        None => wrong.push(format!(
                            "`{written}` cannot be a tag: it is too long, or a tier or group, which follow from what is bought"
                        )),
                    }
                }
            }
            "addresses" => parts().for_each(|part| match pair(part) {
                Some((channel, chat)) => line.keys.push(ContactKey::Address(Address::new(channel, chat))),
                None => wrong.push(format!("`{part}` is no address; write it `channel/chat`")),
            }),
            "accounts" => parts().for_each(|part| match pair(part) {
                Some((shop, id)) => line.keys.push(ContactKey::Account(ShopAccount { shop, id })),
                None => wrong.push(format!("`{part}` is no account; write it `shop/id`")),
            }),
            "emails" => parts().for_each(|part| match email_key(part) {
                Some(email) => line.keys.push(ContactKey::Email(email)),
                None => wrong.push(format!("`{part}` is no e-mail address")),
            }),
            "phones" => parts().for_each(|part| match PhoneNumber::read(part).and_then(|it| it.as_key()) {
                Some(phone) => line.keys.push(ContactKey::Phone(phone)),
                None => wrong.push(format!("`{part}` is no telephone number")),
            }),
            _ => {}
        }
    }
    if wrong.is_empty() && line.keys.is_empty() && line.id.is_none() {
        wrong.push("there is nothing by which it could be known: an address, e-mail, phone or account".to_owned());
    }
    if wrong.is_empty() { Ok(line) } else { Err(wrong) }
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.trim().to_owned(), other.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_exported_is_read_again() {
        let contact = Contact {
            id: "C-1".to_owned(),
            name: Some("'=Ana, \"the\" first".to_owned()),
            addresses: vec![Address::new("telegram", "42"), Address::new("web", "ana/1")],
            emails: vec!["a@example.com".to_owned()],
            phones: vec!["+8613800138000".to_owned()],
            accounts: vec![ShopAccount { shop: "shop".to_owned(), id: "7".to_owned() }],
            tags: vec!["vip".to_owned(), "大客户".to_owned()],
            tier: Some("gold".to_owned()),
            ..Contact::default()
        };
        let text = write(std::slice::from_ref(&contact)).unwrap();
        let written = String::from_utf8_lossy(&text);
        assert!(written.contains("''=Ana") && written.contains(",'+8613800138000,"), "no formulas: {written}");
        let lines = read(&text).unwrap();
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((line.id.as_deref(), &line.name, &line.tags), (Some("C-1"), &contact.name, &contact.tags));
        assert_eq!(
            line.keys,
            contact.keys().collect::<Vec<_>>().as_slice()[..2]
                .iter()
                .cloned()
                .chain([ContactKey::Email("a@example.com".to_owned()), ContactKey::Phone("+8613800138000".to_owned())])
                .chain([ContactKey::Account(contact.accounts[0].clone())])
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_list_is_read_as_spreadsheets_of_any_country_write_it() {
        for text in ["\u{feff}name;emails\r\nZo\u{eb};z@example.com\r\n", "name\temails\nZo\u{eb}\tz@example.com\n"] {
            let lines = read(text.as_bytes()).unwrap();
            assert_eq!(
                (lines.len(), lines[0].name.as_deref(), lines[0].keys.len()),
                (1, Some("Zo\u{eb}"), 1),
                "{text}"
            );
        }
        let lines = read(b"emails;tags\na@example.com;\"vip; regular\"\n").unwrap();
        assert_eq!(lines[0].tags, ["vip", "regular"]);
    }

    #[test]
    fn a_list_with_mistakes_names_each_with_its_line_and_gives_nothing() {
        let wrong = |text: &str| read(text.as_bytes()).unwrap_err().join("\n");
        assert!(wrong("name,emial\nAna,a@example.com").contains("line 1: there is no column `emial`"));
        let mistakes = wrong("name,emails,phones\nAna,a@example.com,\nBo,nothing,\nCem,,\nDee,a@example.com,\nE,,12");
        assert!(mistakes.contains("line 3: `nothing` is no e-mail address"), "{mistakes}");
        assert!(mistakes.contains("line 4: there is nothing"), "{mistakes}");
        assert!(mistakes.contains("line 5: its email stands in line 2 already"), "{mistakes}");
        assert!(mistakes.contains("line 6: `12` is no telephone number"), "{mistakes}");
        let chinese = b"name,emails\n\xd5\xc5\xc8\xfd,a@example.com";
        assert!(read(chinese).unwrap_err()[0].contains("save the list as `CSV UTF-8`"));
        assert!(wrong("name,emails\nAna,a@example.com,more").contains("3 cells"));
        assert_eq!(read("\u{feff}emails\na@example.com\n".as_bytes()).unwrap().len(), 1);
    }
}
