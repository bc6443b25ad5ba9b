//! The figures on a terminal.

use std::fmt::Write;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::{
    Report,
    figures::{FIGURES, Part, Tongue, Value},
    place::Dimension,
    share::Share,
    table::Row,
};

/// From nothing to the most there is.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Unanswered questions that are shown.
const QUESTIONS: usize = 10;
/// Figures that stand side by side, where groups are compared.
const COLUMNS: [&str; 8] = [
    "contacts",
    "conversations",
    "reply_rate",
    "first_response",
    "response",
    "resolution_rate",
    "satisfaction_mean",
    "sales",
];
/// Likewise, of people.
const PEOPLE: [&str; 8] = [
    "contacts",
    "conversations",
    "people_response",
    "people_response_in_time",
    "satisfaction_mean",
    "tickets_closed",
    "sales",
    "online",
];

/// The report in words, line by line.
pub fn text(report: &Report, by: Option<Dimension>, tongue: Tongue) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", period(report, tongue));
    match by {
        None => whole(&mut out, report, tongue),
        Some(Dimension::Wording) => wordings(&mut out, report, tongue),
        Some(by) => groups(&mut out, report, by, tongue),
    }
    out
}

/// Figures that are told each week.
const WEEKLY: [&str; 12] = [
    "contacts",
    "conversations",
    "reply_rate",
    "first_response",
    "resolution_rate",
    "by_clerk_alone",
    "not_understood",
    "satisfaction_mean",
    "inquiry_conversion",
    "sales",
    "reminder_conversion",
    "refunds_settled",
];

/// The week in a message: what is known of it, a line for each figure.
pub fn digest(report: &Report, tongue: Tongue) -> String {
    let row = report.whole();
    let mut out = format!("{}\n{}", tongue.pick("[The week's figures]", "【每周数据】"), period(report, tongue));
    for figure in WEEKLY.iter().filter_map(|key| FIGURES.iter().find(|it| it.key == *key)) {
        if let Some(value) = row.value(figure.key).filter(|it| it.is_known()) {
            let _ = write!(out, "\n{}: {}", tongue.pick(figure.en, figure.zh), value.shown());
        }
    }
    for plan in &report.plans {
        if let Some(share) = plan.completion() {
            let name = tongue.pick("target completion", "指标完成率");
            let _ = write!(out, "\n{name}: {:.1}% ({} / {})", share * 100.0, plan.sold, plan.planned);
        }
    }
    out
}

/// From when to when, on the store's wall.
pub fn period(report: &Report, tongue: Tongue) -> String {
    let at = |ms: i64| {
        let time = Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned_datetime(report.zone.clone());
        time.strftime("%Y-%m-%d %H:%M").to_string()
    };
    let (from, until) = (at(report.period.from_ms), at(report.period.until_ms));
    match tongue {
        Tongue::En => format!("from {from} to {until}"),
        Tongue::Zh => format!("{from} 至 {until}"),
    }
}

fn whole(out: &mut String, report: &Report, tongue: Tongue) {
    let row = report.whole();
    let days = report.rows(Dimension::Day);
    for part in Part::ALL {
        let _ = writeln!(out, "\n{}", part.title(tongue));
        for (figure, value) in FIGURES.iter().zip(&row.values).filter(|(figure, _)| figure.part == part) {
            let name = padded(tongue.pick(figure.en, figure.zh), 40);
            let line = if days.len() > 1 { sparkline(&days, figure.key) } else { String::new() };
            let shown = if value.is_known() { value.shown() } else { tongue.pick("not known", "未知").to_owned() };
            let _ = writeln!(out, "  {name}{}{line}", padded(&shown, if line.is_empty() { 0 } else { 26 }));
        }
        if part == Part::Selling {
            for plan in &report.plans {
                let completion = plan.completion().map_or_else(|| "–".to_owned(), |it| format!("{:.1}%", it * 100.0));
                let name = padded(tongue.pick("target completion", "指标完成率"), 40);
                let _ = writeln!(out, "  {name}{completion} ({} / {})", plan.sold, plan.planned);
            }
        }
    }
    let wordings = report.wordings();
    if !wordings.is_empty() {
        let _ = writeln!(out);
        self::wordings(out, report, tongue);
    }
    questions(out, report, tongue);
}

fn groups(out: &mut String, report: &Report, by: Dimension, tongue: Tongue) {
    let rows = report.rows(by);
    if rows.is_empty() {
        let _ = writeln!(out, "{}", tongue.pick("nothing to count", "没有数据"));
        return;
    }
    let of_people = matches!(by, Dimension::Agent | Dimension::Team);
    let columns = if of_people { PEOPLE } else { COLUMNS };
    let wide = rows.iter().map(|row| row.name.width()).max().unwrap_or(0).max(8) + 2;
    let head: Vec<_> = columns
        .iter()
        .filter_map(|key| FIGURES.iter().find(|it| it.key == *key))
        .map(|it| tongue.pick(it.en, it.zh))
        .collect();
    let cell = 18;
    let line = |name: &str, cells: Vec<String>| {
        let cells: String = cells.iter().map(|it| padded(it, cell)).collect();
        format!("{}{}", padded(name, wide), cells.trim_end())
    };
    let cut = |text: &str| text.chars().take(cell - 2).collect::<String>();
    let _ = writeln!(out, "\n{}", line(by.name(), head.into_iter().map(cut).collect()));
    for row in &rows {
        let cells = columns.iter().filter_map(|key| row.value(key)).map(Value::shown).collect();
        let mut text = line(&row.name, cells);
        if of_people {
            for (currency, share) in &row.share_of_sales {
                let share = share.map_or_else(|| "–".to_owned(), |it| format!("{:.1}%", it * 100.0));
                let _ = write!(text, "  {share} {} {currency}", tongue.pick("of sales in", "销售占比"));
            }
        }
        let _ = writeln!(out, "{text}");
    }
}

fn wordings(out: &mut String, report: &Report, tongue: Tongue) {
    let rows = report.wordings();
    if rows.is_empty() {
        let _ = writeln!(out, "{}", tongue.pick("no payment reminders were sent", "没有发送催付"));
        return;
    }
    let _ = writeln!(out, "{}", tongue.pick("Payment reminders by wording", "催付话术效果"));
    for row in &rows {
        let _ = writeln!(out, "  {}{}", padded(&row.wording, 28), told(row.all, tongue));
        for (channel, share) in &row.by_channel {
            let _ = writeln!(out, "      {}{}", padded(channel, 24), told(*share, tongue));
        }
        for (hour, share) in &row.by_hour {
            let _ = writeln!(out, "      {}{}", padded(&format!("{hour:02}:00"), 24), told(*share, tongue));
        }
    }
    let _ = writeln!(
        out,
        "  {}",
        verdict(&rows.iter().map(|it| (it.wording.as_str(), it.all)).collect::<Vec<_>>(), tongue)
    );
}

/// The share with what can be told from it.
pub fn told(share: Share, tongue: Tongue) -> String {
    let Some((low, high)) = share.interval() else { return "–".to_owned() };
    let few = if share.is_of_few() { tongue.pick(", too few to tell", "，样本太少") } else { "" };
    let between = format!("{:.0}–{:.0}%", low * 100.0, high * 100.0);
    format!("{}  [{between}{few}]", Value::Share(share).shown())
}

/// Whether one of the wordings is surely the best.
pub fn verdict(wordings: &[(&str, Share)], tongue: Tongue) -> String {
    let best =
        wordings.iter().max_by(|a, b| a.1.value().partial_cmp(&b.1.value()).unwrap_or(std::cmp::Ordering::Equal));
    match best {
        Some((name, best))
            if wordings.len() > 1 && wordings.iter().all(|(it, share)| it == name || best.differs_from(*share)) =>
        {
            match tongue {
                Tongue::En => format!("`{name}` does better than the others"),
                Tongue::Zh => format!("“{name}”明显优于其他话术"),
            }
        }
        _ => tongue.pick("too few to tell which is best", "样本太少，尚不能判断哪种更好").to_owned(),
    }
}

fn questions(out: &mut String, report: &Report, tongue: Tongue) {
    if report.questions.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", tongue.pick("Questions nobody answered", "未能回答的问题"));
    for question in report.questions.iter().take(QUESTIONS) {
        let what = question.intent.as_deref().unwrap_or(tongue.pick("nothing it knows", "未知意图"));
        let words = question.words.as_deref().map_or_else(String::new, |it| format!("  “{}”", it.replace('\n', " ")));
        let _ = writeln!(out, "  {:>5} × {what}{words}  (nightclerk explain {})", question.count, question.example);
    }
    let more = report.questions.iter().skip(QUESTIONS).map(|it| it.count).sum::<u64>() + report.other_questions;
    if more > 0 {
        let _ = writeln!(out, "  {more:>5} {}", tongue.pick("more", "个其他问题"));
    }
}

/// A figure day by day.
fn sparkline(days: &[Row], key: &str) -> String {
    let numbers: Vec<Option<f64>> = days.iter().map(|row| row.value(key).and_then(Value::number)).collect();
    let most = numbers.iter().flatten().copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return String::new();
    }
    let bar = |number: f64| BARS[((number / most * 7.0).round() as usize).min(7)];
    // The last two months are as many as a terminal is wide.
    let skipped = numbers.len().saturating_sub(62);
    numbers.into_iter().skip(skipped).map(|it| it.map_or(' ', bar)).collect()
}

/// Filled up to so many columns of a terminal: a Chinese character takes two.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width()).max(usize::from(columns > 0))))
}
