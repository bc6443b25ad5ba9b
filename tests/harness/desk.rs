//! Somebody of the store in a browser, as far as it takes no browser: cookies, forms, and where they lead.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::{Answer, Daemon, Shop};

/// A password that nobody guesses.
pub const PASSWORD: &str = "lanterns and tea";

/// A browser with its cookie.
pub struct Colleague {
    pub base: String,
    pub cookie: String,
}

/// A store with two people of presales and one who may only look after the warehouse, that is always open.
pub const PEOPLE: &str = r#"
    [store]
    name = { zh = "夜茶铺", en = "Night Tea House" }
    language = "en"
    [routing]
    person = "sales"
    [[team]]
    name = "sales"
    title = { zh = "销售", en = "our sales team" }
    channel = "shop"
    chat = "SALES"
    role = "presales"
    [[team]]
    name = "warehouse"
    title = { zh = "仓库", en = "the warehouse" }
    channel = "shop"
    chat = "WAREHOUSE"
    [[person]]
    name = "mei"
    title = { zh = "小梅", en = "Mei" }
    team = "sales"
    [[person]]
    name = "li"
    title = { zh = "小李", en = "Li" }
    team = "sales"
    [[person]]
    name = "wu"
    title = { zh = "老吴", en = "Wu" }
    team = "warehouse"
    [[person]]
    name = "boss"
    title = { zh = "老板", en = "Boss" }
    role = "operations"
"#;

/// Writes the people of above into a shop that never closes.
pub fn staff(shop: &Shop) {
    shop.write("hours.toml", "timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"\n");
    shop.write("store.toml", PEOPLE);
}

/// The link that `nightclerk console invite` prints.
pub fn invited(shop: &Shop, name: &str) -> String {
    let output = shop.run(&["console", "invite", name]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Colleague {
    /// Nobody yet.
    pub fn stranger(daemon: &Daemon) -> Self {
        Self { base: format!("http://{}", daemon.admin), cookie: String::new() }
    }

    /// Invited, with a password chosen, and so signed in.
    pub async fn joined(shop: &Shop, daemon: &Daemon, name: &str) -> Self {
        let link = invited(shop, name);
        let path = link.strip_prefix(&format!("http://{}", daemon.admin)).expect("a link to the console");
        let mut colleague = Self::stranger(daemon);
        let answer = colleague.post(daemon, path, &[("password", PASSWORD), ("again", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        colleague.keep(&answer);
        colleague
    }

    /// Signed in with the admin token.
    pub async fn owner(daemon: &Daemon) -> Self {
        let mut owner = Self::stranger(daemon);
        let answer = owner.post(daemon, "/console/sign-in", &[("token", super::ADMIN_TOKEN)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        owner.keep(&answer);
        owner
    }

    /// Keeps the cookie of an answer.
    pub fn keep(&mut self, answer: &Answer) {
        self.cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    }

    pub async fn get(&self, daemon: &Daemon, path: &str) -> Answer {
        let headers = [("cookie", self.cookie.as_str()), ("accept-language", "en")];
        daemon.call(Method::GET, &format!("{}{path}", self.base), &headers, Bytes::new()).await.unwrap()
    }

    /// The word that this session's forms carry.
    pub async fn form_token(&self, daemon: &Daemon) -> String {
        let page = self.get(daemon, "/console/more").await.text();
        let (_, rest) = page.split_once("name=\"form-token\" value=\"").expect("a form");
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// Sends a form as it stands on a page of the console.
    pub async fn submit(&self, daemon: &Daemon, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token(daemon).await;
        let fields = [&[("form-token", token.as_str())], fields].concat();
        self.post(daemon, path, &fields).await
    }

    /// Fills in a form that stands on a page, and sends it with what the page has written into it.
    pub async fn fill(&self, daemon: &Daemon, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let text = self.get(daemon, page).await.text();
        let forms = text.split_once(&format!("action=\"{action}\"")).unwrap_or_else(|| panic!("no {action}: {text}"));
        let form = forms.1.split_once("</form>").expect("a form ends").0;
        for (name, _) in fields {
            assert!(form.contains(&format!("name=\"{name}\"")), "nobody can fill in `{name}` of {action}: {form}");
        }
        let hidden = form.split("<input type=\"hidden\" name=\"").skip(1);
        let hidden: Vec<_> = hidden.filter_map(|it| it.split_once("\" value=\"")).collect();
        let hidden = hidden.iter().map(|(name, rest)| (*name, rest.split_once('"').expect("a value ends").0));
        let fields: Vec<_> = hidden.chain(fields.iter().copied()).collect();
        self.post(daemon, action, &fields).await
    }

    /// Sends a form with these fields alone.
    pub async fn post(&self, daemon: &Daemon, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from(daemon, &self.base, path, fields).await
    }

    /// The same from a page of this origin.
    pub async fn post_from(&self, daemon: &Daemon, origin: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("origin", origin),
            ("accept-language", "en"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        daemon.call(Method::POST, &format!("{}{path}", self.base), &headers, body.into()).await.unwrap()
    }
}
