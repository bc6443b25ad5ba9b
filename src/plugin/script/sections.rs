//! The sections of a WebAssembly binary of our own making, each with its bytes.

use wasmparser::{BinaryReaderError, Chunk, Parser, Payload};

/// A section, or a piece of one; all of them one after the other are the binary.
pub struct Section<'a> {
    pub payload: Payload<'a>,
    /// With its header.
    pub whole: &'a [u8],
}

/// The sections of the top level; what is nested is one with its section.
pub fn sections(wasm: &[u8]) -> Result<Vec<Section<'_>>, BinaryReaderError> {
    let mut parser = Parser::new(0);
    let mut at = 0;
    let mut sections = Vec::new();
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(wasm.get(at..).unwrap_or_default(), true)? else {
            return Ok(sections);
        };
        let start = at;
        at += consumed;
        match &payload {
            Payload::End(_) => return Ok(sections),
            Payload::ModuleSection { unchecked_range, .. } | Payload::ComponentSection { unchecked_range, .. } => {
                at = unchecked_range.end;
            }
            _ => {}
        }
        sections.push(Section { payload, whole: wasm.get(start..at).unwrap_or_default() });
    }
}
