//! Sets the platforms' side of a channel up, and asks the platforms whether all is well.

use std::{collections::VecDeque, time::Duration};

use crate::{
    channel::{Answer, Finding, Health, Probe, TokenRequest},
    egress,
    in_force::InForce,
    outbox::ChannelHandle,
    setting::web_url,
};

/// A platform that is well answers within a moment; some call us back before they do.
const PATIENCE: Duration = Duration::from_secs(20);
/// One answer leads to the next question, and no platform needs more of them.
const MOST: usize = 16;

/// What became of a channel's set-up.
pub struct SetUpReport {
    pub findings: Vec<Finding>,
    /// What is left to a person.
    pub by_hand: Vec<String>,
}

/// Where a channel's webhooks arrive, seen from outside.
///
/// # Errors
/// The URL is none that a platform could post to, in words for the operator.
pub fn webhook_url(in_force: &InForce, id: &str, public_url: &str) -> Result<String, String> {
    web_url(public_url)?;
    let base = public_url.trim_end_matches('/');
    let gate = in_force.gates.get(id).map(|gate| format!("/{}", gate.expose())).unwrap_or_default();
    Ok(format!("{base}/hooks/{id}{gate}"))
}

pub async fn set_up(handle: &ChannelHandle, webhook_url: &str) -> SetUpReport {
    let set_up = handle.channel.set_up(webhook_url);
    SetUpReport { findings: ask_all(handle, set_up.probes).await, by_hand: set_up.by_hand }
}

pub async fn examine(handle: &ChannelHandle, webhook_url: Option<&str>) -> Vec<Finding> {
    let token = match handle.channel.token(false) {
        None => None,
        Some(request) => match token(handle, request).await {
            Ok(token) => Some(token),
            Err(why) => return Answer::ill(format!("there is no access token: {why}")).findings,
        },
    };
    let mut findings = Vec::new();
    if token.is_some() {
        findings.extend(Answer::well("the platform gives an access token").findings);
    }
    findings.extend(ask_all(handle, handle.channel.examine(webhook_url, token.as_deref())).await);
    findings
}

async fn token(handle: &ChannelHandle, token: TokenRequest) -> Result<String, String> {
    let client = egress::Client::default();
    let response = client.send(token.request, handle.allow_private_targets, PATIENCE).await;
    let response = response.map_err(|error| error.to_string())?;
    (token.parse)(response.body()).map(|(token, _)| token)
}

/// Asks one after the other: what is set must be set before it is tested.
async fn ask_all(handle: &ChannelHandle, probes: Vec<Probe>) -> Vec<Finding> {
    let client = egress::Client::default();
    let mut probes: VecDeque<_> = probes.into();
    let mut findings = Vec::new();
    for _ in 0..MOST {
        let Some(Probe { request, read }) = probes.pop_front() else { break };
        let answer = match client.send(request, handle.allow_private_targets, PATIENCE).await {
            Ok(response) => read(&response),
            Err(error) => Answer::ill(format!("the platform does not answer: {error}")),
        };
        findings.extend(answer.findings);
        answer.then.into_iter().rev().for_each(|probe| probes.push_front(probe));
    }
    findings
}

/// The worst of what was found.
pub fn health(findings: &[Finding]) -> Health {
    findings.iter().map(|finding| finding.health).max().unwrap_or(Health::Well)
}
