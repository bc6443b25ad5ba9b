//! The clerk with a clock that this test moves: a process of its own, which is this very program, so that no build of the
//! clerk that anybody runs has a way to be given another clock.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    process::{self, Command},
    thread,
};

use clap::Parser;

use crate::harness::{Daemon, Shop};

/// The store's folder, and where its time is told.
const FOLDER: &str = "NIGHTCLERK_DAY_FOLDER";
const TOLD_AT: &str = "NIGHTCLERK_DAY_CLOCK";

/// A clerk that runs, and its clock.
pub struct Clerk {
    pub daemon: Daemon,
    hand: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Clerk {
    pub async fn start(shop: &Shop, now_ms: i64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args([
                "day_of_a_store::clerk::the_clerk_goes_by_a_clock_moved_by_hand",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env_remove("NIGHTCLERK_LOG")
            .env("NIGHTCLERK_LANGUAGE", "en")
            .env(FOLDER, shop.config())
            .env(TOLD_AT, listener.local_addr().unwrap().to_string());
        let told = thread::spawn(move || {
            let (mut hand, _) = listener.accept().unwrap();
            hand.set_nodelay(true).unwrap();
            writeln!(hand, "{now_ms}").unwrap();
            hand
        });
        let daemon = shop.start_as(&mut command).await;
        let hand = told.join().unwrap();
        let mut answers = BufReader::new(hand.try_clone().unwrap());
        answers.read_line(&mut String::new()).unwrap();
        Self { daemon, hand, answers }
    }

    /// Moves its clock, and waits until it shows that.
    pub fn move_to(&mut self, now_ms: i64) {
        writeln!(self.hand, "{now_ms}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), now_ms.to_string(), "the clerk is gone");
    }
}

#[test]
#[ignore = "is the clerk of the days in this folder, which start it"]
fn the_clerk_goes_by_a_clock_moved_by_hand() {
    let (Ok(folder), Ok(told_at)) = (env::var(FOLDER), env::var(TOLD_AT)) else { return };
    let hand = TcpStream::connect(told_at).unwrap();
    hand.set_nodelay(true).unwrap();
    let mut answer = hand.try_clone().unwrap();
    let mut times = BufReader::new(hand).lines().map(|line| line.unwrap().parse::<i64>().unwrap());
    let first = times.next().unwrap();
    let clock = nightclerk::clock::by_hand(first).expect("the only clock");
    writeln!(answer, "{first}").unwrap();
    thread::spawn(move || {
        for time in times {
            clock.move_to(time);
            writeln!(answer, "{time}").unwrap();
        }
        // Whoever moved it is gone.
        process::exit(0);
    });
    // As much room as a program's own first thread has.
    let clerk = thread::Builder::new().stack_size(16 << 20).spawn(move || {
        let command = nightclerk::cli::Command::parse_from(["nightclerk", "--config", &folder, "serve"]);
        nightclerk::cli::run(command)
    });
    clerk.unwrap().join().unwrap();
}
