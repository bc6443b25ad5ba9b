use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// An amount in a currency's minor unit (cents, 分; whole yen for JPY).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    /// ISO 4217, upper case.
    pub currency: String,
}

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount of {currency}: expected digits with at most {digits} decimals, such as 199.00")]
pub struct MoneyError {
    text: String,
    currency: String,
    digits: u32,
}

impl Money {
    /// Reads a decimal such as `199`, `199.5` or `-3.00`.
    ///
    /// # Errors
    /// Anything but digits, one sign and one point, more decimals than the currency has, or an overflow.
    pub fn parse(text: &str, currency: &str) -> Result<Self, MoneyError> {
        let currency = currency.to_ascii_uppercase();
        let digits = decimals(&currency);
        let bad = || MoneyError { text: text.chars().take(40).collect(), currency: currency.clone(), digits };
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        // Platforms pad with zeros ("100.00" for yen); only a non-zero digit too many is an error.
        let (fraction, surplus) = fraction.split_at_checked(digits as usize).unwrap_or((fraction, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || surplus.bytes().any(|b| b != b'0') {
            return Err(bad());
        }
        let padded = format!("{whole}{fraction:0<width$}", width = digits as usize);
        let minor: i64 = padded.parse().map_err(|_| bad())?;
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }

    /// Reads an amount as shops write it: `1,299.00`, `¥ 199`, `59.970000000000006`. `None` for what could mean
    /// something else, as `16.24` does where the currency has no decimals.
    pub fn read(text: &str, currency: &str) -> Option<Self> {
        let currency = currency.to_ascii_uppercase();
        let plain = plain_decimal(text, decimals(&currency))?;
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let (kept, surplus) = fraction.split_at_checked(decimals(&currency) as usize).unwrap_or((fraction, ""));
        let money = Self::parse(&format!("{whole}.{kept}"), &currency).ok()?;
        // A machine's rounding shows three places behind what can be paid; anything nearer was meant.
        match surplus.get(..surplus.len().min(3)) {
            Some(near) if near.bytes().all(|it| it == b'0') => Some(money),
            Some("999") => Some(Self { minor: money.minor.checked_add(1)?, ..money }),
            _ => None,
        }
    }

    /// The amount in whole units, rounded towards zero: 199 for CNY 199.50.
    pub fn whole(&self) -> i64 {
        self.minor / self.units()
    }

    /// How many minor units make a whole one: 100 for CNY.
    pub fn units(&self) -> i64 {
        10_i64.pow(decimals(&self.currency))
    }
}

impl Money {
    /// In the currency's unit, for comparisons and sums in the store's own words: 199.5. Not for keeping money.
    pub fn amount(&self) -> f64 {
        self.minor as f64 / 10_f64.powi(decimals(&self.currency).cast_signed())
    }
}

impl fmt::Display for Money {
    /// `CNY 199.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = decimals(&self.currency);
        let sign = if self.minor < 0 { "-" } else { "" };
        let scale = 10_u64.pow(digits);
        let minor = self.minor.unsigned_abs();
        write!(f, "{} {sign}{}", self.currency, minor / scale)?;
        if digits > 0 {
            write!(f, ".{:0width$}", minor % scale, width = digits as usize)?;
        }
        Ok(())
    }
}

/// The digits of an amount with one point at most, without signs, spaces and marks between thousands.
fn plain_decimal(text: &str, decimals: u32) -> Option<String> {
    let text: String = text.nfkc().collect();
    let sign = |it: char| it.is_whitespace() || it.is_alphabetic() || "$€£¥₩₹฿₫₱₽元".contains(it);
    let mut text = match text.trim().parse::<f64>() {
        // Written with an exponent.
        Ok(number) if text.contains(['e', 'E']) => format!("{number:.12}"),
        _ => text.trim_matches(sign).replace([' ', '\u{a0}', '\'', '’'], ""),
    };
    let comma = text.rfind(',');
    let point = text.rfind('.');
    match (comma, point) {
        (Some(comma), Some(point)) if comma > point => text = text.replace('.', "").replacen(',', ".", 1),
        (Some(_), Some(_)) => text = grouped(&text)?,
        (Some(comma), None) => {
            let behind = text.len() - comma - 1;
            let single = text.matches(',').count() == 1;
            text = match (single && behind == 3 && decimals == 3, single && behind != 3) {
                (true, _) => return None,
                (_, true) => text.replace(',', "."),
                _ => grouped(&text)?,
            };
        }
        _ => {}
    }
    let digits = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    (!whole.is_empty() && digits(whole) && digits(fraction)).then_some(text)
}

/// Takes out the commas of `1,299,000.00`, if they stand where they should.
fn grouped(text: &str) -> Option<String> {
    let whole = text.split('.').next()?;
    let mut groups = whole.split(',');
    let first = groups.next()?;
    ((1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)).then(|| text.replace(',', ""))
}

/// An amount as a shop writes it; its currency may go without saying.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    pub text: String,
    pub currency: Option<String>,
}

impl Amount {
    /// What it comes to, in its own currency, else in the usual one.
    pub fn money(&self, usual: Option<&str>) -> Option<Money> {
        Money::read(&self.text, self.currency.as_deref().or(usual)?)
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        let shown = money.to_string();
        let text = shown.split_once(' ').map_or(shown.as_str(), |(_, text)| text).to_owned();
        Self { text, currency: Some(money.currency) }
    }
}

/// Decimals of a currency's minor unit (ISO 4217, the currencies that differ from two).
fn decimals(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_and_print_in_the_currencys_own_decimals() {
        for (text, currency, minor, shown) in [
            ("199", "cny", 19_900, "CNY 199.00"),
            ("0.5", "USD", 50, "USD 0.50"),
            ("-3.00", "EUR", -300, "EUR -3.00"),
            ("1200.00", "JPY", 1_200, "JPY 1200"),
            ("1.234", "KWD", 1_234, "KWD 1.234"),
        ] {
            let money = Money::parse(text, currency).unwrap();
            assert_eq!(money.minor, minor);
            assert_eq!(money.whole(), shown[4..].split('.').next().unwrap().parse::<i64>().unwrap());
            assert_eq!(money.to_string(), shown);
        }
    }

    #[test]
    fn a_text_that_is_no_amount_is_refused() {
        for text in ["", ".", "1.005", "1e9", "１", "--1", "1.2.3", "99999999999999999999"] {
            assert!(Money::parse(text, "USD").is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_are_read_as_shops_write_them_and_never_guessed() {
        for (text, currency, shown) in [
            ("59.970000000000006", "USD", Some("USD 59.97")),
            ("0.30000000000000004", "usd", Some("USD 0.30")),
            ("59.96999999999999", "USD", Some("USD 59.97")),
            ("1,299.00", "CNY", Some("CNY 1299.00")),
            ("1,299", "CNY", Some("CNY 1299.00")),
            ("1.299,50", "EUR", Some("EUR 1299.50")),
            ("12,50", "EUR", Some("EUR 12.50")),
            ("1 299,00 €", "EUR", Some("EUR 1299.00")),
            ("¥1299.00", "CNY", Some("CNY 1299.00")),
            ("１２．５", "CNY", Some("CNY 12.50")),
            ("36.3900", "EUR", Some("EUR 36.39")),
            ("6e2", "USD", Some("USD 600.00")),
            ("16.24", "JPY", None),
            ("1.299", "USD", None),
            ("1,299", "KWD", None),
            ("12,34,567.00", "USD", None),
            ("-5", "USD", None),
            ("ten", "USD", None),
            ("", "USD", None),
        ] {
            assert_eq!(Money::read(text, currency).map(|it| it.to_string()).as_deref(), shown, "{text} {currency}");
        }
    }
}
