#![no_main]
use nightclerk::{
    channel::webchat::origin_host,
    desk::{self, Said},
    model::{Content, StaffDeed},
};
use nightclerk_fuzz::fuzz_target;

// What is typed or pressed in a staff room, and what somebody's browser says of the page it is on.
fuzz_target!(|text: &str| {
    let content = Content::Text { text: text.to_owned() };
    let said = desk::read(Some(text), Some(content));
    if let Said::OfCustomer(StaffDeed::Say { content: Content::Text { text: told } }) = said {
        assert!(!text.trim_start().starts_with(['/', '／']), "an order to the clerk was told to the customer: {told}");
    }
    if let Some((reference, _)) = desk::pressed(text) {
        assert!(text.contains(reference));
    }
    let _ = origin_host(text);
});
