//! Where a request comes from, also behind proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use http::{HeaderMap, request::Parts};

use crate::in_force::Front;

/// The other end of the connection; the listener puts it into every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Who called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub address: IpAddr,
    /// Whether the headers of the request may speak for the caller.
    pub by_proxy: bool,
}

/// The caller of a request: the peer, or whom trusted proxies name.
pub fn caller(front: &Front, parts: &Parts) -> Caller {
    let peer = parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
    let peer = peer.to_canonical();
    if !front.trusts(peer) {
        return Caller { address: peer, by_proxy: false };
    }
    // Each proxy adds its own caller at the end; what stands before the first stranger is the stranger's word.
    let mut address = peer;
    for named in forwarded_for(&parts.headers) {
        let Ok(named) = named.parse::<IpAddr>() else { break };
        address = named.to_canonical();
        if !front.trusts(address) {
            break;
        }
    }
    Caller { address, by_proxy: true }
}

/// The addresses of `X-Forwarded-For`, the nearest first.
fn forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    lines.into_iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn called(peer: &str, forwarded: &[&str]) -> Caller {
        let trusted_proxies = ["127.0.0.0/8", "10.0.0.0/8"].map(|net| net.parse().unwrap()).to_vec();
        let mut request = Request::builder();
        for line in forwarded {
            request = request.header("x-forwarded-for", *line);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(Peer(SocketAddr::new(peer.parse().unwrap(), 1)));
        caller(&Front { trusted_proxies, public_url: None }, &parts)
    }

    #[test]
    fn a_trusted_proxy_tells_who_called_and_nobody_else_does() {
        let of = |peer: &str, forwarded: &[&str]| called(peer, forwarded).address.to_string();
        assert_eq!(of("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "a stranger's word");
        assert_eq!(of("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(of("::ffff:127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.7"]), "198.51.100.1", "the first stranger");
        assert_eq!(of("127.0.0.1", &["6.6.6.6", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &["unknown"]), "127.0.0.1");
        assert_eq!(of("127.0.0.1", &[]), "127.0.0.1");
    }
}
