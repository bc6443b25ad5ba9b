//! `[store]`: who the store is.

use schemars::JsonSchema;
use serde::Deserialize;

use super::FILE;
use crate::{
    engine::phrases::Label,
    language::Tag,
    setting::{Problem, WEB_URL_HINT, picture_url, web_url},
};

/// `[store]`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// What customers know the store by.
    pub name: Label,
    /// The English name beside a `name` without a language.
    pub name_en: Option<String>,
    /// What the clerk calls itself.
    pub clerk: Label,
    /// The English name beside a `clerk` without a language.
    pub clerk_en: Option<String>,
    /// For customers whose language is not known, and of texts without a tag.
    pub language: Tag,
    /// For customers whose language a text is not there in; `language` where absent.
    pub fallback: Option<Tag>,
    /// The languages that the store wants its own texts to be there in; `nightclerk check` names texts that lack one.
    pub languages: Vec<Tag>,
    /// The store's own site.
    pub url: Option<String>,
    /// A picture of the store, for the web chat.
    pub picture: Option<String>,
    /// The store's colour, for the web chat, such as `#24507a`.
    pub colour: Option<String>,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            name: built_in([
                ("zh", "本店"),
                ("en", "our store"),
                ("es", "nuestra tienda"),
                ("id", "toko kami"),
                ("ja", "当店"),
                ("ko", "저희 매장"),
                ("th", "ร้านของเรา"),
                ("vi", "shop"),
            ]),
            name_en: None,
            clerk: built_in([
                ("zh", "小二"),
                ("en", "the night clerk"),
                ("es", "el asistente nocturno"),
                ("id", "petugas malam"),
                ("ja", "夜間担当"),
                ("ko", "야간 상담원"),
                ("th", "ผู้ช่วยกะดึก"),
                ("vi", "trợ lý ca đêm"),
            ]),
            clerk_en: None,
            language: Tag::default(),
            fallback: None,
            languages: Vec::new(),
            url: None,
            picture: None,
            colour: None,
        }
    }
}

impl Identity {
    /// Puts names beside each other that were written apart; notes each mistake.
    pub fn compile(&mut self, problems: &mut Vec<Problem>) {
        for (key, label, english) in
            [("name", &mut self.name, self.name_en.take()), ("clerk", &mut self.clerk, self.clerk_en.take())]
        {
            if let Some((tag, english)) = Tag::parse("en").ok().zip(english) {
                label.insert(tag, english);
            }
            if label.is_empty() {
                let problem = Problem::new(FILE, ["store".into(), key.into()], "is empty");
                problems.push(problem.hint("write what customers know it by"));
            }
        }
        if let Some(message) = self.url.as_deref().and_then(|text| web_url(text).err()) {
            problems.push(Problem::new(FILE, ["store".into(), "url".into()], message).hint(WEB_URL_HINT));
        }
        if let Some(message) = self.picture.as_deref().and_then(|text| picture_url(text).err()) {
            problems.push(Problem::new(FILE, ["store".into(), "picture".into()], message).hint(WEB_URL_HINT));
        }
        if let Some(colour) = self.colour.as_deref().filter(|it| !is_colour(it)) {
            let message = format!("`{colour}` is not a colour");
            let problem = Problem::new(FILE, ["store".into(), "colour".into()], message);
            problems.push(problem.hint("write it like \"#24507a\""));
        }
    }
}

fn built_in<const N: usize>(names: [(&str, &str); N]) -> Label {
    names.into_iter().filter_map(|(tag, name)| Some((Tag::parse(tag).ok()?, name.to_owned()))).collect()
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
