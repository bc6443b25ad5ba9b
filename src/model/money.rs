use std::fmt;

use serde::{Deserialize, Serialize};

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

    /// The amount in whole units, rounded towards zero: 199 for CNY 199.50.
    pub fn whole(&self) -> i64 {
        self.minor / 10_i64.pow(decimals(&self.currency))
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
}
