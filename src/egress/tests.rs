use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use proptest::prelude::*;

use super::*;

const WAIT: Duration = Duration::from_secs(20);

/// A server that handles each connection with `handle`, in a thread of its own, and counts them.
fn server(handle: impl Fn(TcpStream) + Clone + Send + 'static) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let handle = handle.clone();
            thread::spawn(move || handle(stream.unwrap()));
        }
    });
    (port, connections)
}

/// Reads requests without bodies one after the other, and answers each with `answer`.
fn answer_all(mut stream: TcpStream, answer: &str) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..read]);
        if seen.ends_with(b"\r\n\r\n") {
            seen.clear();
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// Reads until the client hangs up, and never says a word.
fn say_nothing(mut stream: TcpStream) {
    let _ = stream.read_to_end(&mut Vec::new());
}

fn response(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn get(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn an_allowed_private_target_is_reached_and_its_connection_kept() {
    let (port, connections) = server(|stream| answer_all(stream, &response("hello")));
    let client = Client::default();
    for _ in 0..3 {
        let answer = client.send(get(&format!("http://127.0.0.1:{port}/a")), true, WAIT).await.unwrap();
        assert_eq!(answer.body(), "hello");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_private_target_is_refused_however_it_is_written() {
    let (port, connections) = server(|stream| answer_all(stream, &response("inside")));
    let client = Client::default();
    // Even with a connection to the very server in the other pool.
    client.send(get(&format!("http://localhost:{port}/")), true, WAIT).await.unwrap();
    let before = connections.load(Ordering::SeqCst);
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "[ff02::1]",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/token/secret?key=secret");
            let error = client.send(get(&url), false, WAIT).await.unwrap_err();
            // Some spellings are no name that TLS would take.
            assert!(matches!(error, Error::Refused(_) | Error::NotSent(_)), "{url}: {error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
    assert_eq!(connections.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn only_http_urls_with_a_host_are_targets() {
    let client = Client::default();
    for url in ["ftp://example.com/", "unix://socket/", "/path", "example.com:443"] {
        let error = client.send(get(url), true, WAIT).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_refused_connection_was_surely_not_sent() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = Client::default().send(get(&format!("http://127.0.0.1:{port}/s3cret")), true, WAIT).await.unwrap_err();
    assert!(matches!(error, Error::NotSent(_)), "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

#[tokio::test]
async fn a_handshake_that_never_ends_was_surely_not_sent() {
    let (port, _) = server(say_nothing);
    let short = Duration::from_millis(200);
    let error = Client::default().send(get(&format!("https://127.0.0.1:{port}/")), true, short).await.unwrap_err();
    assert!(matches!(error, Error::NotSent(_)), "{error}");
}

#[tokio::test]
async fn silence_after_the_request_is_uncertain() {
    let (port, _) = server(say_nothing);
    let short = Duration::from_millis(200);
    let error = Client::default().send(get(&format!("http://127.0.0.1:{port}/?t=s3cret")), true, short).await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::Uncertain(_)), "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

#[tokio::test]
async fn a_connection_cut_after_the_request_is_uncertain() {
    let (port, _) = server(|mut stream| {
        let mut buffer = [0; 1024];
        let _ = stream.read(&mut buffer);
    });
    let error = Client::default().send(get(&format!("http://127.0.0.1:{port}/")), true, WAIT).await.unwrap_err();
    assert!(matches!(error, Error::Uncertain(_)), "{error}");
}

#[tokio::test]
async fn a_body_that_stops_midway_is_uncertain() {
    let (port, _) = server(|mut stream| {
        let mut buffer = [0; 1024];
        let _ = stream.read(&mut buffer);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        let _ = stream.read(&mut buffer);
    });
    let short = Duration::from_millis(200);
    let error = Client::default().send(get(&format!("http://127.0.0.1:{port}/")), true, short).await.unwrap_err();
    assert!(matches!(error, Error::Uncertain(_)), "{error}");
}

#[tokio::test]
async fn an_answer_beyond_the_cap_is_not_read() {
    let (port, _) = server(|stream| answer_all(stream, &response(&"x".repeat(4097))));
    let client = Client::new(EgressSettings { max_response: 4096, ..EgressSettings::default() });
    let error = client.send(get(&format!("http://127.0.0.1:{port}/")), true, WAIT).await.unwrap_err();
    assert_eq!(error, Error::TooLarge { host: "127.0.0.1".to_owned(), limit: 4096 });
}

#[tokio::test]
async fn a_redirect_is_handed_back_and_not_followed() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let (port, _) = server(move |stream| answer_all(stream, redirect));
    let answer = Client::default().send(get(&format!("http://127.0.0.1:{port}/")), true, WAIT).await.unwrap();
    assert_eq!(answer.status(), 302);
}

#[test]
fn well_known_addresses_are_told_apart() {
    for public in ["1.1.1.1", "149.154.167.220", "100.63.255.255", "100.128.0.0", "172.32.0.1", "2606:4700::1111"] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
    for inside in [
        "0.1.2.3",
        "100.127.255.255",
        "172.16.0.1",
        "192.0.0.8",
        "198.19.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::ffff:10.0.0.1",
        "::ffff:0:10.0.0.1",
        "2002:a00:1::1",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "fec0::1",
    ] {
        assert!(!is_public(inside.parse().unwrap()), "{inside}");
    }
    assert!(is_public("::ffff:1.1.1.1".parse().unwrap()));
    assert!(is_public("64:ff9b::101:101".parse().unwrap()));
}

proptest! {
    /// Networks given as base and length, tested against a plain mask.
    #[test]
    fn no_address_of_an_inner_network_is_public(bits in any::<u32>(), network in 0usize..15) {
        let networks: [(u32, u32); 15] = [
            (0x0000_0000, 8), (0x0a00_0000, 8), (0x6440_0000, 10), (0x7f00_0000, 8), (0xa9fe_0000, 16),
            (0xac10_0000, 12), (0xc000_0000, 24), (0xc000_0200, 24), (0xc058_6300, 24), (0xc0a8_0000, 16),
            (0xc612_0000, 15), (0xc633_6400, 24), (0xcb00_7100, 24), (0xe000_0000, 4), (0xf000_0000, 4),
        ];
        let (base, length) = networks[network];
        let address = Ipv4Addr::from(base | (bits & (u32::MAX >> length)));
        prop_assert!(!is_public(IpAddr::V4(address)), "{address}");
        let inside = networks.iter().any(|&(base, length)| (bits ^ base) >> (32 - length) == 0);
        prop_assert_eq!(is_public(IpAddr::V4(Ipv4Addr::from(bits))), !inside);
    }

    #[test]
    fn an_ipv4_address_in_ipv6_dress_is_judged_as_itself(bits in any::<u32>()) {
        let v4 = Ipv4Addr::from(bits);
        prop_assert_eq!(is_public(IpAddr::V6(v4.to_ipv6_mapped())), is_public(IpAddr::V4(v4)));
        let sixto4 = Ipv6Addr::from((0x2002_u128 << 112) | (u128::from(bits) << 80) | 7);
        prop_assert_eq!(is_public(IpAddr::V6(sixto4)), is_public(IpAddr::V4(v4)));
        let nat64 = Ipv6Addr::from((0x0064_ff9b_u128 << 96) | u128::from(bits));
        prop_assert_eq!(is_public(IpAddr::V6(nat64)), is_public(IpAddr::V4(v4)));
    }

    #[test]
    fn nothing_local_in_ipv6_is_public(bits in any::<u128>()) {
        for (base, length) in [(0xfc00_u128, 7), (0xfe80, 10), (0xfec0, 10), (0xff00, 8)] {
            let address = Ipv6Addr::from((base << 112) | (bits & (u128::MAX >> length)));
            prop_assert!(!is_public(IpAddr::V6(address)), "{address}");
        }
    }
}
