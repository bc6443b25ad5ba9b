//! The way back: for each row that an event changed, the patch that makes the row what it was before.
//!
//! A patch is RFC 6902, from the row's JSON after the event to its JSON before it. Walking the log back from the
//! newest event and applying each event's patch to the row stands the row back at any moment the log still reaches.

use json_patch::Patch;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A row that has a JSON form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum ChangedRow {
    Conversation { channel: String, chat: String },
    Order { shop: String, id: String },
    Ticket { id: String },
}

/// What one event did to one row, backwards. `back: None`: the row was not there before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    #[serde(flatten)]
    pub row: ChangedRow,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Patch>,
}

/// The way from `now` back to `was`. `None` where the row was not changed, or is changed to what it was.
///
/// # Errors
/// A value that JSON has no form for.
pub fn undo<T: Serialize + PartialEq>(
    row: impl FnOnce() -> ChangedRow,
    was: Option<&T>,
    now: Option<&T>,
) -> serde_json::Result<Option<Undo>> {
    Ok(match (was, now) {
        (_, None) => None,
        (None, Some(_)) => Some(Undo { row: row(), back: None }),
        (Some(was), Some(now)) if was == now => None,
        (Some(was), Some(now)) => {
            let (was, now) = (serde_json::to_value(was)?, serde_json::to_value(now)?);
            Some(Undo { row: row(), back: Some(json_patch::diff(&now, &was)) })
        }
    })
}

/// A row on its way back through the log.
pub struct Walk<'a> {
    row: &'a ChangedRow,
    state: Option<Value>,
}

/// Why a row cannot be stood back.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    #[error("the log holds something that is no patch: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("a patch of the log does not fit the row: {0}")]
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
        let steps: Vec<Undo> = serde_json::from_str(undo)?;
        for Undo { back, .. } in steps.into_iter().filter(|step| step.row == *self.row) {
            match back {
                None => self.state = None,
                Some(patch) => json_patch::patch(self.state.as_mut().ok_or(WalkError::Missing)?, &patch)?,
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
        let undos: Vec<String> = (0..states.len())
            .map(|index| {
                let was = index.checked_sub(1).map(|before| &states[before]);
                let step = undo(|| row.clone(), was, Some(&states[index])).unwrap().unwrap();
                serde_json::to_string(&[step]).unwrap()
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
    fn a_row_that_was_left_as_it_was_needs_no_way_back() {
        let conversation = Conversation { received: 1, ..Conversation::default() };
        let row = || ChangedRow::Ticket { id: "T1".to_owned() };
        assert_eq!(undo(row, Some(&conversation), Some(&conversation.clone())).unwrap(), None);
        assert_eq!(undo::<Conversation>(row, Some(&conversation), None).unwrap(), None);
    }
}
