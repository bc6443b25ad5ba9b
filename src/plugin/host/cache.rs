//! Compiled code on disk, so that a start compiles nothing.
//!
//! A file is named by the hash of the component and of all that decides how it is compiled. Beside it lies the hash
//! of its own bytes: code that was cut short or damaged is compiled again, never run.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, Module, component::Component};

use super::{compiler::Compiler, sandbox::Sandbox, text::line};
use crate::atomic_file;

/// SHA-256 of a component's bytes.
pub type Digest = [u8; 32];

pub fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

pub struct Cache {
    dir: PathBuf,
    compiler: Compiler,
}

impl Cache {
    /// Opens the folder, which only this user may enter; made where it is missing.
    pub fn open(dir: &Path, compiler: Compiler) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
        Ok(Self { dir: dir.to_owned(), compiler })
    }

    /// The compiled component, from the cache or else compiled and put there. A cache that cannot be written to is
    /// no reason not to run.
    ///
    /// # Errors
    /// It does not compile, in words.
    pub fn component(&self, sandbox: &Sandbox, bytes: &[u8], digest: &Digest) -> Result<Component, String> {
        self.compiled(sandbox, bytes, digest)
    }

    /// The same of a core module, which must be the host's own.
    ///
    /// # Errors
    /// It does not compile, in words.
    pub fn module(&self, sandbox: &Sandbox, bytes: &[u8], digest: &Digest) -> Result<Module, String> {
        self.compiled(sandbox, bytes, digest)
    }

    /// The compiled module, if it is there.
    pub fn cached_module(&self, engine: &Engine, digest: &Digest) -> Option<Module> {
        let path = self.path(engine, digest);
        if path.exists() { read(engine, &path) } else { None }
    }

    fn compiled<C: Compiled>(&self, sandbox: &Sandbox, bytes: &[u8], digest: &Digest) -> Result<C, String> {
        let engine = &sandbox.engine;
        let path = self.path(engine, digest);
        if let Some(compiled) = read(engine, &path) {
            return Ok(compiled);
        }
        let code = self.compiler.compile(sandbox, bytes)?;
        match write(&path, &code) {
            Ok(()) => {
                if let Some(compiled) = read(engine, &path) {
                    return Ok(compiled);
                }
            }
            Err(error) => tracing::warn!(%error, path = %path.display(), "compiled code cannot be cached"),
        }
        // SAFETY: the code comes from the compiler this moment, and is checked against the engine's version and
        // configuration.
        #[allow(unsafe_code)]
        let compiled = unsafe { C::deserialize(engine, &code) };
        compiled.map_err(|error| line(&format!("{error:#}")))
    }

    /// Removes what no component of `kept` needs.
    pub fn keep_only(&self, engine: &Engine, kept: &[Digest]) {
        let kept: Vec<_> =
            kept.iter().map(|digest| self.path(engine, digest)).flat_map(|path| [sum_path(&path), path]).collect();
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if !kept.contains(&entry.path()) {
                // What stays lies there unused, as before.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn path(&self, engine: &Engine, digest: &Digest) -> PathBuf {
        let mut name = Hashed(Sha256::new_with_prefix(digest));
        std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut name);
        self.dir.join(format!("{}.cwasm", hex::encode(name.0.finalize())))
    }
}

/// What code is read back as.
#[allow(unsafe_code)]
trait Compiled: Sized {
    /// # Safety
    /// The bytes are what a compatible engine produced.
    unsafe fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Self>;

    /// # Safety
    /// The file holds what a compatible engine produced, unchanged while it is mapped.
    unsafe fn deserialize_file(engine: &Engine, path: &Path) -> wasmtime::Result<Self>;
}

macro_rules! compiled {
    ($type:ty) => {
        #[allow(unsafe_code)]
        impl Compiled for $type {
            unsafe fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Self> {
                // SAFETY: as the caller promises.
                unsafe { <$type>::deserialize(engine, code) }
            }

            unsafe fn deserialize_file(engine: &Engine, path: &Path) -> wasmtime::Result<Self> {
                // SAFETY: as the caller promises.
                unsafe { <$type>::deserialize_file(engine, path) }
            }
        }
    };
}

compiled!(Component);
compiled!(Module);

/// The cached code, if it is there and whole.
fn read<C: Compiled>(engine: &Engine, path: &Path) -> Option<C> {
    let code = fs::read(path).ok()?;
    let sum = fs::read(sum_path(path)).ok()?;
    if sum != digest(&code) {
        tracing::warn!(path = %path.display(), "cached code is damaged and compiled again");
        return None;
    }
    drop(code);
    // SAFETY: the file must hold code that a compatible engine produced, unchanged while it is mapped. Only `write`
    // below puts files of such a name here, each whole and by renaming; the folder is closed to other users; and the
    // sum was just compared. Wasmtime itself refuses code of another version or configuration.
    #[allow(unsafe_code)]
    let compiled = unsafe { C::deserialize_file(engine, path) };
    compiled.inspect_err(|error| tracing::warn!(%error, "cached code is not usable and compiled again")).ok()
}

/// Both files whole or not at all; the sum goes last.
fn write(path: &Path, code: &[u8]) -> io::Result<()> {
    atomic_file::replace(path, code)?;
    atomic_file::replace(&sum_path(path), &digest(code))
}

fn sum_path(path: &Path) -> PathBuf {
    path.with_extension("sum")
}

/// Feeds what is hashed for a map to a hash that stays the same everywhere.
struct Hashed(Sha256);

impl std::hash::Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }
}
