#![no_main]
use nightclerk::http::admin::read_contacts;
use nightclerk_fuzz::fuzz_target;

// A list of contacts, as a spreadsheet of anybody's saves it.
fuzz_target!(|list: &[u8]| {
    match read_contacts(list) {
        Ok(lines) => assert!(lines.iter().all(|line| line.number > 0)),
        Err(mistakes) => assert!(!mistakes.is_empty(), "refused without a reason"),
    }
});
