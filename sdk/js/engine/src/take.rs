//! What a handler returned, as the contract has it.

use rquickjs::Value;

use crate::{
    exact::{self, Why, refuse},
    wit::nightclerk::plugin::types::{
        Action, Choice, ChoicesContent, Content, Extra, Handover, ImageContent, LinkContent, NewTicket, Notification,
        OrderRemark, Outcome, TimerRequest,
    },
};

/// Nothing leaves the moment to others; a text, an action or a list of them takes the clerk's place; what stands under
/// `also` is added to its answer.
pub fn outcome(value: &Value<'_>) -> Result<Outcome, Why> {
    if value.is_undefined() || value.is_null() {
        return Ok(Outcome::Pass);
    }
    if value.is_object() && !value.is_array() {
        let members = exact::members(value, "the answer")?;
        if let [(key, also)] = members.as_slice()
            && key == "also"
        {
            return actions(also, "also").map(Outcome::Also);
        }
    }
    actions(value, "the answer").map(Outcome::Handled)
}

fn actions(value: &Value<'_>, name: &str) -> Result<Vec<Action>, Why> {
    let mut actions = Vec::new();
    match value.as_array() {
        None => some(value, name, &mut actions)?,
        Some(items) => {
            for index in 0..items.len() {
                let name = format!("{name}[{index}]");
                some(&exact::item_at(items, index, &name)?, &name, &mut actions)?;
            }
        }
    }
    if actions.is_empty() {
        return refuse(format!(
            "`{name}` holds no action; return nothing to leave it to the clerk, or {{ silence: \"why\" }} to say nothing"
        ));
    }
    Ok(actions)
}

/// The actions of a text, of a content, or of an object with a word for each.
fn some(value: &Value<'_>, name: &str, actions: &mut Vec<Action>) -> Result<(), Why> {
    if value.is_string() {
        actions.push(Action::Reply(content(value, name)?));
        return Ok(());
    }
    let members = exact::members(value, name)?;
    if members.iter().any(|(key, _)| matches!(key.as_str(), "text" | "url" | "image" | "choices")) {
        actions.push(Action::Reply(content(value, name)?));
        return Ok(());
    }
    for (word, given) in &members {
        actions.push(action(word, given, &format!("{name}.{word}"))?);
    }
    Ok(())
}

fn action(word: &str, given: &Value<'_>, name: &str) -> Result<Action, Why> {
    Ok(match word {
        "reply" => Action::Reply(content(given, name)?),
        "askSatisfaction" => Action::AskSatisfaction(content(given, name)?),
        "tag" => Action::Tag(text(given, name)?),
        "untag" => Action::Untag(text(given, name)?),
        "cancelTimer" => Action::CancelTimer(text(given, name)?),
        "assign" => Action::Assign(text(given, name)?),
        "closeTicket" => Action::CloseTicket(text(given, name)?),
        "silence" => Action::Silence(text(given, name)?),
        "notify" => {
            let mut fields = Fields::of(given, name)?;
            let to = fields.text("to")?;
            Action::Notify(Notification { to, content: fields.content()? })
        }
        "remark" => {
            let mut fields = Fields::of(given, name)?;
            let it = OrderRemark { order_id: fields.text("orderId")?, text: fields.text("text")? };
            fields.no_more(Action::Remark(it))?
        }
        "setTimer" => {
            let mut fields = Fields::of(given, name)?;
            let it = TimerRequest {
                key: fields.text("key")?,
                due_ms: fields.whole("dueMs")?.map_or_else(|| fields.missing("dueMs"), Ok)?,
                priority: fields.whole("priority")?.unwrap_or_default(),
                payload: fields.json("payload")?.unwrap_or_else(|| "null".to_owned()),
            };
            fields.no_more(Action::SetTimer(it))?
        }
        "transfer" => {
            let mut fields = Fields::of(given, name)?;
            let it = Handover { to: fields.text("to")?, note: fields.maybe("note")?.unwrap_or_default() };
            fields.no_more(Action::Transfer(it))?
        }
        "openTicket" => {
            let mut fields = Fields::of(given, name)?;
            let it = NewTicket { kind: fields.text("kind")?, text: fields.text("text")?, urgency: fields.maybe("urgency")? };
            fields.no_more(Action::OpenTicket(it))?
        }
        "extra" => {
            let mut fields = Fields::of(given, name)?;
            let it = Extra {
                name: fields.text("name")?,
                json: fields.json("value")?.unwrap_or_else(|| "null".to_owned()),
            };
            fields.no_more(Action::Extra(it))?
        }
        "also" => return refuse("`also` stands alone: { also: [ ... ] }"),
        _ => {
            return refuse(format!(
                "`{name}` is no action; there are reply, notify, tag, untag, remark, setTimer, cancelTimer, assign, \
                 transfer, openTicket, closeTicket, askSatisfaction, silence and also"
            ));
        }
    })
}

/// A text, or an object with `text`, `url`, `image` or `choices`.
fn content(value: &Value<'_>, name: &str) -> Result<Content, Why> {
    if value.is_string() {
        return text(value, name).map(Content::Text);
    }
    Fields::of(value, name)?.content()
}

fn text(value: &Value<'_>, name: &str) -> Result<String, Why> {
    match value.as_string() {
        Some(it) => Ok(it.to_string()?),
        None => refuse(format!("`{name}` is {}, not a text", exact::kind(value))),
    }
}

fn choices(value: &Value<'_>, name: &str) -> Result<Vec<Choice>, Why> {
    let Some(items) = value.as_array() else { return refuse(format!("`{name}` is {}, not a list", exact::kind(value))) };
    let mut choices = Vec::new();
    for index in 0..items.len() {
        let name = format!("{name}[{index}]");
        let item = exact::item_at(items, index, &name)?;
        if item.is_string() {
            let label = text(&item, &name)?;
            choices.push(Choice { value: label.clone(), label });
        } else {
            let mut fields = Fields::of(&item, &name)?;
            let label = fields.text("label")?;
            let value = fields.maybe("value")?.unwrap_or_else(|| label.clone());
            choices.push(fields.no_more(Choice { label, value })?);
        }
    }
    Ok(choices)
}

/// The members of an object, taken out one after the other.
struct Fields<'js> {
    name: String,
    members: Vec<(String, Value<'js>)>,
}

impl<'js> Fields<'js> {
    fn of(value: &Value<'js>, name: &str) -> Result<Self, Why> {
        Ok(Self { name: name.to_owned(), members: exact::members(value, name)? })
    }

    fn take(&mut self, key: &str) -> Option<(String, Value<'js>)> {
        let at = self.members.iter().position(|(name, _)| name == key)?;
        Some((format!("{}.{key}", self.name), self.members.remove(at).1))
    }

    fn missing<T>(&self, key: &str) -> Result<T, Why> {
        refuse(format!("`{}` lacks `{key}`", self.name))
    }

    fn text(&mut self, key: &str) -> Result<String, Why> {
        self.maybe(key)?.map_or_else(|| self.missing(key), Ok)
    }

    fn maybe(&mut self, key: &str) -> Result<Option<String>, Why> {
        self.take(key).filter(|(_, value)| !value.is_null()).map(|(name, value)| text(&value, &name)).transpose()
    }

    fn whole(&mut self, key: &str) -> Result<Option<i64>, Why> {
        let Some((name, value)) = self.take(key) else { return Ok(None) };
        match value.as_number() {
            Some(it) if it.fract() == 0.0 && it.abs() <= (1_u64 << 53) as f64 => Ok(Some(it as i64)),
            Some(it) => refuse(format!("`{name}` is {it}, not a whole number")),
            None => refuse(format!("`{name}` is {}, not a whole number", exact::kind(&value))),
        }
    }

    fn json(&mut self, key: &str) -> Result<Option<String>, Why> {
        self.take(key).map(|(name, value)| exact::write(&value, &name)).transpose()
    }

    /// What is left, as a content.
    fn content(mut self) -> Result<Content, Why> {
        if let Some((name, whole)) = self.take("content") {
            return self.no_more(content(&whole, &name)?);
        }
        if let Some((name, url)) = self.take("image") {
            let it = ImageContent { url: text(&url, &name)?, caption: self.maybe("caption")? };
            return self.no_more(Content::Image(it));
        }
        if let Some((name, list)) = self.take("choices") {
            let it = ChoicesContent { choices: choices(&list, &name)?, text: self.text("text")? };
            return self.no_more(Content::Choices(it));
        }
        if let Some((name, url)) = self.take("url") {
            let it = LinkContent { url: text(&url, &name)?, text: self.maybe("text")?.unwrap_or_default() };
            return self.no_more(Content::Link(it));
        }
        let text = self.text("text")?;
        self.no_more(Content::Text(text))
    }

    /// What was made of the members, if all were taken.
    fn no_more<T>(&self, made: T) -> Result<T, Why> {
        match self.members.first() {
            None => Ok(made),
            Some((key, _)) => refuse(format!("`{}` has no `{key}`", self.name)),
        }
    }
}
