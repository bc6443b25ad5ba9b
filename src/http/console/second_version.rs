//! A plugin's second version on its page: how it fares beside the first, and the two ways in which that ends.

use maud::{Markup, html};

use super::visit::Visit;
use crate::plugin::host::{Comparison, PluginStatus, ShadowStatus, Side};

/// Nothing where the plugin's entry names none. `path`: of the plugin's page.
pub fn card(visit: &Visit, plugin: &PluginStatus, path: &str) -> Markup {
    let Some(second) = &plugin.shadow else { return html! {} };
    let tongue = visit.tongue();
    let compared = visit.console.admin.plugins.compare(&plugin.name).ok();
    html! {
        section.card {
            h2 { (tongue.say("Second version", "新版本")) }
            @if !second.version.is_empty() {
                p { strong { (second.version) } " " code { (second.file) } }
                p { (heard(visit, second)) }
            }
            @if let Some(why) = &second.reason { p.notice.bad { (tongue.0.say(why)) } }
            @if let Some(compared) = &compared { (beside(visit, compared)) }
            div.row {
                (visit.button(&format!("{path}/promote"), tongue.say("Put it in place", "换成新版本"), "main"))
                (visit.button(&format!("{path}/abort"), tongue.say("Do without it", "不要新版本"), ""))
            }
            p.hint { (tongue.say(
                "In place, it answers everybody, and the version before it is kept. Done without, its file is moved to removed/ in the plugins folder.",
                "换成新版本后，由它回答所有人，旧版本会保留；不要的话，它的文件移到插件目录的 removed/ 里。",
            )) }
        }
    }
}

/// Who hears it.
fn heard(visit: &Visit, second: &ShadowStatus) -> String {
    let tongue = visit.tongue();
    match (&second.back, second.canary) {
        (Some(back), _) => {
            let why = tongue.0.say(&back.why);
            tongue.say(format!("It answers no more: {why}"), format!("它不再回答：{why}"))
        }
        (None, 0) => tongue.say("Nobody hears it.", "谁也听不到它。").to_owned(),
        (None, share) => tongue
            .say(format!("It answers {share} of a hundred contacts."), format!("一百个联系人里由它回答 {share} 个。")),
    }
}

/// What both made of the same.
fn beside(visit: &Visit, compared: &Comparison) -> Markup {
    let tongue = visit.tongue();
    let calls = |side: &Side| {
        let Side { calls, failures, .. } = side;
        tongue.say(format!("{calls} · {failures} failed"), format!("{calls} · 失败 {failures}"))
    };
    let different: u64 = compared.different.iter().map(|(_, count)| count).sum();
    html! {
        dl {
            dt { (tongue.say("Calls in place", "现用版本的调用")) } dd { (calls(&compared.in_place)) }
            dt { (tongue.say("Calls unheard", "旁听的调用")) } dd { (calls(&compared.shadow)) }
            @if compared.answering.calls > 0 { dt { (tongue.say("Calls answered", "作答的调用")) } dd { (calls(&compared.answering)) } }
            dt { (tongue.say("Same answers", "回答相同")) } dd { (compared.same) }
            dt { (tongue.say("Other answers", "回答不同")) } dd { (different) }
        }
    }
}
