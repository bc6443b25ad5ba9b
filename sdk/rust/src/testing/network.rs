//! Calls to the outside on the bench: answered from what the test said, if the daemon would let them out.

use std::collections::BTreeMap;

use super::{grants::Grants, limits::LIMITS};
use crate::{HttpRequest, HttpResponse};

#[derive(Default)]
pub struct Network {
    /// By URL.
    pub answers: BTreeMap<String, HttpResponse>,
    pub fetches: u32,
}

impl Network {
    pub fn send(&mut self, request: &HttpRequest, grants: &Grants) -> Result<HttpResponse, String> {
        permit(request, grants)?;
        if self.fetches >= LIMITS.fetches {
            return Err(format!("one call may fetch {} times", LIMITS.fetches));
        }
        self.fetches += 1;
        let found = self.answers.get(&request.url).cloned();
        let answer = found.ok_or_else(|| format!("nobody answers at {}", request.url))?;
        match answer.body.len() {
            bytes if bytes > LIMITS.fetched_bytes => {
                Err(format!("the answer has {bytes} bytes; {} are allowed", LIMITS.fetched_bytes))
            }
            _ => Ok(answer),
        }
    }
}

/// Whether a request may be sent where it goes, in the daemon's words.
fn permit(request: &HttpRequest, grants: &Grants) -> Result<(), String> {
    let Some((scheme, rest)) = request.url.split_once("://") else {
        return Err("the URL is not absolute".to_owned());
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err("the URL holds a user name".to_owned());
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let authority = authority.to_ascii_lowercase();
    let host = if scheme == "https" { authority.strip_suffix(":443").unwrap_or(&authority) } else { &authority };
    if let Err(why) = grants.permit(&format!("http:{host}")) {
        check_path(path)?;
        grants.permit(&format!("http:{host}{}", path.strip_suffix('/').unwrap_or(path))).map_err(|_| why)?;
    }
    let loopback = host.starts_with("127.") && host.contains(':');
    if scheme != "https" && !(scheme == "http" && loopback) {
        return Err("only https is allowed".to_owned());
    }
    let method = request.method.as_str();
    if !matches!(method, "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE") {
        return Err(format!("the method {method} is not allowed"));
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), String> {
    let segments = path.strip_prefix('/').unwrap_or(path);
    let segments = segments.strip_suffix('/').unwrap_or(segments);
    let encoded = |segment: &str| ["%2e", "%2f", "%5c", "%25", "%00"].iter().any(|it| segment.contains(it));
    let wrong = |segment: &&str| {
        let lower = segment.to_ascii_lowercase();
        segment.is_empty() || matches!(*segment, "." | "..") || encoded(&lower) || segment.contains('\\')
    };
    match segments.split('/').any(|segment| !segments.is_empty() && wrong(&segment)) {
        true => Err("the path has a segment that could mean another place".to_owned()),
        false => Ok(()),
    }
}
