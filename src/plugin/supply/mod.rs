//! Where plugins come from: fetched or copied, looked at, put in their place in one step, and written down.

mod fetch;
mod lock;
mod place;

pub use fetch::{FetchError, Fetched, fetch};
pub use lock::{LOCK, Lock, LockError, Locked};
pub use place::{discard, put_aside, seat};
