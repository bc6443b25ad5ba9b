//! What may be wrong with a running clerk so that a person must act.

use std::{collections::BTreeMap, path::Path};

use crate::{
    daemon::prepare::short_of_space,
    http::{Readiness, admin::Edits},
    outbox::Outbox,
    plugin::host::{PluginHost, PluginState},
    setting::steers,
    store::{Store, wait},
};

/// Dead letters are counted up to here.
const MOST_DEAD: usize = 1000;
/// A line of a platform's answer or of a mistake may be long; a notice is short.
const MOST_CHARACTERS: usize = 240;

/// One thing that is wrong. It holds nobody's words and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What makes it one and the same: `channel:shop`, `disk`.
    pub cause: String,
    pub what: String,
}

/// Where one looks.
pub struct Sight<'a> {
    pub outbox: &'a Outbox,
    pub plugins: &'a PluginHost,
    pub store: &'a dyn Store,
    pub readiness: &'a Readiness,
    pub edits: &'a Edits,
    pub data_dir: &'a Path,
    /// Bytes that should be free where the data lies.
    pub least_free: u64,
}

impl Sight<'_> {
    /// All that is wrong now, in the owner's language. `dead`: how many dead letters each channel had the last time.
    pub async fn look(&self, is_chinese: bool, dead: &mut BTreeMap<String, usize>) -> Vec<Trouble> {
        let mut found = Vec::new();
        let mut add = |cause: String, chinese: String, english: String| {
            found.push(Trouble { cause, what: if is_chinese { chinese } else { english } });
        };
        for (channel, reason) in self.outbox.stopped_channels() {
            let reason = short(&reason);
            add(
                format!("channel:{channel}"),
                format!("渠道 {channel} 停了，消息在等待：{reason}"),
                format!("the channel {channel} is stopped, and its messages wait: {reason}"),
            );
        }
        for plugin in self.plugins.status() {
            let name = short(&plugin.name);
            if let Some(back) = plugin.shadow.as_ref().and_then(|shadow| shadow.back.as_ref()) {
                let why = short(&back.why);
                add(
                    format!("canary:{name}"),
                    format!(
                        "插件 {name} 的新版本已停止回答顾客，旧版本继续：{why}（nightclerk plugin compare {name}）"
                    ),
                    format!(
                        "the second version of the plugin {name} answers no more, the version in place does: {why} (`nightclerk plugin compare {name}`)"
                    ),
                );
            }
            if let Some(why) = plugin.shadow.as_ref().and_then(|shadow| shadow.reason.as_ref()) {
                let why = short(why);
                add(
                    format!("shadow:{name}"),
                    format!("插件 {name} 的新版本没有运行：{why}"),
                    format!("the second version of the plugin {name} is not run: {why}"),
                );
            }
            match plugin.state {
                PluginState::SetAside => add(
                    format!("plugin:{name}"),
                    format!("插件 {name} 多次出错，暂停使用；由内置回答代替（nightclerk plugin list）"),
                    format!(
                        "the plugin {name} failed too often and is set aside; built-in answers stand in (`nightclerk plugin list`)"
                    ),
                ),
                PluginState::Refused => add(
                    format!("plugin:{name}"),
                    format!("插件 {name} 无法使用（nightclerk plugin list 说明原因）"),
                    format!("the plugin {name} cannot be used (`nightclerk plugin list` says why)"),
                ),
                PluginState::Active | PluginState::Waiting | PluginState::Disabled | PluginState::Preparing => {}
            }
        }
        if let Some(refused) = self.edits.refused.load_full().filter(|it| !it.may_pass) {
            let first = short(refused.why.lines().next().unwrap_or_default());
            add(
                "config".to_owned(),
                format!("新的配置有误，没有生效，旧的仍在用：{first}"),
                format!("the newest edit of the configuration is not in force, the old one is: {first}"),
            );
        }
        if let Some(free) = short_of_space(self.data_dir, self.least_free) {
            let megabytes = free / 1_000_000;
            add(
                "disk".to_owned(),
                format!("数据所在磁盘只剩 {megabytes} MB"),
                format!("only {megabytes} MB are free where the data lies"),
            );
        }
        if self.readiness.store_is_stuck().await {
            add(
                "store".to_owned(),
                "消息库写不进去，暂时不接收消息（平台会重发）".to_owned(),
                "the store cannot be written, and no messages are taken (platforms send them again)".to_owned(),
            );
        }
        // Where the store does not say, they are as they were: what cannot be read is not over.
        if let Ok(letters) = wait(self.store.dead(MOST_DEAD)).await {
            dead.clear();
            for letter in letters {
                *dead.entry(letter.message.address.channel).or_default() += 1;
            }
        }
        for (channel, count) in &*dead {
            add(
                format!("dead:{channel}"),
                format!("渠道 {channel} 有 {count} 条消息没能送达（nightclerk outbox list）"),
                format!("{count} messages of the channel {channel} could not be delivered (`nightclerk outbox list`)"),
            );
        }
        found
    }
}

/// One line that steers nothing that shows it, cut.
fn short(text: &str) -> String {
    let clean = text.chars().map(|it| if steers(it) { ' ' } else { it });
    let mut cut: String = clean.take(MOST_CHARACTERS).collect();
    if text.chars().count() > MOST_CHARACTERS {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_platform_or_a_file_says_steers_neither_terminal_nor_chat_and_is_cut() {
        let hostile = "Unauthorized \u{1b}]0;owned\u{7}\u{1b}[2J\r\nsecond\u{9b}31m \u{202e}exe.txt\u{2066}<b>&amp;";
        let shown = short(hostile);
        assert!(!shown.contains(|it: char| it.is_control() || ('\u{2028}'..='\u{2069}').contains(&it)), "{shown:?}");
        assert!(
            shown.starts_with("Unauthorized ") && shown.ends_with("<b>&amp;"),
            "plain text stays what it is: {shown}"
        );
        let long = short(&"长".repeat(1000));
        assert_eq!(long.chars().count(), MOST_CHARACTERS + 1);
        assert!(long.ends_with('…'));
    }
}
