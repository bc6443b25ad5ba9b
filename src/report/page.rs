//! The figures as a page to send round: one file, without a script, that loads nothing.

use minijinja::{AutoEscape, Environment, Value as Shown, context, value::Serde};
use serde::Serialize;

use super::{
    Report,
    chart::{self, Bar, Span},
    figures::{FIGURES, Part, Tongue, Value},
    place::Dimension,
    share::Share,
    table::Row,
    text::{period, told, verdict},
};

/// Figures that stand large at the top.
const FIRST: [&str; 8] = [
    "contacts",
    "reply_rate",
    "first_response",
    "resolution_rate",
    "satisfaction_mean",
    "inquiry_conversion",
    "sales",
    "by_clerk_alone",
];
/// Figures by day, each a chart of its own.
const BY_DAY: [&str; 6] =
    ["conversations", "first_response", "reply_rate", "orders_sold", "inquiry_conversion", "satisfaction_mean"];
/// Columns of the table of people.
const PEOPLE: [&str; 7] = [
    "contacts",
    "conversations",
    "people_response",
    "people_response_in_time",
    "satisfaction_mean",
    "tickets_closed",
    "sales",
];
/// Columns of the table of channels.
const CHANNELS: [&str; 6] =
    ["contacts", "conversations", "reply_rate", "first_response", "inquiry_conversion", "sales"];
const QUESTIONS: usize = 20;

#[derive(Serialize)]
struct Section {
    title: &'static str,
    figures: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    name: String,
    value: String,
    is_known: bool,
}

#[derive(Serialize)]
struct Chart {
    title: String,
    svg: String,
}

#[derive(Serialize)]
struct Table {
    title: &'static str,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct Wording {
    name: String,
    told: String,
    svg: String,
}

#[derive(Serialize)]
struct Asked {
    count: u64,
    what: String,
    words: Option<String>,
    example: i64,
}

/// The page.
///
/// # Errors
/// It cannot be written, which is a fault of ours.
pub fn page(report: &Report, store: &str, tongue: Tongue) -> Result<String, minijinja::Error> {
    let whole = report.whole();
    let first: Vec<_> = FIRST.iter().filter_map(|key| line(&whole, key, tongue)).collect();
    let sections: Vec<_> = Part::ALL.into_iter().map(|part| section(report, &whole, part, tongue)).collect();
    let charts = charts(report, tongue);
    let wordings = report.wordings();
    let verdict = verdict(&wordings.iter().map(|it| (it.wording.as_str(), it.all)).collect::<Vec<_>>(), tongue);
    let wordings: Vec<_> = wordings.into_iter().map(|it| wording(it.wording, it.all, tongue)).collect();
    let tables: Vec<_> = [
        people(report, Dimension::Agent, tongue.pick("People", "客服"), tongue),
        people(report, Dimension::Team, tongue.pick("Teams", "部门"), tongue),
        table(&report.rows(Dimension::Channel), &CHANNELS, tongue.pick("Channels", "渠道"), tongue),
    ]
    .into_iter()
    .filter(|it| !it.rows.is_empty())
    .collect();
    let questions: Vec<_> = report
        .questions
        .iter()
        .take(QUESTIONS)
        .map(|it| Asked {
            count: it.count,
            what: it.intent.clone().unwrap_or_else(|| tongue.pick("nothing it knows", "未知意图").to_owned()),
            words: it.words.clone(),
            example: it.example,
        })
        .collect();
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.render_str(
        include_str!("page.html"),
        context! {
            store,
            lang => tongue.pick("en", "zh-CN"),
            title => tongue.pick("Figures", "运营数据"),
            period => period(report, tongue),
            first => Shown::from(Serde(&first)),
            charts_title => tongue.pick("By day and hour", "走势"),
            sections => Shown::from(Serde(&sections)),
            charts => Shown::from(Serde(&charts)),
            wordings => Shown::from(Serde(&wordings)),
            wordings_title => tongue.pick("Payment reminders by wording", "催付话术效果"),
            wordings_hint => tongue.pick(
                "The bar is the share of reminders after which the order was paid; the line where the true share lies, 19 times out of 20.",
                "条形为催付后付款的占比；横线为 95% 置信区间。",
            ),
            verdict,
            tables => Shown::from(Serde(&tables)),
            questions => Shown::from(Serde(&questions)),
            questions_title => tongue.pick("Questions nobody answered", "未能回答的问题"),
            unknown => tongue.pick("not known", "未知"),
            made => tongue.pick("Counted by nightclerk from the log; docs/figures.md says how.", "由夜小二根据日志统计，算法见 docs/figures.md。"),
        },
    )
}

fn line(row: &Row, key: &str, tongue: Tongue) -> Option<Line> {
    let figure = FIGURES.iter().find(|it| it.key == key)?;
    let value = row.value(key)?;
    Some(Line { name: tongue.pick(figure.en, figure.zh).to_owned(), value: value.shown(), is_known: value.is_known() })
}

fn section(report: &Report, row: &Row, part: Part, tongue: Tongue) -> Section {
    let of_it = FIGURES.iter().filter(|it| it.part == part);
    let mut figures: Vec<_> = of_it.filter_map(|it| line(row, it.key, tongue)).collect();
    if part == Part::Selling {
        figures.extend(report.plans.iter().map(|plan| {
            let share = plan.completion().map_or_else(|| "–".to_owned(), |it| format!("{:.1}%", it * 100.0));
            Line {
                name: tongue.pick("target completion", "指标完成率").to_owned(),
                value: format!("{share} ({} / {})", plan.sold, plan.planned),
                is_known: plan.completion().is_some(),
            }
        }));
    }
    Section { title: part.title(tongue), figures }
}

fn charts(report: &Report, tongue: Tongue) -> Vec<Chart> {
    let days = report.rows(Dimension::Day);
    let hours = report.rows(Dimension::Hour);
    let mut charts = Vec::new();
    if days.len() > 1 {
        charts.extend(BY_DAY.iter().filter_map(|key| chart(&days, key, tongue.pick("by day", "按天"), tongue)));
    }
    if !hours.is_empty() {
        let all: Vec<Row> = (0..24).map(|hour| format!("{hour:02}:00")).map(|name| hour(&hours, &name)).collect();
        charts.extend(
            ["conversations", "first_response"]
                .iter()
                .filter_map(|key| chart(&all, key, tongue.pick("by hour", "按小时"), tongue)),
        );
    }
    charts
}

/// The hour's figures; nothing, where nothing happened.
fn hour(hours: &[Row], name: &str) -> Row {
    let found = hours.iter().find(|row| row.name == name);
    found.map_or_else(
        || Row { name: name.to_owned(), values: Vec::new(), share_of_sales: Vec::new() },
        |row| Row { name: row.name.clone(), values: row.values.clone(), share_of_sales: Vec::new() },
    )
}

fn chart(rows: &[Row], key: &str, by: &str, tongue: Tongue) -> Option<Chart> {
    let figure = FIGURES.iter().find(|it| it.key == key)?;
    let bars: Vec<Bar> = rows
        .iter()
        .map(|row| Bar {
            // A day goes by its month and number; an hour is short already.
            name: row.name.split_once('-').map_or(row.name.as_str(), |(_, day)| day).to_owned(),
            shown: row.value(key).map_or_else(|| "–".to_owned(), Value::shown),
            height: row.value(key).and_then(Value::number),
        })
        .collect();
    if bars.iter().all(|bar| bar.height.is_none_or(|it| it <= 0.0)) {
        return None;
    }
    let title = format!("{}, {by}", tongue.pick(figure.en, figure.zh));
    Some(Chart { svg: chart::bars(&title, &bars), title })
}

fn wording(name: String, share: Share, tongue: Tongue) -> Wording {
    let span = share.value().zip(share.interval()).map(|(value, (low, high))| Span { value, low, high });
    let svg = span.map_or_else(String::new, |span| chart::span(&name, span));
    Wording { told: told(share, tongue), svg, name }
}

fn people(report: &Report, by: Dimension, title: &'static str, tongue: Tongue) -> Table {
    let rows = report.rows(by);
    let mut table = table(&rows, &PEOPLE, title, tongue);
    let currencies: Vec<&String> = report.groups.total.orders.sales.keys().collect();
    for currency in currencies {
        table.head.push(match tongue {
            Tongue::En => format!("share of sales, {currency}"),
            Tongue::Zh => format!("销售占比 {currency}"),
        });
        for (row, cells) in rows.iter().zip(&mut table.rows) {
            let share = row.share_of_sales.iter().find(|it| it.0 == *currency).and_then(|it| it.1);
            cells.push(share.map_or_else(|| "–".to_owned(), |it| format!("{:.1}%", it * 100.0)));
        }
    }
    table
}

fn table(rows: &[Row], columns: &[&str], title: &'static str, tongue: Tongue) -> Table {
    let figures = || columns.iter().filter_map(|key| FIGURES.iter().find(|it| it.key == *key));
    let mut head = vec![tongue.pick("name", "名称").to_owned()];
    head.extend(figures().map(|it| tongue.pick(it.en, it.zh).to_owned()));
    let cells = |row: &Row| {
        let values = columns.iter().filter_map(|key| row.value(key)).map(Value::shown);
        std::iter::once(row.name.clone()).chain(values).collect()
    };
    Table { title, head, rows: rows.iter().map(cells).collect() }
}
