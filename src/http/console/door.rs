//! Coming in and going out.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Console, document,
    form::{Posted, Submitted},
    password::{self, LEAST_CHARACTERS},
    seen, session,
    tongue::Tongue,
    visit::note,
};
use crate::{
    clock,
    http::{
        admin::{DeedKind, works_here},
        token::hash_of,
    },
    store::{StoreError, wait},
};

#[derive(Deserialize)]
pub struct Wanted {
    /// The page that somebody wanted to see.
    #[serde(default)]
    next: String,
}

/// A page of the console's, or the first: nobody is led elsewhere by a link.
fn inside(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if next.starts_with("/console/") && is_plain && !next.contains("//") { next } else { "/console/" }
}

pub async fn page(
    State(console): State<Console>,
    Query(Wanted { next }): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    match session::who(&console, &headers).await {
        Ok(Some(_)) => seen(inside(&next)),
        Ok(None) => form(Tongue::wanted(&console, &headers), StatusCode::OK, inside(&next), "", None),
        Err(error) => unavailable(Tongue::wanted(&console, &headers), &error),
    }
}

fn form(tongue: Tongue, status: StatusCode, next: &str, name: &str, wrong: Option<&str>) -> Response {
    let title = tongue.say("Sign in", "登录");
    let body = html! {
        h1 { (title) }
        @if let Some(wrong) = wrong { p.notice.bad role="alert" { (wrong) } }
        form.stack method="post" action="/console/sign-in" {
            input type="hidden" name="next" value=(next);
            label for="name" { (tongue.say("Name", "姓名")) }
            input id="name" name="name" value=(name) autocomplete="username" autocapitalize="none" required maxlength="100";
            label for="password" { (tongue.say("Password", "密码")) }
            input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1000";
            button.main { (title) }
        }
        details {
            summary { (tongue.say("I am the owner and have the admin token", "我是店主，有管理口令")) }
            form.stack method="post" action="/console/sign-in" {
                input type="hidden" name="next" value=(next);
                label for="token" { (tongue.say("Admin token", "管理口令")) }
                input id="token" name="token" type="password" autocomplete="off" required maxlength="1000";
                p.hint { (tongue.say("It lies in `admin.token` of the data folder, or in nightclerk.toml.", "在数据目录的 admin.token 文件里，或写在 nightclerk.toml 中。")) }
                button { (tongue.say("Sign in as the owner", "以店主身份登录")) }
            }
        }
        (languages())
    };
    document::door(tongue, status, title, &body)
}

/// Both languages, each in its own words.
pub fn languages() -> Markup {
    html! {
        p.languages {
            a href="/console/language/zh" lang="zh-Hans" { "中文" }
            a href="/console/language/en" lang="en" { "English" }
        }
    }
}

pub async fn sign_in(State(console): State<Console>, form_sent: Posted) -> Response {
    let tongue = form_sent.tongue;
    let (next, name, token) =
        (inside(form_sent.field("next")), form_sent.field("name").trim(), form_sent.field("token"));
    let as_owner = !token.is_empty();
    if let Err(wait_s) = console.limits.attempt(form_sent.caller.address, (!as_owner).then_some(name)) {
        let why = tongue.say("Too many tries. Wait a minute, then try again.", "尝试次数过多，请等一分钟再试。");
        let mut response = form(tongue, StatusCode::TOO_MANY_REQUESTS, next, name, Some(why));
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        return response;
    }
    let person = if as_owner {
        if !console.admin.token.matches(token.trim().as_bytes()) {
            return wrong(tongue, next, name);
        }
        None
    } else {
        let known = match wait(console.admin.store.password(name)).await {
            Ok(hash) => hash.filter(|_| works_here(&console.admin, name)),
            Err(error) => return unavailable(tongue, &error),
        };
        if !password::is_right(form_sent.field("password").to_owned(), known).await {
            return wrong(tongue, next, name);
        }
        Some(name.to_owned())
    };
    match come_in(&console, person, form_sent.is_secure).await {
        Ok(cookie) => with_cookie(seen(next), cookie),
        Err(error) => unavailable(tongue, &error),
    }
}

/// The same for a wrong name, a wrong password and a wrong token.
fn wrong(tongue: Tongue, next: &str, name: &str) -> Response {
    tracing::info!("a sign-in at the console was refused");
    let why = tongue.say("The name or the password is not right.", "姓名或密码不对。");
    form(tongue, StatusCode::FORBIDDEN, next, name, Some(why))
}

async fn come_in(console: &Console, person: Option<String>, is_secure: bool) -> Result<HeaderValue, StoreError> {
    note(console, person.as_deref(), DeedKind::SignIn, "console", None).await?;
    session::begin(console, person, is_secure).await
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

pub async fn sign_out(sent: Submitted) -> Response {
    let visit = &sent.visit;
    let store = &visit.console.admin.store;
    let everywhere = sent.field("everywhere") == "yes";
    if let Err(response) = visit.note(DeedKind::SignOut, if everywhere { "everywhere" } else { "console" }, None).await
    {
        return response;
    }
    let ended = if everywhere {
        wait(store.end_sessions(visit.name())).await
    } else {
        wait(store.end_session(&visit.signed_in.hash)).await
    };
    let gone = match (ended, visit.name()) {
        (Ok(()), Some(person)) => visit.console.presence.leaves(&visit.console, person).await,
        (ended, _) => ended,
    };
    match gone {
        Ok(()) => with_cookie(seen("/console/sign-in"), session::no_cookie()),
        Err(error) => visit.failed(error),
    }
}

/// The page behind a link by which a person chooses a password. Looking at it does not use it up.
pub async fn invited(State(console): State<Console>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let tongue = Tongue::wanted(&console, &headers);
    match wait(console.admin.store.invited(&hash_of(&token), clock::now_ms())).await {
        Ok(Some(person)) => choose(tongue, StatusCode::OK, &person, None),
        Ok(None) => void(tongue),
        Err(error) => unavailable(tongue, &error),
    }
}

fn choose(tongue: Tongue, status: StatusCode, person: &str, wrong: Option<&str>) -> Response {
    let title = tongue.say("Choose a password", "设置密码");
    let hint = tongue.say(
        format!("At least {LEAST_CHARACTERS} characters; several words are easier to keep than signs."),
        format!("至少 {LEAST_CHARACTERS} 个字符；用几个词比符号更好记。"),
    );
    let body = html! {
        h1 { (title) }
        @if let Some(wrong) = wrong { p.notice.bad role="alert" { (wrong) } }
        form.stack method="post" {
            label for="name" { (tongue.say("Name", "姓名")) }
            input id="name" name="name" value=(person) autocomplete="username" readonly;
            label for="password" { (tongue.say("Password", "密码")) }
            input id="password" name="password" type="password" autocomplete="new-password" required maxlength="1000" aria-describedby="hint";
            p.hint id="hint" { (hint) }
            label for="again" { (tongue.say("Once more", "再输入一次")) }
            input id="again" name="again" type="password" autocomplete="new-password" required maxlength="1000";
            button.main { (tongue.say("Save and sign in", "保存并登录")) }
        }
        (languages())
    };
    document::door(tongue, status, title, &body)
}

pub async fn join(State(console): State<Console>, Path(token): Path<String>, sent: Posted) -> Response {
    let (tongue, hash) = (sent.tongue, hash_of(&token));
    let store = &console.admin.store;
    if console.limits.attempt(sent.caller.address, None).is_err() {
        let why = tongue.say("Too many tries. Wait a minute, then try again.", "尝试次数过多，请等一分钟再试。");
        return document::refusal(tongue, StatusCode::TOO_MANY_REQUESTS, why);
    }
    let person = match wait(store.invited(&hash, clock::now_ms())).await {
        Ok(Some(person)) if works_here(&console.admin, &person) => person,
        Ok(_) => return void(tongue),
        Err(error) => return unavailable(tongue, &error),
    };
    let chosen = sent.field("password");
    if !password::is_good(chosen) {
        let why = tongue.say(
            format!("The password needs at least {LEAST_CHARACTERS} characters."),
            format!("密码至少要 {LEAST_CHARACTERS} 个字符。"),
        );
        return choose(tongue, StatusCode::UNPROCESSABLE_ENTITY, &person, Some(&why));
    }
    if chosen != sent.field("again") {
        let why = tongue.say("The two are not the same.", "两次输入的不一样。");
        return choose(tongue, StatusCode::UNPROCESSABLE_ENTITY, &person, Some(why));
    }
    let Some(hashed) = password::hash(chosen.to_owned()).await else {
        return document::refusal(
            tongue,
            StatusCode::SERVICE_UNAVAILABLE,
            tongue.say("It cannot be kept now.", "现在无法保存。"),
        );
    };
    match wait(store.redeem(&hash, hashed, clock::now_ms())).await {
        Ok(Some(person)) => match come_in(&console, Some(person), sent.is_secure).await {
            Ok(cookie) => with_cookie(seen("/console/"), cookie),
            Err(error) => unavailable(tongue, &error),
        },
        // Somebody was faster with the same link.
        Ok(None) => void(tongue),
        Err(error) => unavailable(tongue, &error),
    }
}

fn void(tongue: Tongue) -> Response {
    let why = tongue.say(
        "This link is no longer good. Ask for a new one: `nightclerk console invite NAME`.",
        "这个链接已失效。请让店主重新生成：nightclerk console invite 姓名。",
    );
    document::refusal(tongue, StatusCode::NOT_FOUND, why)
}

fn unavailable(tongue: Tongue, error: &StoreError) -> Response {
    document::refusal(tongue, StatusCode::SERVICE_UNAVAILABLE, &tongue.0.say(&error.to_string())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_link_leads_out_of_the_console() {
        assert_eq!(inside("/console/tickets"), "/console/tickets");
        for elsewhere in [
            "",
            "https://evil.example",
            "//evil.example",
            "/console//evil",
            "/console/\\evil",
            "/v1/status",
            "/console/\r\nx: y",
        ] {
            assert_eq!(inside(elsewhere), "/console/", "{elsewhere}");
        }
    }
}
