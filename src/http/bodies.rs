//! Bodies are read under a budget of bytes that all of them share, signed or not: memory is gone before anybody can know
//! who sends.

use std::{ops::Deref, sync::Arc};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::sync::OwnedSemaphorePermit;

use super::patience::Room;
use crate::{in_force::Intake, webhook::Refusal};

/// Bytes of all bodies that are under way or being looked at.
const BUDGET: usize = 64 << 20;

/// The budget.
pub struct Bodies(Arc<Room>);

/// A body, which counts until it is dropped.
pub struct Whole {
    bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl Deref for Whole {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Default for Bodies {
    fn default() -> Self {
        Self(Room::of(BUDGET))
    }
}

impl Bodies {
    /// Reads a body under the limits of size, of time, and of all together.
    ///
    /// # Errors
    /// It breaks one of them, or off.
    pub async fn read(&self, body: Body, intake: Intake) -> Result<Whole, Refusal> {
        // One that says how large it is is refused before it comes.
        if body.size_hint().lower() > intake.body_limit as u64 {
            return Err(too_large(intake.body_limit));
        }
        let guest = self.0.guest();
        tokio::select! {
            read = tokio::time::timeout(intake.body_timeout, self.collect(body, intake.body_limit)) => {
                read.unwrap_or_else(|_| Err(refusal(StatusCode::REQUEST_TIMEOUT, "the body came too slowly\n")))
            }
            () = guest.shown_out.cancelled() => {
                let why = "too many bodies were under way, and this one came slowly\n";
                Err(refusal(StatusCode::SERVICE_UNAVAILABLE, why))
            }
        }
    }

    async fn collect(&self, mut body: Body, limit: usize) -> Result<Whole, Refusal> {
        let mut whole = Whole { bytes: Bytes::new(), _room: None };
        // Most come in one piece, which need not be copied.
        let mut pieces = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| refusal(StatusCode::BAD_REQUEST, "the body broke off\n"))?;
            let Ok(data) = frame.into_data() else { continue };
            if whole.bytes.len() + pieces.len() + data.len() > limit {
                return Err(too_large(limit));
            }
            let more = u32::try_from(data.len()).map_err(|_| too_large(limit))?;
            let more = self.0.take(more).await;
            match &mut whole._room {
                Some(room) => more.into_iter().for_each(|more| room.merge(more)),
                none => *none = more,
            }
            if whole.bytes.is_empty() && pieces.is_empty() {
                whole.bytes = data;
            } else {
                pieces.extend_from_slice(&std::mem::take(&mut whole.bytes));
                pieces.extend_from_slice(&data);
            }
        }
        if !pieces.is_empty() {
            whole.bytes = pieces.freeze();
        }
        Ok(whole)
    }
}

fn refusal(status: StatusCode, why: &'static str) -> Refusal {
    Refusal { status, why, detail: None }
}

fn too_large(limit: usize) -> Refusal {
    let why = "the body is larger than `body_limit` in [server] of nightclerk.toml\n";
    let detail = Some(format!("at most {limit} bytes are taken"));
    Refusal { detail, ..refusal(StatusCode::PAYLOAD_TOO_LARGE, why) }
}
