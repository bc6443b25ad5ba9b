//! Things for a test to change.

use crate::{Money, OrderDetails, OrderItem, OrderStatus, Product};

/// An order of `CNY 199.00` for a teapot, placed and not paid, with a link to pay at. Change what the test is about:
/// `OrderDetails { status: OrderStatus::Paid, ..order("A1") }`.
pub fn order(id: &str) -> OrderDetails {
    OrderDetails {
        shop: "shop".into(),
        id: id.to_owned(),
        status: OrderStatus::Placed,
        total: Some(money("CNY 199.00")),
        items: vec![OrderItem { sku: Some("POT-1".into()), title: "Teapot".into(), quantity: 1 }],
        payment_url: Some(format!("https://shop.example/pay/{id}")),
        placed_ms: Some(1_795_500_000_000),
        ..OrderDetails::default()
    }
}

/// An amount as customers read it: `CNY 199.00`, `JPY 500`.
///
/// # Panics
/// It is not a currency and an amount.
#[track_caller]
pub fn money(text: &str) -> Money {
    let read = || {
        let (currency, amount) = text.split_once(' ')?;
        let whole = amount.split('.').next()?.parse().ok()?;
        let minor = amount.replace('.', "").parse().ok()?;
        Some(Money { minor, whole, currency: currency.to_owned(), text: text.to_owned() })
    };
    read().unwrap_or_else(|| panic!("`{text}` is not an amount such as `CNY 199.00`"))
}

/// A product that sells well, `CNY 59.00`.
pub fn product(sku: &str, name: &str) -> Product {
    Product {
        sku: sku.to_owned(),
        name: name.to_owned(),
        price: Some("CNY 59.00".into()),
        url: Some(format!("https://shop.example/{sku}")),
        pitch: None,
        stock: Some(10),
        hot: true,
    }
}
