//! Whom `[alerts]` of `nightclerk.toml` names, held against `store.toml`.

use crate::{
    config::AlertsConfig,
    engine::StoreSettings,
    in_force::{Owner, OwnerWebhook},
    model::Address,
    setting::{PathStep, Problem, WEB_URL_HINT, hint, web_uri},
    webhook::standard::SigningKey,
};

const FILE: &str = "nightclerk.toml";

/// Who is told when something needs a person; every mistake is noted.
pub fn owner(alerts: &AlertsConfig, store: &StoreSettings, problems: &mut Vec<Problem>) -> Owner {
    let mut problem = |path: Vec<PathStep>, message: String, hint: String| {
        let path = [PathStep::from("alerts")].into_iter().chain(path);
        problems.push(Problem::new(FILE, path, message).hint(hint));
    };
    let teams = store.team.iter().map(|it| (&it.name, &it.channel, &it.chat));
    let people = store.person.iter().map(|it| (&it.name, &it.channel, &it.chat));
    let members: Vec<_> = teams.chain(people).collect();
    let mut addresses = Vec::new();
    for (index, name) in alerts.to.iter().enumerate() {
        let path = vec!["to".into(), index.into()];
        match members.iter().find(|(member, ..)| *member == name) {
            Some((_, Some(channel), Some(chat))) => addresses.push(Address::new(channel.as_str(), chat.as_str())),
            Some(_) => {
                let message = format!("nobody can tell `{name}` anything");
                problem(path, message, "give it `channel` and `chat` in store.toml".to_owned());
            }
            None => {
                let known = hint(name, members.iter().map(|(member, ..)| member.as_str()));
                problem(path, format!("store.toml has no team or person `{name}`"), known);
            }
        }
    }
    let webhook = alerts.webhook.as_deref().and_then(|url| {
        let uri = web_uri(url).map_err(|why| problem(vec!["webhook".into()], why, WEB_URL_HINT.to_owned())).ok()?;
        let example = "`whsec_` and 24 to 64 bytes in base64, such as `openssl rand -base64 32` makes";
        let Some(secret) = &alerts.webhook_secret else {
            let message = "the webhook has no `webhook_secret` to be signed with".to_owned();
            problem(vec!["webhook".into()], message, example.to_owned());
            return None;
        };
        match SigningKey::parse(secret) {
            Ok(key) => Some(OwnerWebhook { url: uri, key, allow_private_targets: alerts.allow_private_targets }),
            Err(mistake) => {
                problem(vec!["webhook_secret".into()], format!("`webhook_secret` {mistake}"), example.to_owned());
                None
            }
        }
    });
    Owner {
        addresses,
        webhook,
        is_chinese: store.store.language.to_string().starts_with("zh"),
        disk_free_bytes: alerts.disk_free_mb.saturating_mul(1_000_000),
    }
}
