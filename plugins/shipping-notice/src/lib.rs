//! Tells a customer that the parcel left: with which courier, under which number, when to expect it, and where
//! to follow it. Asks for a careful look where something fragile is inside.
//!
//! The couriers, the words they are known by and their tracking pages are settings, as is every sentence.

use nightclerk_sdk::prelude::*;

mod carrier;

use carrier::Carrier;

#[derive(Deserialize)]
struct Notice {
    text_zh: String,
    text_en: String,
    parcel_zh: String,
    parcel_en: String,
    expected_zh: String,
    expected_en: String,
    delicate_words: Vec<String>,
    delicate_zh: String,
    delicate_en: String,
    closing_zh: String,
    closing_en: String,
    track_zh: String,
    track_en: String,
    carriers: Vec<Carrier>,
}

nightclerk_sdk::plugin!(Notice: OnShippingNotice);

/// What it has words in.
const LANGUAGES: [&str; 2] = ["zh-Hans", "en"];

/// What the texts know.
#[derive(Serialize)]
struct Words<'a> {
    store: &'a str,
    clerk: &'a str,
    name: Option<&'a str>,
    order_id: &'a str,
    items: String,
    carrier: Option<&'a str>,
    number: Option<&'a str>,
    expected: Option<&'a str>,
}

impl OnShippingNotice for Notice {
    fn on_shipping_notice(&self, ctx: &Context, order: &Order) -> Answer {
        if !ctx.reads(&LANGUAGES) {
            return Ok(Outcome::pass());
        }
        let details = ctx.order_details(&order.shop, &order.id)?.unwrap_or_default();
        let parcel = details.parcels.last();
        let told = |part: fn(&Parcel) -> &Option<String>| {
            parcel.and_then(|it| part(it).as_deref()).map(str::trim).filter(|text| !text.is_empty())
        };
        let number = told(|it| &it.tracking_number);
        let called = told(|it| &it.carrier);
        let carrier = called.and_then(|name| self.carriers.iter().find(|carrier| carrier.is(name)));
        let link = told(|it| &it.tracking_url)
            .map(str::to_owned)
            .or_else(|| carrier.zip(number).and_then(|(carrier, number)| carrier.tracking_link(number)));
        let words = Words {
            store: &ctx.store_name,
            clerk: &ctx.clerk_name,
            name: order.customer_name.as_deref().or(ctx.customer.name.as_deref()),
            order_id: &order.id,
            items: details.items_text(ctx.pick("、", ", ")),
            carrier: carrier.map(|carrier| ctx.pick(&carrier.zh, &carrier.en)).or(called),
            number,
            expected: told(|it| &it.expected),
        };
        let when = |applies: bool, zh, en| if applies { ctx.pick(zh, en) } else { "" };
        let sentences = [
            ctx.pick(&self.text_zh, &self.text_en),
            when(words.carrier.or(number).is_some(), &self.parcel_zh, &self.parcel_en),
            when(words.expected.is_some(), &self.expected_zh, &self.expected_en),
            when(self.is_delicate(&details), &self.delicate_zh, &self.delicate_en),
            ctx.pick(&self.closing_zh, &self.closing_en),
        ];
        let sentences: Vec<_> = sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect();
        let text = ctx.render(&sentences.join("\n"), &words)?;
        Ok(Outcome::reply(match link {
            Some(url) => Content::link(format!("{text}\n{}", ctx.pick(&self.track_zh, &self.track_en)), url),
            None => Content::text(text),
        }))
    }
}

impl Notice {
    fn is_delicate(&self, order: &OrderDetails) -> bool {
        let titles: Vec<_> = order.items.iter().map(|item| item.title.to_lowercase()).collect();
        let words = self.delicate_words.iter().filter(|word| !word.is_empty()).map(|word| word.to_lowercase());
        words.into_iter().any(|word| titles.iter().any(|title| title.contains(&word)))
    }
}

#[cfg(test)]
mod tests;
