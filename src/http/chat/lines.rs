//! What was said in one conversation, by both sides, as a page shows it.

use std::sync::Arc;

use serde::Serialize;

use crate::{
    http::pictures::kept_as,
    model::{Address, Content, EventKind, Message},
    pictures::Pictures,
    store::{Heard, MessageState, Queued, Store, StoreError, wait},
};

/// The most that is read of each side at once: what a page that opens, or comes back, is shown.
const MOST: usize = 100;

/// One line of the conversation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The same whenever it is read. The visitor's own: what their page called it.
    pub id: String,
    pub from: Side,
    pub at_ms: i64,
    pub content: Content,
    /// Products that it names by their address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
}

/// A product that a line names, as it is shown below it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Card {
    pub url: String,
    pub name: String,
    pub price: Option<String>,
    pub picture: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Visitor,
    Clerk,
}

/// How far a page has read. Each side comes in an order of its own.
#[derive(Clone, Copy, Debug, Default)]
struct Position {
    event: i64,
    message: i64,
}

/// Reads on where a page has got to.
pub struct Reader {
    store: Arc<dyn Store>,
    pictures: Arc<Pictures>,
    pub address: Address,
    position: Position,
    /// The ids of the last line of each side.
    last: [String; 2],
}

impl Reader {
    pub fn new(store: Arc<dyn Store>, pictures: Arc<Pictures>, address: Address) -> Self {
        Self { store, pictures, address, position: Position::default(), last: Default::default() }
    }

    /// Where the page is now; given to `resume` it goes on from here.
    pub fn cursor(&self) -> String {
        self.last.join("/")
    }

    /// The lines that came since the last time.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn read(&mut self) -> Result<Vec<Line>, StoreError> {
        let [own, clerks] = self.advance().await?;
        Ok(merged(own, clerks))
    }

    /// The lines after a cursor, or after the line with this id; all where it is not known any more.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn resume(&mut self, after: &str) -> Result<Vec<Line>, StoreError> {
        let [own, clerks] = self.advance().await?;
        Ok(match after.split_once('/') {
            Some((own_seen, clerks_seen)) => merged(behind(own, own_seen), behind(clerks, clerks_seen)),
            None => behind(merged(own, clerks), after),
        })
    }

    /// The new lines of each side, in its own order.
    async fn advance(&mut self) -> Result<[Vec<Line>; 2], StoreError> {
        let heard = wait(self.store.heard(&self.address, self.position.event, MOST)).await?;
        let mut said = wait(self.store.transcript(&self.address, self.position.message, MOST)).await?;
        if said.iter().any(|it| matches!(it.message.content, Content::Carried(_))) {
            let pictures = self.pictures.clone();
            // An open page that is shown none pays nothing for it.
            let shown = Box::pin(tokio::task::spawn_blocking(move || with_pictures(&pictures, said)));
            said = shown.await.map_err(|_| StoreError::Closed)?;
        }
        self.position.event = heard.last().map_or(self.position.event, |last| last.id);
        self.position.message = said.last().map_or(self.position.message, |last| last.id);
        let own = heard.into_iter().filter_map(own_line).collect();
        let clerks = said.into_iter().filter(is_visible).map(clerks_line).collect();
        let sides: [Vec<Line>; 2] = [own, clerks];
        for (lines, last) in sides.iter().zip(&mut self.last) {
            if let Some(line) = lines.last() {
                last.clone_from(&line.id);
            }
        }
        Ok(sides)
    }
}

/// What the clerk said, with the pictures that people of the store sent as the page shows them; up to the first that is still
/// on its way, as what comes behind it is to be read behind it.
fn with_pictures(pictures: &Pictures, said: Vec<Queued>) -> Vec<Queued> {
    let mut shown = Vec::with_capacity(said.len());
    for mut queued in said {
        if let Content::Carried(carried) = &queued.message.content {
            match kept_as(pictures, carried) {
                Some(content) => queued.message.content = content,
                None if queued.state == MessageState::Pending => break,
                // It was kept long enough. Where it came from is nothing for the customer.
                None => queued.message.content = Content::text(carried.to_plain_text()),
            }
        }
        shown.push(queued);
    }
    shown
}

/// Both sides in the order of time; who asks comes before who answers in the same moment.
fn merged(own: Vec<Line>, clerks: Vec<Line>) -> Vec<Line> {
    let mut lines = own;
    lines.extend(clerks);
    lines.sort_by_key(|line| (line.at_ms, line.from));
    lines
}

/// What comes behind the line with this id; all where there is none.
fn behind(mut lines: Vec<Line>, id: &str) -> Vec<Line> {
    let next = lines.iter().position(|line| line.id == id).map_or(0, |index| index + 1);
    lines.split_off(next)
}

fn own_line(heard: Heard) -> Option<Line> {
    let EventKind::Message(Message { id, text, media, .. }) = heard.event.kind else { return None };
    let content = match (media.into_iter().next(), text) {
        (Some(picture), caption) => Content::Image { url: picture.reference, caption },
        (None, text) => Content::text(text.unwrap_or_default()),
    };
    Some(Line { id, from: Side::Visitor, at_ms: heard.received_ms, content, cards: Vec::new() })
}

fn clerks_line(queued: Queued) -> Line {
    let Queued { message, created_ms, .. } = queued;
    Line { id: message.key, from: Side::Clerk, at_ms: created_ms, content: message.content, cards: Vec::new() }
}

fn is_visible(queued: &Queued) -> bool {
    matches!(queued.state, MessageState::Pending | MessageState::Sent)
}
