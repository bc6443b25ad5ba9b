//! Amounts of money as the readers of a language write them.

use crate::model::Money;

/// `¥199.00` in Chinese for yuan, `36,39 €` in Spanish for euros; a currency that is not the readers' own by its code.
pub fn amount(money: &Money, language: &str) -> String {
    let text = money.to_string();
    let Some((code, number)) = text.split_once(' ') else { return text };
    let base = language.split('-').next().unwrap_or_default();
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |number| ("-", number));
    let number = match base {
        "es" | "vi" | "id" => grouped(number, ".", ","),
        "zh" => number.to_owned(),
        _ => grouped(number, ",", "."),
    };
    match (base, code) {
        ("zh", "CNY") => format!("{sign}¥{number}"),
        ("zh", "TWD") => format!("{sign}NT${}", without_cents(&number)),
        ("zh", "HKD") => format!("{sign}HK${number}"),
        ("ja", "JPY") => format!("{sign}{number}円"),
        ("ko", "KRW") => format!("{sign}{number}원"),
        ("th", "THB") => format!("{sign}{number} บาท"),
        ("vi", "VND") => format!("{sign}{number} ₫"),
        ("id", "IDR") => format!("{sign}Rp{}", number.strip_suffix(",00").unwrap_or(&number)),
        ("es", "EUR") => format!("{sign}{number} €"),
        ("en", "USD") => format!("{sign}${number}"),
        ("en", "EUR") => format!("{sign}€{number}"),
        ("en", "GBP") => format!("{sign}£{number}"),
        ("es", _) => format!("{sign}{number} {code}"),
        _ => format!("{code} {sign}{number}"),
    }
}

/// The money in a price as a catalogue has it, `CNY 199.00`; `None` where it says more than an amount.
pub fn priced(price: &str) -> Option<Money> {
    let (currency, number) = price.trim().split_once(' ')?;
    let is_code = currency.len() == 3 && currency.bytes().all(|it| it.is_ascii_uppercase());
    Money::parse(number.trim(), currency).ok().filter(|_| is_code)
}

/// The same as the readers of a language write it; whatever else it says, as it stands.
pub fn price(price: &str, language: &str) -> String {
    priced(price).map_or_else(|| price.to_owned(), |money| amount(&money, language))
}

fn without_cents(number: &str) -> &str {
    number.strip_suffix(".00").unwrap_or(number)
}

/// A decimal with its thousands set apart.
fn grouped(number: &str, thousands: &str, point: &str) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut text = String::with_capacity(number.len() + 4);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push_str(thousands);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push_str(point);
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_form_and_foreign_currencies_their_code() {
        for (amount_of, currency, language, expected) in [
            ("1199.5", "CNY", "zh", "¥1199.50"),
            ("1199", "TWD", "zh-Hant", "NT$1199"),
            ("99", "HKD", "zh-Hant-HK", "HK$99.00"),
            ("12000", "JPY", "ja", "12,000円"),
            ("12000", "KRW", "ko", "12,000원"),
            ("199", "THB", "th", "199.00 บาท"),
            ("150000", "VND", "vi", "150.000 ₫"),
            ("150000", "IDR", "id", "Rp150.000"),
            ("1036.39", "EUR", "es", "1.036,39 €"),
            ("1036.39", "EUR", "en", "€1,036.39"),
            ("-3", "USD", "en", "-$3.00"),
            ("1199", "CNY", "en", "CNY 1,199.00"),
            ("1199", "CNY", "es", "1.199,00 CNY"),
            ("1.234", "KWD", "fr", "KWD 1.234"),
        ] {
            let money = Money::parse(amount_of, currency).unwrap();
            assert_eq!(amount(&money, language), expected);
        }
    }

    #[test]
    fn a_price_reads_as_in_its_readers_language_and_says_no_less_than_it_does() {
        for (written, language, expected) in [
            ("CNY 59.00", "zh", "¥59.00"),
            ("CNY 59.00", "zh-Hant", "¥59.00"),
            ("CNY 59.00", "en", "CNY 59.00"),
            ("USD 1299", "en", "$1,299.00"),
            ("from CNY 59.00", "zh", "from CNY 59.00"),
            ("CNY 59.00 起", "zh", "CNY 59.00 起"),
            ("两百", "zh", "两百"),
        ] {
            assert_eq!(price(written, language), expected);
        }
    }
}
