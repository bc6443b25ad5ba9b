//! Setting the webhook, and asking whether all is well.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, Uri, header::AUTHORIZATION};
use serde_json::{Value, json};

use crate::channel::{Answer, Probe, SetUp, json_api};

/// What is called for it.
pub struct Calls {
    pub authorization: HeaderValue,
    pub info: Uri,
    pub endpoint: Uri,
    pub test: Uri,
}

impl Calls {
    fn authorized(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        request
    }

    /// Lets LINE post an empty webhook, and tells how that went.
    fn test(&self) -> Probe {
        Probe::new(self.authorized(json_api::post(&self.test, &json!({}))), |response, answer| match &answer["success"]
        {
            Value::Bool(true) => Answer::well("LINE's test webhook was answered well"),
            Value::Bool(false) => {
                let [reason, detail] = ["reason", "detail"].map(|key| answer[key].as_str().unwrap_or_default());
                Answer::ill(format!("LINE's test webhook failed: {reason:.100}: {detail:.200}"))
            }
            _ => Answer::look(format!("LINE does not test the webhook: {}", why(response, answer))),
        })
    }

    pub fn set_up(&self, webhook_url: &str) -> SetUp {
        let mut put = json_api::post(&self.endpoint, &json!({ "endpoint": webhook_url }));
        *put.method_mut() = Method::PUT;
        let url = webhook_url.to_owned();
        let set = Probe::new(self.authorized(put), move |response, answer| {
            if response.status().is_success() {
                Answer::well(format!("LINE posts to {url}"))
            } else {
                Answer::ill(format!("LINE does not take the webhook: {}", why(response, answer)))
            }
        });
        let by_hand = [
            "in the LINE Developers console, Messaging API: switch `Use webhook` on",
            "in the LINE Official Account Manager, Response settings: switch auto-response messages off",
        ];
        SetUp { probes: vec![set, self.test()], by_hand: by_hand.map(str::to_owned).into() }
    }

    pub fn examine(&self, webhook_url: Option<&str>) -> Vec<Probe> {
        let expected = webhook_url.map(str::to_owned);
        vec![
            Probe::new(self.authorized(json_api::get(&self.info)), |response, answer| {
                match answer["displayName"].as_str() {
                    Some(name) => Answer::well(format!("the channel access token is that of {name:.60}")),
                    None => Answer::ill(format!(
                        "the channel access token is not accepted: {}; issue one in the LINE Developers console",
                        why(response, answer)
                    )),
                }
            }),
            Probe::new(self.authorized(json_api::get(&self.endpoint)), move |response, answer| {
                let Some(url) = answer["endpoint"].as_str().filter(|it| !it.is_empty()) else {
                    let why = why(response, answer);
                    return Answer::ill(format!("no webhook is set ({why}): run `nightclerk channel setup` for it"));
                };
                match &expected {
                    Some(expected) if expected != url => {
                        Answer::ill("the webhook leads elsewhere: run `nightclerk channel setup` for it")
                    }
                    _ if answer["active"] == json!(false) => Answer::ill(
                        "the webhook is switched off: switch `Use webhook` on in the LINE Developers console",
                    ),
                    _ => Answer::well("the webhook is set and switched on"),
                }
            }),
            self.test(),
        ]
    }
}

fn why(response: &Response<Bytes>, answer: &Value) -> String {
    json_api::reason(response, answer["message"].as_str())
}
