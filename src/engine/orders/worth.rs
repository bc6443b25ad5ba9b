//! Which of two orders is the larger one, in whatever currencies.

use crate::model::Money;

/// About what a unit of a currency is worth in US cents. It only has to tell a large order from a small one; a currency
/// that is not here counts as the dollar.
const CENTS: [(&str, f64); 24] = [
    ("AED", 27.0),
    ("AUD", 65.0),
    ("BRL", 18.0),
    ("CAD", 72.0),
    ("CHF", 120.0),
    ("CNY", 14.0),
    ("EUR", 112.0),
    ("GBP", 130.0),
    ("HKD", 12.8),
    ("IDR", 0.0062),
    ("INR", 1.15),
    ("JPY", 0.67),
    ("KRW", 0.072),
    ("KWD", 325.0),
    ("MXN", 5.4),
    ("MYR", 23.0),
    ("PHP", 1.75),
    ("RUB", 1.2),
    ("SGD", 76.0),
    ("THB", 3.0),
    ("TRY", 2.5),
    ("TWD", 3.2),
    ("USD", 100.0),
    ("VND", 0.0039),
];

/// The amount in hundredths of a US cent, roughly.
pub(super) fn worth(money: &Money) -> i64 {
    let cents = CENTS.iter().find(|(currency, _)| *currency == money.currency).map_or(100.0, |(_, cents)| *cents);
    (money.minor as f64 / money.units() as f64 * cents * 100.0) as i64
}
