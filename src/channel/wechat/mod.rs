//! WeChat Official Accounts (公众号, 服务号).
//!
//! Two ways lead to the customer. The *passive reply* is XML in the webhook's own response: one message, for
//! every kind of account. The *customer-service message* (客服消息) is an API call, for verified service accounts:
//! up to five in 48 hours after a message, three in a minute after a follow or a menu click. Source: "接收消息与事件",
//! "被动回复用户消息" and "客服消息" of the WeChat Official Accounts documentation.

mod event;
mod files;
mod overheard;
mod probes;
mod xml;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri, header};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use self::{
    overheard::Overheard,
    xml::{Fields, Value},
};
use super::{
    Attached, Attempt, Capabilities, Channel, Fetched, File, Lies, Outcome, Outgoing, Probe, Rendered, SetUp, Takes,
    TokenRequest, Uncertain, Unit,
    json_api::{endpoint, is_temporary, post, reason, retry_after_ms},
    wxcrypt::{self, Cipher},
};
use crate::{
    model::Media,
    pictures::Kind,
    setting::Secret,
    webhook::{Concern, Inbound, WebhookRequest, text_response},
};

/// How far from our clock the timestamp of an unencrypted message may be. Its signature does not cover the
/// body, so this bounds how long an overheard one can be used.
const WINDOW_S: i64 = 300;
/// A handshake echoes what it is sent; the platform's own are 19 digits.
const MAX_ECHO: usize = 256;

/// A `[[channel]]` with `kind = "wechat"`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The token chosen in the platform's console.
    pub token: Secret,
    /// The account's AppID.
    pub app_id: String,
    /// The account's AppSecret; without it only passive replies are possible.
    #[serde(default)]
    pub app_secret: Option<Secret>,
    /// With it only encrypted messages are taken (the console's safe and compatible modes); without it only
    /// plain ones, whose signature does not cover the body.
    #[serde(default)]
    pub encoding_aes_key: Option<Secret>,
    /// The platform's API; another for tests.
    #[serde(default = "default_api_base")]
    pub api_base: String,
}

fn default_api_base() -> String {
    "https://api.weixin.qq.com".to_owned()
}

/// One official account.
pub struct WeChat {
    id: String,
    settings: Settings,
    cipher: Option<Cipher>,
    overheard: Overheard,
    token_url: Uri,
}

impl WeChat {
    /// # Errors
    /// A setting that cannot work, in words for the store owner.
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        if settings.token.is_empty() {
            return Err("token is empty".to_owned());
        }
        if settings.app_id.is_empty() {
            return Err("app_id is empty".to_owned());
        }
        let token_url = endpoint("api_base", &settings.api_base, "/cgi-bin/stable_token")?;
        let cipher = match &settings.encoding_aes_key {
            Some(key) => Some(Cipher::new(key.expose(), &settings.app_id)?),
            None => None,
        };
        Ok(Self { id: id.to_owned(), settings: settings.clone(), cipher, overheard: Overheard::default(), token_url })
    }

    /// Whether the query's `signature` covers the token, the time and the nonce.
    fn is_signed(&self, request: &WebhookRequest<'_>) -> bool {
        match (request.query("timestamp"), request.query("nonce"), request.query("signature")) {
            (Some(timestamp), Some(nonce), Some(given)) => {
                wxcrypt::signature_holds(&[self.settings.token.expose(), timestamp, nonce], given)
            }
            _ => false,
        }
    }

    fn handshake(&self, request: &WebhookRequest<'_>) -> Inbound {
        if !self.is_signed(request) {
            return Inbound::refuse(StatusCode::FORBIDDEN, "the signature does not match the token\n");
        }
        match request.query("echostr") {
            Some(echo) if echo.len() <= MAX_ECHO => Inbound::Respond(text_response(StatusCode::OK, echo.to_owned())),
            _ => Inbound::refuse(StatusCode::BAD_REQUEST, "echostr is missing or too long\n"),
        }
    }

    /// The fields of a plain message whose sender knows the token.
    fn open_plain(&self, request: &WebhookRequest<'_>) -> Result<Fields, Box<Inbound>> {
        if !self.is_signed(request) {
            return Err(Box::new(Inbound::refuse_because(
                StatusCode::UNAUTHORIZED,
                NOT_SIGNED,
                "the signature does not hold",
            )));
        }
        let sent_s = request.query("timestamp").and_then(|it| it.parse::<i64>().ok()).unwrap_or(i64::MIN);
        if (request.now_ms / 1000).abs_diff(sent_s) > WINDOW_S.unsigned_abs() {
            return Err(Box::new(Inbound::refuse(
                StatusCode::UNAUTHORIZED,
                "the timestamp is too far from this clock\n",
            )));
        }
        xml::read(request.body).map_err(malformed)
    }

    /// The fields of an encrypted message. The envelope has to be read to find what its signature covers;
    /// nothing else of it is used.
    fn open_safe(&self, cipher: &Cipher, request: &WebhookRequest<'_>) -> Result<Fields, Box<Inbound>> {
        let unsigned = || {
            Box::new(Inbound::refuse_because(StatusCode::UNAUTHORIZED, NOT_SIGNED, "the msg_signature does not hold"))
        };
        let envelope = xml::read(request.body).map_err(|_| {
            Box::new(Inbound::refuse(StatusCode::BAD_REQUEST, "the body is not an encrypted message\n"))
        })?;
        let ciphertext = envelope.get("Encrypt").ok_or_else(unsigned)?;
        let (Some(timestamp), Some(nonce), Some(given)) =
            (request.query("timestamp"), request.query("nonce"), request.query("msg_signature"))
        else {
            return Err(unsigned());
        };
        if !wxcrypt::signature_holds(&[self.settings.token.expose(), timestamp, nonce, ciphertext], given) {
            return Err(unsigned());
        }
        let message = cipher.decrypt(ciphertext).map_err(|_| {
            let why = "the message is not encrypted with this key for this app_id: are `encoding_aes_key` and `app_id` \
                       those of the account's console?";
            Box::new(Inbound::refuse_because(StatusCode::FORBIDDEN, why, "the message is encrypted otherwise"))
        })?;
        xml::read(&message).map_err(malformed)
    }
}

const NOT_SIGNED: &str = "the signature does not hold: is `token` the one of the account's console, and its mode the one \
                          that `encoding_aes_key` is for?";

const REUSED: &str = "a signature came again with another message: somebody may have overheard one, so let the account \
                      encrypt (`encoding_aes_key`), or give the channel a `path_token`";

/// What stops the platform's repetitions, and shows the customer nothing.
fn success() -> Response<Bytes> {
    text_response(StatusCode::OK, "success")
}

fn malformed(_: xml::Malformed) -> Box<Inbound> {
    Box::new(Inbound::unreadable(success()))
}

impl Channel for WeChat {
    fn receive(&self, request: &WebhookRequest<'_>) -> Inbound {
        match *request.method {
            Method::GET => return self.handshake(request),
            Method::POST => {}
            _ => return Inbound::refuse(StatusCode::METHOD_NOT_ALLOWED, "GET and POST only\n"),
        }
        let opened = match &self.cipher {
            Some(cipher) => self.open_safe(cipher, request),
            None => self.open_plain(request),
        };
        let fields = match opened {
            Ok(fields) => fields,
            Err(inbound) => return *inbound,
        };
        if self.cipher.is_none() && fields.contains_key("Encrypt") && !fields.contains_key("MsgType") {
            let words = "the account encrypts its messages: write its EncodingAESKey as `encoding_aes_key`";
            return Inbound::acknowledged(success(), Vec::new(), 1).with(Concern::new(words));
        }
        let event = event::read(&self.id, &fields, self.settings.app_secret.is_none(), request.now_ms);
        if self.cipher.is_none()
            && let (Some(signature), Some(event)) = (request.query("signature"), &event)
            && self.overheard.is_reused(signature, event)
        {
            return Inbound::refuse_because(StatusCode::UNAUTHORIZED, REUSED, "the signature was used before");
        }
        let ignored = usize::from(event.is_none());
        Inbound::acknowledged(success(), event.into_iter().collect(), ignored)
    }

    fn signs_what_is_sent(&self) -> bool {
        self.cipher.is_some()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_length: 2048,
            unit: Unit::Bytes,
            max_caption: 0,
            per_second: 20,
            chat_gap_ms: 0,
            budget_is_final: true,
            answers_in_response: true,
        }
    }

    fn render(&self, message: &Outgoing<'_>) -> Rendered {
        if self.settings.app_secret.is_none() {
            return Rendered::Closed("the channel has no app_secret, so only the answer to a message can be sent");
        }
        if message.context.deadline_ms.is_some_and(|deadline| message.now_ms > deadline) {
            return Rendered::Closed("the time WeChat gives for replies is over");
        }
        if message.context.budget == Some(0) {
            return Rendered::Closed("all messages WeChat accepts in answer are used up");
        }
        let Some(token) = message.token else { return Rendered::Closed("there is no access token") };
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("access_token", token).finish();
        let mut body = match message.attached {
            Some(Attached::Id(id, kind)) => files::body(id, kind),
            _ => json!({ "msgtype": "text", "text": { "content": message.content.to_plain_text() } }),
        };
        body["touser"] = json!(message.chat);
        // Raw UTF-8 JSON: the platform shows `\u` escapes to the customer as they are.
        match endpoint("api_base", &self.settings.api_base, &format!("/cgi-bin/message/custom/send?{query}")) {
            // No key tells repeats apart.
            Ok(url) => Rendered::Request { request: Box::new(post(&url, &body)), uncertain: Uncertain::ResendOnce },
            Err(_) => Rendered::Closed("the access token makes no URL"),
        }
    }

    fn classify(&self, response: &Response<Bytes>, attempt: &Attempt) -> Outcome {
        let status = response.status();
        if is_temporary(status) {
            return Outcome::Retry(retry_after_ms(response.headers(), attempt.now_ms));
        }
        if !status.is_success() {
            return Outcome::Drop(reason(response, None));
        }
        match serde_json::from_slice::<ApiError>(response.body()) {
            Ok(error) => error.outcome(),
            // Not the platform's answer, so somebody between us and it.
            Err(_) => Outcome::Retry(None),
        }
    }

    fn sync_reply(&self, request: &WebhookRequest<'_>, message: &Outgoing<'_>) -> Option<Response<Bytes>> {
        // How an answer in JSON looks is documented for no account.
        if request.body.trim_ascii_start().starts_with(b"{") {
            return None;
        }
        let account = message.context.data.get("account")?.as_str()?;
        let text = message.content.to_plain_text();
        let now_s = request.now_ms / 1000;
        let reply = xml::write(&[
            ("ToUserName", Value::Text(message.chat)),
            ("FromUserName", Value::Text(account)),
            ("CreateTime", Value::Number(now_s)),
            ("MsgType", Value::Text("text")),
            ("Content", Value::Text(&text)),
        ]);
        let body = match &self.cipher {
            None => reply,
            Some(cipher) => {
                let timestamp = now_s.to_string();
                let nonce = request.query("nonce").unwrap_or_default();
                let prefix =
                    cipher.prefix(&[message.key.as_bytes(), timestamp.as_bytes(), nonce.as_bytes(), reply.as_bytes()]);
                let ciphertext = cipher.encrypt(prefix, reply.as_bytes());
                let signed = [self.settings.token.expose(), &timestamp, nonce, &ciphertext];
                xml::write(&[
                    ("Encrypt", Value::Text(&ciphertext)),
                    ("MsgSignature", Value::Text(&wxcrypt::signature(&signed))),
                    ("TimeStamp", Value::Number(now_s)),
                    ("Nonce", Value::Text(nonce)),
                ])
            }
        };
        let mut response = Response::new(Bytes::from(body));
        let xml = header::HeaderValue::from_static("text/xml; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, xml);
        Some(response)
    }

    fn find(&self, media: &Media, token: Option<&str>) -> Lies {
        let request = token.and_then(|token| files::find(&self.settings.api_base, &media.reference, token));
        request.map_or(Lies::Nowhere, |request| Lies::There(Box::new(request)))
    }

    fn fetched(&self, response: &Response<Bytes>, is_second: bool, now_ms: i64) -> Fetched {
        files::found(response, is_second, now_ms)
    }

    fn takes(&self, kind: Kind, bytes: usize) -> Takes {
        // Without the secret there is no API to upload to.
        if self.settings.app_secret.is_some() { files::takes(kind, bytes) } else { Takes::Link }
    }

    fn upload(&self, file: &File, token: Option<&str>) -> Option<Request<Bytes>> {
        files::upload(&self.settings.api_base, file, token?)
    }

    fn uploaded(&self, response: &Response<Bytes>, _attempt: &Attempt) -> Result<String, Outcome> {
        files::uploaded(response)
    }

    /// `stable_token` gives the same token to all who ask until shortly before its end, unlike `token`, where
    /// each call ends the life of the one before.
    fn token(&self, force: bool) -> Option<TokenRequest> {
        let secret = self.settings.app_secret.as_ref()?;
        let body = json!({
            "grant_type": "client_credential",
            "appid": self.settings.app_id,
            "secret": secret.expose(),
            "force_refresh": force,
        });
        Some(TokenRequest { request: post(&self.token_url, &body), parse: parse_token })
    }

    fn set_up(&self, webhook_url: &str) -> SetUp {
        let mode = if self.cipher.is_some() { "安全模式 (encrypted)" } else { "明文模式 (plain)" };
        SetUp::by_hand([
            "in the account's console, 设置与开发 → 开发接口管理 → 服务器配置 (server configuration):".to_owned(),
            format!("  URL: {webhook_url}"),
            "  Token and EncodingAESKey: those of this channel".to_owned(),
            format!("  消息加解密方式 (mode): {mode}, 数据格式 (format): XML"),
            "add this machine's public address to the IP 白名单 (white list), or no reply by the API leaves".to_owned(),
            "let the daemon run while you press 提交 (submit): WeChat asks it at once".to_owned(),
        ])
    }

    fn examine(&self, _webhook_url: Option<&str>, token: Option<&str>) -> Vec<Probe> {
        token.and_then(|token| probes::callback_check(&self.settings.api_base, token)).into_iter().collect()
    }
}

fn parse_token(body: &[u8]) -> Result<(String, u64), String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Answer {
        Token { access_token: String, expires_in: u64 },
        Refused(ApiError),
    }
    match serde_json::from_slice(body) {
        Ok(Answer::Token { access_token, expires_in }) => Ok((access_token, expires_in)),
        Ok(Answer::Refused(error)) => Err(error.to_string()),
        Err(_) => Err("the token answer is not readable".to_owned()),
    }
}

/// What every API call answers; 0 is success.
#[derive(Deserialize)]
struct ApiError {
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

impl ApiError {
    /// Source: "全局返回码" (global return codes).
    fn outcome(&self) -> Outcome {
        match self.errcode {
            0 => Outcome::Sent(None),
            // Busy.
            -1 => Outcome::Retry(None),
            // The minute's calls are used up.
            45011 => Outcome::SlowDown(60_000, None),
            // The day's are. They come back at midnight, Beijing time.
            45009 => Outcome::SlowDown(3_600_000, Some(self.to_string())),
            40001 | 40014 | 42001 => Outcome::RefreshToken,
            // The address is not on the account's list, the app id or secret is wrong, or the account is blocked.
            40164 | 40013 | 40125 | 50001 => Outcome::StopChannel(self.to_string()),
            // 45015 window over, 45047 messages used up, 40003 and 43004 not a follower, 45002 too long,
            // 48001 not allowed to this kind of account, 50002 user restricted, and what we do not know.
            _ => Outcome::Drop(self.to_string()),
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "errcode {}: {:.200}", self.errcode, self.errmsg)
    }
}

#[cfg(test)]
mod tests;
