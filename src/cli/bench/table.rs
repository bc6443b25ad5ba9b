//! The table the bench prints.

use std::fmt;

use serde::Serialize;

#[derive(Default, Serialize)]
pub struct Table {
    pub rows: Vec<Row>,
}

#[derive(Serialize)]
pub struct Row {
    pub what: String,
    pub measured: String,
    pub ratio: String,
    pub bar: String,
    /// Whether the bar was held; `None` where there is none.
    pub held: Option<bool>,
}

impl Row {
    pub fn new(
        what: impl Into<String>,
        measured: impl Into<String>,
        ratio: impl Into<String>,
        bar: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), measured: measured.into(), ratio: ratio.into(), bar: bar.into(), held: None }
    }

    #[must_use]
    pub fn held(mut self, held: bool) -> Self {
        self.held = Some(held);
        self
    }
}

impl fmt::Display for Table {
    /// Markdown, so that it can go into a document as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | measured | ratio | bar | held |")?;
        writeln!(f, "| --- | --- | --- | --- | --- |")?;
        for Row { what, measured, ratio, bar, held } in &self.rows {
            let held = match held {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "",
            };
            writeln!(f, "| {what} | {measured} | {ratio} | {bar} | {held} |")?;
        }
        Ok(())
    }
}
