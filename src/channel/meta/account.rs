//! What WhatsApp tells of the account itself: errors that are of no message, bans, limits, quality.

use serde_json::Value;

use super::{answer, batch::Batch};
use crate::webhook::{Concern, Hold};

/// Events that are no cause for worry.
const GOOD: [&str; 8] = [
    "APPROVED",
    "ONBOARDING",
    "REINSTATE",
    "UNFLAGGED",
    "UPGRADE",
    "VERIFIED_ACCOUNT",
    "ACCOUNT_UPDATE_SUCCESS",
    "PARTNER_ADDED",
];

/// The account is in trouble; what waits is held back where nothing can be sent.
pub fn failed(batch: &mut Batch<'_>, code: i64, title: &str) {
    let hold = answer::held_by(code).map(|time_ms| time_ms.map_or(Hold::UntilResumed, Hold::For));
    let words = format!("WhatsApp reports an error of the whole account: {code}: {}", fixed(title));
    batch.concern(Concern { hold, ..Concern::new(words) });
}

/// Tells of a change of the account's state; `None` where the field is about something else.
pub fn tell(batch: &mut Batch<'_>, field: &str, value: &str) -> Option<()> {
    let about = match field {
        "account_update" => "the WhatsApp account has another state",
        "account_alerts" => "WhatsApp has an alert for the account",
        "account_review_update" => "WhatsApp reviewed the account",
        "phone_number_quality_update" => "the number's quality, or how many people it may write to, has changed",
        _ => return None,
    };
    let value: Value = serde_json::from_str(value).ok()?;
    let told: Vec<_> = [
        &value["event"],
        &value["decision"],
        &value["current_limit"],
        &value["ban_info"]["waba_ban_state"],
        &value["violation_info"]["violation_type"],
        &value["restriction_info"][0]["restriction_type"],
        &value["alert_type"],
        &value["alert_severity"],
        &value["alert_info"]["alert_type"],
        &value["alert_info"]["alert_severity"],
    ]
    .into_iter()
    .filter_map(Value::as_str)
    .map(fixed)
    .collect();
    let is_good_news = told.first().is_some_and(|event| GOOD.contains(&event.as_str()));
    let words = format!("{about}: {}; see the account's page in WhatsApp Manager", told.join(", "));
    batch.concern(Concern { is_good_news, ..Concern::new(words) });
    Some(())
}

/// The platform's fixed words, cut short, and nothing that could be anything else.
fn fixed(words: &str) -> String {
    words.chars().filter(|it| it.is_ascii_alphanumeric() || " _-.,()".contains(*it)).take(120).collect()
}
