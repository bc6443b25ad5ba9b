//! The language of the pages: Chinese or English, as whoever reads them wants it.

use http::{HeaderMap, HeaderValue, header};

use super::Console;
use crate::{language::accepted, setting::Words};

pub const COOKIE: &str = "nightclerk-language";

/// In which language a page speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tongue(pub Words);

impl Tongue {
    pub const ENGLISH: Self = Self(Words::English);
    pub const CHINESE: Self = Self(Words::Chinese);

    /// What was chosen on a page, else what the browser asks for, else the store's.
    pub fn wanted(console: &Console, headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let chosen = cookies
            .flat_map(|line| line.split(';'))
            .find_map(|it| it.trim().strip_prefix(COOKIE)?.strip_prefix('=').and_then(Self::named));
        let asked = || {
            let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok().map(accepted)?;
            accepted.iter().find_map(|tag| Self::named(tag.split('-').next().unwrap_or_default()))
        };
        chosen.or_else(asked).unwrap_or_else(|| {
            let in_force = console.admin.in_force.load();
            Self(Words::for_readers_of(in_force.playbook.language(None).tag()))
        })
    }

    pub fn named(tag: &str) -> Option<Self> {
        match tag {
            "zh" => Some(Self::CHINESE),
            "en" => Some(Self::ENGLISH),
            _ => None,
        }
    }

    pub fn tag(self) -> &'static str {
        if self == Self::CHINESE { "zh-Hans" } else { "en" }
    }

    /// Remembers the choice in the browser.
    pub fn cookie(self) -> HeaderValue {
        let tag = if self == Self::CHINESE { "zh" } else { "en" };
        HeaderValue::from_str(&format!("{COOKIE}={tag}; Path=/console; Max-Age=31536000; HttpOnly; SameSite=Strict"))
            .unwrap_or(HeaderValue::from_static(""))
    }

    /// The one or the other.
    pub fn say<T>(self, english: T, chinese: T) -> T {
        if self == Self::CHINESE { chinese } else { english }
    }

    /// How long ago something was, or how long it has been so.
    pub fn since(self, ms: i64) -> String {
        let minutes = ms.max(0) / 60_000;
        let (number, english, chinese) = match minutes {
            0 => return self.say("just now", "刚刚").to_owned(),
            1..60 => (minutes, "min", "分钟"),
            60..1440 => (minutes / 60, "h", "小时"),
            _ => (minutes / 1440, "d", "天"),
        };
        match self.0 {
            Words::English => format!("{number} {english} ago"),
            Words::Chinese => format!("{number} {chinese}前"),
        }
    }
}
