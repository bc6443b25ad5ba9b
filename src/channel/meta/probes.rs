//! Subscribing to the webhook, and asking whether all is well.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, Uri, header::AUTHORIZATION};
use serde_json::{Value, json};

use super::Platform;
use crate::{
    channel::{Answer, Probe, SetUp, json_api},
    setting::Secret,
};

/// What is asked with, of one account.
#[derive(Clone)]
pub struct Graph {
    /// With the version.
    pub base: String,
    pub authorization: HeaderValue,
    pub access_token: Secret,
    pub app_secret: Secret,
    pub verify_token: Secret,
}

impl Platform {
    /// The name of the product in subscriptions, and what to subscribe to.
    fn subscription(self) -> (&'static str, &'static str) {
        match self {
            Self::WhatsApp => ("whatsapp_business_account", "messages,smb_message_echoes"),
            Self::Messenger => (
                "page",
                "messages,messaging_postbacks,message_deliveries,message_reads,messaging_referrals,message_echoes",
            ),
            Self::Instagram => {
                ("instagram", "messages,messaging_postbacks,messaging_seen,messaging_referral,message_echoes")
            }
        }
    }

    /// What to read of the account, and which field names it.
    fn account(self) -> (&'static str, &'static str) {
        match self {
            Self::WhatsApp => ("display_phone_number,verified_name,quality_rating", "display_phone_number"),
            Self::Messenger => ("name", "name"),
            Self::Instagram => ("username", "username"),
        }
    }

    /// What the token must allow.
    fn scope(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp_business_messaging",
            Self::Messenger => "pages_messaging",
            Self::Instagram => "instagram_manage_messages",
        }
    }
}

impl Graph {
    /// Subscribes the app to what the account hears, with our URL; then the account to the app.
    pub fn set_up(&self, platform: Platform, account: &str, webhook_url: &str) -> SetUp {
        let (object, fields) = platform.subscription();
        let (graph, url) = (self.clone(), webhook_url.to_owned());
        let subscribe_app = move |app: &str| {
            let body = json!({
                "object": object,
                "callback_url": url,
                "verify_token": graph.verify_token.expose(),
                "fields": fields,
                "include_values": true,
                "access_token": graph.app_token(app),
            });
            let url = url.clone();
            graph.post(&format!("/{app}/subscriptions"), &body).map(|request| {
                Probe::new(request, move |response, answer| match answer["success"] {
                    Value::Bool(true) => Answer::well(format!("Meta posts to {url}")),
                    _ => Answer::ill(format!("Meta does not take the webhook: {}", why(response, answer))),
                })
            })
        };
        let mut probes: Vec<_> = self.app(subscribe_app).into_iter().collect();
        let mut by_hand = Vec::new();
        if platform == Platform::WhatsApp {
            by_hand.push(
                "in the app's dashboard, WhatsApp, Configuration: the business account must be subscribed to the app, and \
                 the app be live"
                    .to_owned(),
            );
        } else {
            let path = format!("/{account}/subscribed_apps?subscribed_fields={fields}");
            probes.extend(self.post(&path, &json!({})).map(|request| {
                Probe::new(request, |response, answer| match answer["success"] {
                    Value::Bool(true) => Answer::well("the account is subscribed to the app"),
                    _ => Answer::ill(format!("the account is not subscribed to the app: {}", why(response, answer))),
                })
            }));
        }
        SetUp { probes, by_hand }
    }

    pub fn examine(&self, platform: Platform, account: &str) -> Vec<Probe> {
        let (fields, name) = platform.account();
        let known = self.get(&format!("/{account}?fields={fields}")).map(|request| {
            Probe::new(request, move |response, answer| {
                let Some(name) = answer[name].as_str() else {
                    return Answer::ill(format!(
                        "Meta does not show the account: {}; are `account` and `access_token` right?",
                        why(response, answer)
                    ));
                };
                let known = Answer::well(format!("the account is {name:.60}"));
                match answer["quality_rating"].as_str() {
                    Some(rating @ ("RED" | "YELLOW")) => {
                        known.and(Answer::look(format!("WhatsApp rates the number's quality {rating}")))
                    }
                    _ => known,
                }
            })
        });
        let graph = self.clone();
        let token = self.app(move |app| {
            let url = format!("/debug_token?input_token={}", encoded(graph.access_token.expose()));
            let mut request = graph.get(&url)?;
            request.headers_mut().insert(AUTHORIZATION, bearer(&graph.app_token(app))?);
            Some(Probe::new(request, move |response, answer| read_token(platform, response, answer)))
        });
        known.into_iter().chain(token).collect()
    }

    /// Asks which app the token is of, and then what that leads to.
    fn app(&self, then: impl Fn(&str) -> Option<Probe> + Send + Sync + 'static) -> Option<Probe> {
        let request = self.get("/app")?;
        Some(Probe::new(request, move |response, answer| {
            let Some(app) = answer["id"].as_str().filter(|id| super::is_number(id)) else {
                return Answer::ill(format!(
                    "the access token is not accepted: {}; make one that does not expire, of a system user or the page",
                    why(response, answer)
                ));
            };
            match then(app) {
                Some(probe) => Answer::well("the access token is accepted").then(probe),
                None => Answer::well("the access token is accepted"),
            }
        }))
    }

    fn app_token(&self, app: &str) -> String {
        format!("{app}|{}", self.app_secret.expose())
    }

    fn get(&self, path: &str) -> Option<Request<Bytes>> {
        let url: Uri = format!("{}{path}", self.base).parse().ok()?;
        let mut request = json_api::get(&url);
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        Some(request)
    }

    fn post(&self, path: &str, body: &Value) -> Option<Request<Bytes>> {
        let mut request = self.get(path)?;
        *request.method_mut() = Method::POST;
        request.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        *request.body_mut() = Bytes::from(body.to_string());
        Some(request)
    }
}

fn read_token(platform: Platform, response: &Response<Bytes>, answer: &Value) -> Answer {
    let data = &answer["data"];
    if data.is_null() {
        return Answer::ill(format!(
            "the app's secret is not accepted: {}; is `app_secret` the one of the app that the token is of?",
            why(response, answer)
        ));
    }
    if data["is_valid"] != json!(true) {
        return Answer::ill("the access token is not valid any more");
    }
    let mut findings = Answer::well("the app's secret and the token belong together");
    if let Some(at) = data["expires_at"].as_i64().filter(|at| *at > 0) {
        let day = jiff::Timestamp::from_second(at).map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
        findings = findings.and(Answer::look(format!("the access token ends on {day}: make one that does not expire")));
    }
    let scope = platform.scope();
    if let Some(scopes) = data["scopes"].as_array()
        && !scopes.iter().any(|it| it == scope)
    {
        findings = findings.and(Answer::ill(format!("the access token does not allow `{scope}`")));
    }
    findings
}

fn bearer(token: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What Meta says of a bad token may quote it.
fn why(response: &Response<Bytes>, answer: &Value) -> String {
    let error = &answer["error"];
    let words =
        if error["code"] == json!(190) { Some("the access token is not valid") } else { error["message"].as_str() };
    json_api::reason(response, words)
}
