//! Compiling components, apart from the daemon.
//!
//! A component comes from anybody, and a compiler takes time and memory as the code it is given wants it. So the daemon
//! has itself run once more as a child that does nothing else, under limits of its own: it reads a component, and writes
//! machine code. What ends the child ends no conversation.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rlimit::Resource;
use wasmparser::Parser;
use wasmtime::Engine;

use super::{
    sandbox::{GuestMemory, Sandbox, compiling_engine},
    text::line,
};
use crate::plugin::contract::MAX_FILE_BYTES;

/// The command, not shown in the help, by which the daemon runs itself as its compiler.
pub const COMMAND: &str = "compile-plugin";
/// The long option for code of a memory that has all its addresses.
pub const RESERVED: &str = "reserved";
/// What any component may take to compile, and how much more for each MiB of it: several times what a small machine needs.
const TIME: Duration = Duration::from_secs(60);
const TIME_A_MIB: Duration = Duration::from_secs(10);
/// Bytes the child may have written to at once.
const MEMORY: u64 = 2 << 30;
/// Bytes of machine code, and of words about what went wrong.
const MOST_CODE: u64 = 512 << 20;
const MOST_WORDS: u64 = 4096;

/// Where components are compiled.
#[derive(Clone, Debug)]
pub enum Compiler {
    /// In this process: for commands that serve nobody meanwhile.
    Here,
    /// By this program, which is another nightclerk of the same version.
    Child(PathBuf),
}

impl Compiler {
    /// The program that runs, as its own child; also where its file was replaced or removed meanwhile.
    pub fn child_of_this() -> Self {
        let running = PathBuf::from("/proc/self/exe");
        if running.exists() {
            return Self::Child(running);
        }
        std::env::current_exe().map_or(Self::Here, Self::Child)
    }

    /// Machine code for the sandbox, to be read back by its engine.
    ///
    /// # Errors
    /// In words: it does not compile, or not within the limits.
    pub fn compile(&self, sandbox: &Sandbox, component: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Here => precompile(&sandbox.engine, component).map_err(|error| line(&error)),
            Self::Child(program) => {
                let memory = sandbox.memory();
                let mut command = Command::new(program);
                command.arg(COMMAND).arg(memory.bytes.to_string()).env_clear();
                if memory.is_reserved {
                    command.arg(format!("--{RESERVED}"));
                }
                run(command, component)
            }
        }
    }
}

/// How long a component of so many bytes may take.
fn time_for(bytes: usize) -> Duration {
    TIME.saturating_add(TIME_A_MIB.saturating_mul(u32::try_from(bytes >> 20).unwrap_or(u32::MAX)))
}

/// A component, or the module that scripts share.
fn precompile(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, String> {
    let code =
        if Parser::is_core_wasm(wasm) { engine.precompile_module(wasm) } else { engine.precompile_component(wasm) };
    code.map_err(|error| format!("{error:#}"))
}

/// Feeds the child, and takes what it gives within the time.
fn run(mut command: Command, component: &[u8]) -> Result<Vec<u8>, String> {
    let failed = |error: io::Error| format!("the compiler cannot be started: {error}");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let (Some(mut input), Some(output), Some(words)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err("the compiler cannot be spoken to".to_owned());
    };
    let time = time_for(component.len());
    thread::scope(|scope| {
        // A child that ends early closes its end; what became of it says the rest.
        scope.spawn(move || drop(input.write_all(component)));
        let words = scope.spawn(|| read(words, MOST_WORDS));
        let (done, code) = mpsc::channel();
        scope.spawn(move || drop(done.send(read(output, MOST_CODE))));
        let code = code.recv_timeout(time);
        if code.is_err() {
            // Gone already, or ends by this.
            let _ = child.kill();
        }
        let status = child.wait().map_err(failed)?;
        let words = words.join().unwrap_or_default();
        match code {
            Ok(code) if status.success() => Ok(code),
            Ok(_) => Err(why(status, &words)),
            Err(_) => Err(format!("the compiler was stopped after {} seconds", time.as_secs())),
        }
    })
}

fn read(from: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read until it broke off is judged by the child's end.
    let _ = from.take(most).read_to_end(&mut bytes);
    bytes
}

fn why(status: ExitStatus, words: &[u8]) -> String {
    match line(&String::from_utf8_lossy(words)) {
        words if status.code() == Some(1) && !words.is_empty() => words.trim().to_owned(),
        _ => format!("the compiler gave up ({status}): the component is too large for it, or makes it fail"),
    }
}

/// The child: compiles what comes in on standard input, under limits of its own.
///
/// # Errors
/// In words for the parent.
pub fn compile_as_child(memory_bytes: usize, is_reserved: bool) -> Result<(), String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let bound = |resource: Resource, most: u64| resource.set(most, most).map_err(|error| words(&error));
    bound(Resource::DATA, MEMORY)?;
    bound(Resource::CORE, 0)?;
    let mut component = Vec::new();
    io::stdin().take(MAX_FILE_BYTES).read_to_end(&mut component).map_err(|error| words(&error))?;
    bound(Resource::CPU, time_for(component.len()).as_secs())?;
    let engine = compiling_engine(GuestMemory { bytes: memory_bytes, is_reserved })?;
    let code = precompile(&engine, &component)?;
    io::stdout().write_all(&code).map_err(|error| words(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_the_child_writes_is_taken_if_it_ends_well() {
        // Where it lies is certain; a machine's path is not.
        let echo = || Command::new("/bin/cat");
        assert_eq!(run(echo(), b"code").unwrap(), b"code");
        let large = vec![7; 1 << 20];
        assert_eq!(run(echo(), &large).unwrap(), large, "more than a pipe holds");
    }

    #[test]
    fn a_large_component_may_take_longer_and_none_takes_for_ever() {
        assert_eq!(time_for(100_000), TIME);
        assert!(time_for(18 << 20) >= 4 * TIME);
        assert!(time_for(usize::try_from(MAX_FILE_BYTES).unwrap()) <= 10 * TIME);
    }

    #[test]
    fn however_the_child_ends_the_parent_says_why() {
        let refused = run(shell("echo 'unknown opcode' >&2; exit 1"), b"").unwrap_err();
        assert_eq!(refused, "unknown opcode");
        for script in ["kill -ABRT $$", "kill -9 $$", "exit 101", "exit 1"] {
            let why = run(shell(script), &vec![0; 1 << 20]).unwrap_err();
            assert!(why.starts_with("the compiler gave up"), "{why}");
        }
        let mut nothing = Command::new("/nowhere/nightclerk");
        nothing.arg(COMMAND);
        assert!(run(nothing, b"").unwrap_err().contains("cannot be started"));
    }
}
