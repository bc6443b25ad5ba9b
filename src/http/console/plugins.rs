//! The plugins: how they fare, what they may, their versions, their settings, what they said.

use std::collections::BTreeMap;

use axum::{extract::Path, response::Response};
use http::StatusCode;
use maud::{Markup, html};
use serde_json::Value;

use super::{files::not_saved, form::Submitted, frame::Place, second_version, seen, segment, visit::Visit};
use crate::{
    desk::Permission,
    http::admin::{DeedKind, NotSaved, Workshop},
    plugin::{
        contract::{PluginError, Setting, SettingKind},
        host::{PluginState, PluginStatus},
    },
};

/// Lines of a plugin's log.
const LINES: usize = 50;
/// What can be done with a plugin.
const DEEDS: [DeedKind; 7] = [
    DeedKind::Enable,
    DeedKind::Disable,
    DeedKind::Reinstate,
    DeedKind::RollBack,
    DeedKind::Settings,
    DeedKind::Promote,
    DeedKind::Abort,
];

fn path_of(name: &str) -> String {
    format!("{}/{}", Place::Plugins.path(), segment(name))
}

fn badge(visit: &Visit, state: PluginState) -> Markup {
    let tongue = visit.tongue();
    let (class, words) = match state {
        PluginState::Active => ("mine", tongue.say("active", "运行中")),
        PluginState::Waiting => ("waits", tongue.say("waits for its entry", "等待授权")),
        PluginState::Disabled => ("", tongue.say("turned off", "已停用")),
        PluginState::Preparing => ("waits", tongue.say("being prepared", "准备中")),
        PluginState::SetAside => ("bad", tongue.say("set aside", "已搁置")),
        PluginState::Refused => ("bad", tongue.say("refused", "无法加载")),
    };
    html! { span class=(format!("badge {class}")) { (words) } }
}

pub async fn list(visit: Visit) -> Response {
    if let Err(response) = visit.require(Permission::Settings) {
        return response;
    }
    let tongue = visit.tongue();
    let title = Place::Plugins.name(tongue);
    let all = visit.console.admin.plugins.status();
    let body = html! {
        h1 { (title) }
        @if all.is_empty() { p.empty { (tongue.say("There is no plugin.", "还没有插件。")) } }
        ul.list { @for plugin in &all { li {
            a.talk href=(path_of(&plugin.name)) {
                span.who { (plugin.name) " " span.meta { (plugin.version) } }
                span.state { (badge(&visit, plugin.state)) }
                span.words { (plugin.description) }
                span.when { (tongue.say(format!("calls: {}", plugin.calls), format!("{} 次调用", plugin.calls))) }
            }
        } } }
    };
    visit.page(StatusCode::OK, Place::Plugins, title, &body)
}

pub async fn page(visit: Visit, Path(name): Path<String>) -> Response {
    shown(&visit, &name, StatusCode::OK, html! {}).await
}

async fn shown(visit: &Visit, name: &str, status: StatusCode, news: Markup) -> Response {
    if let Err(response) = visit.require(Permission::Settings) {
        return response;
    }
    let tongue = visit.tongue();
    let all = visit.console.admin.plugins.status();
    let Some(plugin) = all.into_iter().find(|it| it.name == name) else {
        return visit.refusal(StatusCode::NOT_FOUND, tongue.say("There is no such plugin.", "没有这个插件。"));
    };
    let workshop = visit.console.admin.workshop.clone();
    let named = name.to_owned();
    let written = tokio::task::spawn_blocking(move || workshop.plugin_settings(&named)).await.unwrap_or_default();
    let lines = visit.console.admin.plugins.recent_log(name, LINES).unwrap_or_default();
    let body = html! {
        a.back href=(Place::Plugins.path()) { "‹ " (Place::Plugins.name(tongue)) }
        h1 { (plugin.name) " " (badge(visit, plugin.state)) }
        (news)
        @if let Some(reason) = &plugin.reason { p.notice.bad[matches!(plugin.state, PluginState::Refused | PluginState::SetAside)] { (tongue.0.say(reason)) } }
        div.cards {
            (about(visit, &plugin))
            (versions(visit, &plugin))
            (second_version::card(visit, &plugin, &path_of(name)))
            (settings(visit, &plugin, &written))
            section.card {
                h2 { (tongue.say("What it said of late", "最近的日志")) }
                @if lines.is_empty() { p.hint { (tongue.say("Nothing.", "没有。")) } }
                ol.trace { @for line in &lines { li { code { (visit.time(line.at_ms)) " " (line.level.to_string()) } span { (line.text) } } } }
            }
        }
    };
    visit.page(status, Place::Plugins, &plugin.name, &body)
}

fn about(visit: &Visit, plugin: &PluginStatus) -> Markup {
    let tongue = visit.tongue();
    let action = |deed: &str| format!("{}/{deed}", path_of(&plugin.name));
    let refused: Vec<_> = plugin.wants.iter().filter(|it| !plugin.granted.contains(it)).collect();
    html! {
        section.card {
            p { (plugin.description) }
            dl {
                dt { (tongue.say("Asked at", "触发时机")) } dd { (plugin.hooks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) }
                dt { (tongue.say("May", "已授权")) } dd { (plugin.granted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) }
                @if !refused.is_empty() { dt { (tongue.say("Wants and may not", "申请但未授权")) } dd { (refused.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) } }
                dt { (tongue.say("Calls", "调用")) } dd { (plugin.calls) " · " (tongue.say(format!("{} failed", plugin.failures), format!("失败 {}", plugin.failures))) }
                @if let Some(failure) = &plugin.last_failure { dt { (tongue.say("Last failure", "最近一次失败")) } dd { (failure) } }
            }
            div.row {
                @match plugin.state {
                    PluginState::Disabled => (visit.button(&action("enable"), tongue.say("Turn on", "启用"), "main")),
                    PluginState::Waiting => {},
                    _ => (visit.button(&action("disable"), tongue.say("Turn off", "停用"), "")),
                }
                @if plugin.state == PluginState::SetAside { (visit.button(&action("reinstate"), tongue.say("Try it again now", "立即重试"), "main")) }
            }
        }
    }
}

fn versions(visit: &Visit, plugin: &PluginStatus) -> Markup {
    let tongue = visit.tongue();
    html! {
        section.card {
            h2 { (tongue.say("Version", "版本")) }
            p { strong { (plugin.version) } @if let Some(newest) = &plugin.rolled_back_from { " " (tongue.say(format!("in place of {newest}"), format!("（替代 {newest}）"))) } }
            @for version in &plugin.kept_versions {
                form.row method="post" action=(format!("{}/rollback", path_of(&plugin.name))) {
                    (visit.token()) input type="hidden" name="to" value=(version);
                    button { (tongue.say(format!("Run {version}"), format!("改用 {version}"))) }
                }
            }
            @if plugin.kept_versions.is_empty() { p.hint { (tongue.say("No earlier version is kept.", "没有保留的旧版本。")) } }
        }
    }
}

/// A form made of what the plugin says of its settings.
fn settings(visit: &Visit, plugin: &PluginStatus, written: &toml::Table) -> Markup {
    let tongue = visit.tongue();
    let simple = |it: &Setting| !matches!(it.kind, SettingKind::Array | SettingKind::Object);
    html! {
        @if !plugin.settings.is_empty() {
            section.card {
                h2 { (tongue.say("Settings", "设置")) }
                form.stack method="post" action=(format!("{}/settings", path_of(&plugin.name))) {
                    (visit.token())
                    @for (name, setting) in plugin.settings.iter().filter(|(_, it)| simple(it)) { (field(visit, name, setting, written.get(name))) }
                    @if plugin.settings.values().any(simple) { button.main { (tongue.say("Save", "保存")) } }
                    @if !plugin.settings.values().all(simple) { p.hint { (tongue.say("Lists and tables are edited in plugins.toml.", "列表和表格请在 plugins.toml 中修改。")) } }
                }
            }
        }
    }
}

fn field(visit: &Visit, name: &str, setting: &Setting, written: Option<&toml::Value>) -> Markup {
    let tongue = visit.tongue();
    let id = format!("set-{name}");
    let hint = format!("hint-{name}");
    let now = written.map(shown_toml).unwrap_or_default();
    let default = setting.default.as_ref().map(shown_json).unwrap_or_default();
    let rows = now.lines().count().max(default.lines().count()).clamp(2, 6);
    let secret = written.is_some_and(toml::Value::is_table);
    html! {
        label for=(id) { (name) }
        @if secret {
            input id=(id) value=(tongue.say("kept elsewhere", "另存他处")) readonly aria-describedby=(hint);
        } @else if setting.kind == SettingKind::Boolean || setting.choices.is_some() {
            select id=(id) name=(name) aria-describedby=(hint) {
                option value="" { (tongue.say(format!("default ({default})"), format!("默认（{default}）"))) }
                @for choice in choices(setting) { option value=(choice) selected[choice == now] { (choice) } }
            }
        } @else if setting.kind == SettingKind::String {
            // Texts may have several lines; a line's end before the text would be left out by browsers.
            textarea id=(id) name=(name) rows=(rows) placeholder=(default) aria-describedby=(hint) autocomplete="off" { "\n" (now) }
        } @else {
            input id=(id) name=(name) value=(now) placeholder=(default) aria-describedby=(hint) autocomplete="off"
                inputmode=[matches!(setting.kind, SettingKind::Integer | SettingKind::Number).then_some("decimal")];
        }
        p.hint id=(hint) { (setting.description) }
    }
}

fn choices(setting: &Setting) -> Vec<String> {
    match &setting.choices {
        Some(choices) => choices.iter().map(shown_json).collect(),
        None => vec!["true".to_owned(), "false".to_owned()],
    }
}

fn shown_json(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn shown_toml(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What was typed, as a value of the kind that the plugin wants; empty for its default.
fn typed(kind: SettingKind, text: &str) -> Result<Option<toml::Value>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(match kind {
        SettingKind::Integer => toml::Value::Integer(text.parse().map_err(drop)?),
        SettingKind::Number => toml::Value::Float(text.parse().map_err(drop)?),
        SettingKind::Boolean => toml::Value::Boolean(text.parse().map_err(drop)?),
        // Browsers send each line's end as two characters.
        _ => toml::Value::String(text.replace("\r\n", "\n")),
    }))
}

pub async fn deed(Path((name, deed)): Path<(String, String)>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let tongue = visit.tongue();
    let allowed = async {
        visit.require(Permission::Settings)?;
        let Some(kind) = DeedKind::named(&deed).filter(|it| DEEDS.contains(it)) else {
            return Err(visit.no_such_deed());
        };
        visit.note(kind, &format!("plugin {name}"), None).await?;
        Ok(kind)
    };
    let kind = match allowed.await {
        Ok(kind) => kind,
        Err(response) => return response,
    };
    let plugins = visit.console.admin.plugins.clone();
    let done: Result<(), Markup> = match kind {
        DeedKind::RollBack => {
            let (of, to) = (name.clone(), Some(sent.field("to").to_owned()).filter(|it| !it.is_empty()));
            let done = tokio::task::spawn_blocking(move || plugins.roll_back(&of, to.as_deref())).await;
            match done {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(refused(visit, &error)),
                Err(_) => Err(
                    html! { p.notice.bad role="alert" { (tongue.say("It could not be done; see the log.", "没有完成，请看日志。")) } },
                ),
            }
        }
        DeedKind::Reinstate => plugins.reinstate(&name).map_err(|error| refused(visit, &error)),
        DeedKind::Enable | DeedKind::Disable => {
            let (of, on) = (name.clone(), kind == DeedKind::Enable);
            written(visit, move |workshop| workshop.switch_plugin(&of, on)).await
        }
        DeedKind::Promote => {
            let of = name.clone();
            match written(visit, move |workshop| workshop.promote_plugin(&of)).await {
                Ok(file) => {
                    // The folder is watched, but the page that comes next is to show what runs then.
                    let _ = tokio::task::spawn_blocking(move || plugins.look_again(&file)).await;
                    Ok(())
                }
                Err(news) => Err(news),
            }
        }
        DeedKind::Abort => {
            let of = name.clone();
            written(visit, move |workshop| workshop.abort_plugin(&of)).await
        }
        // The settings.
        _ => match wanted(visit, &name, &sent) {
            Ok(settings) => {
                let of = name.clone();
                written(visit, move |workshop| workshop.set_plugin(&of, &settings)).await
            }
            Err(field) => Err(
                html! { p.notice.bad role="alert" { (tongue.say(format!("`{field}` is not of the kind that is wanted."), format!("`{field}` 的类型不对。"))) } },
            ),
        },
    };
    match done {
        Ok(()) => seen(&path_of(&name)),
        Err(news) => shown(visit, &name, StatusCode::CONFLICT, news).await,
    }
}

fn refused(visit: &Visit, error: &PluginError) -> Markup {
    html! { p.notice.bad role="alert" { (visit.tongue().0.say(&error.to_string())) } }
}

fn wanted(visit: &Visit, name: &str, sent: &Submitted) -> Result<BTreeMap<String, Option<toml::Value>>, String> {
    let all = visit.console.admin.plugins.status();
    let known = all.into_iter().find(|it| it.name == name).map(|it| it.settings).unwrap_or_default();
    let mut settings = BTreeMap::new();
    for (field, text) in sent.fields() {
        if let Some(setting) = known.get(field) {
            settings.insert(field.to_owned(), typed(setting.kind, text).map_err(|()| field.to_owned())?);
        }
    }
    Ok(settings)
}

/// Writes into plugins.toml and takes it in force.
async fn written<T: Send + 'static>(
    visit: &Visit,
    work: impl FnOnce(&dyn Workshop) -> Result<T, NotSaved> + Send + 'static,
) -> Result<T, Markup> {
    let (workshop, reload) = (visit.console.admin.workshop.clone(), visit.console.admin.reload.clone());
    let done = tokio::task::spawn_blocking(move || work(&*workshop).map(|it| (it, reload().refused))).await;
    match done {
        Ok(Ok((it, None))) => Ok(it),
        Ok(Ok((_, Some(why)))) => Err(html! { div.notice.bad role="alert" { pre { (why) } } }),
        Ok(Err(why)) => Err(not_saved(visit, &why)),
        Err(_) => Err(
            html! { p.notice.bad role="alert" { (visit.tongue().say("It could not be done; see the log.", "没有完成，请看日志。")) } },
        ),
    }
}
