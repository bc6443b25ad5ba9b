//! What the settings of all rooms are made of.

mod duration;
mod name;
mod nearest;
mod problem;
mod secret;
mod steering;
mod web_url;

pub use duration::{Delay, duration};
pub use name::is_name;
pub use nearest::{hint, nearest};
pub use problem::{PathStep, Problem, advised, split_advice};
pub use secret::{Secret, is_variable};
pub use steering::steers;
pub use web_url::{WEB_URL_HINT, picture_url, web_url};
