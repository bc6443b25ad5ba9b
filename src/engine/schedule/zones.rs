//! Time zones by the names that people use for them.

use jiff::tz;

use crate::setting::nearest;

/// Names that are none of the IANA's, and the zone that is mostly meant.
const MEANT: [(&str, &str); 12] = [
    ("beijing", "Asia/Shanghai"),
    ("china", "Asia/Shanghai"),
    ("shenzhen", "Asia/Shanghai"),
    ("guangzhou", "Asia/Shanghai"),
    ("hangzhou", "Asia/Shanghai"),
    ("utc+8", "Asia/Shanghai"),
    ("gmt+8", "Asia/Shanghai"),
    ("+08:00", "Asia/Shanghai"),
    ("cst", "Asia/Shanghai` or `America/Chicago"),
    ("pst", "America/Los_Angeles"),
    ("hanoi", "Asia/Ho_Chi_Minh"),
    ("munich", "Europe/Berlin"),
];

/// What to write in place of a name that is no time zone.
pub fn hint(wrong: &str) -> String {
    let lower = wrong.trim().to_lowercase();
    if let Some((_, meant)) = MEANT.iter().find(|(name, _)| lower.contains(name)) {
        return format!("did you mean `{meant}`? a zone has its IANA name, of a large city nearby");
    }
    let names: Vec<String> = tz::db().available().map(|name| name.to_string()).filter(|it| it.contains('/')).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match nearest(wrong.trim(), &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "use its IANA name, such as `Asia/Shanghai` or `Europe/Berlin`".to_owned(),
    }
}

/// What is odd about a zone that is known: it has no summer time where its people have, or is counted the other way round.
pub fn oddity(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    if lower.starts_with("etc/gmt") && lower.contains(['+', '-']) {
        return Some(format!(
            "the time zone `{name}` counts the other way round: Etc/GMT-8 is eight hours ahead; a city's name is safer"
        ));
    }
    let city = match lower.as_str() {
        "est" => "America/New_York",
        "mst" => "America/Denver",
        "gmt" | "greenwich" | "etc/gmt" | "etc/greenwich" => "Europe/London",
        _ => return None,
    };
    Some(format!("the time zone `{name}` has no summer time; a city's name, such as `{city}`, has"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_without_the_summer_time_of_its_people_or_counted_the_other_way_round_is_told_with_what_is_meant() {
        for (name, told) in [
            ("EST", "America/New_York"),
            ("est", "America/New_York"),
            ("MST", "America/Denver"),
            ("GMT", "Europe/London"),
            ("Etc/GMT", "Europe/London"),
            ("Etc/GMT-8", "the other way round"),
            ("Etc/GMT+5", "the other way round"),
        ] {
            let oddity = oddity(name).unwrap_or_default();
            assert!(oddity.contains(told) && oddity.contains(name), "{name}: {oddity}");
            assert!(tz::db().get(name).is_ok(), "{name} is taken, however odd");
        }
        for name in ["Asia/Shanghai", "America/New_York", "EST5EDT", "HST", "UTC", "Etc/UTC", "Europe/London"] {
            assert_eq!(oddity(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_no_zone_gets_the_one_that_is_meant() {
        for (name, meant) in [
            ("Beijing", "Asia/Shanghai"),
            ("Asia/Beijing", "Asia/Shanghai"),
            ("UTC+8", "Asia/Shanghai"),
            ("PST", "America/Los_Angeles"),
            ("Asia/Shanghi", "Asia/Shanghai"),
            ("nowhere at all", "IANA"),
        ] {
            assert!(hint(name).contains(meant), "{name}: {}", hint(name));
        }
    }
}
