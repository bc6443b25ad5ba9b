//! Greets customers as a good clerk would: by the time of day, the feast of the day, and whether they have met
//! before. Says when people are back while the store is closed, what is on offer, and today's pick, with the store's
//! main menu below.
//!
//! Every sentence is a setting, in Chinese and English, in the store's template language. Without the grant
//! `catalogue` it greets all the same and recommends nothing.

use nightclerk_sdk::prelude::*;

mod festival;

use festival::{Festival, Today};

/// A customer known for longer than this is greeted as an acquaintance.
const ACQUAINTED_AFTER_MS: i64 = 60 * 60 * 1000;
/// So many products are looked at for today's pick.
const CANDIDATES: u32 = 50;

#[derive(Deserialize)]
struct Greeting {
    morning_from: u8,
    afternoon_from: u8,
    evening_from: u8,
    night_from: u8,
    morning_zh: String,
    morning_en: String,
    afternoon_zh: String,
    afternoon_en: String,
    evening_zh: String,
    evening_en: String,
    night_zh: String,
    night_en: String,
    returning_zh: String,
    returning_en: String,
    open_zh: String,
    open_en: String,
    closed_zh: String,
    closed_en: String,
    offers: bool,
    offers_zh: String,
    offers_en: String,
    menu: bool,
    recommend: bool,
    pick_zh: String,
    pick_en: String,
    festivals: Vec<Festival>,
}

nightclerk_sdk::plugin!(Greeting: OnWelcome);

/// What it has words in.
const LANGUAGES: [&str; 2] = ["zh-Hans", "en"];

/// What the texts know.
#[derive(Serialize)]
struct Words<'a> {
    store: &'a str,
    clerk: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    hour: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    back: Option<&'a str>,
    #[serde(flatten)]
    pick: Option<Pick<'a>>,
}

#[derive(Serialize)]
struct Pick<'a> {
    product: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pitch: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

impl OnWelcome for Greeting {
    fn on_welcome(&self, ctx: &Context, message: Option<&Message>) -> Answer {
        if !ctx.reads(&LANGUAGES) {
            return Ok(Outcome::pass());
        }
        let time = ctx.local()?;
        let pick = self.todays_pick(ctx, time, message);
        let words = Words {
            store: &ctx.store_name,
            clerk: &ctx.clerk_name,
            name: ctx.customer.name.as_deref().map(str::trim).filter(|name| !name.is_empty()),
            hour: time.hour,
            back: ctx.back(),
            pick: pick.as_ref().map(|product| Pick {
                product: &product.name,
                price: product.price.as_deref(),
                pitch: product.pitch.as_deref(),
                url: product.url.as_deref(),
            }),
        };
        let today = Today::from(time);
        let festival = self.festivals.iter().find(|festival| festival.is_on(&today));
        let festival = festival.map_or("", |festival| ctx.pick(&festival.zh, &festival.en));
        let pick_text = if words.pick.is_some() { ctx.pick(&self.pick_zh, &self.pick_en) } else { "" };
        // One call renders all: the sentences share their words.
        let first_line = [festival, self.opening(ctx, time), self.availability(ctx)];
        let joint = ctx.pick("", " ");
        let first_line: Vec<_> = first_line.into_iter().filter(|sentence| !sentence.is_empty()).collect();
        let template = [&first_line.join(joint), pick_text].join("\n");
        let text = ctx.render(&template, &words)?;
        let paragraphs = [text.trim().to_owned(), self.offers(ctx)];
        let paragraphs: Vec<_> = paragraphs.into_iter().filter(|text| !text.is_empty()).collect();
        let text = paragraphs.join("\n");
        Ok(match text.as_str() {
            "" => Outcome::pass(),
            text if self.menu && !ctx.menu.is_empty() => Outcome::reply(Content::choices(text, ctx.menu.clone())),
            text => Outcome::reply(text),
        })
    }
}

impl Greeting {
    fn opening(&self, ctx: &Context, time: LocalTime) -> &str {
        match ctx.pick(&self.returning_zh, &self.returning_en) {
            returning if !returning.is_empty() && is_acquainted(ctx) => returning,
            _ => self.time_of_day(ctx, time.hour),
        }
    }

    /// The last period that has begun; before the first one it is still night.
    fn time_of_day(&self, ctx: &Context, hour: u8) -> &str {
        let periods = [
            (self.morning_from, &self.morning_zh, &self.morning_en),
            (self.afternoon_from, &self.afternoon_zh, &self.afternoon_en),
            (self.evening_from, &self.evening_zh, &self.evening_en),
            (self.night_from, &self.night_zh, &self.night_en),
        ];
        let begun = periods.into_iter().filter(|(from, ..)| *from <= hour).max_by_key(|(from, ..)| *from);
        let (_, zh, en) = begun.unwrap_or((self.night_from, &self.night_zh, &self.night_en));
        ctx.pick(zh, en)
    }

    fn availability(&self, ctx: &Context) -> &str {
        match ctx.open {
            true => ctx.pick(&self.open_zh, &self.open_en),
            false => ctx.pick(&self.closed_zh, &self.closed_en),
        }
    }

    /// What is on offer today, a line each; the store's own words, which no template touches.
    fn offers(&self, ctx: &Context) -> String {
        if !self.offers || ctx.offers.is_empty() {
            return String::new();
        }
        let mut text = ctx.pick(&self.offers_zh, &self.offers_en).to_owned();
        for offer in &ctx.offers {
            text.push('\n');
            text.push_str(&offer.text);
            if let Some(url) = &offer.url {
                text.push(' ');
                text.push_str(url);
            }
        }
        text
    }

    /// A hot product in stock, by turns one for each day; the one the customer speaks of goes first.
    fn todays_pick(&self, ctx: &Context, time: LocalTime, message: Option<&Message>) -> Option<Product> {
        if !self.recommend {
            return None;
        }
        // Without the grant there is nothing to recommend, and that is no failure.
        let hot = |query: &str| -> Option<Vec<Product>> {
            let found = ctx.find_products(query, CANDIDATES).ok()?;
            Some(found.into_iter().filter(|product| product.hot && product.stock != Some(0)).collect())
        };
        let asked = message.and_then(|message| message.text.as_deref()).filter(|text| !text.trim().is_empty());
        if let Some(text) = asked
            && let Some(product) = hot(text)?.into_iter().next()
        {
            return Some(product);
        }
        let mut all = hot("")?;
        all.sort_by(|one, other| one.sku.cmp(&other.sku));
        let turn = (usize::from(time.month) * 31 + usize::from(time.day)).checked_rem(all.len())?;
        all.into_iter().nth(turn)
    }
}

fn is_acquainted(ctx: &Context) -> bool {
    ctx.customer.first_seen_ms.is_some_and(|first| ctx.now_ms - first > ACQUAINTED_AFTER_MS)
}

#[cfg(test)]
mod tests;
