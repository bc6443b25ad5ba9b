use nightclerk_sdk::{Extra, prelude::*};

/// One thing to do, so many times; in its texts `{n}` is the number of the time.
#[derive(Deserialize)]
pub struct Step {
    #[serde(flatten)]
    what: What,
    #[serde(default = "once")]
    repeat: u32,
}

fn once() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum What {
    /// Tells what the hook was given.
    Given,
    Get {
        key: String,
    },
    /// `bytes`: a value of that length in place of `value`.
    Set {
        key: String,
        #[serde(default)]
        value: String,
        bytes: Option<usize>,
        expires_in_ms: Option<i64>,
    },
    Delete {
        key: String,
    },
    Keys {
        prefix: String,
        #[serde(default)]
        after: String,
        limit: u32,
    },
    DeletePrefix {
        prefix: String,
    },
    CompareAndSet {
        key: String,
        expected: Option<String>,
        value: Option<String>,
    },
    FindOrder {
        id: String,
    },
    NewestOrders,
    OrderDetails {
        shop: String,
        id: String,
    },
    FindProducts {
        query: String,
        limit: u32,
    },
    OpenTickets,
    Fetch {
        url: String,
        #[serde(default = "get")]
        method: String,
    },
    Render {
        template: String,
    },
    StoreField {
        name: String,
    },
    CustomerField {
        name: String,
    },
    Log {
        text: String,
    },
    // The actions of the answer.
    Reply {
        text: String,
    },
    Link {
        url: String,
    },
    Choices {
        count: usize,
    },
    Notify {
        to: String,
    },
    Tag {
        tag: String,
    },
    Remark {
        order: String,
    },
    SetTimer {
        key: String,
        in_ms: i64,
    },
    OpenTicket {
        kind: String,
        urgency: Option<String>,
    },
    CloseTicket {
        id: String,
    },
    Extra {
        name: String,
    },
}

fn get() -> String {
    "GET".into()
}

impl Step {
    /// What came of the last time, in words; nothing for an action.
    pub fn take(
        &self,
        store: &StoreContext,
        ctx: Option<&Context>,
        given: Option<&str>,
        actions: &mut Vec<Action>,
    ) -> Option<String> {
        let mut told = None;
        for n in 0..self.repeat {
            told = match self.what.action(store, n) {
                Some(action) => {
                    actions.push(action);
                    None
                }
                None => Some(self.what.ask(store, ctx, given, n).unwrap_or_else(|error| format!("refused: {error}"))),
            };
        }
        told
    }
}

fn numbered(text: &str, n: u32) -> String {
    text.replace("{n}", &n.to_string())
}

fn list<T>(items: &[T], name: impl Fn(&T) -> &str) -> String {
    format!("[{}]", items.iter().map(name).collect::<Vec<_>>().join(" "))
}

impl What {
    /// Asks the host.
    fn ask(&self, store: &StoreContext, ctx: Option<&Context>, given: Option<&str>, n: u32) -> Result<String, Error> {
        let customers = || ctx.ok_or_else(|| Error::new("no customer"));
        Ok(match self {
            Self::Given => given.unwrap_or("nothing").to_owned(),
            Self::Get { key } => match store.kv_get::<String>(&numbered(key, n))? {
                Some(value) => value,
                None => "none".to_owned(),
            },
            Self::Set { key, value, bytes, expires_in_ms } => {
                // As JSON it has two quotes more.
                let value = bytes.map_or_else(|| numbered(value, n), |bytes| "x".repeat(bytes.saturating_sub(2)));
                match expires_in_ms {
                    Some(ms) => store.kv_set_until(&numbered(key, n), &value, store.now_ms + ms)?,
                    None => store.kv_set(&numbered(key, n), &value)?,
                }
                "done".to_owned()
            }
            Self::Delete { key } => {
                store.kv_delete(&numbered(key, n))?;
                "done".to_owned()
            }
            Self::Keys { prefix, after, limit } => list(&store.kv_keys(prefix, after, *limit)?, |key| key),
            Self::DeletePrefix { prefix } => store.kv_delete_prefix(prefix)?.to_string(),
            Self::CompareAndSet { key, expected, value } => {
                store.kv_compare_and_set(&numbered(key, n), expected.as_ref(), value.as_ref())?.to_string()
            }
            Self::FindOrder { id } => customers()?.find_order(id)?.map_or("none".to_owned(), |order| order.status),
            Self::NewestOrders => list(&customers()?.customer_orders()?, |order| &order.id),
            Self::OrderDetails { shop, id } => {
                store.order_details(shop, id)?.map_or("none".to_owned(), |order| order.items_text(", "))
            }
            Self::FindProducts { query, limit } => list(&store.find_products(query, *limit)?, |product| &product.sku),
            Self::OpenTickets => list(&customers()?.open_tickets()?, |ticket| &ticket.id),
            Self::Fetch { url, method } => {
                let request = HttpRequest { method: method.clone(), ..HttpRequest::get(url) };
                store.http_send(&request)?.status.to_string()
            }
            Self::Render { template } => store.render(template, &json!({ "store": store.store_name }))?,
            Self::StoreField { name } => store.store_field(name).unwrap_or_else(|| "none".to_owned()),
            Self::CustomerField { name } => customers()?.customer_field(name).unwrap_or_else(|| "none".to_owned()),
            Self::Log { text } => numbered(text, n),
            _ => "an action".to_owned(),
        })
    }

    /// What belongs in the answer.
    fn action(&self, store: &StoreContext, n: u32) -> Option<Action> {
        Some(match self {
            Self::Reply { text } => Action::reply(text.as_str()),
            Self::Link { url } => Action::reply(Content::link("Here:", url)),
            Self::Choices { count } => {
                Action::reply(Content::choices("Which?", (0..*count).map(|it| Choice::new(it.to_string(), "x"))))
            }
            Self::Notify { to } => Action::notify(to, "Look here"),
            Self::Tag { tag } => Action::tag(numbered(tag, n)),
            Self::Remark { order } => Action::remark(order, "As a gift"),
            Self::SetTimer { key, in_ms } => Action::set_timer(numbered(key, n), store.now_ms + in_ms, &json!({})),
            Self::OpenTicket { kind, urgency: None } => Action::open_ticket(kind, "See to it"),
            Self::OpenTicket { kind, urgency: Some(urgency) } => {
                let Action::OpenTicket(ticket) = Action::open_ticket(kind, "See to it") else { return None };
                Action::OpenTicket(nightclerk_sdk::NewTicket { urgency: Some(urgency.clone()), ..ticket })
            }
            Self::CloseTicket { id } => Action::close_ticket(id),
            Self::Extra { name } => Action::Extra(Extra { name: name.clone(), json: "{}".into() }),
            _ => return None,
        })
    }
}
