//! The day as it is lived: a real clerk on a clock that stands still while something happens, and moves on to what
//! happens next once all that was to be done is done.

use std::{collections::BTreeMap, time::Instant};

use http::Method;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use super::{
    clerk::Clerk,
    plan::{Chance, DAY, Deed, HOUR, MINUTE, Order, Plan, SECOND, Size},
    platform::{ROOM, Seen, World},
};
use crate::harness::{PATIENCE, Shop, generic, sign};

pub const PEOPLE: [&str; 3] = ["mei", "lin", "tao"];

/// What somebody at a customer's side saw.
#[derive(Clone, Debug)]
pub enum Saw {
    Asked,
    /// An answer of the clerk's, taken then.
    Clerk {
        at: i64,
    },
    Notice,
    Person {
        at: i64,
        who: Option<&'static str>,
    },
    Took {
        who: &'static str,
    },
}

/// A store that lives its day.
pub struct Day {
    pub from_ms: i64,
    pub saw: BTreeMap<String, Vec<(i64, Saw)>>,
    pub orders: BTreeMap<String, Order>,
    pub killed: usize,
    pub copies: usize,
    pub clerk: Clerk,
    /// Lives as long as the clerk.
    _shop: Shop,
    _world: World,
}

impl Day {
    pub async fn report(&self, more: &str) -> Value {
        let day = "from=2026-03-03&to=2026-03-03";
        let answer = self.clerk.daemon.admin(Method::GET, &format!("/v1/report?{day}{more}")).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        answer.json()
    }

    pub async fn page(&self, language: &str) -> String {
        let path = format!("/v1/report?from=2026-03-03&to=2026-03-06&format=html&language={language}");
        self.clerk.daemon.admin(Method::GET, &path).await.text()
    }
}

struct Life {
    shop: Shop,
    world: World,
    clerk: Option<Clerk>,
    store: Connection,
    now: i64,
    plan: Plan,
    chance: Chance,
    orders: BTreeMap<String, Order>,
    saw: BTreeMap<String, Vec<(i64, Saw)>>,
    /// Who has which customer, as the room was told.
    holders: BTreeMap<String, &'static str>,
    read: usize,
    webhooks: u64,
    killed: usize,
    /// The next webhook is to find a clerk that dies.
    dies: bool,
}

fn shop(world: &World) -> Shop {
    let shop = Shop::new();
    shop.write(
        "hours.toml",
        "timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"09:00\"\nuntil = \"18:00\"\n[[shift]]\nfrom = \"15:00\"\nuntil = \"24:00\"\n",
    );
    // The clock of this day stands still until all that is due is done, and a second of it never ends.
    shop.write("channels.toml", &format!("{}per_second = 100000\n", generic::channel(&world.url())));
    let people = PEOPLE.map(|name| {
        let title = title(name);
        format!(
            "[[person]]\nname = \"{name}\"\ntitle = {{ en = \"{title}\" }}\nteam = \"service\"\nchannel = \"shop\"\naccount = \"{name}\"\n"
        )
    });
    shop.write(
        "store.toml",
        &format!(
            "[store]\nname = \"Night Tea House\"\nlanguage = \"en\"\n[limits]\nreplies = 0\n[routing]\nperson = \"service\"\n\
             [[team]]\nname = \"service\"\nchannel = \"shop\"\nchat = \"{ROOM}\"\n{}",
            people.concat()
        ),
    );
    shop
}

fn title(name: &str) -> String {
    format!("{}{}", name[..1].to_uppercase(), &name[1..])
}

fn person(said: &str) -> Option<&'static str> {
    PEOPLE.into_iter().find(|name| said.starts_with(&title(name)))
}

/// A day of so large a store from midnight on, and what came of it in the days after.
pub async fn lived(size: Size, kills: bool) -> Day {
    let from_ms = "2026-03-02T16:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let world = World::start(from_ms).await;
    let shop = shop(&world);
    let clerk = Clerk::start(&shop, from_ms).await;
    let file = shop.data().join("nightclerk.sqlite");
    let store = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut chance = Chance(20_260_303);
    let (plan, orders) = Plan::of_a_day(from_ms, size, &mut chance);
    let mut life = Life {
        shop,
        world,
        clerk: Some(clerk),
        store,
        now: from_ms,
        plan,
        chance,
        orders,
        saw: BTreeMap::new(),
        holders: BTreeMap::new(),
        read: 0,
        webhooks: 0,
        killed: 0,
        dies: false,
    };
    while let Some(next) = life.next_ms().filter(|next| *next < from_ms + 4 * DAY) {
        let new_hour = next.div_euclid(HOUR) != life.now.div_euclid(HOUR) && next < from_ms + DAY;
        life.pass_to(next);
        if kills && new_hour {
            // In turns while time goes by, and while somebody says something.
            if life.killed.is_multiple_of(2) {
                life.kill().await;
            } else {
                life.dies = true;
            }
        }
        life.quiet().await;
        while let Some(deed) = life.plan.due(life.now) {
            life.act(deed).await;
            life.quiet().await;
        }
    }
    life.pass_to(from_ms + 4 * DAY);
    life.quiet().await;
    for seen in life.saw.values_mut() {
        // An answer is to what had been asked when it was sent.
        seen.sort_by_key(|(sent, _)| *sent);
    }
    let Life { shop, world, clerk, saw, orders, killed, .. } = life;
    let (copies, clerk) = (world.copies(), clerk.unwrap());
    Day { from_ms, saw, orders, killed, copies, clerk, _shop: shop, _world: world }
}

impl Life {
    /// When something happens next.
    fn next_ms(&self) -> Option<i64> {
        let timer = self.number("SELECT min(due_ms) FROM timers");
        let message = self.number("SELECT min(not_before_ms) FROM messages WHERE state = 0 AND not_before_ms > ?1");
        [self.plan.next_ms(), self.world.next_ms(), timer, message].into_iter().flatten().min()
    }

    fn number(&self, sql: &str) -> Option<i64> {
        let mut query = self.store.prepare_cached(sql).unwrap();
        match query.parameter_count() {
            0 => query.query_row([], |row| row.get(0)).unwrap(),
            _ => query.query_row([self.now], |row| row.get(0)).unwrap(),
        }
    }

    fn pass_to(&mut self, now: i64) {
        self.now = self.now.max(now);
        self.clerk.as_mut().unwrap().move_to(self.now);
        self.world.move_to(self.now);
    }

    async fn kill(&mut self) {
        let clerk = self.clerk.take().unwrap();
        // Somewhere in what it has to do.
        tokio::time::sleep(std::time::Duration::from_micros(self.chance.below(4000).unsigned_abs())).await;
        clerk.daemon.kill();
        self.world.killed();
        self.killed += 1;
        self.clerk = Some(Clerk::start(&self.shop, self.now).await);
    }

    /// All that was to be done by now is done, but for what the platform takes its time for.
    fn is_quiet(&self) -> bool {
        if self.world.next_ms().is_some_and(|due| due <= self.now)
            || self.number("SELECT min(due_ms) FROM timers").is_some_and(|due| due <= self.now)
            || self.number("SELECT count(*) FROM events WHERE state = 1") != Some(0)
        {
            return false;
        }
        let sql = "SELECT key, not_before_ms, conversation_id FROM messages WHERE state = 0 ORDER BY id";
        let mut query = self.store.prepare_cached(sql).unwrap();
        let row =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
        let mut seen = Vec::new();
        query.query_map([], row).unwrap().map(Result::unwrap).all(|(key, not_before, conversation)| {
            // The others of a conversation wait for its first.
            let first = !seen.contains(&conversation);
            seen.push(conversation);
            !first || not_before > self.now || self.world.is_taken_after(&key, self.now)
        })
    }

    async fn quiet(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.is_quiet() {
            assert!(Instant::now() < deadline, "something is never done:\n{}", self.shop.log());
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        let mut new = self.world.seen_from(self.read);
        self.read += new.len();
        new.sort_by(|a, b| (a.at_ms, a.sent_ms, &a.chat, &a.key).cmp(&(b.at_ms, b.sent_ms, &b.chat, &b.key)));
        for seen in new {
            match seen.chat == ROOM {
                true => self.room_sees(&seen),
                false => self.customer_sees(&seen),
            }
        }
    }

    fn customer_sees(&mut self, seen: &Seen) {
        let mut note = |saw| self.saw.entry(seen.chat.clone()).or_default().push((seen.sent_ms, saw));
        if let Some(who) = person(&seen.text).filter(|_| seen.text.contains("here: ")) {
            return note(Saw::Person { at: seen.at_ms, who: Some(who) });
        }
        if let Some(who) = person(&seen.text).filter(|_| seen.text.contains("has taken over")) {
            note(Saw::Took { who });
        }
        // What the clerk says where a person let somebody wait is an answer too.
        if seen.answers || ["is back with you", "have kept you waiting"].iter().any(|it| seen.text.contains(it)) {
            return note(Saw::Clerk { at: seen.at_ms });
        }
        note(Saw::Notice);
        for (id, order) in &mut self.orders {
            if order.contact == seen.chat && order.paid.is_none() && seen.text.contains(id.as_str()) {
                order.reminded.push(seen.sent_ms);
            }
        }
    }

    /// Who of the store sees something in the room does something, or forgets it.
    fn room_sees(&mut self, seen: &Seen) {
        let soon = self.now + self.chance.below(90 * SECOND);
        let who = PEOPLE[usize::try_from(self.chance.below(3)).unwrap()];
        let room = |who, text: String| Deed::Room { who, quoted: seen.key.clone(), text };
        if let Some((name, chat)) = seen
            .text
            .split_once(" has ")
            .and_then(|(name, rest)| Some((person(name)?, rest.split_once(" now")?.0.to_owned())))
        {
            self.holders.insert(chat, name);
        } else if seen.button.as_ref().is_some_and(|it| it.starts_with("desk:take:")) {
            let Some((_, rest)) = seen.text.split_once("shop c") else { return };
            let chat = format!("c{}", rest.chars().take_while(char::is_ascii_digit).collect::<String>());
            match self.chance.below(6) {
                0 => {}
                1 => self.plan.add(soon, Deed::Inbox { chat }),
                2 => {
                    // Two reach for it at once.
                    let other = PEOPLE[usize::try_from(self.chance.below(3)).unwrap()];
                    self.plan.add(soon, room(who, "/take".to_owned()));
                    self.plan.add(soon, room(other, "/take".to_owned()));
                }
                _ => {
                    self.plan.add(soon, room(who, "/take".to_owned()));
                    self.plan.add(soon + 8 * SECOND, Deed::Ask { chat, text: "it is about my last order" });
                }
            }
        } else if let Some((chat, _)) = seen.text.split_once(": ").filter(|(chat, _)| self.saw.contains_key(*chat)) {
            let Some(holder) = self.holders.get(chat).copied() else { return };
            if self.chance.below(6) == 0 {
                let to = PEOPLE[(PEOPLE.iter().position(|it| *it == holder).unwrap() + 1) % 3];
                self.plan.add(soon, room(holder, format!("/transfer {to} please look at this")));
                self.plan.add(soon + 20 * SECOND, room(to, "/take".to_owned()));
                self.plan.add(soon + 40 * SECOND, room(to, format!("{} here: done", title(to))));
                self.plan.add(soon + 10 * MINUTE, room(to, "/close".to_owned()));
            } else {
                self.plan.add(soon, room(holder, format!("{} here: done", title(holder))));
                self.plan.add(soon + 10 * MINUTE, room(holder, "/close".to_owned()));
            }
        }
    }

    async fn act(&mut self, deed: Deed) {
        let id = format!("d{}", self.webhooks);
        match deed {
            Deed::Ask { chat, text } => {
                self.saw.entry(chat.clone()).or_default().push((self.now, Saw::Asked));
                let sender = json!({ "id": chat, "name": chat });
                self.tell("message.received", json!({ "id": id, "chat_id": chat, "sender": sender, "text": text }))
                    .await;
            }
            Deed::Room { who, quoted, text } => {
                let sender = json!({ "id": who, "name": who });
                let data = json!({ "id": id, "chat_id": ROOM, "sender": sender, "text": text, "quoted": quoted });
                self.tell("message.received", data).await;
            }
            Deed::Inbox { chat } => {
                self.saw.entry(chat.clone()).or_default().push((self.now, Saw::Person { at: self.now, who: None }));
                self.tell("message.sent", json!({ "id": id, "chat_id": chat, "text": "hello from the inbox" })).await;
            }
            Deed::Order { id, kind, refund } => {
                let order = self.orders.get_mut(&id).unwrap();
                let money = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
                let mut data = json!({ "id": id, "chat_id": order.contact });
                match kind {
                    "order.placed" => {
                        data["total"] = json!(money(order.minor));
                        data["currency"] = json!("CNY");
                    }
                    "order.paid" => drop(order.paid.get_or_insert(self.now)),
                    "order.refund_requested" => order.refund_asked = Some(self.now),
                    _ => order.refunded = refund.map(|minor| (self.now, minor)),
                }
                if let Some(minor) = refund {
                    data["refund"] = json!({ "amount": money(minor), "partial": true });
                }
                self.tell(kind, data).await;
            }
        }
    }

    /// The platform tells the clerk, and again until it hears that it was taken.
    async fn tell(&mut self, kind: &str, data: Value) {
        self.webhooks += 1;
        let timestamp = jiff::Timestamp::from_millisecond(self.now).unwrap().to_string();
        let body = json!({ "type": kind, "timestamp": timestamp, "data": data }).to_string();
        let headers = sign::standard_at(&format!("webhook-{}", self.webhooks), self.now.div_euclid(1000), &body);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if std::mem::take(&mut self.dies) {
            let patience = std::time::Duration::from_micros(self.chance.below(8000).unsigned_abs());
            let call = self.clerk.as_ref().unwrap().daemon.post("/hooks/shop", &headers, body.clone());
            let heard = tokio::time::timeout(patience, call).await;
            self.kill().await;
            if heard.is_ok_and(|answer| answer.is_ok_and(|it| it.status.is_success())) {
                return;
            }
        }
        let answer = self.clerk.as_ref().unwrap().daemon.post("/hooks/shop", &headers, body).await.unwrap();
        assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
    }
}
