//! Products that a message names by their address, to be shown with picture and price.

use super::lines::{Card, Line, Side};
use crate::{
    engine::Playbook,
    language::Language,
    model::{Content, Product},
};

/// More are not read by anybody.
const MOST: usize = 6;

impl Card {
    fn of(product: &Product, language: Language<'_>) -> Option<Self> {
        let Product { name, price, picture, url, .. } = product;
        let name = name.get(language).into_owned();
        Some(Self { url: url.clone()?, name, price: price.clone(), picture: picture.clone() })
    }
}

/// Adds the cards of the products that the clerk's lines name, in the customer's language.
pub fn add(lines: &mut [Line], playbook: &Playbook, language: Option<&str>) {
    let language = playbook.language(language);
    for line in lines.iter_mut().filter(|line| line.from == Side::Clerk) {
        let text = match &line.content {
            Content::Text { text } | Content::Choices { text, .. } => text.as_str(),
            Content::Link { url, .. } => url.as_str(),
            _ => continue,
        };
        let mut cards: Vec<Card> = Vec::new();
        let products = addresses(text).filter_map(|url| playbook.product_at(url));
        for card in products.filter_map(|product| Card::of(product, language)) {
            if cards.len() < MOST && cards.iter().all(|known| known.url != card.url) {
                cards.push(card);
            }
        }
        line.cards = cards;
    }
}

/// The web addresses in a text.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || "<>\"'，。；！？）】、".contains(c);
    text.split(ends).filter_map(|word| word.find("http").map(|at| &word[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_the_midst_of_words() {
        let text = "茶https://shop.example/t1，好喝 (http://a.example)\n· Cup CNY 5 https://shop.example/c1";
        let found: Vec<_> = addresses(text).collect();
        assert_eq!(found, ["https://shop.example/t1", "http://a.example)", "https://shop.example/c1"]);
    }
}
