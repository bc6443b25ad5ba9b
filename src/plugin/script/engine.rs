//! The engine taken apart: its code, which all scripts share, and its memory, which each has its own of.

use wasm_encoder::{EntityType, ImportSection, MemoryType, Section as _};
use wasmparser::{BinaryReaderError, DataKind, Operator, Payload, TypeRef};

use super::sections::sections;

const PAGE: usize = 64 * 1024;
/// Under which the code imports its memory.
pub const MEMORY: (&str, &str) = ("env", "memory");

/// A memory of at least so many pages.
pub fn memory_type(pages: u64) -> MemoryType {
    MemoryType { minimum: pages, maximum: None, memory64: false, shared: false, page_size_log2: None }
}

/// The engine without its memory, which it imports instead. No index moves: the memory keeps the one it had.
///
/// # Errors
/// It is not WebAssembly.
pub fn code(engine: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut out = Vec::with_capacity(engine.len());
    for section in sections(engine)? {
        match section.payload {
            Payload::ImportSection(imports) => {
                let mut section = ImportSection::new();
                for import in imports.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(ty) = import.ty {
                        section.import(import.module, import.name, EntityType::Function(ty));
                    }
                }
                section.import(MEMORY.0, MEMORY.1, EntityType::Memory(memory_type(1)));
                section.append_to(&mut out);
            }
            Payload::MemorySection(_)
            | Payload::DataSection(_)
            | Payload::DataCountSection { .. }
            | Payload::CustomSection(_) => {}
            _ => out.extend_from_slice(section.whole),
        }
    }
    Ok(out)
}

/// The engine's memory before anything ran.
///
/// # Errors
/// It is not WebAssembly.
pub fn image(engine: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut out = Vec::new();
    for section in sections(engine)? {
        match section.payload {
            Payload::MemorySection(memories) => {
                for memory in memories {
                    out.resize(usize::try_from(memory?.initial).unwrap_or_default() * PAGE, 0);
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment?;
                    let DataKind::Active { offset_expr, .. } = segment.kind else { continue };
                    let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else { continue };
                    let at = usize::try_from(value).unwrap_or_default();
                    if let Some(place) = out.get_mut(at..at + segment.data.len()) {
                        place.copy_from_slice(segment.data);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{super::ENGINE, *};

    #[test]
    fn all_that_the_engine_remembers_is_in_its_memory() {
        let (mut memories, mut mutable, mut tables_written) = (0, 0, 0);
        let writes = |it: &Operator<'_>| {
            use Operator::{ElemDrop, TableCopy, TableFill, TableGrow, TableInit, TableSet};
            matches!(
                it,
                TableSet { .. }
                    | TableGrow { .. }
                    | TableInit { .. }
                    | TableCopy { .. }
                    | TableFill { .. }
                    | ElemDrop { .. }
            )
        };
        for section in sections(ENGINE).unwrap() {
            match section.payload {
                Payload::MemorySection(it) => memories += it.count(),
                Payload::GlobalSection(it) => {
                    mutable += it.into_iter().filter(|global| global.as_ref().unwrap().ty.mutable).count();
                }
                Payload::CodeSectionEntry(body) => {
                    let operators = body.get_operators_reader().unwrap();
                    tables_written += operators.into_iter().filter(|it| writes(it.as_ref().unwrap())).count();
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import.unwrap();
                        assert!(matches!(import.ty, TypeRef::Func(_)), "{}", import.name);
                        let ours = ["nightclerk:plugin/", "nightclerk:script/"];
                        assert!(ours.iter().any(|it| import.module.starts_with(it)), "{}", import.module);
                    }
                }
                Payload::DataSection(segments) => {
                    for segment in segments {
                        assert!(matches!(segment.unwrap().kind, DataKind::Active { .. }));
                    }
                }
                _ => {}
            }
        }
        // The one global is the stack's pointer, which is back at its start after each call.
        assert_eq!((memories, mutable, tables_written), (1, 1, 0));
    }
}
