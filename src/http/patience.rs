//! Who takes long, when room is short: those who have not said all they came to say make room for those who come, the
//! one that has taken longest first.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// Where room is short, nobody is waited for longer. Heads, and the bodies that platforms send, come in one piece.
const PATIENCE: Duration = Duration::from_millis(250);

/// Room for so many, be it connections or bytes, and who takes long among those inside.
pub struct Room {
    free: Arc<Semaphore>,
    slow: Mutex<BTreeMap<u64, (Instant, CancellationToken)>>,
    next: AtomicU64,
}

/// One that is inside.
pub struct Guest {
    room: Arc<Room>,
    /// The number under which it counts among those who take long; 0 while it does not.
    number: AtomicU64,
    /// Cancelled when it has to make room.
    pub shown_out: CancellationToken,
}

impl Room {
    pub fn of(size: usize) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(size.min(Semaphore::MAX_PERMITS)));
        Arc::new(Self { free, slow: Mutex::default(), next: AtomicU64::new(1) })
    }

    /// A guest who takes nothing of the room yet, and has all to say still.
    pub fn guest(self: &Arc<Self>) -> Guest {
        let guest = Guest { room: self.clone(), number: AtomicU64::new(0), shown_out: CancellationToken::new() };
        guest.begins_to_speak();
        guest
    }

    /// Takes so much of the room; `None` once it is closed. Where it is full of those who have spoken, callers wait; for
    /// those who have not, nobody has to.
    pub async fn take(&self, much: u32) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(taken) = self.free.clone().try_acquire_many_owned(much) {
                return Some(taken);
            }
            let patience = self.show_oldest_out();
            if let Ok(taken) = tokio::time::timeout(patience, self.free.clone().acquire_many_owned(much)).await {
                return taken.ok();
            }
        }
    }

    /// Shows the one that has taken longest out, if that was too long. Says after what time to ask again.
    fn show_oldest_out(&self) -> Duration {
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(oldest) = slow.first_entry() else { return PATIENCE };
        match PATIENCE.checked_sub(oldest.get().0.elapsed()) {
            Some(left) if !left.is_zero() => left,
            _ => {
                oldest.remove().1.cancel();
                PATIENCE
            }
        }
    }
}

impl Guest {
    /// From now on it counts among those who take long.
    pub fn begins_to_speak(&self) {
        self.has_spoken();
        let number = self.room.next.fetch_add(1, Ordering::Relaxed);
        self.number.store(number, Ordering::Relaxed);
        let mut slow = self.room.slow.lock().unwrap_or_else(PoisonError::into_inner);
        slow.insert(number, (Instant::now(), self.shown_out.clone()));
    }

    /// It is our turn: nobody who comes pushes it out.
    pub fn has_spoken(&self) {
        let number = self.number.swap(0, Ordering::Relaxed);
        if number != 0 {
            self.room.slow.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.has_spoken();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_takes_longest_makes_room_and_who_has_spoken_does_not() {
        let room = Room::of(2);
        let (patient, slow) = (room.guest(), room.guest());
        let places = (room.take(1).await.unwrap(), room.take(1).await.unwrap());
        patient.has_spoken();
        let came = tokio::spawn({
            let room = room.clone();
            async move { room.take(1).await.is_some() }
        });
        slow.shown_out.cancelled().await;
        assert!(!patient.shown_out.is_cancelled());
        drop(places.1);
        assert!(came.await.unwrap());
        drop((patient, slow));
        assert!(room.slow.lock().unwrap().is_empty());
    }
}
