//! A row's JSON with the place of each field in it: what a row is written as, and what tells which of its fields an event
//! changed without reading the text again.

use std::{fmt::Display, ops::Range};

use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible, SerializeStruct},
};

/// The JSON object of a struct, and where the values of its fields stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowText {
    text: String,
    fields: Vec<(&'static str, Range<usize>)>,
}

impl RowText {
    /// # Errors
    /// A value that JSON has no form for, or that is no struct.
    pub fn of<T: Serialize + ?Sized>(row: &T) -> serde_json::Result<Self> {
        let mut writing = Writing { json: Vec::with_capacity(512), fields: Vec::with_capacity(20) };
        row.serialize(&mut writing)?;
        let text = String::from_utf8(writing.json).map_err(serde_json::Error::custom)?;
        Ok(Self { text, fields: writing.fields })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The fields in the order of the struct, each with its JSON. One that is skipped is not there.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(name, place)| (*name, &self.text[place.clone()]))
    }

    /// The JSON of one field; `place` is where it stands if no field was skipped.
    pub fn field(&self, name: &str, place: usize) -> Option<&str> {
        let known = self.fields.get(place).filter(|(field, _)| *field == name);
        let (_, range) = known.or_else(|| self.fields.iter().find(|(field, _)| *field == name))?;
        Some(&self.text[range.clone()])
    }
}

struct Writing {
    json: Vec<u8>,
    fields: Vec<(&'static str, Range<usize>)>,
}

impl SerializeStruct for &mut Writing {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> serde_json::Result<()> {
        self.json.push(if self.fields.is_empty() { b'{' } else { b',' });
        // The names of fields are ours, and hold nothing that JSON would have to escape.
        self.json.push(b'"');
        self.json.extend_from_slice(name.as_bytes());
        self.json.extend_from_slice(b"\":");
        let begins = self.json.len();
        serde_json::to_writer(&mut self.json, value)?;
        self.fields.push((name, begins..self.json.len()));
        Ok(())
    }

    fn end(self) -> serde_json::Result<()> {
        if self.fields.is_empty() {
            self.json.push(b'{');
        }
        self.json.push(b'}');
        Ok(())
    }
}

/// Rows are structs, and nothing else.
macro_rules! refuse {
    ($($method:ident($($argument:ty),*) -> $result:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$result, serde_json::Error> { no_row() })*
    };
}

fn no_row<T>() -> serde_json::Result<T> {
    Err(serde_json::Error::custom("a row is a struct with named fields"))
}

type No = Impossible<(), serde_json::Error>;

impl Serializer for &mut Writing {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = Self;
    type SerializeStructVariant = No;

    fn serialize_struct(self, _: &'static str, _: usize) -> serde_json::Result<Self> {
        Ok(self)
    }

    refuse! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> serde_json::Result<()> {
        no_row()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> serde_json::Result<()> {
        no_row()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> serde_json::Result<()> {
        no_row()
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> serde_json::Result<()> {
        no_row()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Conversation, Order, Ticket};

    #[test]
    fn the_text_is_the_json_of_the_row_and_each_field_is_in_its_place() {
        let conversation = Conversation { tags: vec!["a \"b\", {c}".to_owned()], received: 3, ..Default::default() };
        let row = RowText::of(&conversation).unwrap();
        assert_eq!(row.as_str(), serde_json::to_string(&conversation).unwrap());
        assert_eq!(row.field("received", 0), Some("3"));
        assert_eq!(row.field("tags", 0), Some(r#"["a \"b\", {c}"]"#));
        assert_eq!(row.field("nothing", 0), None);
        let whole: serde_json::Value = serde_json::from_str(row.as_str()).unwrap();
        for (name, value) in row.fields() {
            assert_eq!(whole[name], serde_json::from_str::<serde_json::Value>(value).unwrap(), "{name}");
        }
    }

    #[test]
    fn every_kind_of_row_has_a_text_and_what_is_no_row_has_none() {
        #[derive(Serialize)]
        struct Empty {}
        assert_eq!(RowText::of(&Empty {}).unwrap().as_str(), "{}");
        assert!(RowText::of(&Order::default()).is_ok() && RowText::of(&Ticket::default()).is_ok());
        assert!(RowText::of(&[1, 2]).is_err() && RowText::of(&Some(Empty {})).is_err());
    }
}
