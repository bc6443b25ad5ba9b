//! A day of a small store: two shifts and a night, five hundred customers, two hundred orders, three people who take,
//! transfer, forget and answer from the platform's inbox. The clerk is a real daemon whose clock the day moves, and that is
//! killed each hour. Its figures must be what plain arithmetic makes of what the customers saw.

mod arithmetic;
mod clerk;
mod life;
mod plan;
mod platform;

use nightclerk::report::FIGURES;

use life::{Day, PEOPLE, Saw, lived};
use plan::Size;

const SIZE: Size = Size { contacts: 500, orders: 200 };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_of_a_day_are_plain_arithmetic_over_what_its_customers_saw() {
    let day = lived(SIZE, false).await;
    assert_eq!((day.killed, day.copies), (0, 0));
    arithmetic::holds(&day).await;
    everybody_was_answered(&day);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_with_a_kill_each_hour_loses_and_doubles_nothing_and_its_figures_are_plain_arithmetic() {
    let day = lived(SIZE, true).await;
    eprintln!("{} kills, {} copies", day.killed, day.copies);
    assert!(day.killed >= 20, "{} kills", day.killed);
    arithmetic::holds(&day).await;
    everybody_was_answered(&day);
    // The page of it has every figure, a chart, and loads nothing. With `NIGHTCLERK_SHOTS=folder` it lies there.
    for language in ["en", "zh"] {
        let page = day.page(language).await;
        for figure in FIGURES {
            let name = if language == "en" { figure.en } else { figure.zh }.replace('\'', "&#x27;");
            assert!(page.contains(&name), "{}", figure.key);
        }
        assert!(page.matches("<svg").count() > 5 && PEOPLE.iter().all(|who| page.contains(who)));
        for loads in ["<script", "http:", "https:", "url(", "@import", "NaN"] {
            assert!(!page.contains(loads), "{loads}");
        }
        if let Some(folder) = std::env::var_os("NIGHTCLERK_SHOTS") {
            std::fs::write(std::path::Path::new(&folder).join(format!("figures-{language}.html")), page).unwrap();
        }
    }
}

/// Nobody has asked last.
fn everybody_was_answered(day: &Day) {
    for (chat, seen) in &day.saw {
        let Some(asked) = seen.iter().rposition(|(_, it)| matches!(it, Saw::Asked)) else { continue };
        let answered = seen[asked..].iter().any(|(_, it)| matches!(it, Saw::Clerk { .. } | Saw::Person { .. }))
            // The answer to lines sent together may stand before the last of them.
            || matches!(seen.get(asked.wrapping_sub(1)), Some((_, Saw::Took { .. })));
        assert!(answered, "{chat}: {:?}", &seen[asked.saturating_sub(3)..]);
    }
}
