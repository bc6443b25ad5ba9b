//! Scripts that mean harm, and people outside who do: each capability under attack, on the real daemon where somebody else
//! could be hurt, and in its own host where a call alone counts.
//!
//! What the host does with loops, recursion, memory and nesting is in `src/plugin/host/tests/scripts`.

mod harness;
mod hosted;

#[path = "scripts_attacks/in_the_engine.rs"]
mod in_the_engine;
#[path = "scripts_attacks/inner_hosts.rs"]
mod inner_hosts;
#[path = "scripts_attacks/keys.rs"]
mod keys;
#[path = "scripts_attacks/neighbours.rs"]
mod neighbours;
#[path = "scripts_attacks/outsiders.rs"]
mod outsiders;
#[path = "scripts_attacks/secrets.rs"]
mod secrets;

use std::fs;

use harness::{
    Daemon, ENGINE, Shop, eventually, eventually_for,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use http::Method;
use serde_json::Value;

/// A daemon with these scripts, each with its lines of `plugins.toml`, and somebody to talk to.
struct Night {
    platform: Platform,
    shop: Shop,
    daemon: Daemon,
}

impl Night {
    async fn with(scripts: &[(&str, &str, &str)]) -> Self {
        let platform = Platform::start().await;
        let shop = shop_talking_to(&platform);
        for (name, source, _) in scripts {
            fs::write(shop.plugins().join(format!("{name}.js")), source).unwrap();
        }
        let lines: Vec<_> = scripts.iter().map(|(name, _, lines)| format!("[{name}]\n{lines}\n")).collect();
        shop.write("plugins.toml", &lines.concat());
        let daemon = shop.start().await;
        let night = Self { platform, shop, daemon };
        for (name, ..) in scripts {
            eventually_for(ENGINE, name, async || {
                let status = night.status(name).await;
                (status["state"] == "active" && status["reason"].is_null()).then_some(())
            })
            .await;
        }
        night
    }

    async fn status(&self, name: &str) -> Value {
        let all = self.daemon.admin(Method::GET, "/v1/plugins").await.json();
        all.as_array().unwrap().iter().find(|it| it["name"] == name).cloned().unwrap_or(Value::Null)
    }

    /// What the customer of this chat is told, once that is something of which `is_it` holds.
    async fn told(&self, chat: &str, is_it: impl Fn(&str) -> bool) -> String {
        eventually(&format!("the answer to {chat}"), async || {
            let all = replies(&self.platform.received()).into_iter();
            all.map(|(to, text)| (to == chat, text)).find(|(mine, text)| *mine && is_it(text)).map(|(_, text)| text)
        })
        .await
    }

    /// Says something, and waits for the script's answer, which begins with `=`.
    async fn ask(&self, chat: &str, text: &str) -> String {
        self.daemon.say(&format!("m-{chat}"), chat, text).await;
        self.told(chat, |text| text.starts_with('=')).await
    }
}
