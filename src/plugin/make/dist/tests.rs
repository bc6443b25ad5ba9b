use std::collections::{BTreeMap, BTreeSet};

use super::{inputs::sha256, *};
use crate::plugin::{script, shipped::SHIPPED};

const MEND: &str = "build them anew: cargo run --release -- plugin build --dist";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn lock() -> Lock {
    let text = fs::read_to_string(repository().join(FOLDER).join(Lock::FILE)).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{MEND}"))
}

/// The names whose hashes differ, or that one side lacks.
fn differences(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    names.into_iter().filter(|name| a.get(*name) != b.get(*name)).cloned().collect()
}

#[test]
fn the_tracked_components_are_made_of_the_sources_beside_them() {
    let changed = differences(&lock().inputs, &inputs::inputs(repository()).unwrap());
    assert!(changed.is_empty(), "changed since the shipped plugins were built: {changed:#?}\n{MEND}");
}

#[test]
fn the_embedded_components_are_those_of_the_lock() {
    let embedded = SHIPPED.iter().copied().chain([(ENGINE, script::ENGINE)]);
    let embedded = embedded.map(|(file, bytes)| (file.to_owned(), sha256(bytes))).collect();
    let wrong = differences(&lock().outputs, &embedded);
    assert!(wrong.is_empty(), "not as they were built, or not listed in src/plugin/shipped.rs: {wrong:?}\n{MEND}");
    let tracked = fs::read_dir(repository().join(FOLDER)).unwrap().map(|it| it.unwrap().file_name());
    let mut tracked: Vec<_> = tracked.map(|name| name.into_string().unwrap()).filter(|it| it != Lock::FILE).collect();
    tracked.sort();
    assert!(tracked.iter().eq(lock().outputs.keys()), "{tracked:?}\n{MEND}");
}

/// The parts of this repository that matter, in a folder of their own.
struct Copy(tempfile::TempDir);

impl Copy {
    fn new() -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        for part in ["Cargo.toml", "Cargo.lock", "plugins", "sdk", "src/plugin/make"] {
            copy.take(Path::new(part));
        }
        copy
    }

    fn take(&self, part: &Path) {
        let (from, to) = (repository().join(part), self.0.path().join(part));
        if from.is_dir() {
            for entry in fs::read_dir(from).unwrap() {
                let name = entry.unwrap().file_name();
                if name != "target" {
                    self.take(&part.join(name));
                }
            }
        } else {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, to).unwrap();
        }
    }

    fn edit(&self, file: &str, edit: impl FnOnce(String) -> String) {
        let path = self.0.path().join(file);
        let before = fs::read_to_string(&path).unwrap_or_default();
        let after = edit(before.clone());
        assert_ne!(before, after, "{file} was edited");
        fs::write(path, after).unwrap();
    }

    /// What differs from the repository.
    fn differences(&self) -> Vec<String> {
        differences(&inputs::inputs(repository()).unwrap(), &inputs::inputs(self.0.path()).unwrap())
    }
}

/// Another checksum for a package of Cargo.lock.
fn altered(lock: &str, package: &str) -> String {
    let (before, after) = lock.split_once(&format!("name = \"{package}\"\n")).unwrap();
    format!("{before}name = \"{package}\"\n{}", after.replacen("checksum = \"", "checksum = \"0", 1))
}

#[test]
fn an_edit_of_sources_sdk_contract_flags_or_their_packages_is_noticed() {
    let copy = Copy::new();
    copy.edit("plugins/greeting/src/lib.rs", |text| text + "//");
    copy.edit("plugins/greeting/src/new.rs", |_| "fn new() {}".to_owned());
    copy.edit("sdk/rust/Cargo.toml", |text| text + "#");
    copy.edit("sdk/js/engine/src/take.rs", |text| text + "//");
    copy.edit("sdk/js/engine/Cargo.lock", |text| altered(&text, "rquickjs"));
    copy.edit("src/plugin/make/flags.rs", |text| text + "//");
    copy.edit("Cargo.lock", |text| altered(&text, "serde_json"));
    copy.edit("Cargo.toml", |text| text.replace("edition = \"2024\"", "edition = \"2027\""));
    let expected = [
        "Cargo.lock",
        "Cargo.toml",
        "plugins/greeting/src/lib.rs",
        "plugins/greeting/src/new.rs",
        "sdk/js/engine/Cargo.lock",
        "sdk/js/engine/src/take.rs",
        "sdk/rust/Cargo.toml",
        "src/plugin/make/flags.rs",
    ];
    assert_eq!(copy.differences(), expected);
    assert!(inputs::inputs(repository()).unwrap().keys().any(|file| file.ends_with(".wit")), "the contract counts");
}

#[test]
fn the_daemons_own_dependencies_tests_and_line_endings_do_not_matter() {
    let copy = Copy::new();
    copy.edit("Cargo.lock", |text| altered(&altered(&text, "tokio"), "jiff"));
    copy.edit("Cargo.toml", |text| text.replace("[dev-dependencies]", "[dev-dependencies]\nnew = \"1\""));
    copy.edit("plugins/greeting/src/tests.rs", |text| text + "//");
    copy.edit("plugins/greeting/src/lib.rs", |text| text.replace('\n', "\r\n"));
    assert_eq!(copy.differences(), [""; 0]);
}

#[test]
fn a_folder_that_is_not_the_repository_is_refused_before_anything_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let error = build(folder.path(), folder.path(), &|_| {}).unwrap_err();
    assert!(matches!(error, DistError::NotTheRepository(_)), "{error}");
}
