//! What is sent.

use super::*;

#[test]
fn a_text_goes_to_the_accounts_messages_with_its_token() {
    let (content, context) = (Content::text("您好"), ReplyContext::default());
    let own_base = format!("{}\napi_base = \"http://127.0.0.1:1/\"\napi_version = \"v24.0\"", settings("whatsapp"));
    let (request, body) = rendered(&*channel(&own_base), &outgoing(&content, &context));
    assert_eq!(request.uri(), &*format!("http://127.0.0.1:1/v24.0/{ACCOUNT}/messages"));
    assert_eq!(
        body,
        json!({ "messaging_product": "whatsapp", "recipient_type": "individual", "to": "42", "type": "text",
            "text": { "body": "您好", "preview_url": false } })
    );
    for platform in ["messenger", "instagram"] {
        let (request, body) = rendered(&*account(platform), &outgoing(&content, &context));
        assert_eq!(request.uri(), &*format!("https://graph.facebook.com/v25.0/{ACCOUNT}/messages"));
        assert_eq!(request.headers()["authorization"], "Bearer meta-token");
        let expected =
            json!({ "recipient": { "id": "42" }, "messaging_type": "RESPONSE", "message": { "text": "您好" } });
        assert_eq!(body, expected);
    }
}

#[test]
fn a_whatsapp_answer_quotes_what_it_answers_and_a_notice_nothing() {
    let question = said("wamid.7", &json!({ "type": "text", "text": { "body": "Where is it?" } }));
    let answer = message_of(event(receive("whatsapp", &whatsapp(&json!({ "messages": [question] }))))).reply;
    let notice = ReplyContext { data: Value::Null, ..answer.clone() };
    let choice = Choice { label: "Yes".to_owned(), value: "yes".to_owned() };
    let image = Content::Image { url: "https://shop.example/1.jpg".to_owned(), caption: None };
    let choices = Content::Choices { text: "Is it?".to_owned(), choices: vec![choice] };
    for content in [Content::text("hi"), image, choices] {
        let context = |context| rendered(&*account("whatsapp"), &outgoing(&content, context)).1.get("context").cloned();
        assert_eq!(context(&answer), Some(json!({ "message_id": "wamid.7" })));
        assert_eq!(context(&notice), None);
    }
}

#[test]
fn nothing_is_sent_after_the_24_hours() {
    let content = Content::text("hi");
    for platform in ["whatsapp", "messenger", "instagram"] {
        for (deadline_ms, open) in [(None, true), (Some(NOW_MS), true), (Some(NOW_MS - 1), false)] {
            let context = ReplyContext { deadline_ms, ..ReplyContext::default() };
            let closed = matches!(account(platform).render(&outgoing(&content, &context)), Rendered::Closed(_));
            assert_eq!(closed, !open, "{platform} {deadline_ms:?}");
        }
    }
}

#[test]
fn choices_become_buttons_a_list_or_words_as_they_fit() {
    let context = ReplyContext::default();
    let choices = |count: usize, label: &str| Content::Choices {
        text: "Which?".to_owned(),
        choices: (0..count).map(|n| Choice { label: format!("{label}{n}"), value: format!("v{n}") }).collect(),
    };
    let body = |platform: &str, content: &Content| rendered(&*account(platform), &outgoing(content, &context)).1;

    let buttons = body("whatsapp", &choices(3, "Tea "));
    assert_eq!(buttons["interactive"]["type"], "button");
    let first = json!({ "type": "reply", "reply": { "id": "v0", "title": "Tea 0" } });
    assert_eq!(buttons["interactive"]["action"]["buttons"][0], first);
    assert_eq!(buttons["interactive"]["body"]["text"], "Which?");
    for content in [choices(4, "Tea "), choices(10, "Tea "), choices(2, &"x".repeat(20))] {
        let list = body("whatsapp", &content);
        assert_eq!(list["interactive"]["type"], "list", "{list}");
        let rows = &list["interactive"]["action"]["sections"][0]["rows"];
        assert_eq!(rows[0]["id"], "v0");
    }
    let twice = Choice { label: "Tea".to_owned(), value: "tea".to_owned() };
    let twice = Content::Choices { text: "Which?".to_owned(), choices: vec![twice.clone(), twice] };
    for content in [choices(11, "Tea "), choices(0, ""), choices(2, &"x".repeat(30)), twice.clone()] {
        assert_eq!(body("whatsapp", &content)["text"]["body"], content.to_plain_text());
    }

    for platform in ["messenger", "instagram"] {
        let replies = body(platform, &choices(13, "Tea "));
        let replies = &replies["message"]["quick_replies"];
        assert_eq!(replies.as_array().map(Vec::len), Some(13));
        assert_eq!(replies[0], json!({ "content_type": "text", "title": "Tea 0", "payload": "v0" }));
        for content in [choices(14, "Tea "), choices(2, &"x".repeat(20)), twice.clone()] {
            assert_eq!(body(platform, &content)["message"], json!({ "text": content.to_plain_text() }));
        }
    }
}

#[test]
fn pictures_go_by_link_with_their_caption_where_there_is_room() {
    let context = ReplyContext::default();
    let picture =
        |url: &str, caption: Option<&str>| Content::Image { url: url.to_owned(), caption: caption.map(str::to_owned) };
    let body = |platform: &str, content: &Content| rendered(&*account(platform), &outgoing(content, &context)).1;
    let url = "https://shop.example/1.jpg";
    assert_eq!(body("whatsapp", &picture(url, Some("Oolong")))["image"], json!({ "link": url, "caption": "Oolong" }));
    assert_eq!(body("whatsapp", &picture(url, None))["image"], json!({ "link": url }));
    let long = "x".repeat(1025);
    assert_eq!(body("whatsapp", &picture(url, Some(&long)))["text"]["body"], format!("{long}\n{url}"));
    assert_eq!(body("whatsapp", &picture("ftp://shop.example/1", None))["type"], "text");
    let attached = json!({ "attachment": { "type": "image", "payload": { "url": url } } });
    assert_eq!(body("messenger", &picture(url, None))["message"], attached);
    assert_eq!(body("instagram", &picture(url, Some("Oolong")))["message"]["text"], format!("Oolong\n{url}"));
    let link = Content::Link { text: "Our tea".to_owned(), url: "https://shop.example".to_owned() };
    let text = json!({ "body": "Our tea\nhttps://shop.example", "preview_url": true });
    assert_eq!(body("whatsapp", &link)["text"], text);
}

#[test]
fn files_go_by_link_as_what_they_are_where_the_platform_takes_them() {
    use crate::model::FileKind::{Audio, Document, Video};
    let context = ReplyContext::default();
    let url = "https://shop.example/a/sizes.pdf?v=2";
    let file = |kind, caption: Option<&str>| Content::File {
        kind,
        url: url.to_owned(),
        caption: caption.map(str::to_owned),
        name: None,
    };
    let body = |platform: &str, content: &Content| rendered(&*account(platform), &outgoing(content, &context)).1;
    let document = body("whatsapp", &file(Document, Some("Sizes")));
    assert_eq!(document["type"], "document");
    assert_eq!(document["document"], json!({ "link": url, "filename": "sizes.pdf", "caption": "Sizes" }));
    assert_eq!(body("whatsapp", &file(Video, None))["video"], json!({ "link": url }));
    assert_eq!(body("whatsapp", &file(Audio, None))["audio"], json!({ "link": url }));
    let words = body("whatsapp", &file(Audio, Some("Listen")));
    assert_eq!(words["text"]["body"], format!("Listen\n{url}"), "a recording has no place for words");
    let attached = json!({ "attachment": { "type": "video", "payload": { "url": url } } });
    assert_eq!(body("messenger", &file(Video, None))["message"], attached);
    for content in [file(Document, None), file(Video, Some("Look"))] {
        assert!(body("instagram", &content)["message"]["text"].as_str().is_some_and(|text| text.ends_with(url)));
    }
}
