//! How the store did: the page of figures, with a way back.

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use maud::html;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{frame::Place, visit::Visit};
use crate::{
    desk::Permission,
    http::figures,
    report::{Span, Tongue, page as drawn},
};

/// Spans that are offered, in days.
const SPANS: [i64; 4] = [1, 7, 30, 90];

#[derive(Deserialize)]
pub struct Asked {
    days: Option<i64>,
}

pub async fn page(visit: Visit, Query(Asked { days }): Query<Asked>) -> Response {
    if let Err(response) = visit.require(Permission::Figures) {
        return response;
    }
    let days = days.unwrap_or(7).clamp(1, 400);
    let in_force = visit.console.admin.in_force.load_full();
    // The same days that a report has: those of the store's calendar.
    let period = match (Span { days: Some(days), ..Span::default() }).period(visit.now_ms, in_force.playbook.zone()) {
        Ok(period) => period,
        Err(why) => return visit.refusal(StatusCode::BAD_REQUEST, &why),
    };
    let store = visit.console.admin.store.clone();
    let counted = tokio::task::spawn_blocking(move || {
        figures::figures(&*store.records()?, &in_force.playbook, period, false, &mut |_, _| {})
    });
    let tongue = visit.tongue();
    let failed = || {
        let why = tongue.say("The figures could not be counted; see the log.", "数据统计失败，请看日志。");
        visit.refusal(StatusCode::INTERNAL_SERVER_ERROR, why)
    };
    let Ok(counted) = counted.await else { return failed() };
    let report = match visit.read(counted) {
        Ok(report) => report,
        Err(response) => return response,
    };
    match drawn(&report, &visit.store, Tongue::for_readers_of(tongue.tag())) {
        Ok(text) => with_a_way_back(&visit, days, &text).unwrap_or_else(failed),
        Err(error) => {
            tracing::error!(%error, "the page of figures cannot be drawn");
            failed()
        }
    }
}

/// The page stands for itself, with a style of its own, which is let through by its hash.
fn with_a_way_back(visit: &Visit, days: i64, text: &str) -> Option<Response> {
    let tongue = visit.tongue();
    let (_, after) = text.split_once("<style>")?;
    let (style, _) = after.split_once("</style>")?;
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}' 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        STANDARD.encode(Sha256::digest(style.as_bytes()))
    );
    let ways = html! {
        nav.ways aria-label=(tongue.say("Console", "控制台")) {
            a href=(Place::Now.path()) { "‹ " (Place::Now.name(tongue)) }
            @for span in SPANS {
                a href=(format!("{}?days={span}", Place::Figures.path())) aria-current=[(span == days).then_some("page")] {
                    (tongue.say(format!("{span} d"), format!("{span} 天")))
                }
            }
        }
    };
    let text = text.replacen("<main>", &format!("{}<main>", ways.0), 1).replacen(
        "</head>",
        "<link rel=\"icon\" href=\"/console/assets/icon.svg\"><link rel=\"stylesheet\" href=\"/console/assets/ways.css\"></head>",
        1,
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).ok()?),
    ];
    Some((headers, text).into_response())
}
