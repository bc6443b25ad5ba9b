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
    let fixed = ["est", "mst", "hst"].contains(&lower.as_str());
    fixed.then(|| format!("the time zone `{name}` has no summer time; a city's name, such as `America/New_York`, has"))
}
