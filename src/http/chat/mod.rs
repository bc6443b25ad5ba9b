//! The web chat: its page, which a shop's own site may carry; what visitors write (into the inbox); and what both
//! sides said (Server-Sent Events read from the store, so that a page that was away misses nothing).
//!
//! Strangers come here without an account, so every request passes one door, and whoever writes passes the limits
//! before anything is kept.

mod cards;
mod cookie;
mod feed;
mod guest;
mod inbound;
mod limits;
mod lines;
mod origins;
mod page;
mod pictures;
mod seats;
mod words;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
};

use tokio::sync::Semaphore;

use super::Public;
use crate::{
    channel::webchat::VisitorKey,
    pictures::{Pictures, Seal},
};
use limits::Limits;
use seats::Seats;

pub use feed::ChatHub;

/// What the chat's handlers share.
pub struct Chat {
    /// Signs the visitors' cookies.
    key: VisitorKey,
    hub: Arc<ChatHub>,
    pub pictures: Arc<Pictures>,
    /// Of the addresses at which they are lent out.
    pub seal: Arc<Seal>,
    limits: Limits,
    seats: Arc<Seats>,
    /// Held while something is decided and kept.
    turns: Semaphore,
}

/// What visitors wrote that is decided at once. Nobody has to log in, so their crowd waits outside, and what comes from
/// platforms finds the lanes free.
const TURNS: usize = 2;

impl Chat {
    /// `connections`: what the listener takes in all.
    pub fn new(
        key: VisitorKey,
        hub: Arc<ChatHub>,
        pictures: Arc<Pictures>,
        seal: Arc<Seal>,
        connections: usize,
    ) -> Self {
        Self {
            key,
            hub,
            pictures,
            seal,
            limits: Limits::default(),
            seats: Seats::new(connections),
            turns: Semaphore::new(TURNS),
        }
    }
}

pub fn routes(public: &Public) -> Router<Public> {
    // What they serve is the same for everybody, and holds nothing of anybody.
    let files = Router::new()
        .route("/", get(page::home))
        .route("/chat", get(page::home))
        .route("/chat/theme.css", get(page::theme))
        .route("/chat/{file}", get(page::asset));
    let rooms = Router::new()
        .route("/chat/", get(page::page))
        .route("/chat/store", get(page::store))
        .route("/chat/history", get(feed::history))
        .route("/chat/events", get(feed::events))
        .route("/chat/messages", post(inbound::message))
        .route("/chat/open", post(inbound::opened))
        .route("/chat/identify", post(inbound::identify))
        .route("/chat/pictures", post(pictures::receive))
        .route("/chat/pictures/{chat}/{file}", get(pictures::shown))
        .route_layer(middleware::from_fn_with_state(public.clone(), guest::door));
    files.merge(rooms)
}
