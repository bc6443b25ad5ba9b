//! What the store sells and what is on offer.

use std::{cmp::Ordering, collections::BTreeMap, ops::Range};

use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    amount::priced,
    grouped::Grouped,
    schedule::wall_moment,
    text::Folded,
    utterance::Utterance,
    vocabulary::{Hit, Vocabulary, VocabularyBuilder},
};
use crate::{
    language::Tag,
    model::{Money, Product, Promotion},
    setting::{PathStep, Problem, WEB_URL_HINT, hint, picture_url, web_url},
};

const FILE: &str = "catalogue.toml";
/// Products offered at once: two or three, not a list.
pub const AT_ONCE: usize = 3;

/// What the store sells and what is on offer.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogueSettings {
    /// What the store sells.
    pub product: Vec<Product>,
    /// What is on offer.
    pub promotion: Vec<Promotion>,
}

pub struct Catalogue {
    products: Vec<Product>,
    promotions: Vec<Offer>,
    words: Option<Vocabulary>,
    /// For each word, the products it names.
    named: Grouped,
    /// Where each product stands, in the order of their SKUs, and of their pages.
    sku_order: Vec<usize>,
    page_order: Vec<usize>,
}

struct Offer {
    promotion: Promotion,
    from: Option<DateTime>,
    /// The first moment at which it no longer runs.
    until: Option<DateTime>,
}

impl Catalogue {
    /// `currency`: that of amounts which are told without one. Notes each mistake.
    pub fn compile(settings: CatalogueSettings, currency: Option<&str>, problems: &mut Vec<Problem>) -> Self {
        let CatalogueSettings { product, promotion } = settings;
        // As they were read they lie scattered among what the reader of the file has left, and would keep it from the system.
        let mut products = product.clone();
        drop(product);
        for (index, product) in products.iter_mut().enumerate() {
            let Some(price) = product.price.as_mut().filter(|it| is_bare(it)) else { continue };
            match currency {
                Some(currency) => *price = format!("{currency} {}", price.trim()),
                None => {
                    let hint = format!("write \"CNY {}\" or the like, or set `currency` in orders.toml", price.trim());
                    let message = format!("the price `{price}` has no currency");
                    problems.push(Problem::new(FILE, product_path(index, "price"), message).hint(hint));
                }
            }
        }
        let mut numbers = BTreeMap::new();
        for (index, product) in products.iter().enumerate() {
            if product.sku.trim().is_empty() || product.name.is_empty() {
                problems.push(Problem::new(FILE, product_path(index, "sku"), "a product needs a `sku` and a `name`"));
            }
            if numbers.insert(product.sku.as_str(), index).is_some() {
                let message = format!("a second product has the sku `{}`", product.sku);
                problems.push(Problem::new(FILE, product_path(index, "sku"), message).hint("give each its own"));
            }
            let url = product.url.as_deref().map(web_url);
            let picture = product.picture.as_deref().map(picture_url);
            for (key, checked) in [("url", url), ("picture", picture)] {
                if let Some(Err(message)) = checked {
                    problems.push(Problem::new(FILE, product_path(index, key), message).hint(WEB_URL_HINT));
                }
            }
        }
        for (index, product) in products.iter().enumerate() {
            for (key, others) in [("substitutes", &product.substitutes), ("complements", &product.complements)] {
                for (at, sku) in others.iter().enumerate() {
                    let path = product_path(index, key).into_iter().chain([at.into()]);
                    if *sku == product.sku {
                        problems.push(Problem::new(FILE, path, "a product does not stand in for itself"));
                    } else if !numbers.contains_key(sku.as_str()) {
                        let hint = hint(sku, numbers.keys().copied());
                        problems.push(Problem::new(FILE, path, format!("there is no product `{sku}`")).hint(hint));
                    }
                }
            }
        }
        let promotions =
            promotion.into_iter().enumerate().map(|(index, it)| Offer::compile(it, index, problems)).collect();
        let (words, named) = index(&products, problems);
        let sku_order = numbers.into_values().collect();
        let pages: BTreeMap<_, _> =
            products.iter().enumerate().filter_map(|(index, it)| Some((it.url.as_deref()?, index))).collect();
        let page_order = pages.into_values().collect();
        Self { products, promotions, words, named, sku_order, page_order }
    }

    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// Products whose SKU, name or alias occurs in `query`: the longest word first, then the catalogue's order.
    /// For an empty query what can be ordered, best sellers first.
    pub fn find(&self, query: &str, limit: usize) -> Vec<&Product> {
        if query.trim().is_empty() {
            let (hot, others): (Vec<_>, Vec<_>) = self.products.iter().filter(|it| in_stock(it)).partition(|it| it.hot);
            return hot.into_iter().chain(others).take(limit).collect();
        }
        self.find_said(&Utterance::new(query), limit)
    }

    /// Whether a text is the name of a product, or several, and nothing else.
    pub fn is_name(&self, said: &Utterance) -> bool {
        let Some(words) = &self.words else { return false };
        let named = &said.heard_by_catalogue(words).keywords;
        let outside = |at: usize| !named.iter().any(|hit| hit.range().contains(&at));
        !named.is_empty() && !said.folded().as_str().char_indices().any(|(at, it)| it.is_alphabetic() && outside(at))
    }

    pub fn find_said(&self, query: &Utterance, limit: usize) -> Vec<&Product> {
        let Some(words) = &self.words else { return Vec::new() };
        let mut best: BTreeMap<usize, usize> = BTreeMap::new();
        for hit in query.heard_by_catalogue(words).keywords.iter().filter(|hit| is_meant(words, hit, query.folded())) {
            let length = words.word(hit.keyword).chars().count();
            for product in self.named.of(hit.keyword) {
                let known = best.entry(product).or_default();
                *known = length.max(*known);
            }
        }
        let mut found: Vec<_> = best.into_iter().collect();
        found.sort_by_key(|(product, length)| (std::cmp::Reverse(*length), *product));
        found.iter().take(limit).filter_map(|(product, _)| self.products.get(*product)).collect()
    }

    /// Where a text first names a product.
    pub fn named_at(&self, query: &Utterance) -> Option<Range<usize>> {
        let words = self.words.as_ref()?;
        let hits = &query.heard_by_catalogue(words).keywords;
        hits.iter().filter(|hit| is_meant(words, hit, query.folded())).map(Hit::range).min_by_key(|it| it.start)
    }

    /// What to offer in place of products that are sold out; their own substitutes first, else best sellers.
    pub fn substitutes(&self, products: &[&Product]) -> Vec<&Product> {
        let sold_out: Vec<_> = products.iter().filter(|it| !in_stock(it)).collect();
        if sold_out.is_empty() {
            return Vec::new();
        }
        let named = sold_out.iter().flat_map(|it| &it.substitutes).filter_map(|sku| self.by_sku(sku));
        pick(named.chain(self.hot()), products)
    }

    /// What goes with products, filled up with best sellers; nothing of `except`. What is neither is not said to go with
    /// them.
    pub fn complements(&self, products: &[&Product], except: &[&Product]) -> Vec<&Product> {
        let except = [products, except].concat();
        let named = products.iter().filter(|it| in_stock(it)).flat_map(|it| &it.complements);
        let named: Vec<_> = named.filter_map(|sku| self.by_sku(sku)).collect();
        let sells_well = self.products.iter().filter(|it| it.hot);
        pick(named.into_iter().chain(sells_well), &except).into_iter().take(2).collect()
    }

    /// Best sellers in stock; where there are few, whatever is in stock.
    pub fn hot(&self) -> Vec<&Product> {
        let (hot, others): (Vec<_>, Vec<_>) = self.products.iter().partition(|it| it.hot);
        pick(hot.into_iter().chain(others), &[])
    }

    /// The offers that run at a moment on the store's wall.
    pub fn promotions(&self, now: DateTime) -> impl Iterator<Item = &Promotion> {
        let runs =
            move |it: &&Offer| it.from.is_none_or(|from| from <= now) && it.until.is_none_or(|until| now < until);
        self.promotions.iter().filter(runs).map(|it| &it.promotion)
    }

    /// What is in stock and has a price that is an amount, with it.
    pub fn priced(&self) -> impl Iterator<Item = (&Product, Money)> {
        let in_stock = self.products.iter().filter(|it| in_stock(it));
        in_stock.filter_map(|it| Some((it, priced(it.price.as_deref()?)?)))
    }

    /// The product that is sold at this address.
    pub fn at(&self, url: &str) -> Option<&Product> {
        self.found(&self.page_order, |product| product.url.as_deref().cmp(&Some(url)))
    }

    pub fn by_sku(&self, sku: &str) -> Option<&Product> {
        self.found(&self.sku_order, |product| product.sku.as_str().cmp(sku))
    }

    /// The product to which others are less and greater, where these places are in such an order.
    fn found(&self, order: &[usize], compare: impl Fn(&Product) -> Ordering) -> Option<&Product> {
        let known = |at: &usize| self.products.get(*at).map_or(Ordering::Less, &compare);
        order.binary_search_by(known).ok().and_then(|at| self.products.get(*order.get(at)?))
    }
}

/// Words before a number that make of it a product's.
const OF_PRODUCTS: [&str; 9] = ["货号", "编号", "款号", "型号", "sku", "item", "no.", "product", "#"];

/// Whether a word names a product. Digits alone do so only where they are all that is said, or are called a number of
/// one: in 我要10个杯子 nobody asks for product 10.
fn is_meant(words: &Vocabulary, hit: &Hit, text: &Folded) -> bool {
    let word = words.word(hit.keyword);
    if !word.bytes().all(|it| it.is_ascii_digit()) {
        return true;
    }
    let before = text.as_str().get(..hit.start).unwrap_or_default().trim_end_matches([' ', ':', '是']);
    text.as_str().trim_matches(['?', '!', '.', ' ']) == word || OF_PRODUCTS.iter().any(|it| before.ends_with(it))
}

/// Whether it can be ordered; where the store does not count, it can.
pub fn in_stock(product: &Product) -> bool {
    product.stock != Some(0)
}

/// The first few that are in stock, each once, without those of `except`.
fn pick<'a>(from: impl IntoIterator<Item = &'a Product>, except: &[&Product]) -> Vec<&'a Product> {
    let mut picked: Vec<&Product> = Vec::new();
    for product in from {
        let known = except.iter().chain(&picked).any(|it| it.sku == product.sku);
        if !known && in_stock(product) && picked.len() < AT_ONCE {
            picked.push(product);
        }
    }
    picked
}

fn index(products: &[Product], problems: &mut Vec<Problem>) -> (Option<Vocabulary>, Grouped) {
    let mut builder = VocabularyBuilder::default();
    let mut named = Vec::new();
    for (index, product) in products.iter().enumerate() {
        let names = product.name.entries().map(|(_, name)| name).chain(&product.aliases);
        let words: Vec<_> = names.filter_map(|it| builder.keyword(it)).collect();
        named.extend(builder.code(&product.sku).into_iter().chain(words).map(|number| (number, index)));
    }
    let words = builder.build().map_err(|error| problems.push(Problem::new(FILE, ["product".into()], error))).ok();
    (words, Grouped::new(named))
}

impl Offer {
    fn compile(mut promotion: Promotion, index: usize, problems: &mut Vec<Problem>) -> Self {
        if let Some((tag, english)) = Tag::parse("en").ok().zip(promotion.text_en.take()) {
            promotion.text.insert(tag, english);
        }
        let path = |key: &str| ["promotion".into(), index.into(), key.into()];
        if promotion.text.is_empty() {
            problems.push(Problem::new(FILE, path("text"), "an offer needs a text"));
        }
        if let Some(message) = promotion.url.as_deref().and_then(|text| web_url(text).err()) {
            problems.push(Problem::new(FILE, path("url"), message).hint(WEB_URL_HINT));
        }
        let mut moment = |key: &str, text: &Option<String>, ends: bool| {
            let text = text.as_deref()?;
            let moment = wall_moment(text, ends);
            if moment.is_none() {
                let problem = Problem::new(FILE, path(key), format!("`{text}` is not a day of the calendar"));
                problems.push(problem.hint("write a day or a moment: \"2026-11-24\", \"2026-11-24 20:00\""));
            }
            moment
        };
        let from = moment("from", &promotion.from, false);
        let until = moment("until", &promotion.until, true);
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            let [from, until] = [&promotion.from, &promotion.until].map(|it| it.as_deref().unwrap_or_default());
            let message = format!("ends before it begins: {until} is before {from}");
            problems.push(Problem::new(FILE, path("until"), message).hint("swap the two"));
        }
        Self { promotion, from, until }
    }
}

/// Whether a price is a number and nothing else. What it is in, the customer would have to guess.
fn is_bare(price: &str) -> bool {
    let is_of_a_number = |it: char| it.is_ascii_digit() || matches!(it, '.' | ',' | ' ' | '\'');
    price.bytes().any(|it| it.is_ascii_digit()) && price.chars().all(is_of_a_number)
}

fn product_path(index: usize, key: &str) -> [PathStep; 3] {
    ["product".into(), index.into(), key.into()]
}
