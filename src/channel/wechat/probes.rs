//! What WeChat is asked to know whether all is well.

use bytes::Bytes;
use http::Response;
use serde_json::json;

use crate::channel::{
    Answer, Probe,
    json_api::{endpoint, post, reason},
};

/// Lets WeChat look up and call the webhook's host ("网络检测").
pub fn callback_check(api_base: &str, token: &str) -> Option<Probe> {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("access_token", token).finish();
    let url = endpoint("api_base", api_base, &format!("/cgi-bin/callback/check?{query}")).ok()?;
    let ask = json!({ "action": "all", "check_operator": "DEFAULT" });
    Some(Probe::new(post(&url, &ask), read_callback_check))
}

/// What WeChat finds when it looks up and calls the webhook's host.
fn read_callback_check(response: &Response<Bytes>, answer: &serde_json::Value) -> Answer {
    let code = answer["errcode"].as_i64().unwrap_or(0);
    if code != 0 || !response.status().is_success() {
        return Answer::look(format!(
            "WeChat does not check the webhook: {}",
            reason(response, answer["errmsg"].as_str())
        ));
    }
    let lost = |ping: &&serde_json::Value| ping["package_loss"].as_str().is_some_and(|loss| loss.starts_with("100"));
    match answer["ping"].as_array().map(Vec::as_slice) {
        Some([]) | None => Answer::look("WeChat finds no address of the webhook's host"),
        Some(pings) if pings.iter().filter(lost).count() == pings.len() => {
            Answer::ill("WeChat reaches the webhook's host from none of its networks")
        }
        Some(_) => Answer::well("WeChat reaches the webhook's host"),
    }
}
