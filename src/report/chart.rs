//! Charts as SVG that stands within a page and takes its colours from it.

use std::fmt::Write;

/// A day, or an hour.
pub struct Bar {
    pub name: String,
    /// What is read to whoever cannot see it, or points at it.
    pub shown: String,
    /// `None`: not known, which is no bar rather than one of no height.
    pub height: Option<f64>,
}

/// A share, and between which the true one lies.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 190.0;
/// Room for the names below.
const FOOT: f64 = 30.0;
/// Room for the greatest value above.
const HEAD: f64 = 28.0;

/// Bars side by side; the first, the last and some between have their names below.
pub fn bars(title: &str, bars: &[Bar]) -> String {
    let most = bars.iter().filter_map(|bar| bar.height).fold(0.0, f64::max);
    let step = WIDTH / bars.len().max(1) as f64;
    let room = HEIGHT - HEAD - FOOT;
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">", escaped(title));
    let base = HEAD + room;
    let _ = write!(svg, "<line class=\"axis\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{base}\" y2=\"{base}\"/>");
    let tallest = bars.iter().position(|bar| bar.height == Some(most));
    let every = bars.len().div_ceil(6).max(1);
    for (index, bar) in bars.iter().enumerate() {
        let x = step * index as f64;
        if let Some(height) = bar.height.filter(|_| most > 0.0) {
            let tall = height / most * room;
            let _ = write!(
                svg,
                "<rect class=\"bar\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" rx=\"2\"><title>{}: {}</title></rect>",
                x + step * 0.12,
                base - tall,
                step * 0.76,
                escaped(&bar.name),
                escaped(&bar.shown),
            );
        }
        let middle = x + step / 2.0;
        if index % every == 0 {
            let anchor = if index == 0 { "start" } else { "middle" };
            let at = if index == 0 { x } else { middle };
            let _ = write!(
                svg,
                "<text class=\"name\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                HEIGHT - 8.0,
                escaped(&bar.name)
            );
        }
        if Some(index) == tallest {
            let (at, anchor) = match middle {
                it if it < 60.0 => (0.0, "start"),
                it if it > WIDTH - 60.0 => (WIDTH, "end"),
                it => (it, "middle"),
            };
            let _ = write!(
                svg,
                "<text class=\"value\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                HEAD - 7.0,
                escaped(&bar.shown)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A bar from nothing to everything, with a line over where the true share lies.
pub fn span(title: &str, Span { value, low, high }: Span) -> String {
    let at = |share: f64| share * WIDTH;
    format!(
        "<svg class=\"span\" viewBox=\"0 0 {WIDTH} 24\" role=\"img\" aria-label=\"{}\">\
         <rect class=\"track\" x=\"0\" y=\"6\" width=\"{WIDTH}\" height=\"12\" rx=\"6\"/>\
         <rect class=\"bar\" x=\"0\" y=\"6\" width=\"{:.1}\" height=\"12\" rx=\"6\"/>\
         <line class=\"range\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"12\" y2=\"12\"/>\
         <line class=\"range\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"4\" y2=\"20\"/>\
         <line class=\"range\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"4\" y2=\"20\"/></svg>",
        escaped(title),
        at(value),
        at(low),
        at(high),
        at(low),
        at(low),
        at(high),
        at(high),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_place_and_what_is_not_known_has_no_bar() {
        let bar = |height| Bar { name: "<script>".to_owned(), shown: "\"&".to_owned(), height };
        let svg = bars("a<b", &[bar(Some(2.0)), bar(None), bar(Some(0.0))]);
        assert!(!svg.contains("<script>") && svg.contains("&lt;script&gt;"), "{svg}");
        assert_eq!(svg.matches("class=\"bar\"").count(), 2);
        assert!(!bars("nothing", &[bar(Some(0.0))]).contains("NaN"));
    }
}
