//! Bodies on their way in and out, which tell whether a connection is still speaking.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::http::patience::Guest;

/// A request's body. Until it is all there, or nobody wants the rest, its caller is still speaking.
pub struct Arriving {
    body: Incoming,
    caller: Arc<Guest>,
}

impl Arriving {
    pub fn new(body: Incoming, caller: Arc<Guest>) -> Self {
        if body.is_end_stream() {
            caller.has_spoken();
        } else {
            caller.begins_to_speak();
        }
        Self { body, caller }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if self.body.is_end_stream() || matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.caller.has_spoken();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.caller.has_spoken();
    }
}

/// A response's body. Once it is written, the caller may ask again, and takes a place for nothing until they do.
pub struct Leaving {
    body: axum::body::Body,
    caller: Arc<Guest>,
}

impl Leaving {
    pub fn new(body: axum::body::Body, caller: Arc<Guest>) -> Self {
        Self { body, caller }
    }
}

impl Body for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.caller.begins_to_speak();
    }
}
