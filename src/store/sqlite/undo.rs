//! The way back: for each row that an event changed, what makes the row what it was before.
//!
//! That is the fields that changed, as they were, and for all else a patch (RFC 6902) from the row's JSON after the event to
//! its JSON before it. Walking the log back from the newest event and taking each event's way stands the row back at any
//! moment the log still reaches.

use std::collections::BTreeMap;

use json_patch::Patch;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

use super::row_text::RowText;

/// A row that has a JSON form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum ChangedRow {
    Conversation { channel: String, chat: String },
    Order { shop: String, id: String },
    Ticket { id: String },
    Contact { id: String },
}

/// What one event did to one row, backwards. Neither: the row was not there before.
#[derive(Deserialize)]
struct Undo {
    #[serde(flatten)]
    row: ChangedRow,
    was: Option<Map<String, Value>>,
    back: Option<Patch>,
}

/// From a row to what it was before an event.
#[derive(Debug)]
pub struct WayBack {
    /// Fields as they were.
    was: Map<String, Value>,
    /// All else: fields that were not there, entries of a map, and whatever logs of before `was` was written have.
    patch: Patch,
}

impl WayBack {
    /// # Errors
    /// The row is not the one that the event left.
    pub fn take(self, row: &mut Value) -> Result<(), WalkError> {
        json_patch::patch(row, &self.patch)?;
        row.as_object_mut().ok_or(WalkError::Missing)?.extend(self.was);
        Ok(())
    }
}

impl Undo {
    fn into_step(self) -> (ChangedRow, Option<WayBack>) {
        let was_there = self.was.is_some() || self.back.is_some();
        let way = WayBack { was: self.was.unwrap_or_default(), patch: self.back.unwrap_or_default() };
        (self.row, was_there.then_some(way))
    }
}

/// A map shorter than this is put back whole: to look into it costs more than it spares.
const WHOLE_BYTES: usize = 200;

/// The way from the row as it is `now` back to what it `was`, field by field: a field that changed is put back whole,
/// which costs a few bytes more than the finest patch and a tenth of its time. Of a map that grows with its conversation
/// the entries that changed are, lest each message write it once more. `None` where nothing changed.
///
/// It is written as `Undo` reads it; all other fields are JSON already, and are not looked into.
///
/// # Errors
/// JSON has no form for the row's name.
pub fn undo(row: &ChangedRow, was: Option<&RowText>, now: &RowText) -> serde_json::Result<Option<String>> {
    if was.is_some_and(|was| was.as_str() == now.as_str()) {
        return Ok(None);
    }
    let mut undo = serde_json::to_string(row)?;
    let Some(was) = was else { return Ok(Some(undo)) };
    undo.reserve(was.as_str().len());
    undo.pop();
    undo.push_str(r#","was":{"#);
    let begins = undo.len();
    let mut patch = String::new();
    let mut kept = 0;
    for (place, (field, value)) in was.fields().enumerate() {
        let left = now.field(field, place);
        kept += usize::from(left.is_some());
        if left == Some(value) {
            continue;
        }
        match left.and_then(|now| entries_back(field, value, now)) {
            Some(entries) => patch.push_str(&entries),
            // The names of fields are ours, and hold nothing that JSON or a JSON pointer would have to escape.
            None => undo.extend([",\"", field, "\":", value]),
        }
    }
    // Mostly all that is there now was there before.
    let came = now.fields().len() > kept;
    for (place, (field, _)) in now.fields().enumerate().filter(|_| came) {
        if was.field(field, place).is_none() {
            operation(&mut patch, "remove", &[field], None);
        }
    }
    // Each field, and each operation, stands behind a comma.
    if undo.len() > begins {
        undo.remove(begins);
    }
    undo.push('}');
    if let Some(operations) = patch.strip_prefix(',') {
        undo.extend([r#","back":["#, operations, "]"]);
    }
    undo.push('}');
    Ok(Some(undo))
}

/// One operation of a patch, behind a comma.
fn operation(patch: &mut String, op: &str, path: &[&str], value: Option<&str>) {
    patch.extend([r#",{"op":""#, op, r#"","path":""#]);
    for step in path {
        patch.extend(["/", step]);
    }
    patch.push('"');
    if let Some(value) = value {
        patch.extend([r#","value":"#, value]);
    }
    patch.push('}');
}

/// The way back of a map, entry by entry; `None` where it is shorter to put it back whole, or no map.
fn entries_back(field: &str, was: &str, now: &str) -> Option<String> {
    if was.len() < WHOLE_BYTES || !was.starts_with('{') || !now.starts_with('{') {
        return None;
    }
    // A key that JSON escapes cannot be borrowed: such a map is put back whole.
    let entries = |text| serde_json::from_str::<BTreeMap<&str, &RawValue>>(text).ok();
    let (was_entries, now_entries) = (entries(was)?, entries(now)?);
    let mut back = String::new();
    let step = |key: &str| key.replace('~', "~0").replace('/', "~1");
    for (key, value) in &was_entries {
        match now_entries.get(key).map(|it| it.get()) {
            Some(same) if same == value.get() => {}
            Some(_) => operation(&mut back, "replace", &[field, &step(key)], Some(value.get())),
            None => operation(&mut back, "add", &[field, &step(key)], Some(value.get())),
        }
    }
    for key in now_entries.keys().filter(|key| !was_entries.contains_key(*key)) {
        operation(&mut back, "remove", &[field, &step(key)], None);
    }
    (back.len() < was.len()).then_some(back)
}

/// For each row that an event changed, the way back; `None`: the row was not there before.
///
/// # Errors
/// The log holds something that is no way back.
pub fn steps_back(undo: &str) -> Result<Vec<(ChangedRow, Option<WayBack>)>, WalkError> {
    let steps: Vec<Undo> = serde_json::from_str(undo)?;
    Ok(steps.into_iter().map(Undo::into_step).collect())
}

/// A row on its way back through the log.
pub struct Walk<'a> {
    row: &'a ChangedRow,
    state: Option<Value>,
}

/// Why a row cannot be stood back.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    #[error("the log holds something that is no way back: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("the way back in the log does not fit the row: {0}")]
    Unfit(#[from] json_patch::PatchError),
    #[error("the log changes a row that is not there")]
    Missing,
}

impl<'a> Walk<'a> {
    /// Begins with the row as it is now.
    pub fn new(row: &'a ChangedRow, now: Option<Value>) -> Self {
        Self { row, state: now }
    }

    /// Takes back what an event did, by the `undo` that the log keeps of it.
    ///
    /// # Errors
    /// The log does not fit the row: one of them was changed by other hands.
    pub fn back(&mut self, undo: &str) -> Result<(), WalkError> {
        for (_, way) in steps_back(undo)?.into_iter().filter(|(row, _)| row == self.row) {
            match way {
                None => self.state = None,
                Some(way) => way.take(self.state.as_mut().ok_or(WalkError::Missing)?)?,
            }
        }
        Ok(())
    }

    /// The row as it was.
    ///
    /// # Errors
    /// What came out is no such row.
    pub fn end<T: DeserializeOwned>(self) -> Result<Option<T>, WalkError> {
        Ok(self.state.map(serde_json::from_value).transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Conversation;

    #[test]
    fn a_row_walks_back_through_any_number_of_changes_to_where_it_was_not() {
        let row = ChangedRow::Conversation { channel: "shop".to_owned(), chat: "ana".to_owned() };
        let states: Vec<Conversation> = (0..5_u64)
            .map(|number| Conversation {
                received: number,
                tags: (0..number % 3).map(|tag| format!("t{tag}")).collect(),
                sender_name: (number % 2 == 0).then(|| format!("Ana {number}")),
                ..Conversation::default()
            })
            .collect();
        let texts: Vec<RowText> = states.iter().map(|it| RowText::of(it).unwrap()).collect();
        let undos: Vec<String> = (0..states.len())
            .map(|index| {
                let was = index.checked_sub(1).map(|before| &texts[before]);
                format!("[{}]", undo(&row, was, &texts[index]).unwrap().unwrap())
            })
            .collect();
        for keep in 0..states.len() {
            let mut walk = Walk::new(&row, Some(serde_json::to_value(states.last().unwrap()).unwrap()));
            undos[keep + 1..].iter().rev().for_each(|step| walk.back(step).unwrap());
            assert_eq!(walk.end::<Conversation>().unwrap().as_ref(), Some(&states[keep]));
        }
        let mut walk = Walk::new(&row, Some(serde_json::to_value(states.last().unwrap()).unwrap()));
        undos.iter().rev().for_each(|step| walk.back(step).unwrap());
        assert_eq!(walk.end::<Conversation>().unwrap(), None);
    }

    #[test]
    fn a_field_that_was_not_there_goes_and_one_that_is_gone_comes_back() {
        #[derive(Clone, Serialize)]
        struct Row {
            text: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            closed_ms: Option<i64>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            owners: Vec<&'static str>,
        }
        let row = ChangedRow::Ticket { id: "T1".to_owned() };
        let was = RowText::of(&Row { text: "a \"b\", {c}", closed_ms: Some(7), owners: vec![] }).unwrap();
        let now = RowText::of(&Row { text: "a", closed_ms: None, owners: vec!["x"] }).unwrap();
        let step = undo(&row, Some(&was), &now).unwrap().unwrap();
        let mut walk = Walk::new(&row, Some(serde_json::from_str(now.as_str()).unwrap()));
        walk.back(&format!("[{step}]")).unwrap();
        assert_eq!(walk.end::<Value>().unwrap(), Some(serde_json::from_str(was.as_str()).unwrap()));
    }

    #[test]
    fn of_a_map_only_the_entries_that_changed_are_put_back_whatever_they_are_called() {
        let row = ChangedRow::Conversation { channel: "shop".to_owned(), chat: "ana".to_owned() };
        let of = |entries: &[(&str, i64)]| {
            let many = (0..30).map(|number| (format!("urgent:kind-{number}"), number));
            let entries = entries.iter().map(|(key, at)| ((*key).to_owned(), *at));
            let answered_ms = many.chain(entries).collect();
            RowText::of(&Conversation { answered_ms, ..Conversation::default() }).unwrap()
        };
        let few = RowText::of(&Conversation::default()).unwrap();
        let state = |text: &RowText| serde_json::from_str::<Conversation>(text.as_str()).unwrap();
        for (was, now, most_bytes) in [
            (of(&[("rule:a/b~c", 1)]), of(&[("rule:a/b~c", 2), ("said:new", 3)]), 240),
            (of(&[("rule:gone", 1)]), of(&[]), 150),
            (of(&[]), few.clone(), 1500),
            (few, of(&[]), 150),
            // JSON escapes a quotation mark.
            (of(&[("rule:a\"b", 1)]), of(&[("rule:a\"b", 2)]), 1500),
        ] {
            let step = undo(&row, Some(&was), &now).unwrap().unwrap();
            assert!(step.len() < most_bytes, "{}: {step}", step.len());
            let mut walk = Walk::new(&row, Some(serde_json::from_str(now.as_str()).unwrap()));
            walk.back(&format!("[{step}]")).unwrap();
            assert_eq!(walk.end::<Conversation>().unwrap(), Some(state(&was)));
        }
    }

    #[test]
    fn a_log_from_before_fields_were_kept_by_name_leads_back_as_it_did() {
        let row = ChangedRow::Conversation { channel: "shop".to_owned(), chat: "ana".to_owned() };
        let was = Conversation { received: 1, ..Conversation::default() };
        let now = Conversation { received: 2, ..was.clone() };
        let step = r#"[{"row":"conversation","channel":"shop","chat":"ana","back":[{"op":"replace","path":"/received","value":1}]}]"#;
        let mut walk = Walk::new(&row, Some(serde_json::to_value(&now).unwrap()));
        walk.back(step).unwrap();
        assert_eq!(walk.end::<Conversation>().unwrap(), Some(was));
    }

    #[test]
    fn a_row_that_was_left_as_it_was_needs_no_way_back() {
        let name = ChangedRow::Conversation { channel: "shop".to_owned(), chat: "ana \"a\"".to_owned() };
        let row = RowText::of(&Conversation { received: 1, ..Conversation::default() }).unwrap();
        assert_eq!(undo(&name, Some(&row), &row.clone()).unwrap(), None);
    }
}
