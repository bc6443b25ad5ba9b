//! Figures, as the console shows them.

use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Admin, ErrorView,
    period::Asked,
    refusal::{refuse, store_failed},
};
use crate::{
    engine::Playbook,
    http::figures,
    report::{Dimension, Period, Tongue, csv, json, page},
};

/// What is to be told, as on the command line.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Agent, team, channel, wording, hour or day.
    by: Option<String>,
    /// `json`, `csv` or `html`.
    format: Option<String>,
    /// Of a page: en or zh.
    language: Option<String>,
    /// Whether unanswered questions are shown in the customers' words.
    #[serde(default)]
    words: bool,
}

#[utoipa::path(
    get,
    path = "/v1/report",
    params(Asked, Wanted),
    responses((status = 200, body = Object), (status = 400, body = ErrorView))
)]
pub async fn report(State(admin): State<Admin>, Query(asked): Query<Asked>, Query(wanted): Query<Wanted>) -> Response {
    let in_force = admin.in_force.load_full();
    let (period, by) = match read(&asked, &wanted, &in_force.playbook) {
        Ok(read) => read,
        Err(why) => return refuse(StatusCode::BAD_REQUEST, why),
    };
    let (store, of, with_words) = (admin.store.clone(), in_force.clone(), wanted.words);
    let counted = tokio::task::spawn_blocking(move || {
        figures(&*store.records()?, &of.playbook, period, with_words, &mut |_, _| {})
    });
    let report = match counted.await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => return store_failed(&error),
        Err(_) => return refuse(StatusCode::INTERNAL_SERVER_ERROR, "the figures could not be counted"),
    };
    let own = in_force.playbook.own_language();
    let tongue = Tongue::for_readers_of(wanted.language.as_deref().unwrap_or(own));
    match wanted.format.as_deref().unwrap_or("json") {
        "csv" => match csv(&report, by) {
            Ok(text) => ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response(),
            Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        },
        "html" => match page(&report, &in_force.playbook.storefront(own).name, tongue) {
            Ok(text) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response(),
            Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        },
        _ => Json(json(&report, by)).into_response(),
    }
}

fn read(asked: &Asked, wanted: &Wanted, playbook: &Playbook) -> Result<(Period, Option<Dimension>), String> {
    let period = asked.period(playbook.zone())?;
    let by = wanted.by.as_deref().map(|name| {
        let known: Vec<_> = Dimension::ALL.into_iter().map(Dimension::name).collect();
        Dimension::named(name).ok_or_else(|| format!("`{name}` is none of {}", known.join(", ")))
    });
    let format = wanted.format.as_deref().unwrap_or("json");
    if !["json", "csv", "html"].contains(&format) {
        return Err(format!("`{format}` is none of json, csv, html"));
    }
    Ok((period, by.transpose()?))
}
