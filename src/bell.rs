//! Tells all who wait that something happened, so that nobody looks again and again.

use tokio::sync::watch;

/// Rung where something happens.
#[derive(Debug, Default)]
pub struct Bell(watch::Sender<()>);

/// Somebody who waits for it.
#[derive(Debug)]
pub struct Listener(watch::Receiver<()>);

impl Bell {
    /// Everybody who listens hears of it, also who is busy now: they hear it once, however often it was rung meanwhile.
    pub fn ring(&self) {
        // Who begins to listen right now looks for themselves first.
        if self.0.receiver_count() > 0 {
            self.0.send_replace(());
        }
    }

    /// What happens from now on is heard. To be called before one looks.
    pub fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

impl Listener {
    /// Waits until it is rung, or was since the last time; for ever where the bell is gone.
    pub async fn rung(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn what_was_rung_while_one_was_busy_is_heard_once() {
        let bell = Bell::default();
        bell.ring();
        let (mut one, mut other) = (bell.listen(), bell.listen());
        assert!(one.rung().now_or_never().is_none(), "it was rung before anybody listened");
        bell.ring();
        bell.ring();
        for listener in [&mut one, &mut other] {
            assert!(listener.rung().now_or_never().is_some());
            assert!(listener.rung().now_or_never().is_none(), "once");
        }
        drop(bell);
        assert!(one.rung().now_or_never().is_none(), "nobody rings any more");
    }
}
