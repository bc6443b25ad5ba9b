//! The console, as far as it takes no browser: who comes in, who may what, and what is written down.

use crate::harness::{
    Daemon, Shop,
    desk::{Colleague, PASSWORD, PEOPLE, invited, staff},
    eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use bytes::Bytes;
use http::{Method, StatusCode};

async fn staffed() -> (Shop, Daemon, Platform) {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    staff(&shop);
    let daemon = shop.start().await;
    (shop, daemon, platform)
}

const ANA: &str = "/console/conversations/shop/ana";

async fn said_to(platform: &Platform, chat: &str, words: &str) -> usize {
    replies(&platform.received()).into_iter().filter(|(to, text)| to == chat && text == words).count()
}

/// The words for what was done, of the audit page.
async fn audit(owner: &Colleague, daemon: &Daemon) -> String {
    owner.get(daemon, "/console/audit").await.text()
}

#[tokio::test]
async fn nobody_sees_anything_who_is_not_signed_in() {
    let (_shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    let stranger = Colleague::stranger(&daemon);
    for path in [
        "/console/",
        "/console/conversations",
        ANA,
        "/console/tickets",
        "/console/mail",
        "/console/audit",
        "/console/people",
        "/console/explain/1",
        "/console/now",
        "/console/pictures/a/b.png",
    ] {
        let answer = stranger.get(&daemon, path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.headers["location"].to_str().unwrap().starts_with("/console/sign-in"), "{path}");
    }
    let answer = stranger.post(&daemon, &format!("{ANA}/take"), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(daemon.get("/console/").await.unwrap().status, StatusCode::NOT_FOUND, "not on the public side");
}

#[tokio::test]
async fn a_link_is_good_once_and_the_password_lets_in_after_it() {
    let (shop, daemon, _platform) = staffed().await;
    let first = invited(&shop, "mei");
    let second = invited(&shop, "mei");
    let path = |link: &str| link.split_once("/console/").map(|(_, rest)| format!("/console/{rest}")).unwrap();
    let stranger = Colleague::stranger(&daemon);
    assert_eq!(stranger.get(&daemon, &path(&first)).await.status, StatusCode::NOT_FOUND, "a newer one took its place");
    assert_eq!(stranger.get(&daemon, &path(&second)).await.status, StatusCode::OK);
    let choose = async |password, again| {
        stranger.post(&daemon, &path(&second), &[("password", password), ("again", again)]).await
    };
    assert_eq!(choose("short", "short").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(choose(PASSWORD, "something else").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(choose(PASSWORD, PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(choose("another password", "another password").await.status, StatusCode::NOT_FOUND, "used up");
    let mut mei = Colleague::stranger(&daemon);
    let sign_in = async |name, password| {
        Colleague::stranger(&daemon).post(&daemon, "/console/sign-in", &[("name", name), ("password", password)]).await
    };
    let right = sign_in("mei", PASSWORD).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    let cookie = right.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
    mei.keep(&right);
    assert_eq!(mei.get(&daemon, "/console/").await.status, StatusCode::OK);
    // Whether there is somebody of a name shows in nothing.
    let (wrong, nobody) = (sign_in("mei", "another password").await, sign_in("nobody", PASSWORD).await);
    assert_eq!((wrong.status, nobody.status), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
    assert_eq!(wrong.text().replace("mei", ""), nobody.text().replace("nobody", ""));
    assert!(!shop.log().contains(PASSWORD));
    let unknown = shop.run(&["console", "invite", "nobody"]);
    assert!(!unknown.status.success());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no [[person]] `nobody` in store.toml"));
}

#[tokio::test]
async fn whoever_guesses_is_made_to_wait() {
    let (_shop, daemon, _platform) = staffed().await;
    let stranger = Colleague::stranger(&daemon);
    let mut answers = Vec::new();
    for _ in 0..25 {
        answers.push(stranger.post(&daemon, "/console/sign-in", &[("token", "a guess")]).await);
    }
    assert!(answers.iter().any(|it| it.status == StatusCode::FORBIDDEN));
    let last = answers.last().unwrap();
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_session_ends_when_it_is_told_to_and_when_its_person_leaves() {
    let (shop, daemon, _platform) = staffed().await;
    let (mei, li) = (Colleague::joined(&shop, &daemon, "mei").await, Colleague::joined(&shop, &daemon, "li").await);
    let mut elsewhere = Colleague::stranger(&daemon);
    let answer = elsewhere.post(&daemon, "/console/sign-in", &[("name", "mei"), ("password", PASSWORD)]).await;
    elsewhere.keep(&answer);
    let is_in = async |who: &Colleague| who.get(&daemon, "/console/more").await.status == StatusCode::OK;
    assert!(is_in(&mei).await && is_in(&elsewhere).await && is_in(&li).await);
    mei.submit(&daemon, "/console/sign-out", &[("everywhere", "yes")]).await;
    assert!(!is_in(&mei).await && !is_in(&elsewhere).await);
    assert!(is_in(&li).await, "somebody else");
    // Sessions outlive a restart, and not their person.
    drop(daemon);
    let daemon = shop.start().await;
    let li = Colleague { cookie: li.cookie, ..Colleague::stranger(&daemon) };
    assert_eq!(li.get(&daemon, "/console/more").await.status, StatusCode::OK);
    let without = PEOPLE.replace("name = \"li\"", "name = \"lin\"");
    assert_ne!(without, PEOPLE);
    shop.write("store.toml", &without);
    assert!(shop.run(&["reload"]).status.success());
    assert_eq!(li.get(&daemon, "/console/more").await.status, StatusCode::SEE_OTHER);
    let answer =
        Colleague::stranger(&daemon).post(&daemon, "/console/sign-in", &[("name", "li"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_form_of_another_site_or_of_nobodys_changes_nothing() {
    let (shop, daemon, platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    let token = mei.form_token(&daemon).await;
    let fields = [("form-token", token.as_str()), ("text", "words of another site")];
    let own = format!("http://{}", daemon.admin);
    let say = format!("{ANA}/say");
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(mei.post_from(&daemon, origin, &say, &fields).await.status, StatusCode::FORBIDDEN, "{origin}");
    }
    for token in ["", "0000", &token[1..]] {
        let fields = [("form-token", token), ("text", "words of another site")];
        assert_eq!(mei.post_from(&daemon, &own, &say, &fields).await.status, StatusCode::FORBIDDEN, "{token}");
    }
    // A token of one session is none of another.
    let li = Colleague::joined(&shop, &daemon, "li").await;
    assert_eq!(li.post_from(&daemon, &own, &say, &fields).await.status, StatusCode::FORBIDDEN);
    let answer =
        mei.post_from(&daemon, &own, &say, &[("form-token", token.as_str()), ("text", "words of her own")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    eventually("her answer", async || (said_to(&platform, "ana", "words of her own").await == 1).then_some(())).await;
    assert_eq!(said_to(&platform, "ana", "words of another site").await, 0);
}

#[tokio::test]
async fn an_answer_of_the_console_reaches_the_customer_once_however_often_its_form_is_sent() {
    let (shop, daemon, platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    assert!(mei.get(&daemon, ANA).await.text().contains("hello"));
    assert_eq!(mei.submit(&daemon, &format!("{ANA}/take"), &[]).await.status, StatusCode::SEE_OTHER);
    let fields = [("text", "Your tea\r\nis on its way."), ("once", "0e6cf0dc-6e8a-4a3c-9f43-7f3e59c9d7a1")];
    for _ in 0..3 {
        assert_eq!(mei.submit(&daemon, &format!("{ANA}/say"), &fields).await.status, StatusCode::SEE_OTHER);
    }
    let words = "Your tea\nis on its way.";
    eventually("her answer", async || (said_to(&platform, "ana", words).await > 0).then_some(())).await;
    eventually("all is delivered", async || daemon.status().await["mail"].as_array().unwrap().is_empty().then_some(()))
        .await;
    assert_eq!(said_to(&platform, "ana", words).await, 1);
    let page = mei.get(&daemon, ANA).await.text();
    assert!(
        page.contains("Yours") && page.contains("You took") || page.contains("Mei took the conversation"),
        "{page}"
    );
    // And the clerk goes on when she gives it back.
    mei.submit(&daemon, &format!("{ANA}/return"), &[]).await;
    assert!(mei.get(&daemon, ANA).await.text().contains(">Clerk<"));
}

#[tokio::test]
async fn of_two_who_grab_one_conversation_one_has_it_and_the_other_hears_who() {
    let (shop, daemon, platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    let (mei, li) = (Colleague::joined(&shop, &daemon, "mei").await, Colleague::joined(&shop, &daemon, "li").await);
    let take = format!("{ANA}/take");
    let (first, second) = tokio::join!(mei.submit(&daemon, &take, &[]), li.submit(&daemon, &take, &[]));
    let (winner, loser) = match (first.status, second.status) {
        (StatusCode::SEE_OTHER, StatusCode::CONFLICT) => ("Mei", second),
        (StatusCode::CONFLICT, StatusCode::SEE_OTHER) => ("Li", first),
        other => panic!("{other:?}"),
    };
    assert!(loser.text().contains(&format!("{winner} has this already")), "{}", loser.text());
    // Nor does the other's answer reach the customer, and their words are there still.
    let other = if winner == "Mei" { &li } else { &mei };
    let answer = other.submit(&daemon, &format!("{ANA}/say"), &[("text", "me too")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains(">me too</textarea>"));
    assert_eq!(said_to(&platform, "ana", "me too").await, 0);
}

#[tokio::test]
async fn a_role_allows_what_it_says_and_nothing_more() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "this is a complaint, the cup is broken").await;
    let wu = Colleague::joined(&shop, &daemon, "wu").await;
    for path in
        ["/console/conversations", ANA, "/console/mail", "/console/audit", "/console/people", "/console/explain/1"]
    {
        assert_eq!(wu.get(&daemon, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for deed in ["take", "say", "transfer"] {
        let answer = wu.submit(&daemon, &format!("{ANA}/{deed}"), &[("text", "x"), ("to", "sales")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{deed}");
        assert!(!answer.text().contains("broken"), "a refusal shows nothing of the conversation");
    }
    let answer = wu.submit(&daemon, "/console/people/wu/invite", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(wu.get(&daemon, "/console/tickets").await.status, StatusCode::OK, "what the role has");
    let boss = Colleague::joined(&shop, &daemon, "boss").await;
    for path in ["/console/conversations", ANA, "/console/audit", "/console/people"] {
        assert_eq!(boss.get(&daemon, path).await.status, StatusCode::OK, "{path}");
    }
    let link = boss.submit(&daemon, "/console/people/mei/invite", &[]).await.text();
    assert!(link.contains("/console/join/"), "{link}");
}

#[tokio::test]
async fn every_look_and_every_deed_is_in_the_audit_without_a_customers_words() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "where is my jasmine").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    mei.get(&daemon, ANA).await;
    mei.submit(&daemon, &format!("{ANA}/take"), &[]).await;
    mei.submit(&daemon, &format!("{ANA}/say"), &[("text", "It leaves today.")]).await;
    mei.submit(&daemon, &format!("{ANA}/tag"), &[("tag", "jasmine-lover")]).await;
    let owner = Colleague::owner(&daemon).await;
    let page = audit(&owner, &daemon).await;
    for what in ["Invited", "Signed in", "Looked at", "Took", "Answered", "Tagged"] {
        assert!(page.contains(&format!("<span>{what}</span>")), "{what}: {page}");
    }
    assert!(page.contains("<strong>Mei</strong>") && page.contains("href=\"/console/conversations/shop/ana\""));
    assert!(!page.contains("where is my") && !page.contains("leaves today"));
    // In Chinese every word of a row is.
    assert!(shop.run(&["conversation", "return", "shop", "ana", "--by", "li"]).status.success());
    let headers = [("cookie", owner.cookie.as_str()), ("accept-language", "zh")];
    let url = format!("{}/console/audit", owner.base);
    let page = daemon.call(Method::GET, &url, &headers, Bytes::new()).await.unwrap().text();
    for words in ["<strong>自称 Li</strong>", "<span>邀请登录</span>", "<span>交回</span>"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("said to be") && !page.contains("invitation"), "{page}");
    // Forgotten, that something was done is known, and not with whom.
    let forgotten = daemon.admin(Method::DELETE, "/v1/customers/shop/ana").await;
    assert_eq!(forgotten.status, StatusCode::OK, "{}", forgotten.text());
    let page = audit(&owner, &daemon).await;
    assert!(page.contains("Looked at"), "{page}");
    assert!(!page.contains("/console/conversations/shop/ana"), "{page}");
}

#[tokio::test]
async fn tickets_are_taken_and_closed() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "I want to complain! My parcel never arrived!").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    let tickets = daemon.admin(Method::GET, "/v1/tickets").await.json();
    let id = tickets[0]["id"].as_str().expect("a ticket").to_owned();
    let first = mei.get(&daemon, "/console/").await.text();
    assert!(
        first.contains("<li class=\"card talks urgent\"><a class=\"talk\" href=\"/console/conversations/shop/ana\""),
        "{first}"
    );
    assert_eq!(mei.submit(&daemon, &format!("/console/tickets/{id}/take"), &[]).await.status, StatusCode::SEE_OTHER);
    assert!(mei.get(&daemon, "/console/tickets").await.text().contains("<span class=\"badge\">Mei</span>"));
    assert_eq!(mei.submit(&daemon, &format!("/console/tickets/{id}/close"), &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!mei.get(&daemon, "/console/tickets").await.text().contains(&id));
    let again = mei.submit(&daemon, &format!("/console/tickets/{id}/close"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn of_two_who_take_one_ticket_one_has_it_and_whoever_means_to_takes_it_over() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "The cup arrived damaged").await;
    let (mei, li) = (Colleague::joined(&shop, &daemon, "mei").await, Colleague::joined(&shop, &daemon, "li").await);
    let owner = async || daemon.admin(Method::GET, "/v1/tickets").await.json()[0]["owner"].clone();
    let id = daemon.admin(Method::GET, "/v1/tickets").await.json()[0]["id"].as_str().unwrap().to_owned();
    let take = format!("/console/tickets/{id}/take");
    let (first, second) = tokio::join!(mei.submit(&daemon, &take, &[]), li.submit(&daemon, &take, &[]));
    let (name, title, loser, other) = match (first.status, second.status) {
        (StatusCode::SEE_OTHER, StatusCode::CONFLICT) => ("mei", "Mei", second, &li),
        (StatusCode::CONFLICT, StatusCode::SEE_OTHER) => ("li", "Li", first, &mei),
        seen => panic!("{seen:?}"),
    };
    assert!(loser.text().contains(&format!("{title} has this already")), "{}", loser.text());
    assert_eq!(owner().await, name);
    // Whoever reads whose it is can do a colleague's work all the same.
    let page = other.get(&daemon, &format!("/console/tickets/{id}")).await.text();
    assert!(page.contains("Take over") && page.contains(&format!("name=\"from\" value=\"{name}\"")), "{page}");
    assert_eq!(other.submit(&daemon, &take, &[("from", name)]).await.status, StatusCode::SEE_OTHER);
    assert_ne!(owner().await, name);
}

#[tokio::test]
async fn nobody_ends_or_takes_a_colleagues_conversation_by_way_of_its_ticket() {
    let (shop, daemon, platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ana", "I want to talk to a person").await;
    let (mei, li) = (Colleague::joined(&shop, &daemon, "mei").await, Colleague::joined(&shop, &daemon, "li").await);
    let boss = Colleague::joined(&shop, &daemon, "boss").await;
    assert_eq!(mei.submit(&daemon, &format!("{ANA}/take"), &[]).await.status, StatusCode::SEE_OTHER);
    let id = daemon.admin(Method::GET, "/v1/tickets").await.json()[0]["id"].as_str().unwrap().to_owned();
    let ticket = |deed: &str| format!("/console/tickets/{id}/{deed}");
    for deed in ["take", "close", "drop", "hold"] {
        let refused = li.submit(&daemon, &ticket(deed), &[("from", "mei")]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{deed}: {}", refused.text());
    }
    assert!(mei.get(&daemon, ANA).await.text().contains("badge mine"), "it is hers still");
    // Who may take over takes both.
    assert_eq!(boss.submit(&daemon, &ticket("take"), &[("from", "mei")]).await.status, StatusCode::SEE_OTHER);
    assert!(boss.get(&daemon, ANA).await.text().contains("badge mine"));
    assert_eq!(boss.submit(&daemon, &ticket("close"), &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!boss.get(&daemon, ANA).await.text().contains("badge mine"));
    eventually("whose it was", async || {
        replies(&platform.received()).iter().any(|(_, text)| text.contains("Boss has taken over")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_customers_write_is_text_on_every_page() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "<script>alert(1)</script><img src=x onerror=alert(1)>").await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    for path in ["/console/", "/console/conversations", ANA, "/console/tickets", "/console/explain/1"] {
        let answer = mei.get(&daemon, path).await;
        assert!(!answer.text().contains("<script>alert") && !answer.text().contains("<img src=x"), "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';") && policy.contains("frame-ancestors 'none'")
        );
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
    assert!(mei.get(&daemon, ANA).await.text().contains("&lt;script&gt;"));
}

#[tokio::test]
async fn the_pages_speak_chinese_as_well() {
    let (shop, daemon, _platform) = staffed().await;
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    let chosen = mei.get(&daemon, "/console/language/zh").await;
    let language = chosen.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let both = Colleague { cookie: format!("{}; {language}", mei.cookie), ..Colleague::stranger(&daemon) };
    let page = both.get(&daemon, "/console/").await.text();
    assert!(page.contains("lang=\"zh-Hans\"") && page.contains("会话") && page.contains("夜茶铺"), "{page}");
}

#[tokio::test]
async fn a_wrong_edit_is_refused_and_changes_nothing_and_a_right_one_is_in_force_at_once() {
    let (shop, daemon, _platform) = staffed().await;
    let boss = Colleague::joined(&shop, &daemon, "boss").await;
    let path = shop.config().join("hours.toml");
    let was = std::fs::read_to_string(&path).unwrap();
    let save = async |was: &str, text: &str| {
        boss.submit(&daemon, "/console/files/hours.toml/save", &[("was", was), ("text", text)]).await
    };
    let wrong = save(&was, &was.replace("24:00", "25:00")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("hours.toml:") && wrong.text().contains("25:00"), "{}", wrong.text());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), was, "as it was");
    // Browsers send each line's end as two characters.
    let right = was.replace("24:00", "23:00");
    let saved = save(&was.replace('\n', "\r\n"), &right.replace('\n', "\r\n")).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    assert!(saved.text().contains("Saved, and in force."));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), right);
    let stale = save(&was, &was.replace("24:00", "22:00")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "somebody saved it meanwhile");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), right);
    // What holds secrets is not edited here, nor anything by who may not.
    for file in ["nightclerk.toml", "channels.toml", "plugins.toml", "..%2Fvar%2Fadmin.token"] {
        assert_eq!(boss.get(&daemon, &format!("/console/files/{file}")).await.status, StatusCode::NOT_FOUND, "{file}");
    }
    let mei = Colleague::joined(&shop, &daemon, "mei").await;
    for deed in ["check", "compare", "save"] {
        let answer =
            mei.submit(&daemon, &format!("/console/files/hours.toml/{deed}"), &[("was", &right), ("text", "")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{deed}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), right);
}

#[tokio::test]
async fn figures_are_for_whose_role_has_them() {
    let (shop, daemon, _platform) = staffed().await;
    daemon.say("m1", "ana", "hello").await;
    let (mei, boss) = (Colleague::joined(&shop, &daemon, "mei").await, Colleague::joined(&shop, &daemon, "boss").await);
    assert_eq!(mei.get(&daemon, "/console/figures").await.status, StatusCode::FORBIDDEN);
    let page = boss.get(&daemon, "/console/figures?days=30").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("style-src 'sha256-"));
    // They are of the days that a report has: those of the store's calendar, to this moment.
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let first_of = |days: i64| zone.to_datetime(jiff::Timestamp::now()).date() - jiff::Span::new().days(days - 1);
    for (query, days) in [("", 7), ("?days=1", 1), ("?days=30", 30)] {
        let before = first_of(days);
        let page = boss.get(&daemon, &format!("/console/figures{query}")).await.text();
        let begins = [before, first_of(days)].map(|day| format!("{day} 00:00"));
        assert!(begins.iter().any(|it| page.contains(it.as_str())), "{query}: {begins:?}");
    }
}
