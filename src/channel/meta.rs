//! WhatsApp (Cloud API), Messenger and Instagram: three platforms behind Meta's one webhook and Graph API.
//!
//! All take free text only within 24 hours of the customer's last message. Sources: "Webhooks" and "Cloud API" at
//! <https://developers.facebook.com/docs/>, "Messenger Platform" for the other two.

mod account;
mod answer;
mod batch;
mod files;
mod messenger;
mod phone;
mod probes;
mod webhook;
mod whatsapp;
mod whatsapp_webhook;

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, Uri, header::AUTHORIZATION};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Attached, Attempt, ByPhone, Capabilities, Channel, Fetched, File, Lies, Outcome, Outgoing, Probe, Rendered, SetUp,
    Takes, Uncertain, Unit, json_api,
};
use crate::{
    model::{Choice, Media},
    pictures::Kind,
    setting::Secret,
    webhook::{Inbound, WebhookRequest, signature::verify_hmac_sha256, text_response},
};

/// A handshake echoes what it is sent; Meta's own challenges are about ten digits.
const MAX_CHALLENGE: usize = 256;

/// A `[[channel]]` with `kind = "meta"`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Which of the three it is.
    platform: Platform,
    /// The account's id: phone number id, page id or Instagram account id.
    account: String,
    /// The app's secret, which webhooks are signed with.
    app_secret: Secret,
    /// The token of one's own choice that the webhook was subscribed with.
    verify_token: Secret,
    /// A system user's (WhatsApp) or page's token.
    access_token: Secret,
    /// The platform's API; another for tests.
    #[serde(default = "api_base")]
    api_base: String,
    /// The API's version.
    #[serde(default = "api_version")]
    api_version: String,
}

fn api_base() -> String {
    "https://graph.facebook.com".to_owned()
}

fn api_version() -> String {
    "v25.0".to_owned()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Platform {
    WhatsApp,
    Messenger,
    Instagram,
}

/// One account on one of the platforms.
pub struct Meta {
    id: String,
    platform: Platform,
    account: String,
    app_secret: Secret,
    verify_token: Secret,
    authorization: HeaderValue,
    messages: Uri,
    graph: probes::Graph,
}

impl Meta {
    /// # Errors
    /// A setting that cannot work, in words for the store owner.
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        let Settings { account, api_base, api_version, .. } = settings;
        if !is_number(account) {
            return Err("`account` is not the number by which Meta knows the account".to_owned());
        }
        if !api_version
            .strip_prefix('v')
            .and_then(|it| it.split_once('.'))
            .is_some_and(|it| is_number(it.0) && is_number(it.1))
        {
            return Err("`api_version` is not a version such as v25.0".to_owned());
        }
        for (name, secret) in [("app_secret", &settings.app_secret), ("verify_token", &settings.verify_token)] {
            if secret.is_empty() {
                return Err(format!("`{name}` is empty: anybody would know it"));
            }
        }
        let authorization = json_api::bearer("access_token", &settings.access_token)?;
        let graph = probes::Graph {
            base: format!("{}/{api_version}", api_base.trim_end_matches('/')),
            authorization: authorization.clone(),
            access_token: settings.access_token.clone(),
            app_secret: settings.app_secret.clone(),
            verify_token: settings.verify_token.clone(),
        };
        Ok(Self {
            id: id.to_owned(),
            platform: settings.platform,
            account: account.clone(),
            app_secret: settings.app_secret.clone(),
            verify_token: settings.verify_token.clone(),
            authorization,
            messages: json_api::endpoint("api_base", api_base, &format!("/{api_version}/{account}/messages"))?,
            graph,
        })
    }

    fn files(&self) -> files::Files<'_> {
        files::Files { base: &self.graph.base, account: &self.account, authorization: &self.authorization }
    }

    fn handshake(&self, request: &WebhookRequest<'_>) -> Inbound {
        let token = request.query("hub.verify_token").unwrap_or_default();
        if request.query("hub.mode") != Some("subscribe") || !self.verify_token.matches(token.as_bytes()) {
            return Inbound::refuse_because(
                StatusCode::FORBIDDEN,
                "the verify token is another: write into Meta's dashboard what `verify_token` is here",
                "the verify token is another",
            );
        }
        match request.query("hub.challenge") {
            Some(challenge) if challenge.len() <= MAX_CHALLENGE => {
                Inbound::Respond(text_response(StatusCode::OK, challenge.to_owned()))
            }
            _ => Inbound::refuse(StatusCode::BAD_REQUEST, "hub.challenge is missing or too long\n"),
        }
    }

    /// Whether the app's secret signed the bytes of the body as they came: Meta escapes non-ASCII letters, and
    /// JSON written anew would not be the same.
    fn is_signed(&self, request: &WebhookRequest<'_>) -> bool {
        let signature = request.header("x-hub-signature-256").and_then(|header| header.strip_prefix("sha256="));
        let key = self.app_secret.expose().as_bytes();
        signature
            .and_then(|signature| hex::decode(signature).ok())
            .is_some_and(|signature| verify_hmac_sha256(key, &[request.body], &signature))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Channel for Meta {
    fn link_to(&self, chat: &str, _sender: &str) -> Option<String> {
        (matches!(self.platform, Platform::WhatsApp) && is_number(chat)).then(|| format!("https://wa.me/{chat}"))
    }

    fn receive(&self, request: &WebhookRequest<'_>) -> Inbound {
        match *request.method {
            Method::GET => return self.handshake(request),
            Method::POST => {}
            _ => return Inbound::refuse(StatusCode::METHOD_NOT_ALLOWED, "GET and POST only\n"),
        }
        if !self.is_signed(request) {
            return Inbound::refuse_because(
                StatusCode::UNAUTHORIZED,
                "the signature does not hold: is `app_secret` the one of the app that posts here? It stands under App \
                 settings, Basic, in Meta's dashboard",
                "the signature does not hold",
            );
        }
        webhook::read(self.platform, &self.id, &self.account, request)
    }

    fn capabilities(&self) -> Capabilities {
        let (max_length, unit, max_caption, per_second) = match self.platform {
            Platform::WhatsApp => (4096, Unit::Utf16, whatsapp::MAX_CAPTION, 80),
            Platform::Messenger => (2000, Unit::Utf16, 0, 100),
            Platform::Instagram => (1000, Unit::Bytes, 0, 50),
        };
        Capabilities {
            max_length,
            unit,
            max_caption,
            per_second,
            // WhatsApp bears bursts to one person and says when it was enough (131056).
            chat_gap_ms: 0,
            budget_is_final: false,
            answers_in_response: false,
        }
    }

    fn render(&self, message: &Outgoing<'_>) -> Rendered {
        if message.context.deadline_ms.is_some_and(|deadline_ms| message.now_ms > deadline_ms) {
            return Rendered::Closed("the customer's last message is more than 24 hours old");
        }
        let request = match message.attached {
            Some(Attached::File(file)) => self.files().send(&self.messages, message.chat, file),
            _ => {
                let uploaded = match message.attached {
                    Some(Attached::Id(id, kind)) => Some((id, kind)),
                    _ => None,
                };
                let body = match self.platform {
                    Platform::WhatsApp => whatsapp::body(message.chat, message.content, uploaded, message.context),
                    Platform::Messenger | Platform::Instagram => messenger::body(message.chat, message.content),
                };
                let mut request = json_api::post(&self.messages, &body);
                request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
                request
            }
        };
        // No key tells repeats apart.
        Rendered::Request { request: Box::new(request), uncertain: Uncertain::ResendOnce }
    }

    fn classify(&self, response: &Response<Bytes>, attempt: &Attempt) -> Outcome {
        answer::read(response, attempt.now_ms)
    }

    fn find(&self, media: &Media, _token: Option<&str>) -> Lies {
        match self.platform {
            Platform::WhatsApp => self.files().find(&media.reference).map_or(Lies::Nowhere, Lies::There),
            Platform::Messenger | Platform::Instagram => Lies::Nowhere,
        }
    }

    fn fetched(&self, response: &Response<Bytes>, is_second: bool, now_ms: i64) -> Fetched {
        let is_whole = is_second || self.platform != Platform::WhatsApp;
        if is_whole { Fetched::plain(response, now_ms) } else { self.files().found(response, now_ms) }
    }

    fn takes(&self, kind: Kind, bytes: usize) -> Takes {
        files::takes(self.platform, kind, bytes)
    }

    fn upload(&self, file: &File, _token: Option<&str>) -> Option<http::Request<Bytes>> {
        self.files().upload(file)
    }

    fn uploaded(&self, response: &Response<Bytes>, attempt: &Attempt) -> Result<String, Outcome> {
        files::uploaded(response, || self.classify(response, attempt))
    }

    fn chat_id<'a>(&self, written: &'a str) -> Cow<'a, str> {
        match self.platform {
            Platform::WhatsApp => phone::chat_id(written),
            Platform::Messenger | Platform::Instagram => Cow::Borrowed(written),
        }
    }

    fn set_up(&self, webhook_url: &str) -> SetUp {
        self.graph.set_up(self.platform, &self.account, webhook_url)
    }

    fn examine(&self, _webhook_url: Option<&str>, _token: Option<&str>) -> Vec<Probe> {
        self.graph.examine(self.platform, &self.account)
    }

    fn chats_by_phone(&self, written: &str) -> Option<ByPhone> {
        match self.platform {
            Platform::WhatsApp => phone::chats_of(written),
            Platform::Messenger | Platform::Instagram => None,
        }
    }
}

/// Whether buttons can carry these choices: labels and values that are there, short enough, and each a different one.
fn fit(choices: &[Choice], most: usize, longest_label: usize, longest_value: usize) -> bool {
    let fits = |text: &str, longest: usize| (1..=longest).contains(&Unit::Utf16.length(text));
    let mut labels: Vec<_> = choices.iter().map(|choice| &choice.label).collect();
    let mut values: Vec<_> = choices.iter().map(|choice| &choice.value).collect();
    for texts in [&mut labels, &mut values] {
        texts.sort_unstable();
        texts.dedup();
    }
    (1..=most).contains(&choices.len())
        && labels.len() == choices.len()
        && values.len() == choices.len()
        && choices.iter().all(|choice| fits(&choice.label, longest_label) && fits(&choice.value, longest_value))
}

#[cfg(test)]
mod tests;
