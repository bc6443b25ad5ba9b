//! Rules, hours, the catalogue and the rest: the files of the configuration, looked at, edited with a check beside, compared
//! before they are saved. The files stay the truth.

use std::sync::Arc;

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

use super::{document, form::Submitted, frame::Place, seen, visit::Visit};
use crate::{
    desk::Permission,
    http::admin::{DeedKind, NotSaved, Slip, Workshop},
};

/// The files that can be edited here. Those with secrets and addresses are edited where they lie.
const FILES: [&str; 7] =
    ["store.toml", "hours.toml", "rules.toml", "phrases.toml", "catalogue.toml", "orders.toml", "contacts.toml"];
/// What a text says that was made on the page of quick phrases, so that its saving leads back there.
const FROM_PHRASES: &str = "phrases";
/// Lines around a change that are shown with it.
const AROUND: usize = 3;

fn name_of(visit: &Visit, file: &str) -> &'static str {
    let tongue = visit.tongue();
    match file {
        "store.toml" => tongue.say("Store, teams, people", "店铺、团队、人员"),
        "hours.toml" => tongue.say("Hours", "营业时间"),
        "rules.toml" => tongue.say("Rules", "规则"),
        "phrases.toml" => tongue.say("Phrases", "话术与快捷短语"),
        "catalogue.toml" => tongue.say("Catalogue", "商品目录"),
        "orders.toml" => tongue.say("Orders and notices", "订单与通知"),
        _ => tongue.say("Contacts", "客户分组"),
    }
}

pub async fn page(visit: Visit) -> Response {
    if let Err(response) = visit.require(Permission::Settings) {
        return response;
    }
    let title = Place::Files.name(visit.tongue());
    let body = html! {
        h1 { (title) }
        nav.list aria-label=(title) { @for file in FILES { a href=(path_of(file)) { span { (name_of(&visit, file)) } code { (file) } } } }
        p.hint { (visit.tongue().say("Channels, secrets and addresses are edited in the folder itself.", "渠道、密钥和地址请直接在配置目录里修改。")) }
    };
    visit.page(StatusCode::OK, Place::Files, title, &body)
}

fn path_of(file: &str) -> String {
    format!("{}/{file}", Place::Files.path())
}

/// Does what takes its time.
pub async fn apart<T: Send + 'static>(
    visit: &Visit,
    work: impl FnOnce(&dyn Workshop) -> T + Send + 'static,
) -> Result<T, Response> {
    let workshop: Arc<dyn Workshop> = visit.console.admin.workshop.clone();
    let done = tokio::task::spawn_blocking(move || work(&*workshop)).await;
    done.map_err(|_| {
        let why = visit.tongue().say("It could not be read; see the log.", "读取失败，请看日志。");
        visit.refusal(StatusCode::INTERNAL_SERVER_ERROR, why)
    })
}

/// A file that somebody may edit.
fn editable(visit: &Visit, file: &str) -> Result<&'static str, Response> {
    visit.require(Permission::Settings)?;
    FILES.into_iter().find(|it| *it == file).ok_or_else(|| {
        let why = visit.tongue().say("This file is not edited here.", "这个文件不能在这里修改。");
        visit.refusal(StatusCode::NOT_FOUND, why)
    })
}

pub async fn editor(visit: Visit, Path(file): Path<String>) -> Response {
    let shown = async {
        let file = editable(&visit, &file)?;
        visit.note(DeedKind::LookUp, &format!("file {file}"), None).await?;
        let text = apart(&visit, move |workshop| workshop.text(file)).await?;
        let text = text.map_err(|error| visit.refusal(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()))?;
        Ok(drawn(&visit, StatusCode::OK, file, &text, &text, html! {}))
    };
    shown.await.unwrap_or_else(|response: Response| response)
}

/// The editor with a text, of which another was read.
fn drawn(visit: &Visit, status: StatusCode, file: &str, was: &str, text: &str, news: Markup) -> Response {
    let tongue = visit.tongue();
    let title = name_of(visit, file);
    let body = html! {
        a.back href=(Place::Files.path()) { "‹ " (Place::Files.name(tongue)) }
        h1 { (title) " " code.meta { (file) } }
        (news)
        form.stack method="post" action=(format!("{}/compare", path_of(file))) {
            (visit.token())
            // A line's end before the text would be left out by browsers.
            textarea hidden name="was" aria-hidden="true" tabindex="-1" { "\n" (was) }
            label.sr for="text" { (title) }
            textarea.code id="text" name="text" rows="22" spellcheck="false" autocapitalize="none" autocomplete="off"
                hx-post=(format!("{}/check", path_of(file))) hx-trigger="input changed delay:500ms" hx-target="#check" hx-include="closest form" { "\n" (text) }
            div id="check" role="status" aria-live="polite" {}
            button.main { (tongue.say("Compare and save", "对比并保存")) }
        }
    };
    visit.page(status, Place::Files, title, &body)
}

/// What is wrong with a text, for the page that it is typed in.
pub async fn check(Path(file): Path<String>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let shown = async {
        let file = editable(visit, &file)?;
        let text = plain(sent.field("text"));
        let slips = apart(visit, move |workshop| workshop.slips(file, &text)).await?;
        Ok(document::answer(StatusCode::OK, report(visit, &slips)))
    };
    shown.await.unwrap_or_else(|response: Response| response)
}

/// Browsers send each line's end as two characters.
pub fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Mistakes, or that there are none.
pub fn report(visit: &Visit, slips: &[Slip]) -> Markup {
    let tongue = visit.tongue();
    html! {
        @if slips.is_empty() { p.notice { (tongue.say("Nothing is wrong.", "没有问题。")) } } @else {
            ul.notice.bad.slips { @for slip in slips {
                li {
                    code { (slip.file) @if let Some((line, column)) = slip.place { ":" (line) ":" (column) } } " " (slip.message)
                    @if let Some(hint) = &slip.hint { br; span.hint { (hint) } }
                }
            } }
        }
    }
}

/// What a save would change, or why it is refused.
pub async fn compare(Path(file): Path<String>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let shown = async {
        let file = editable(visit, &file)?;
        let (was, text) = (plain(sent.field("was")), plain(sent.field("text")));
        let tried = text.clone();
        let slips = apart(visit, move |workshop| workshop.slips(file, &tried)).await?;
        if !slips.is_empty() {
            return Ok(drawn(visit, StatusCode::UNPROCESSABLE_ENTITY, file, &was, &text, report(visit, &slips)));
        }
        Ok(proposed(visit, Place::Files, &Proposal { file, was: &was, text: &text }))
    };
    shown.await.unwrap_or_else(|response: Response| response)
}

/// Another text for a file.
pub struct Proposal<'a> {
    pub file: &'static str,
    /// The text that was read.
    pub was: &'a str,
    pub text: &'a str,
}

/// What a text without mistakes would change, to be saved from there. `at`: the page on which it was written, to which it
/// leads back.
pub fn proposed(visit: &Visit, at: Place, proposal: &Proposal<'_>) -> Response {
    let Proposal { file, was, text } = proposal;
    let tongue = visit.tongue();
    let title = tongue.say("What changes", "改动对比");
    let body = html! {
        h1 { (title) " " code.meta { (file) } }
        @if was == text { p.empty { (tongue.say("Nothing changes.", "没有改动。")) } } @else { (difference(tongue.say("Changes", "改动"), was, text)) }
        form.stack method="post" action=(format!("{}/save", path_of(file))) {
            (visit.token())
            @if at == Place::Phrases { input type="hidden" name="from" value=(FROM_PHRASES); }
            textarea hidden name="was" aria-hidden="true" tabindex="-1" { "\n" (was) }
            textarea hidden name="text" aria-hidden="true" tabindex="-1" { "\n" (text) }
            div.row {
                @if was != text { button.main { (tongue.say("Save, and put in force", "保存并生效")) } }
                @if at == Place::Phrases { a.button href=(at.path()) { (tongue.say("Leave it", "不保存")) } }
                @else { button formaction=(format!("{}/edit", path_of(file))) { (tongue.say("Back to the text", "继续编辑")) } }
            }
        }
    };
    visit.page(StatusCode::OK, at, title, &body)
}

/// Back to the text that was not saved.
pub async fn edit(Path(file): Path<String>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    match editable(visit, &file) {
        Ok(file) => drawn(visit, StatusCode::OK, file, &plain(sent.field("was")), &plain(sent.field("text")), html! {}),
        Err(response) => response,
    }
}

fn difference(label: &str, was: &str, text: &str) -> Markup {
    let diff = TextDiff::from_lines(was, text);
    html! {
        div.diff role="region" aria-label=(label) tabindex="0" {
            @for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
                @if index > 0 { p.gap { "⋯" } }
                @for op in group { @for change in diff.iter_changes(op) {
                    @match change.tag() {
                        ChangeTag::Delete => del { "− " (change.value().trim_end_matches('\n')) },
                        ChangeTag::Insert => ins { "+ " (change.value().trim_end_matches('\n')) },
                        ChangeTag::Equal => span { "  " (change.value().trim_end_matches('\n')) },
                    }
                } }
            }
        }
    }
}

pub async fn save(Path(file): Path<String>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let saved = async {
        let file = editable(visit, &file)?;
        visit.note(DeedKind::Save, &format!("file {file}"), None).await?;
        let (was, text) = (plain(sent.field("was")), plain(sent.field("text")));
        let (old, new) = (was.clone(), text.clone());
        match apart(visit, move |workshop| workshop.save(file, &old, &new)).await? {
            Ok(()) => {}
            Err(why) => {
                let status = match why {
                    NotSaved::Moved => StatusCode::CONFLICT,
                    NotSaved::Slips(_) => StatusCode::UNPROCESSABLE_ENTITY,
                    NotSaved::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
                };
                return Ok(drawn(visit, status, file, &was, &text, not_saved(visit, &why)));
            }
        }
        let reload = visit.console.admin.reload.clone();
        let reloaded = tokio::task::spawn_blocking(move || reload()).await.ok();
        let tongue = visit.tongue();
        let news = match reloaded.and_then(|it| it.refused) {
            None if sent.field("from") == FROM_PHRASES => {
                return Ok(seen(&format!("{}?saved=yes", Place::Phrases.path())));
            }
            None => html! { p.notice role="status" { (tongue.say("Saved, and in force.", "已保存并生效。")) } },
            Some(why) => {
                html! { div.notice.bad role="alert" { p { (tongue.say("Saved, and not in force:", "已保存，但没有生效：")) } pre { (why) } } }
            }
        };
        Ok(drawn(visit, StatusCode::OK, file, &text, &text, news))
    };
    saved.await.unwrap_or_else(|response: Response| response.into_response())
}

/// Why something was not saved.
pub fn not_saved(visit: &Visit, why: &NotSaved) -> Markup {
    let tongue = visit.tongue();
    match why {
        NotSaved::Moved => html! { p.notice.bad role="alert" { (tongue.say(
            "Not saved: somebody else changed this file meanwhile. Copy what you wrote, load the page again, and bring it in there.",
            "没有保存：这个文件已被别人改过。请先复制您的内容，刷新页面后再改一次。",
        )) } },
        NotSaved::Slips(slips) => html! { div role="alert" { (report(visit, slips)) } },
        NotSaved::Failed(why) => html! { p.notice.bad role="alert" { (tongue.0.say(why)) } },
    }
}
