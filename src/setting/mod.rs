//! What the settings of all rooms are made of.

mod duration;
mod name;
mod nearest;
mod one_or_more;
mod problem;
mod schema;
mod secret;
mod steering;
mod web_url;
mod words;

pub use duration::Delay;
pub use name::is_name;
pub use nearest::{hint, nearest};
pub use one_or_more::OneOrMore;
pub use problem::{PathStep, Problem, advised, split_advice};
pub(crate) use schema::written_as_text;
pub use secret::{Secret, is_variable};
pub use steering::steers;
pub use web_url::{WEB_URL_HINT, ascii_host, picture_url, web_uri, web_url};
pub use words::Words;
#[cfg(test)]
pub(crate) use words::expect_chinese;
