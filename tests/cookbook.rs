//! What the guide and the cookbook for plugin authors show is what runs: every script in them, word for word, in the daemon's own
//! host, with the entry of `plugins.toml` that stands beside it.

mod harness;
mod hosted;

#[path = "cookbook/on_the_daemon.rs"]
mod on_the_daemon;
#[path = "cookbook/recipes.rs"]
mod recipes;
#[path = "cookbook/snippets.rs"]
mod snippets;

use std::{collections::BTreeSet, fs};

/// A script without a test here fails, so that none is shown that was never run.
#[test]
fn every_script_in_the_guide_and_the_cookbook_does_what_is_said_of_it() {
    let all = snippets::all();
    assert!(all.len() >= 20, "{}", all.len());
    let wrong: Vec<_> = all
        .iter()
        .filter_map(|snippet| {
            let tried = std::panic::catch_unwind(|| recipes::try_out(snippet));
            tried.is_err().then(|| format!("{}: {}", snippet.document, snippet.file))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}; what went wrong stands above");
}

#[test]
fn the_cookbook_has_the_same_recipes_in_both_languages() {
    let of = |document: &str| -> BTreeSet<String> {
        snippets::all().into_iter().filter(|it| it.document == document).map(|it| it.file).collect()
    };
    assert_eq!(of("cookbook.md"), of("cookbook.zh-CN.md"));
    assert_eq!(of("README.md"), of("README.zh-CN.md"));
}

#[test]
fn the_scenarios_in_the_guide_come_out_as_they_say() {
    let with: Vec<_> = snippets::all().into_iter().filter(|it| it.scenarios.is_some()).collect();
    assert_eq!(with.len(), 2, "one in each language");
    for it in with {
        let shop = harness::Shop::new();
        shop.compiled();
        shop.write("channels.toml", "[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n");
        shop.write("plugins.toml", &it.lines);
        fs::write(shop.plugins().join(&it.file), &it.source).unwrap();
        fs::write(shop.plugins().join(format!("{}.test.toml", it.name())), it.scenarios.as_deref().unwrap()).unwrap();
        let tested = shop.run(&["plugin", "test", it.name()]);
        let said = String::from_utf8_lossy(&tested.stdout).into_owned() + &String::from_utf8_lossy(&tested.stderr);
        assert!(tested.status.success() && said.contains("1 scenario, all as expected"), "{}: {said}", it.document);
    }
}
