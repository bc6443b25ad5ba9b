#![no_main]
use nightclerk::{
    model::Conversation,
    store::{
        RowText,
        undo::{ChangedRow, Walk, steps_back, undo},
    },
};
use nightclerk_fuzz::fuzz_target;

// Two states of a conversation, a line each: the way back that the log keeps leads from the second to the first. And a line
// that somebody wrote into the log.
fuzz_target!(|text: &str| {
    let mut lines = text.splitn(3, '\n');
    let (was, now, log) =
        (lines.next().unwrap_or_default(), lines.next().unwrap_or_default(), lines.next().unwrap_or("[]"));
    let row = ChangedRow::Conversation { channel: "shop".to_owned(), chat: "ana".to_owned() };
    let (Ok(was), Ok(now)) = (serde_json::from_str::<Conversation>(was), serde_json::from_str::<Conversation>(now))
    else {
        return;
    };
    let texts = [&was, &now].map(|state| RowText::of(state).expect("a row has a JSON form"));
    let standing = || serde_json::to_value(&now).expect("a row has a JSON form");
    if let Some(step) = undo(&row, Some(&texts[0]), &texts[1]).expect("a way back") {
        let mut walk = Walk::new(&row, Some(standing()));
        walk.back(&format!("[{step}]")).expect("it fits the row it was made of");
        assert_eq!(walk.end::<Conversation>().expect("a conversation"), Some(was));
    }
    let _ = steps_back(log);
    let mut walk = Walk::new(&row, Some(standing()));
    if walk.back(log).is_ok() {
        let _ = walk.end::<Conversation>();
    }
});
