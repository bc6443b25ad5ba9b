//! A chat in `plugin dev`, through pipes.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ExitStatus, Stdio},
    sync::mpsc,
    time::Duration,
};

use super::{PATIENCE, Shop};

pub struct Chat {
    child: Child,
    input: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
    patience: Duration,
}

impl Chat {
    pub fn begin(shop: &Shop, arguments: &[&str]) -> Self {
        Self::with(shop, arguments, &[])
    }

    /// With environment variables.
    pub fn with(shop: &Shop, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = shop.command();
        command.args(["plugin", "dev"]).args(arguments).envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        forward(child.stdout.take().unwrap(), sender.clone());
        forward(child.stderr.take().unwrap(), sender);
        Self { input: child.stdin.take(), child, lines, patience: 4 * PATIENCE }
    }

    pub fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// With this much patience in place of the usual.
    pub fn waiting(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// What is printed up to a line with these words.
    pub fn until(&self, words: &str) -> String {
        let mut all = String::new();
        loop {
            let Ok(line) = self.lines.recv_timeout(self.patience) else { panic!("no `{words}` in:\n{all}") };
            all += &format!("{line}\n");
            if line.contains(words) {
                return all;
            }
        }
    }

    /// Ends the input, and waits for the end.
    pub fn end(mut self) -> ExitStatus {
        self.input = None;
        self.child.wait().unwrap()
    }
}

/// Ended with the test, whatever comes of it.
impl Drop for Chat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn forward(from: impl Read + Send + 'static, to: mpsc::Sender<String>) {
    std::thread::spawn(move || BufReader::new(from).lines().map_while(Result::ok).for_each(|line| drop(to.send(line))));
}
