//! What one message costs the daemon in user instructions, stage by stage, held against the figures that are tracked.
//!
//! Counted by valgrind (Debian's package), which runs the daemon's own code and nothing else, so the figures are the same on
//! a busy machine. They are of the test's own build, which is not optimised, but what makes it do more makes every build do more.

use std::{collections::BTreeMap, process::Command};

use serde::Deserialize;

/// The figures. To be changed on purpose only, with a word in docs/performance.md.
const TRACKED: &str = include_str!("../benches/instructions.toml");
/// Hundredths that a stage may cost beyond its figure, and instructions beside that for those that cost next to nothing.
const MARGIN: u64 = 3;
const SLACK: u64 = 2_000;

/// Whatever else the machine does only adds to a count, by writing fewer messages together: the lowest of these is held.
const COUNTS: usize = 3;

/// As `nightclerk bench --instructions --json` prints it.
#[derive(Deserialize)]
struct Counted {
    all: u64,
    stages: BTreeMap<String, u64>,
}

impl Counted {
    /// Counts by running the bench once.
    fn now() -> Self {
        let bench = Command::new(env!("CARGO_BIN_EXE_nightclerk"))
            .args(["--config", "config", "bench", "--instructions", "--json"])
            .output()
            .unwrap();
        assert!(bench.status.success(), "{}", String::from_utf8_lossy(&bench.stderr));
        serde_json::from_slice(&bench.stdout).unwrap()
    }

    /// The lower figure of each stage.
    fn lowest(mut self, other: Self) -> Self {
        assert!(self.stages.keys().eq(other.stages.keys()), "one count has other stages than the next");
        for (stage, counted) in other.stages {
            self.stages.entry(stage).and_modify(|lowest| *lowest = counted.min(*lowest));
        }
        Self { all: self.all.min(other.all), ..self }
    }

    /// The stages that cost more than is tracked, in words.
    fn beyond(&self, tracked: &Self) -> Vec<String> {
        let costly = self.stages.iter().filter_map(|(stage, counted)| {
            let tracked = tracked.stages[stage];
            (*counted > tracked + tracked * MARGIN / 100 + SLACK)
                .then(|| format!("{stage}: {counted} instructions a message, {tracked} before"))
        });
        costly.collect()
    }
}

#[test]
fn no_stage_of_a_message_costs_more_instructions_than_its_tracked_figure() {
    if !cfg!(debug_assertions) {
        panic!("the figures are of a build that is not optimised: run it without --release");
    }
    let tracked: Counted = toml::from_str(TRACKED).unwrap();
    let mut counted = Counted::now();
    assert!(counted.stages.keys().eq(tracked.stages.keys()), "other stages than are tracked: {:?}", counted.stages);
    for _ in 1..COUNTS {
        if counted.beyond(&tracked).is_empty() {
            break;
        }
        counted = counted.lowest(Counted::now());
    }

    let found = format!("all = {}\n{}", counted.all, toml::to_string(&counted.stages).unwrap());
    let beyond = counted.beyond(&tracked);
    assert!(beyond.is_empty(), "{}; all as counted now:\n{found}", beyond.join("; "));
    let lowest = tracked.all - tracked.all * MARGIN / 100;
    assert!(counted.all >= lowest, "{} instructions a message: track the lower figures\n{found}", counted.all);
}
