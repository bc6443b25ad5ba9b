//! The console: the pages of those who work in the store, on the admin side. Drawn here, so that each works as plain forms
//! without a script; htmx keeps what is watched fresh. What they do goes the ways of the admin API.

mod asset;
mod audit;
mod card;
mod contact;
mod contacts;
mod conversation;
mod conversations;
mod document;
mod done;
mod door;
mod explain;
mod figures;
mod files;
mod form;
mod frame;
mod limits;
mod mail;
mod may;
mod media;
mod more;
mod now;
mod order;
mod orders;
mod password;
mod people;
mod phrases;
mod plugins;
mod presence;
mod second_version;
mod session;
mod story;
mod tickets;
mod tongue;
mod visit;

use std::sync::Arc;

use axum::{
    Router, middleware,
    response::{Redirect, Response},
    routing::{get, post},
};
use http::StatusCode;

use super::admin::Admin;
use crate::model::Address;

/// What the pages share.
#[derive(Clone)]
pub struct Console {
    admin: Admin,
    limits: Arc<limits::Limits>,
    presence: presence::Presence,
    /// Where it is in a browser: a scheme and a host.
    url: Arc<str>,
}

/// The routes of the console.
pub fn router(admin: Admin) -> Router {
    let url = admin.console_url.clone();
    let console = Console { admin, limits: Arc::default(), presence: presence::Presence::default(), url };
    Router::new()
        .route("/console/", get(now::page))
        .route("/console/now", get(now::fresh))
        .route("/console/assets/{file}", get(asset::asset))
        .route("/console/sign-in", get(door::page).post(door::sign_in))
        .route("/console/sign-out", post(door::sign_out))
        .route("/console/language/{tag}", get(more::language))
        .route("/console/join/{token}", get(door::invited).post(door::join))
        .route("/console/more", get(more::page))
        .route("/console/conversations", get(conversations::page))
        .route("/console/conversations/fresh", get(conversations::fresh))
        .route("/console/conversations/{channel}/{chat}", get(conversation::page))
        .route("/console/conversations/{channel}/{chat}/fresh", get(conversation::fresh))
        .route("/console/conversations/{channel}/{chat}/media/{event}/{index}", get(media::sent))
        .route("/console/conversations/{channel}/{chat}/{deed}", post(conversation::deed))
        .route("/console/pictures/{visitor}/{file}", get(conversation::picture))
        .route("/console/explain/{reference}", get(explain::page))
        .route("/console/tickets", get(tickets::page))
        .route("/console/tickets/{id}", get(tickets::single))
        .route("/console/tickets/{id}/{deed}", post(tickets::deed))
        .route("/console/contacts", get(contacts::page))
        .route("/console/contacts/{id}", get(contact::page))
        .route("/console/contacts/{id}/erase", get(contact::question).post(contact::erase))
        .route("/console/contacts/{id}/{deed}", post(contact::deed))
        .route("/console/orders", get(orders::page))
        .route("/console/orders/{shop}/{id}", get(order::page))
        .route("/console/orders/{shop}/{id}/remark", post(order::remark))
        .route("/console/mail", get(mail::page))
        .route("/console/mail/{id}/{deed}", post(mail::deed))
        .route("/console/channels/{id}/resume", post(mail::resume))
        .route("/console/plugins", get(plugins::list))
        .route("/console/plugins/{name}", get(plugins::page))
        .route("/console/plugins/{name}/{deed}", post(plugins::deed))
        .route("/console/files", get(files::page))
        .route("/console/files/{file}", get(files::editor))
        .route("/console/files/{file}/check", post(files::check))
        .route("/console/files/{file}/compare", post(files::compare))
        .route("/console/files/{file}/edit", post(files::edit))
        .route("/console/files/{file}/save", post(files::save))
        .route("/console/phrases", get(phrases::page))
        .route("/console/phrases/new", get(phrases::new))
        .route("/console/phrases/compare", post(phrases::compare))
        .route("/console/phrases/code/{code}", get(phrases::one))
        .route("/console/figures", get(figures::page))
        .route("/console/people", get(people::page))
        .route("/console/people/{name}/{deed}", post(people::deed))
        .route("/console/audit", get(audit::page))
        .with_state(console)
        .layer(middleware::map_response(async |response: Response| document::secured(response)))
        .route("/", get(async || Redirect::temporary("/console/")))
        .route("/console", get(async || Redirect::temporary("/console/")))
}

/// The path of a conversation's page.
fn path_of(address: &Address) -> String {
    format!("/console/conversations/{}/{}", segment(&address.channel), segment(&address.chat))
}

/// Percent-encodes a path segment.
fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Where a form leads once it is done.
fn seen(path: &str) -> Response {
    use axum::response::IntoResponse;
    (StatusCode::SEE_OTHER, [(http::header::LOCATION, path)]).into_response()
}
