//! A conversation with the clerk in a rehearsal, line by line: words are said, and what begins with `/` changes what is
//! around them.

use super::{
    Customer, Played, Stage,
    scenario::{OrderReport, OrderWord, When},
};
use crate::{
    language::Tag,
    model::EventKind,
    setting::{Delay, hint},
    store::StoreError,
};

/// What may stand after `/`, each with what belongs to it and what it does.
pub const COMMANDS: [(&str, &str, &str); 12] = [
    ("at", "23:30", "the time is that from now on; `saturday 09:00` and `2026-11-11 20:00` do as well"),
    ("wait", "30m", "time passes, and what falls due happens"),
    ("order", "1001 paid total=99.00 currency=CNY", "an order of the customer's is placed, paid, shipped, …"),
    ("open", "", "the customer opens the chat without writing"),
    ("send", "image", "the customer sends a picture, voice, …"),
    ("tag", "vip", "the customer has this tag"),
    ("untag", "vip", "the customer has it no more"),
    ("lang", "en", "the customer reads this language"),
    ("who", "Ana", "somebody else writes from now on"),
    ("take", "", "a person of the store takes the conversation"),
    ("return", "", "and gives it back"),
    ("new", "", "everything begins anew"),
];

/// How long short lines are waited for before they are answered.
const BREATH_MS: i64 = 10_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Somebody talks.
pub struct Talk {
    stage: Stage,
    who: Customer,
    count: u64,
}

/// Why a line did nothing.
#[derive(Debug, thiserror::Error)]
pub enum TalkError {
    #[error("{0}")]
    Meant(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Talk {
    /// A customer of this channel, or the first, begins to talk at this time.
    pub fn new(stage: Stage, channel: Option<&str>) -> Self {
        let who = Customer::new(stage.in_force(), channel, "customer");
        Self { stage, who, count: 0 }
    }

    /// Who talks, and what is known of them before they do.
    pub fn begin(&mut self, name: Option<String>, language: Option<Tag>, tags: &[String], known: bool) {
        self.who.name = name;
        self.who.language = language;
        let welcomed_ms = known.then(|| self.stage.now_ms() - DAY_MS);
        self.stage.put_conversation(&self.who.address, self.who.conversation(tags, welcomed_ms));
    }

    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    pub fn who(&self) -> &Customer {
        &self.who
    }

    /// Has a line said, or does what it asks for. What comes of it comes in its order.
    ///
    /// # Errors
    /// It is not understood, and nothing happened.
    pub fn line(&mut self, line: &str) -> Result<Vec<Played>, TalkError> {
        let line = line.trim();
        let Some(command) = line.strip_prefix('/') else {
            if line.is_empty() {
                return Ok(Vec::new());
            }
            let said = self.who.says(Some(line), None);
            return Ok(self.happens(said, None)?);
        };
        let (name, rest) =
            command.split_once(char::is_whitespace).map_or((command, ""), |(name, rest)| (name, rest.trim()));
        self.command(name, rest)
    }

    fn command(&mut self, name: &str, rest: &str) -> Result<Vec<Played>, TalkError> {
        let wants = |what: &str| TalkError::Meant(format!("write it like `/{name} {what}`"));
        let needed = |what| if rest.is_empty() { Err(wants(what)) } else { Ok(rest) };
        match name {
            "at" => {
                let when: When = needed("23:30")?.parse().map_err(TalkError::Meant)?;
                let zone = self.stage.in_force().playbook.zone().clone();
                let over = || TalkError::Meant(format!("{when} is over; time goes forward, and `/new` begins anew"));
                let at_ms = when.after(self.stage.now_ms() - 1, &zone).ok_or_else(over)?;
                Ok(self.stage.advance_to(at_ms)?)
            }
            "wait" => {
                let time: Delay = needed("30m")?.parse().map_err(TalkError::Meant)?;
                Ok(self.stage.advance_to(self.stage.now_ms().saturating_add(time.as_ms()))?)
            }
            "order" => {
                let report = report(needed("1001 paid")?)?;
                let kind = self.who.order(&report);
                Ok(self.happens(kind, report.shop.as_ref().map(|shop| shop.get_ref().clone()))?)
            }
            "open" => Ok(self.happens(self.who.opens(), None)?),
            "send" => {
                let kind = if rest.is_empty() { "image" } else { rest };
                Ok(self.happens(self.who.says(None, Some(kind)), None)?)
            }
            "tag" | "untag" => {
                let tag = needed("vip")?.to_owned();
                let mut conversation = self.stage.conversation(&self.who.address);
                conversation.tags.retain(|it| *it != tag);
                if name == "tag" {
                    conversation.tags.push(tag);
                }
                self.stage.put_conversation(&self.who.address, conversation);
                Ok(Vec::new())
            }
            "lang" => {
                let bad = |_| TalkError::Meant(format!("`{rest}` is no language; write it like `/lang en`"));
                self.who.language = Some(Tag::parse(needed("en")?).map_err(bad)?);
                let mut conversation = self.stage.conversation(&self.who.address);
                // What their words said before counts no more.
                conversation.language = self.who.language.as_ref().map(|tag| tag.as_str().to_owned());
                conversation.language_signs = Default::default();
                self.stage.put_conversation(&self.who.address, conversation);
                Ok(Vec::new())
            }
            "who" => {
                let name = needed("Ana")?.to_owned();
                self.who.address.chat.clone_from(&name);
                self.who.name = Some(name);
                Ok(Vec::new())
            }
            "take" | "return" => Ok(self.happens(Customer::staff(name == "take"), None)?),
            "new" => {
                self.stage.begin_anew();
                Ok(Vec::new())
            }
            other => {
                let known = COMMANDS.iter().map(|(name, ..)| *name);
                Err(TalkError::Meant(format!("there is no `/{other}`: {}", hint(other, known))))
            }
        }
    }

    /// Has something happen now, and what comes of it in the moments after.
    fn happens(&mut self, kind: EventKind, shop: Option<String>) -> Result<Vec<Played>, StoreError> {
        self.count += 1;
        let now_ms = self.stage.now_ms();
        let event = self.who.event(self.stage.in_force(), kind, shop.as_deref(), self.count, now_ms);
        let mut played = vec![self.stage.play(event)?];
        played.extend(self.stage.advance_to(now_ms.saturating_add(BREATH_MS))?);
        Ok(played)
    }
}

/// `1001 paid total=99.00 currency=CNY`, as a report of an order.
fn report(text: &str) -> Result<OrderReport, TalkError> {
    let mut words = text.split_whitespace();
    let (id, word) = (words.next().unwrap_or_default(), words.next().unwrap_or("placed"));
    word.parse::<OrderWord>().map_err(|error| {
        let (message, advice) = crate::setting::split_advice(&error);
        TalkError::Meant(advice.map_or_else(|| message.to_owned(), |advice| format!("{message}: {advice}")))
    })?;
    let mut table = toml::Table::new();
    table.insert("id".to_owned(), id.into());
    table.insert("is".to_owned(), word.into());
    // A value goes on until the next key.
    let mut last: Option<(String, String)> = None;
    let mut put = |entry: Option<(String, String)>| {
        if let Some((key, value)) = entry {
            let value = match value.as_str() {
                "true" => true.into(),
                "false" => false.into(),
                digits if key == "rating" => digits.parse::<i64>().map_or_else(|_| digits.into(), toml::Value::from),
                text => text.into(),
            };
            table.insert(key, value);
        }
    };
    for word in words {
        match word.split_once('=') {
            Some((key, value)) => put(last.replace((key.to_owned(), value.to_owned()))),
            None => match &mut last {
                Some((_, value)) => {
                    value.push(' ');
                    value.push_str(word);
                }
                None => return Err(TalkError::Meant(format!("`{word}` is no detail; write it like `total=99.00`"))),
            },
        }
    }
    put(last);
    let text = toml::to_string(&table).map_err(|error| TalkError::Meant(error.to_string()))?;
    toml::from_str(&text).map_err(|error| TalkError::Meant(error.message().to_owned()))
}
