//! What continuous integration reads: a report in JUnit's XML.

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

/// One scenario that was played.
pub struct Case<'a> {
    pub file: &'a str,
    pub name: &'a str,
    pub seconds: f64,
    /// What came out otherwise, a line each; `None` where nothing did.
    pub failure: Option<String>,
}

/// The report of all of them.
///
/// # Errors
/// There is no memory for it.
pub fn report(cases: &[Case<'_>]) -> std::io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let failures = cases.iter().filter(|case| case.failure.is_some()).count().to_string();
    let seconds = cases.iter().map(|case| case.seconds).sum::<f64>();
    let mut suite = BytesStart::new("testsuite");
    suite.push_attribute(("name", "nightclerk"));
    suite.push_attribute(("tests", cases.len().to_string().as_str()));
    suite.push_attribute(("failures", failures.as_str()));
    suite.push_attribute(("time", format!("{seconds:.3}").as_str()));
    writer.write_event(Event::Start(suite))?;
    for case in cases {
        let mut element = BytesStart::new("testcase");
        element.push_attribute(("classname", case.file));
        element.push_attribute(("name", case.name));
        element.push_attribute(("time", format!("{:.3}", case.seconds).as_str()));
        let Some(failure) = &case.failure else {
            writer.write_event(Event::Empty(element))?;
            continue;
        };
        writer.write_event(Event::Start(element))?;
        let mut failed = BytesStart::new("failure");
        failed.push_attribute(("message", failure.lines().next().unwrap_or_default()));
        writer.write_event(Event::Start(failed))?;
        writer.write_event(Event::Text(BytesText::new(&printable(failure))))?;
        writer.write_event(Event::End(BytesEnd::new("failure")))?;
        writer.write_event(Event::End(BytesEnd::new("testcase")))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    Ok(writer.into_inner())
}

/// Without what XML has no form for.
fn printable(text: &str) -> String {
    text.chars().filter(|it| !it.is_control() || matches!(it, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_customers_and_owners_write_cannot_break_the_report() {
        let failure = Some("<b>]]> & \"\u{7}\n“好”".to_owned());
        let cases = [Case { file: "a.toml", name: "a \"b\" <c> & d", seconds: 0.25, failure }];
        let report = String::from_utf8(report(&cases).unwrap()).unwrap();
        let mut reader = quick_xml::Reader::from_str(&report);
        let mut names = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) | Event::Empty(start) => names.push(start.name().as_ref().to_owned()),
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(names, ["testsuite", "testcase", "failure"]);
        assert!(report.contains("“好”"), "{report}");
    }
}
