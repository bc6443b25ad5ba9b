//! Answers that go on for as long as a page is open. An HTTP connection keeps two buffers of 8 KiB for what may still
//! be asked; such an answer is the last of its connection, so it is written to the socket without one.

use std::{
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use axum::{body::Body, response::Response};
use futures_util::StreamExt;
use http::header;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};

/// Marks a response (among its extensions) that goes on after all that is read of its connection. It ends with the
/// connection, and says so: `Connection: close`.
#[derive(Clone, Copy, Debug)]
pub struct Lasting;

/// Where the last answer of a connection is put down by whoever made it.
#[derive(Default)]
pub struct Handover {
    answer: Mutex<Option<Response>>,
    is_there: Notify,
}

impl Handover {
    /// Takes an answer that lasts to whoever holds the connection, who drops the caller of this; any other comes back.
    pub async fn unless_lasting(&self, answer: Response) -> Response {
        if answer.extensions().get::<Lasting>().is_none() {
            return answer;
        }
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        self.is_there.notify_one();
        std::future::pending().await
    }

    /// The lasting answer, once there is one.
    pub async fn taken(&self) -> Response {
        loop {
            self.is_there.notified().await;
            if let Some(answer) = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return answer;
            }
        }
    }
}

/// Writes an answer until it ends or its caller is gone.
pub async fn write(mut stream: TcpStream, answer: Response) -> TcpStream {
    let (parts, body) = answer.into_parts();
    let mut head = format!("HTTP/1.1 {}\r\n", parts.status).into_bytes();
    for (name, value) in &parts.headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    if !parts.headers.contains_key(header::DATE) {
        head.extend_from_slice(format!("date: {}\r\n", httpdate::HttpDate::from(SystemTime::now())).as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    if stream.write_all(&head).await.is_ok() {
        drop(head);
        follow(&mut stream, body).await;
    }
    stream
}

async fn follow(stream: &mut TcpStream, body: Body) {
    let mut parts = body.into_data_stream();
    let mut unread = [0; 64];
    loop {
        tokio::select! {
            part = parts.next() => match part {
                Some(Ok(part)) if stream.write_all(&part).await.is_ok() => {}
                _ => return,
            },
            // Nothing that is said now is answered; its end is the caller's.
            said = stream.read(&mut unread) => if !matches!(said, Ok(1..)) {
                return;
            },
        }
    }
}
