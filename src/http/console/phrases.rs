//! Quick phrases: what colleagues say by a short code. phrases.toml stays the truth: what is changed here is a change of its
//! text, looked at and compared like any other.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, Query},
    response::Response,
};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    files::{self, Proposal, apart, report},
    form::Submitted,
    frame::Place,
    segment,
    visit::Visit,
};
use crate::{
    desk::Permission,
    http::admin::{QuickChange, QuickPhrase},
};

const FILE: &str = "phrases.toml";
/// Languages that a new phrase is offered in, beside the store's.
const OFFERED: [&str; 2] = ["zh", "en"];
/// The longest code, and the longest text.
const MOST_CODE: usize = 40;
const MOST_TEXT: usize = 4000;
/// How a field of a language's text is called.
const TEXT: &str = "text:";

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    saved: String,
}

fn path_of(code: &str) -> String {
    format!("{}/code/{}", Place::Phrases.path(), segment(code))
}

async fn written(visit: &Visit) -> Result<(String, Vec<QuickPhrase>), Response> {
    let read = apart(visit, move |workshop| {
        let text = workshop.text(FILE).map_err(|error| error.to_string())?;
        let phrases = workshop.quick_phrases(&text)?;
        Ok::<_, String>((text, phrases))
    });
    read.await?.map_err(|why| visit.refusal(StatusCode::SERVICE_UNAVAILABLE, &why))
}

pub async fn page(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let read = async {
        if !Place::Phrases.is_for(&visit.rights) {
            return Err(visit.not_permitted());
        }
        written(&visit).await
    };
    let phrases = match read.await {
        Ok((_, phrases)) => phrases,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = Place::Phrases.name(tongue);
    let changes = visit.rights.may(Permission::Settings);
    let body = html! {
        h1 { (title) }
        @if !asked.saved.is_empty() { p.notice role="status" { (tongue.say("Saved, and in force.", "已保存并生效。")) } }
        p.hint { (tongue.say("Said to a customer with one press in a conversation, or with /phrase and the code in a staff room.", "在会话页一键发送，或在员工群里用 /phrase 加短码发送。")) }
        @if phrases.is_empty() { p.empty { (tongue.say("There is no quick phrase yet.", "还没有快捷短语。")) } }
        ul.cards { @for phrase in &phrases {
            li.card {
                p.head { strong { code { (phrase.code) } } @if changes { " " a.button href=(path_of(&phrase.code)) { (tongue.say("Change", "修改")) } } }
                @for (tag, texts) in &phrase.texts { @for text in texts { p.words { span.badge { (language(&visit, tag)) } " " (text) } } }
            }
        } }
        @if changes { p { a.button href=(format!("{}/new", Place::Phrases.path())) { (tongue.say("New quick phrase", "新建快捷短语")) } } }
    };
    visit.page(StatusCode::OK, Place::Phrases, title, &body)
}

/// What a language is called; the empty tag is the store's own.
fn language(visit: &Visit, tag: &str) -> String {
    let tongue = visit.tongue();
    match tag {
        "" => tongue.say("the store's language", "店铺语言").to_owned(),
        "zh" => tongue.say("Chinese", "中文").to_owned(),
        "en" => tongue.say("English", "英文").to_owned(),
        tag => tag.to_owned(),
    }
}

pub async fn new(visit: Visit) -> Response {
    match visit.require(Permission::Settings) {
        Ok(()) => editor(&visit, StatusCode::OK, None, &QuickPhrase::default(), html! {}),
        Err(response) => response,
    }
}

pub async fn one(visit: Visit, Path(code): Path<String>) -> Response {
    let shown = async {
        visit.require(Permission::Settings)?;
        let (_, phrases) = written(&visit).await?;
        let found = phrases.into_iter().find(|it| it.code == code).ok_or_else(|| gone(&visit))?;
        Ok(editor(&visit, StatusCode::OK, Some(&code), &found, html! {}))
    };
    shown.await.unwrap_or_else(|response: Response| response)
}

fn gone(visit: &Visit) -> Response {
    visit.refusal(StatusCode::NOT_FOUND, visit.tongue().say("There is no such quick phrase.", "没有这个快捷短语。"))
}

/// The form of a phrase; `was`: its code, where it is there already.
fn editor(visit: &Visit, status: StatusCode, was: Option<&str>, phrase: &QuickPhrase, news: Markup) -> Response {
    let tongue = visit.tongue();
    let title = if was.is_some() {
        tongue.say("Change a quick phrase", "修改快捷短语")
    } else {
        tongue.say("New quick phrase", "新建快捷短语")
    };
    let in_force = visit.console.admin.in_force.load();
    let own = in_force.playbook.own_language().to_owned();
    let mut tags: Vec<&str> = phrase.texts.iter().map(|(tag, _)| tag.as_str()).collect();
    let untagged = tags.contains(&"");
    for tag in [own.as_str()].into_iter().chain(OFFERED) {
        let is_there = tags.contains(&tag) || untagged && tag == own;
        if !is_there {
            tags.push(tag);
        }
    }
    let texts_of = |tag: &str| {
        phrase.texts.iter().find(|(it, _)| it == tag).map(|(_, texts)| texts.as_slice()).unwrap_or_default()
    };
    let body = html! {
        a.back href=(Place::Phrases.path()) { "‹ " (Place::Phrases.name(tongue)) }
        h1 { (title) }
        (news)
        form.stack method="post" action=(format!("{}/compare", Place::Phrases.path())) {
            (visit.token())
            input type="hidden" name="was" value=(was.unwrap_or_default());
            label for="code" { (tongue.say("Short code", "短码")) }
            input id="code" name="code" value=(phrase.code) required maxlength=(MOST_CODE) autocomplete="off" autocapitalize="none" spellcheck="false";
            @for tag in tags {
                @let texts = texts_of(tag);
                @let id = format!("text-{tag}");
                label for=(id) { (language(visit, tag)) }
                @if texts.len() > 1 {
                    textarea id=(id) readonly rows=(texts.len()) { "\n" (texts.join("\n")) }
                    p.hint { (tongue.say("Several texts, said in turn: they are changed in phrases.toml.", "多条轮换的文本，请在 phrases.toml 中修改。")) }
                } @else {
                    textarea id=(id) name=(format!("{TEXT}{tag}")) rows="3" maxlength=(MOST_TEXT) { "\n" (texts.first().map(String::as_str).unwrap_or_default()) }
                }
            }
            div.row {
                button.main { (tongue.say("Compare and save", "对比并保存")) }
                @if was.is_some() { button.danger name="remove" value="yes" formnovalidate { (tongue.say("Remove…", "删除…")) } }
            }
        }
    };
    visit.page(status, Place::Phrases, title, &body)
}

/// What a change of a phrase would change in the file, or why it is refused.
pub async fn compare(sent: Submitted) -> Response {
    let visit = &sent.visit;
    let shown = async {
        visit.require(Permission::Settings)?;
        let tongue = visit.tongue();
        let (before, phrases) = written(visit).await?;
        let was = Some(sent.field("was").to_owned()).filter(|it| !it.is_empty());
        if was.as_ref().is_some_and(|was| phrases.iter().all(|it| it.code != *was)) {
            return Err(gone(visit));
        }
        let code = sent.field("code").trim().to_owned();
        let texts: BTreeMap<String, String> = sent
            .fields()
            .filter_map(|(name, text)| {
                Some((name.strip_prefix(TEXT)?.to_owned(), files::plain(text).trim().to_owned()))
            })
            .collect();
        let typed = QuickPhrase {
            code: code.clone(),
            texts: texts.iter().map(|(tag, text)| (tag.clone(), vec![text.clone()])).collect(),
        };
        let again = |why: Markup| editor(visit, StatusCode::UNPROCESSABLE_ENTITY, was.as_deref(), &typed, why);
        let wrong = |why: &str| Err(again(html! { p.notice.bad role="alert" { (why) } }));
        let removes = sent.field("remove") == "yes";
        // Several texts of one language are not in the form, and stay.
        let kept = was.as_ref().and_then(|was| phrases.iter().find(|it| it.code == *was));
        let says_more = kept.is_some_and(|it| it.texts.iter().any(|(tag, _)| !texts.contains_key(tag)));
        let too_long = code.chars().count() > MOST_CODE || texts.values().any(|it| it.chars().count() > MOST_TEXT);
        let change = match &was {
            Some(was) if removes => QuickChange::Remove { code: was.clone() },
            _ if too_long => return wrong(tongue.say("It is too long.", "内容太长。")),
            _ if code.is_empty() => return wrong(tongue.say("It needs a short code.", "请填写短码。")),
            _ if texts.values().all(String::is_empty) && !says_more => {
                return wrong(tongue.say(
                    "It says nothing: write a text in one language at least.",
                    "没有内容：请至少写一种语言的文本。",
                ));
            }
            None if phrases.iter().any(|it| it.code.eq_ignore_ascii_case(&code)) => {
                return wrong(tongue.say("There is a quick phrase of this code already.", "这个短码已被使用。"));
            }
            _ => QuickChange::Put { was: was.clone(), code, texts },
        };
        let now = before.clone();
        let after = match apart(visit, move |workshop| workshop.with_quick_phrase(&now, &change)).await? {
            Ok(after) => after,
            Err(why) => return wrong(&why),
        };
        let tried = after.clone();
        let slips = apart(visit, move |workshop| workshop.slips(FILE, &tried)).await?;
        if !slips.is_empty() {
            return Err(again(report(visit, &slips)));
        }
        Ok(files::proposed(visit, Place::Phrases, &Proposal { file: FILE, was: &before, text: &after }))
    };
    shown.await.unwrap_or_else(|response: Response| response)
}
