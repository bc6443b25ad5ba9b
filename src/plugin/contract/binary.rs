//! The top level of a WebAssembly binary, as far as the host looks at it itself before anything is compiled.

use std::ops::Range;

use wasmparser::{Chunk, Parser, Payload};

/// Calls `visit` with each top-level part and where it lies; what is nested is passed over, whatever it holds.
///
/// # Errors
/// The binary does not parse, ends early, or `visit` refuses.
pub fn walk<'a, E: From<Broken>>(
    wasm: &'a [u8],
    mut visit: impl FnMut(Payload<'a>, Range<usize>) -> Result<(), E>,
) -> Result<(), E> {
    let mut parser = Parser::new(0);
    let mut at = 0;
    loop {
        let rest = wasm.get(at..).unwrap_or_default();
        let chunk = parser.parse(rest, true).map_err(Broken::from)?;
        let Chunk::Parsed { consumed, payload } = chunk else { return Err(Broken::ends_early().into()) };
        let part = at..at + consumed;
        at = part.end;
        match payload {
            Payload::ModuleSection { unchecked_range, .. } | Payload::ComponentSection { unchecked_range, .. } => {
                if unchecked_range.end > wasm.len() {
                    return Err(Broken::ends_early().into());
                }
                at = unchecked_range.end;
            }
            Payload::End(_) => return Ok(()),
            payload => visit(payload, part)?,
        }
    }
}

/// Why a binary cannot be walked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not WebAssembly, or not whole: {0}")]
pub struct Broken(String);

impl Broken {
    fn ends_early() -> Self {
        Self("it ends early".to_owned())
    }
}

impl From<wasmparser::BinaryReaderError> for Broken {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self(error.message().to_owned())
    }
}
