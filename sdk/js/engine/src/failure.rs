//! What went wrong in a script, in one line that begins with the place: `hello.js:19:14: TypeError: …`.

use rquickjs::{CaughtError, Function};

/// What a call that was ended for its time is answered with; the daemon knows it by these words.
pub const OVERTIME: &str = "ran out of time";
/// Callers that are named beside the place.
const CALLERS: usize = 2;

/// The error of a call of this function, which is where it is said to be if nothing else is known.
pub fn words(error: CaughtError<'_>, called: Option<&Function<'_>>) -> String {
    match error {
        CaughtError::Exception(error) => {
            let message = error.message().unwrap_or_default();
            let kind = error.get::<_, String>("name").unwrap_or_default();
            let places = places(&error.stack().unwrap_or_default());
            if kind == "InternalError" && message == "interrupted" {
                return overtime(places.first().cloned());
            }
            let mut callers = places.iter().skip(1).take(CALLERS).peekable();
            let callers = match callers.peek() {
                None => String::new(),
                Some(_) => format!(" (called at {})", callers.cloned().collect::<Vec<_>>().join(", ")),
            };
            let place = places.first().cloned().or_else(|| called.and_then(place_of));
            at(place, &format!("{kind}: {message}{callers}"))
        }
        // QuickJS throws it too where no memory is left for an error.
        CaughtError::Value(it) if it.is_null() => {
            at(called.and_then(place_of), "null was thrown, by the script itself or because its memory ran out")
        }
        CaughtError::Value(it) => {
            let shown = it.as_string().and_then(|it| it.to_string().ok());
            let shown = shown.map_or_else(|| crate::exact::kind(&it), |text| format!("the text {text:?}"));
            at(called.and_then(place_of), &format!("{shown} was thrown; throw an Error, which knows its line"))
        }
        CaughtError::Error(error) => at(called.and_then(place_of), &error.to_string()),
    }
}

/// A loop is noticed a little after where it began.
pub fn overtime(place: Option<String>) -> String {
    place.map_or_else(|| OVERTIME.to_owned(), |place| format!("{OVERTIME} at {place} or a little after"))
}

/// `what`, where the place is known with it before.
pub fn at(place: Option<String>, what: &str) -> String {
    place.map_or_else(|| what.to_owned(), |place| format!("{place}: {what}"))
}

/// Where a function of the script begins.
pub fn place_of(function: &Function<'_>) -> Option<String> {
    let (file, line, column): (String, u32, u32) =
        (function.get("fileName").ok()?, function.get("lineNumber").ok()?, function.get("columnNumber").ok()?);
    Some(shown(&format!("{file}:{line}:{column}")))
}

/// The places of a stack, the innermost first: those of the script itself.
fn places(stack: &str) -> Vec<String> {
    let frames = stack.lines().filter_map(|line| line.trim().strip_prefix("at "));
    let places = frames.filter_map(|frame| match frame.rsplit_once('(') {
        Some((_, place)) => place.strip_suffix(')'),
        None => Some(frame),
    });
    places.filter(|place| place.contains(':')).map(shown).collect()
}

/// Types that were taken out move what stands behind them in their line: there the line alone is true.
fn shown(place: &str) -> String {
    match place.rsplit_once(':') {
        Some((line, _)) if line.contains(".ts:") || line.contains(".mts:") => line.to_owned(),
        _ => place.to_owned(),
    }
}
