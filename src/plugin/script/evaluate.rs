//! Evaluating a script: the engine runs it once, on a memory of its own, and may ask nothing.

use std::time::Instant;

use wasmtime::{Engine, Error, ExternType, Instance, Linker, Memory, MemoryType, Module, Store, Trap, UpdateDeadline};

use super::{CLOCK, EXPIRED, engine::MEMORY};

const PAGE: usize = 64 * 1024;

/// What a script may take while it is evaluated.
pub struct Evaluation<'a> {
    pub engine: &'a Engine,
    /// The engine's code, compiled.
    pub code: &'a Module,
    /// The memory it begins with.
    pub memory: &'a [u8],
    pub max_memory_bytes: usize,
    /// By then the script is to end by itself.
    pub until: Instant,
    /// By then it is ended.
    pub at_last: Instant,
}

#[derive(Debug, thiserror::Error)]
#[error("ran out of time")]
struct Overtime;

impl Evaluation<'_> {
    /// Has the engine's function of this name take a file's name and source: what it answers, and the memory as it is
    /// then.
    ///
    /// # Errors
    /// What the script has done or is, in words that stand behind "it" or by themselves.
    pub fn run(&self, function: &str, name: &str, source: &str) -> Result<(String, Vec<u8>), String> {
        self.ask(function, name, source).unwrap_or_else(|error| match error.downcast_ref::<Trap>() {
            Some(trap) => Err(format!("trapped: {trap}")),
            None => Err(error.root_cause().to_string()),
        })
    }

    fn ask(&self, function: &str, name: &str, source: &str) -> wasmtime::Result<Result<(String, Vec<u8>), String>> {
        let mut store = Store::new(self.engine, ());
        store.set_epoch_deadline(1);
        let at_last = self.at_last;
        store.epoch_deadline_callback(move |_| match Instant::now() >= at_last {
            true => Err(Overtime.into()),
            false => Ok(UpdateDeadline::Continue(1)),
        });
        let pages = |bytes: usize| u32::try_from(bytes / PAGE).unwrap_or(u32::MAX);
        let memory =
            Memory::new(&mut store, MemoryType::new(pages(self.memory.len()), Some(pages(self.max_memory_bytes))))?;
        memory.write(&mut store, 0, self.memory)?;
        let instance = self.instance(&mut store, memory)?;
        let mut put = |text: &str| -> wasmtime::Result<(i32, i32)> {
            let length = i32::try_from(text.len())?;
            let allocate = instance.get_typed_func::<(i32, i32, i32, i32), i32>(&mut store, "cabi_realloc")?;
            let at = allocate.call(&mut store, (0, 0, 1, length))?;
            memory.write(&mut store, at as u32 as usize, text.as_bytes())?;
            Ok((at, length))
        };
        let ((name, name_length), (source, source_length)) = (put(name)?, put(source)?);
        let asked = instance.get_typed_func::<(i32, i32, i32, i32), i32>(&mut store, function)?;
        let answer = asked.call(&mut store, (name, name_length, source, source_length))?;
        let (is_error, text) = read_result(memory.data(&store), answer as u32 as usize)
            .ok_or_else(|| Error::msg("the engine answered something that is not there"))?;
        let free = instance.get_typed_func::<i32, ()>(&mut store, &format!("cabi_post_{function}"))?;
        free.call(&mut store, answer)?;
        if is_error { Ok(Err(text)) } else { Ok(Ok((text, memory.data(&store).to_vec()))) }
    }

    fn instance(&self, store: &mut Store<()>, memory: Memory) -> wasmtime::Result<Instance> {
        let mut linker = Linker::new(self.engine);
        let until = self.until;
        for import in self.code.imports() {
            match import.ty() {
                ExternType::Func(_) if (import.module(), import.name()) == (CLOCK, EXPIRED) => {
                    linker.func_wrap(CLOCK, EXPIRED, move || i32::from(Instant::now() >= until))?;
                }
                ExternType::Func(ty) => {
                    // The engine asks nothing before a hook is called.
                    let refuse = |_: wasmtime::Caller<'_, ()>, _: &[wasmtime::Val], _: &mut [wasmtime::Val]| {
                        Err(Error::msg("the clerk is not asked while a script is loaded"))
                    };
                    linker.func_new(import.module(), import.name(), ty, refuse)?;
                }
                _ => {}
            }
        }
        linker.define(&mut *store, MEMORY.0, MEMORY.1, memory)?;
        linker.instantiate(store, self.code)
    }
}

/// A `result<string, string>` of the canonical ABI: whether it is an error, and the text.
fn read_result(memory: &[u8], at: usize) -> Option<(bool, String)> {
    let word = |at: usize| Some(u32::from_le_bytes(memory.get(at..at + 4)?.try_into().ok()?) as usize);
    let (text, length) = (word(at + 4)?, word(at + 8)?);
    let text = memory.get(text..text.checked_add(length)?)?;
    Some((*memory.get(at)? != 0, String::from_utf8_lossy(text).into_owned()))
}
