use bytes::Bytes;

use super::*;
use crate::{
    channel::{Attached, Fetched, File, Lies, Outcome, Outgoing, Takes},
    model::{FileKind, FileName},
    pictures::Kind,
};

fn picture() -> File {
    File { kind: Kind::Jpeg, bytes: Bytes::from_static(b"\xff\xd8\xff"), name: None }
}

#[test]
fn what_a_customer_sent_on_whatsapp_lies_behind_two_requests() {
    let whatsapp = account("whatsapp");
    let media = |reference: &str| Media::new("image", reference);
    let Lies::There(request) = whatsapp.find(&media("77"), None) else { panic!("it can be fetched") };
    assert_eq!(request.uri(), "https://graph.facebook.com/v25.0/77");
    assert_eq!(request.headers()["authorization"], "Bearer meta-token");
    let found = answer(200, r#"{"url":"https://lookaside.fbsbx.com/1?mid=77","mime_type":"image/jpeg","id":"77"}"#);
    match whatsapp.fetched(&found, false, NOW_MS) {
        Fetched::At(next) => {
            assert_eq!(next.uri(), "https://lookaside.fbsbx.com/1?mid=77");
            assert_eq!(next.headers()["authorization"], "Bearer meta-token");
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(whatsapp.fetched(&found, true, NOW_MS), Fetched::Whole));
    assert!(matches!(whatsapp.find(&media("../me"), None), Lies::Nowhere), "an id leads nowhere else");
    assert!(matches!(account("messenger").find(&media("77"), None), Lies::Nowhere));
}

#[test]
fn whatsapp_takes_what_was_uploaded() {
    let whatsapp = account("whatsapp");
    let request = whatsapp.upload(&picture(), None).unwrap();
    assert_eq!(request.uri().path(), format!("/v25.0/{ACCOUNT}/media"));
    let body = String::from_utf8_lossy(request.body()).into_owned();
    for field in ["name=\"messaging_product\"\r\n\r\nwhatsapp", "name=\"type\"\r\n\r\nimage/jpeg", "name=\"file\"; "] {
        assert!(body.contains(field), "{body}");
    }
    assert_eq!(whatsapp.uploaded(&answer(200, r#"{"id":"4490"}"#), &ATTEMPT), Ok("4490".to_owned()));
    assert_eq!(whatsapp.uploaded(&answer(503, ""), &ATTEMPT), Err(Outcome::Retry(None)));
    let context = ReplyContext::default();
    let caption = Some("this one?".to_owned());
    let content = Content::Image { url: String::new(), caption };
    let attached = Some(Attached::Id("4490", Kind::Jpeg));
    let (_, body) = rendered(&*whatsapp, &Outgoing { attached, ..outgoing(&content, &context) });
    assert_eq!((&body["type"], &body["image"]), (&json!("image"), &json!({ "id": "4490", "caption": "this one?" })));
    let attached = Some(Attached::Id("4491", Kind::Pdf));
    let (_, body) = rendered(&*whatsapp, &Outgoing { attached, ..outgoing(&content, &context) });
    assert_eq!(body["document"], json!({ "id": "4491", "caption": "this one?", "filename": "file.pdf" }));
    let (kind, name) = (FileKind::Document, FileName::of("发票.pdf"));
    let content = Content::File { kind, url: String::new(), caption: None, name };
    let (_, body) = rendered(&*whatsapp, &Outgoing { attached, ..outgoing(&content, &context) });
    assert_eq!(body["document"], json!({ "id": "4491", "filename": "发票.pdf" }));
}

#[test]
fn messenger_takes_a_file_in_the_message_and_instagram_its_address() {
    let (content, context) = (Content::Image { url: String::new(), caption: None }, ReplyContext::default());
    let file = picture();
    let message = Outgoing { attached: Some(Attached::File(&file)), ..outgoing(&content, &context) };
    let crate::channel::Rendered::Request { request, .. } = account("messenger").render(&message) else {
        panic!("it is sent")
    };
    assert_eq!(request.headers()["authorization"], "Bearer meta-token");
    let body = String::from_utf8_lossy(request.body()).into_owned();
    for field in [
        "name=\"recipient\"\r\n\r\n{\"id\":\"42\"}",
        "name=\"messaging_type\"\r\n\r\nRESPONSE",
        "name=\"message\"\r\n\r\n{\"attachment\":{\"payload\":{},\"type\":\"image\"}}",
        "name=\"filedata\"; filename=\"picture.jpg\"\r\ncontent-type: image/jpeg",
    ] {
        assert!(body.contains(field), "{body}");
    }
    assert_eq!(account("messenger").takes(Kind::Pdf, 1), Takes::Inside);
    assert_eq!(account("instagram").takes(Kind::Png, 1), Takes::Address);
    assert_eq!(account("instagram").takes(Kind::Pdf, 1), Takes::Link);
}
