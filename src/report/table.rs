//! The figures as tables for programs: JSON and CSV.

use serde_json::{Map, Value as Json, json};

use super::{
    Report,
    figures::{FIGURES, Value},
    place::Dimension,
    share::Share,
    tally::Tally,
};

/// One line of a table: a group's name and its figures, in the order of `FIGURES`.
pub struct Row {
    pub name: String,
    pub values: Vec<Value>,
    /// What part of all sales it has, by currency.
    pub share_of_sales: Vec<(String, Option<f64>)>,
}

impl Row {
    fn of(name: String, tally: &Tally, total: &Tally) -> Self {
        let values = FIGURES.iter().map(|figure| (figure.value)(tally)).collect();
        let share_of_sales = total.orders.sales.iter().map(|(currency, all)| {
            let own = tally.orders.sales.get(currency).map_or(0, |it| it.minor);
            (currency.clone(), (all.minor != 0).then(|| own as f64 / all.minor as f64))
        });
        Self { name, values, share_of_sales: share_of_sales.collect() }
    }

    pub fn value(&self, key: &str) -> Option<&Value> {
        let index = FIGURES.iter().position(|it| it.key == key)?;
        self.values.get(index)
    }

    fn json(&self) -> Json {
        let figures = FIGURES.iter().zip(&self.values).map(|(figure, value)| (figure.key.to_owned(), value.json()));
        let mut all: Map<String, Json> = figures.collect();
        let shares: Map<String, Json> =
            self.share_of_sales.iter().map(|(it, share)| (it.clone(), json!(share))).collect();
        all.insert("share_of_sales".to_owned(), shares.into());
        all.into()
    }
}

/// How reminders in one wording fared, on each channel and at each hour.
pub struct WordingRow {
    pub wording: String,
    pub all: Share,
    pub by_channel: Vec<(String, Share)>,
    pub by_hour: Vec<(i8, Share)>,
}

impl Report {
    /// The figures of everything.
    pub fn whole(&self) -> Row {
        Row::of("all".to_owned(), &self.groups.total, &self.groups.total)
    }

    /// The figures of each group, in order of name.
    pub fn rows(&self, by: Dimension) -> Vec<Row> {
        let all = self.groups.by(by).into_iter();
        all.map(|(name, tally)| Row::of(name, tally, &self.groups.total)).collect()
    }

    /// Payment reminders by wording, time and channel.
    pub fn wordings(&self) -> Vec<WordingRow> {
        let groups = &self.groups;
        let by_channel = groups.reminders_by(|wording, channel, _| (wording.to_owned(), channel.to_owned()));
        let by_hour = groups.reminders_by(|wording, _, hour| (wording.to_owned(), hour));
        let all = groups.reminders_by(|wording, _, _| wording.to_owned());
        all.into_iter()
            .map(|(wording, all)| WordingRow {
                by_channel: by_channel
                    .iter()
                    .filter(|((it, _), _)| *it == wording)
                    .map(|((_, channel), share)| (channel.clone(), *share))
                    .collect(),
                by_hour: by_hour
                    .iter()
                    .filter(|((it, _), _)| *it == wording)
                    .map(|((_, hour), it)| (*hour, *it))
                    .collect(),
                wording,
                all,
            })
            .collect()
    }
}

/// Everything, with the groups of one dimension where one is named, else of all.
pub fn json(report: &Report, by: Option<Dimension>) -> Json {
    let mut groups = Map::new();
    for dimension in Dimension::ALL.into_iter().filter(|it| by.is_none_or(|by| by == *it)) {
        let rows: Json = if dimension == Dimension::Wording {
            report.wordings().iter().map(|row| (row.wording.clone(), wording_json(row))).collect::<Map<_, _>>().into()
        } else {
            report.rows(dimension).iter().map(|row| (row.name.clone(), row.json())).collect::<Map<_, _>>().into()
        };
        groups.insert(dimension.name().to_owned(), rows);
    }
    let questions: Vec<_> = report
        .questions
        .iter()
        .map(|it| json!({ "intent": it.intent, "count": it.count, "example": it.example, "words": it.words }))
        .collect();
    let plans: Vec<_> = report
        .plans
        .iter()
        .map(|it| json!({ "planned": it.planned, "sold": it.sold, "completion": it.completion() }))
        .collect();
    json!({
        "from_ms": report.period.from_ms,
        "until_ms": report.period.until_ms,
        "zone": report.zone.iana_name(),
        "figures": report.whole().json(),
        "targets": plans,
        "by": groups,
        "unanswered": { "groups": questions, "others": report.other_questions },
    })
}

fn wording_json(row: &WordingRow) -> Json {
    let share = |share: Share| {
        json!({ "sent": share.of, "paid": share.part, "share": share.value(), "interval": share.interval(),
                "too_few_to_tell": share.is_of_few() })
    };
    json!({
        "all": share(row.all),
        "by_channel": row.by_channel.iter().map(|(name, it)| (name.clone(), share(*it))).collect::<Map<_, _>>(),
        "by_hour": row.by_hour.iter().map(|(hour, it)| (format!("{hour:02}:00"), share(*it))).collect::<Map<_, _>>(),
    })
}

/// A table with a line for each group and a column for each figure: plain numbers, times in seconds, shares from 0 to 1,
/// money in a column for each currency. What is not known is empty.
///
/// # Errors
/// It cannot be written, which is a fault of ours.
pub fn csv(report: &Report, by: Option<Dimension>) -> Result<String, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    if by == Some(Dimension::Wording) {
        out.write_record(["wording", "channel", "hour", "sent", "paid", "share", "low", "high", "too_few_to_tell"])?;
        let all = report.groups.reminders_by(|wording, channel, hour| (wording.to_owned(), channel.to_owned(), hour));
        for ((wording, channel, hour), it) in all {
            let (low, high) = it.interval().unzip();
            let plain = |value: Option<f64>| value.map_or_else(String::new, |it| format!("{it:.4}"));
            out.write_record([
                safe(&wording),
                safe(&channel),
                hour.to_string(),
                it.of.to_string(),
                it.part.to_string(),
                plain(it.value()),
                plain(low),
                plain(high),
                it.is_of_few().to_string(),
            ])?;
        }
    } else {
        let currencies: Vec<&String> = report.groups.total.orders.sales.keys().collect();
        let refunds: Vec<&String> = report.groups.total.refunds.money.keys().collect();
        let mut head = vec![by.map_or("all", Dimension::name).to_owned()];
        for figure in FIGURES {
            match (figure.key, (figure.value)(&report.groups.total)) {
                ("refunded", _) => head.extend(refunds.iter().map(|it| format!("refunded_{it}"))),
                (key, Value::Money(_)) => head.extend(currencies.iter().map(|it| format!("{key}_{it}"))),
                (key, Value::Share(_)) => head.extend([key.to_owned(), format!("{key}_of")]),
                (key, _) => head.push(key.to_owned()),
            }
        }
        head.extend(currencies.iter().map(|it| format!("share_of_sales_{it}")));
        out.write_record(&head)?;
        let rows = match by {
            Some(by) => report.rows(by),
            None => vec![report.whole()],
        };
        for row in rows {
            let mut line = vec![safe(&row.name)];
            for (figure, value) in FIGURES.iter().zip(&row.values) {
                let of = if figure.key == "refunded" { &refunds } else { &currencies };
                match value {
                    Value::Money(money) => line.extend(of.iter().map(|currency| {
                        let found = money.iter().find(|it| it.currency == **currency).map(ToString::to_string);
                        found.and_then(|it| it.split_once(' ').map(|(_, it)| it.to_owned())).unwrap_or_default()
                    })),
                    Value::Share(share) => line.extend([number(value), share.of.to_string()]),
                    other => line.push(number(other)),
                }
            }
            line.extend(row.share_of_sales.iter().map(|(_, it)| it.map_or_else(String::new, |it| format!("{it:.4}"))));
            out.write_record(&line)?;
        }
    }
    let bytes = out.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn number(value: &Value) -> String {
    match value {
        Value::Count(count) => count.to_string(),
        other => other.number().map_or_else(String::new, |it| format!("{it:.4}")),
    }
}

/// A name that no spreadsheet takes for a formula.
fn safe(name: &str) -> String {
    let steers = name.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if steers { format!("'{name}") } else { name.to_owned() }
}
