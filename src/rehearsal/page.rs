//! A replay as a page to send round: one file, without a script, that loads nothing.

use jiff::tz::TimeZone;
use minijinja::{AutoEscape, Environment, Value, context, value::Serde};
use serde::Serialize;

use super::{
    replay::{Change, Difference, Replayed, Side},
    words,
};

#[derive(Serialize)]
struct Section {
    title: &'static str,
    count: usize,
    groups: Vec<Kind>,
}

#[derive(Serialize)]
struct Kind {
    before: String,
    after: String,
    count: usize,
    cases: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    time: String,
    what: String,
    notes: Vec<&'static str>,
    before: Lines,
    after: Lines,
}

#[derive(Serialize)]
struct Lines {
    told: Vec<String>,
    others: Vec<String>,
    deeds: Vec<String>,
}

impl From<&Side> for Lines {
    fn from(side: &Side) -> Self {
        let Side { told, others, deeds, .. } = side.clone();
        Self { told, others, deeds }
    }
}

/// The page.
///
/// # Errors
/// It cannot be written, which is a fault of ours.
pub fn page(replayed: &Replayed, period: &str, zone: &TimeZone) -> Result<String, minijinja::Error> {
    let groups = replayed.groups();
    let sections: Vec<Section> = Change::ALL
        .into_iter()
        .map(|change| {
            let of_it = groups.iter().filter(|group| group.change == change);
            let groups: Vec<Kind> = of_it
                .map(|group| Kind {
                    before: group.by.0.to_owned(),
                    after: group.by.1.to_owned(),
                    count: group.differences.len(),
                    cases: group.differences.iter().map(|it| shown(it, zone)).collect(),
                })
                .collect();
            Section { title: change.title(), count: groups.iter().map(|group| group.count).sum(), groups }
        })
        .filter(|section| section.count > 0)
        .collect();
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.render_str(
        include_str!("page.html"),
        context! {
            period,
            events => replayed.events,
            lost => replayed.lost,
            differences => replayed.differences.len(),
            sections => Value::from(Serde(&sections)),
        },
    )
}

fn shown(difference: &Difference, zone: &TimeZone) -> Shown {
    Shown {
        id: difference.event_id,
        time: words::clock(difference.at_ms, zone),
        what: difference.what(),
        notes: difference.notes.iter().map(|note| note.words()).collect(),
        before: (&difference.before).into(),
        after: (&difference.after).into(),
    }
}
