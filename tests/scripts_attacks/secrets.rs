//! What a store entrusts to a script stays out of logs, errors and lists, whatever goes wrong.

use bytes::Bytes;
use http::{Method, Response};

use super::Night;
use crate::harness::{eventually, platform::Platform};

/// In the settings, and through them in path, query, headers and body of a request.
const SECRET: &str = "sesame-7f3a91";

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_a_request_is_in_no_log_and_no_error_of_the_hosts() {
    let outside = Platform::answering(|request| {
        let status = if request.path().starts_with("/broken") { 500 } else { 404 };
        Response::builder().status(status).body(Bytes::from_static(b"no")).unwrap()
    })
    .await;
    let source = format!(
        "export const manifest = {{
            capabilities: ['reply', 'http:{address}', 'http:127.0.0.1:9', 'http:nowhere.invalid'],
            settings: {{ token: {{ type: 'string' }} }},
        }};
        export function message(context, message) {{
            const {{ token }} = clerk.settings;
            const request = (base) => ({{
                url: `${{base}}/broken/${{token}}?key=${{token}}`, headers: {{ authorization: `Bearer ${{token}}` }}, body: {{ token }},
            }});
            const bad = {{
                server: request('http://{address}'),
                closed: request('http://127.0.0.1:9'),
                nobody: request('https://nowhere.invalid'),
                refused: request('https://elsewhere.example'),
                plain: request('http://nowhere.invalid'),
                header: {{ url: 'http://{address}/', headers: {{ 'x-key': `${{token}}\\r\\nhost: b` }} }},
                name: {{ url: 'http://{address}/', headers: {{ [`${{token}} :`]: 'x' }} }},
                path: {{ url: `https://nowhere.invalid.example/${{token}}%2f..` }},
            }}[message.text];
            if (!bad) return;
            const answer = clerk.http(bad);
            return `= ${{answer.status}}`;
        }}",
        address = outside.address,
    );
    let lines = format!(
        "grants = [\"reply\", \"http:{}\", \"http:127.0.0.1:9\", \"http:nowhere.invalid\"]\n[keyed.settings]\ntoken = \"{SECRET}\"",
        outside.address
    );
    let night = Night::with(&[("keyed", &source, &lines)]).await;
    // Two that come back as answers, and all others as errors that nothing catches.
    assert_eq!(night.ask("server", "server").await, "= 500");
    for what in ["closed", "nobody", "refused", "plain", "header", "name", "path"] {
        night.daemon.say(what, what, what).await;
        night.told(what, |_| true).await;
    }
    let failures = night.status("keyed").await["failures"].as_u64().unwrap();
    assert!(failures >= 6, "each went wrong: {}", night.status("keyed").await);
    let mut seen = vec![("the log", night.shop.log())];
    seen.push(("the list", night.daemon.admin(Method::GET, "/v1/plugins").await.text()));
    seen.push(("its own log", night.daemon.admin(Method::GET, "/v1/plugins/keyed/logs?lines=500").await.text()));
    seen.push(("the metrics", night.daemon.admin(Method::GET, "/metrics").await.text()));
    for what in ["closed", "refused", "header", "name", "path"] {
        let told = night.shop.run(&["explain", what]);
        seen.push(("explain", String::from_utf8_lossy(&told.stdout).into_owned()));
    }
    for (place, text) in &seen {
        assert!(!text.contains(SECRET), "{place} has it: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_written_where_it_does_not_belong_is_not_shown() {
    let source = "export const manifest = { settings: { days: { type: 'integer', default: 1 }, token: { type: 'string', default: '' } } };
        export const message = () => {};";
    let night = Night::with(&[("keyed", source, "grants = [\"reply\"]")]).await;
    for lines in [
        format!("days = \"{SECRET}\""),
        format!("token = {{ value = \"{SECRET}\" }}"),
        format!("token = [\"{SECRET}\"]"),
    ] {
        night.shop.write("plugins.toml", &format!("[keyed]\ngrants = [\"reply\"]\n[keyed.settings]\n{lines}\n"));
        let reason = eventually("the refusal", async || {
            let reason = night.status("keyed").await["reason"].as_str()?.to_owned();
            let named = lines.split(' ').next().unwrap();
            reason.contains(&format!("`{named}`")).then_some(reason)
        })
        .await;
        assert!(!reason.contains(SECRET), "{reason}");
        let checked = night.shop.run(&["check"]);
        let checked =
            format!("{}{}", String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
        assert!(!checked.contains(SECRET), "{checked}");
    }
    assert!(!night.shop.log().contains(SECRET), "{}", night.shop.log());
}
