//! What the Graph API answers to a message.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;

use crate::channel::{Outcome, json_api};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    /// WhatsApp's.
    messages: Vec<Accepted>,
    /// Messenger's and Instagram's.
    message_id: Option<String>,
    error: Option<GraphError>,
}

#[derive(Deserialize)]
struct Accepted {
    id: String,
}

#[derive(Deserialize)]
struct GraphError {
    code: i64,
    error_subcode: Option<i64>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    is_transient: bool,
}

/// How long an account rests whose messages were called spam.
const HELD_MS: u64 = 600_000;

enum Verdict {
    /// Try again, after at least so many milliseconds where it is known.
    Retry(Option<u64>),
    /// The whole account is to send less: nothing for so many milliseconds.
    SlowDown(u64),
    /// The same, because of what it sent: the owner should know.
    Hold(u64),
    Drop,
    Stop,
}

/// Reads the answer by the error's code; the HTTP status decides only where the code is unknown.
pub fn read(response: &Response<Bytes>, now_ms: i64) -> Outcome {
    let told = json_api::retry_after_ms(response.headers(), now_ms);
    let status = response.status();
    let answer: Answer = serde_json::from_slice(response.body()).unwrap_or_default();
    let Some(error) = answer.error else {
        return match status {
            status if status.is_success() => {
                Outcome::Sent(answer.messages.into_iter().next().map(|it| it.id).or(answer.message_id))
            }
            status if json_api::is_temporary(status) => Outcome::Retry(told),
            StatusCode::UNAUTHORIZED => Outcome::StopChannel(json_api::reason(response, None)),
            _ => Outcome::Drop(json_api::reason(response, None)),
        };
    };
    match error.verdict(status) {
        Verdict::Retry(least) => Outcome::Retry(told.max(least)),
        Verdict::SlowDown(least) => Outcome::SlowDown(told.unwrap_or(0).max(least), None),
        Verdict::Hold(least) => Outcome::SlowDown(told.unwrap_or(0).max(least), Some(error.words(response))),
        Verdict::Drop => Outcome::Drop(error.words(response)),
        Verdict::Stop => Outcome::StopChannel(error.words(response)),
    }
}

/// What an error that comes in a webhook means for the whole account: `Some(None)` stops it until a person has mended it.
pub fn held_by(code: i64) -> Option<Option<u64>> {
    let error = GraphError { code, error_subcode: None, message: String::new(), is_transient: false };
    match error.verdict(StatusCode::BAD_REQUEST) {
        // A kind of permission there is no message without; others may be of single calls.
        Verdict::Stop if !matches!(code, 0 | 3 | 10 | 200..=299) => Some(None),
        Verdict::Hold(time_ms) | Verdict::SlowDown(time_ms) => Some(Some(time_ms)),
        _ => None,
    }
}

impl GraphError {
    /// Sources: "Error codes" of the WhatsApp Cloud API and of the Messenger Platform, "Handle errors" of the Graph API.
    fn verdict(&self, status: StatusCode) -> Verdict {
        match (self.code, self.error_subcode) {
            // Some errors of one conversation come under codes that else concern the whole account: the 24 hours
            // are over (Messenger, Instagram), the person is not available or takes no messages from the page.
            (10 | 200, Some(2_018_065 | 2_018_278 | 2_534_022 | 1_545_041 | 2_018_108)) => Verdict::Drop,
            // The account is not there for this token: no message will ever leave.
            (100, Some(33)) => Verdict::Stop,
            // Busy, or in maintenance.
            (1 | 2 | 1_200 | 131_000 | 131_016 | 131_057 | 133_004, _) => Verdict::Retry(None),
            // Too many calls of the app or the account, too many messages of the number.
            (4 | 17 | 32 | 613 | 80_007 | 130_429, _) => Verdict::SlowDown(10_000),
            // Too many to this one person: one in six seconds is always allowed.
            (131_056, _) => Verdict::Retry(Some(6_000)),
            // Too many were called spam: slow down.
            (131_048 | 131_064, _) => Verdict::Hold(HELD_MS),
            // The number was registered anew too often.
            (133_016, _) => Verdict::Retry(Some(3_600_000)),
            // No or not our permission, the token is not valid, the account is locked, blocked or not paid for, the
            // number is not registered.
            (0 | 3 | 10 | 190 | 200..=299 | 368 | 131_005 | 131_031 | 131_042 | 131_045 | 133_010, _) => Verdict::Stop,
            // A parameter, the recipient, the 24 hours (131047), the kind of message or its template.
            (
                100
                | 551
                | 131_008
                | 131_009
                | 131_021
                | 131_026
                | 131_030
                | 131_047
                | 131_049
                | 131_051
                | 132_000..=132_999,
                _,
            ) => Verdict::Drop,
            _ if self.is_transient || json_api::is_temporary(status) => Verdict::Retry(None),
            _ if status == StatusCode::UNAUTHORIZED => Verdict::Stop,
            _ => Verdict::Drop,
        }
    }

    fn words(&self, response: &Response<Bytes>) -> String {
        // What is said of a bad token may quote it.
        let words = match (self.code, self.error_subcode) {
            (190, _) => "the access token is not valid",
            (100, Some(33)) => {
                "Meta knows no such account, or the token may not use it: look at `account` and `access_token`"
            }
            _ => &self.message,
        };
        json_api::reason(response, Some(&format!("error {}: {words}", self.code)))
    }
}
