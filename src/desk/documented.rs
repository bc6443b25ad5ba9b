//! The documents name the tests that show what they say; each is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of this name that are programs or stories.
fn files(name: &str, within: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(within).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(name, &path, found);
        } else if path.file_name().is_some_and(|it| it == name) {
            found.push(path);
        }
    }
}

fn is_there(file: &str, test: &str) -> bool {
    let mut found = Vec::new();
    for within in ["src", "tests"] {
        files(file, &root().join(within), &mut found);
    }
    let sign = if file.ends_with(".toml") { format!("name = \"{test}\"") } else { format!("fn {test}(") };
    found.iter().any(|path| fs::read_to_string(path).unwrap().contains(&sign))
}

/// What each line of a table whose second heading is "shown by" begins with, and the tests it names by their files.
fn shown(document: &str) -> Vec<(String, Vec<(String, String)>)> {
    let text = fs::read_to_string(root().join("docs").join(document)).unwrap();
    let mut lines = text.lines().skip_while(|line| !(line.starts_with('|') && line.ends_with("| shown by |"))).skip(2);
    let rows = lines.by_ref().take_while(|line| line.starts_with('|'));
    rows.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').splitn(2, '|').map(str::trim).collect();
        let mut file = String::new();
        let mut tests = Vec::new();
        // What stands between backticks is every second part.
        for name in cells[1].split('`').skip(1).step_by(2) {
            if name.ends_with(".rs") || name.ends_with(".toml") {
                file = name.to_owned();
            } else {
                tests.push((file.clone(), name.to_owned()));
            }
        }
        (cells[0].to_owned(), tests)
    })
    .collect()
}

fn assert_all_there(rows: &[(String, Vec<(String, String)>)]) {
    for (what, tests) in rows {
        assert!(!tests.is_empty(), "nothing shows: {what}");
        for (file, test) in tests {
            assert!(is_there(file, test), "{what}: there is no test `{test}` in a file {file}");
        }
    }
}

#[test]
fn every_step_of_the_life_of_a_conversation_names_tests_that_are_there() {
    let rows = shown("desk.md");
    let numbers: Vec<_> = rows.iter().filter_map(|(what, _)| what.split_once('.')?.0.parse::<u32>().ok()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_all_there(&rows);
}

#[test]
fn every_measure_names_tests_that_are_there() {
    let rows = shown("figures.md");
    assert_eq!(rows.len(), 13);
    assert_all_there(&rows);
}
