//! Answers readers that must not block: their questions are asked by a thread of its own, one after the other.

use std::{
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Sender},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::{Pending, StoreError};

type Question = Box<dyn FnOnce(&Connection) + Send>;

/// The way to the thread; it ends when this is closed.
pub struct EdgeReader {
    questions: Mutex<Option<Sender<Question>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl EdgeReader {
    /// # Errors
    /// The system refuses a thread.
    pub fn start(connection: Connection) -> std::io::Result<Self> {
        let (questions, asked) = mpsc::channel::<Question>();
        let thread = std::thread::Builder::new().name("store-reader".to_owned()).spawn(move || {
            while let Ok(question) = asked.recv() {
                question(&connection);
            }
        })?;
        Ok(Self { questions: Mutex::new(Some(questions)), thread: Mutex::new(Some(thread)) })
    }

    pub fn ask<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<T> {
        let (done, pending) = oneshot::channel();
        let question: Question = Box::new(move |connection| {
            // Whoever asked need not wait for the answer.
            let _ = done.send(query(connection));
        });
        if let Some(questions) = &*self.questions.lock().unwrap_or_else(PoisonError::into_inner) {
            // Where the thread is gone, so is the sender within, and who waits hears that.
            let _ = questions.send(question);
        }
        pending
    }

    /// Returns when all that was asked is answered.
    pub fn close(&self) {
        drop(self.questions.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the store's reader panicked");
        }
    }
}
