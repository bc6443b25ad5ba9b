//! The way out for questions that decisions wait for: bounded, per host, and off the lanes.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http::{Request, Response};
use tokio::sync::Semaphore;

use crate::{
    egress,
    inbox::Outside,
    model::{OutsideQuestion, Reply},
};

/// From taking a turn to the last byte of the answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Questions to one host at once; more wait for their turn.
const AT_ONCE: usize = 16;
/// Hosts that are remembered; beyond, those that do well are forgotten.
const HOSTS: usize = 1024;
/// Failures in a row after which a host is not asked for a while.
const FAILURES: u32 = 5;
/// How long it is not asked the first time; twice as long each time after, up to the last.
const FIRST_REST: Duration = Duration::from_secs(10);
const LAST_REST: Duration = Duration::from_secs(300);

/// Asks over the daemon's one HTTP client.
pub struct OutsideWorld {
    client: egress::Client,
    hosts: Arc<Mutex<Hosts>>,
}

/// The hosts that were asked, by name and port.
#[derive(Default)]
struct Hosts(HashMap<String, Host>);

/// How a host has done.
struct Host {
    turns: Arc<Semaphore>,
    failures: u32,
    rests: u32,
    resting_until: Option<Instant>,
}

impl OutsideWorld {
    pub fn new(client: egress::Client) -> Self {
        Self { client, hosts: Arc::default() }
    }
}

impl Outside for OutsideWorld {
    fn ask(&self, question: OutsideQuestion) -> BoxFuture<'static, Reply> {
        let (client, hosts) = (self.client.clone(), self.hosts.clone());
        async move {
            match ask(&client, &hosts, question).await {
                Ok(response) => reply(response),
                Err(why) => Reply::Failed(why),
            }
        }
        .boxed()
    }
}

async fn ask(
    client: &egress::Client,
    hosts: &Mutex<Hosts>,
    question: OutsideQuestion,
) -> Result<Response<Bytes>, String> {
    let request = request(question)?;
    let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let turns = lock(hosts).turns_at(&host, Instant::now())?;
    let deadline = tokio::time::Instant::now() + TIMEOUT;
    let Ok(Ok(_turn)) = tokio::time::timeout_at(deadline, turns.acquire()).await else {
        return Err(format!("{host} has too many questions to answer"));
    };
    // Names are resolved and checked; only a loopback address that was granted literally may be private.
    let name = request.uri().host().unwrap_or_default().trim_matches(['[', ']']);
    let allow_private = name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let left = deadline.saturating_duration_since(tokio::time::Instant::now());
    let result = client.send(request, allow_private, left).await;
    let well = result.as_ref().is_ok_and(|response| !response.status().is_server_error());
    lock(hosts).note(&host, well, Instant::now());
    result.map_err(|error| error.to_string())
}

fn request(question: OutsideQuestion) -> Result<Request<Bytes>, String> {
    let mut request = Request::builder().method(question.method.as_str()).uri(&question.url);
    for (name, value) in &question.headers {
        request = request.header(name, value.as_slice());
    }
    request.body(question.body).map_err(|error| error.to_string())
}

fn reply(response: Response<Bytes>) -> Reply {
    let (parts, body) = response.into_parts();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    Reply::Response { status: parts.status.as_u16(), headers, body }
}

impl Hosts {
    /// A host that rests is not asked. When its rest is over one failure is enough for the next.
    fn turns_at(&mut self, host: &str, now: Instant) -> Result<Arc<Semaphore>, String> {
        if self.0.len() >= HOSTS && !self.0.contains_key(host) {
            self.0.retain(|_, host| host.failures > 0);
        }
        let known = self.0.entry(host.to_owned()).or_insert_with(|| Host {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            failures: 0,
            rests: 0,
            resting_until: None,
        });
        match known.resting_until {
            Some(until) if until > now => {
                let seconds = until.duration_since(now).as_secs() + 1;
                Err(format!("{host} did not answer {FAILURES} times and is asked again in {seconds} s"))
            }
            _ => Ok(known.turns.clone()),
        }
    }

    fn note(&mut self, host: &str, well: bool, now: Instant) {
        let Some(known) = self.0.get_mut(host) else { return };
        if well {
            (known.failures, known.rests, known.resting_until) = (0, 0, None);
            return;
        }
        known.failures = known.failures.saturating_add(1);
        if known.failures >= FAILURES && known.resting_until.is_none_or(|until| until <= now) {
            let rest = FIRST_REST.saturating_mul(2_u32.saturating_pow(known.rests)).min(LAST_REST);
            known.rests = known.rests.saturating_add(1);
            known.resting_until = Some(now + rest);
            tracing::warn!(
                host,
                seconds = rest.as_secs(),
                "a host does not answer plugins and is left alone for a while"
            );
        }
    }
}

fn lock(hosts: &Mutex<Hosts>) -> MutexGuard<'_, Hosts> {
    hosts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_does_not_answer_is_left_alone_longer_each_time_and_forgiven_by_one_answer() {
        let mut hosts = Hosts::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for _ in 0..FAILURES {
            assert!(hosts.turns_at("slow.example", start).is_ok());
            hosts.note("slow.example", false, start);
        }
        assert!(hosts.turns_at("slow.example", at(9)).is_err());
        assert!(hosts.turns_at("other.example", at(9)).is_ok(), "others are asked meanwhile");
        assert!(hosts.turns_at("slow.example", at(10)).is_ok());
        hosts.note("slow.example", false, at(10));
        assert!(hosts.turns_at("slow.example", at(29)).is_err(), "twice as long");
        assert!(hosts.turns_at("slow.example", at(30)).is_ok());
        hosts.note("slow.example", true, at(30));
        hosts.note("slow.example", false, at(31));
        assert!(hosts.turns_at("slow.example", at(31)).is_ok());
    }

    #[test]
    fn what_is_remembered_of_hosts_has_a_bound() {
        let mut hosts = Hosts::default();
        for number in 0..5 * HOSTS {
            hosts.turns_at(&format!("h{number}.example"), Instant::now()).unwrap();
        }
        assert!(hosts.0.len() <= HOSTS);
    }
}
