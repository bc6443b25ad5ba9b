//! A script's component: the memory it begins with, around the engine's code.
//!
//! `wit-component` makes a component of the whole engine: its module, a shim, a fix-up, and what connects them. Of this
//! the engine's module becomes an import, and the shim, which is instantiated first, gets the memory. No index moves
//! anywhere.

use std::collections::BTreeMap;

use wasm_encoder::{
    ComponentImportSection, ComponentSection as _, ComponentSectionId, ComponentTypeRef, ConstExpr, CoreTypeSection,
    DataSection, EntityType, ExportKind, ExportSection, InstanceSection, MemorySection, ModuleArg, ModuleType,
    RawSection, Section as _, ValType,
};
use wasmparser::{BinaryReaderError, ExternalKind, Instance, Payload, TypeRef};
use wit_component::ComponentEncoder;

use super::{
    CODE,
    engine::{MEMORY, memory_type},
    sections::sections,
};

const PAGE: usize = 64 * 1024;
/// Zeros between two runs of other bytes that are worth leaving out.
const GAP: usize = 64;
/// Where the modules of a component stand that `wit-component` made.
const ENGINE_MODULE: u32 = 0;
const SHIM_MODULE: u32 = 1;
/// The shim is instantiated before all others.
const SHIM_INSTANCE: u32 = 0;

/// What is the same in all scripts' components.
pub struct Mold {
    whole: Vec<u8>,
    code_type: ModuleType,
}

impl Mold {
    /// # Errors
    /// The engine is none, in words.
    pub fn of(engine: &[u8]) -> Result<Self, String> {
        let whole = ComponentEncoder::default()
            .validate(false)
            .module(engine)
            .and_then(|mut encoder| encoder.encode())
            .map_err(|error| format!("{error:#}"))?;
        let code_type = code_type(engine).map_err(|error| error.to_string())?;
        Ok(Self { whole, code_type })
    }

    /// The component of a script that left this memory.
    ///
    /// # Errors
    /// The mold is broken.
    pub fn component(&self, memory: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
        let mut out = Vec::with_capacity(self.whole.len());
        let mut modules = 0;
        for section in sections(&self.whole)? {
            match section.payload {
                Payload::ModuleSection { unchecked_range, .. } => {
                    match modules {
                        ENGINE_MODULE => self.import_code(&mut out),
                        SHIM_MODULE => {
                            let module = shim(self.whole.get(unchecked_range).unwrap_or_default(), memory)?;
                            let id = ComponentSectionId::CoreModule.into();
                            RawSection { id, data: &module }.append_to_component(&mut out);
                        }
                        _ => out.extend_from_slice(section.whole),
                    }
                    modules += 1;
                }
                Payload::InstanceSection(instances) => instantiate(instances)?.append_to_component(&mut out),
                Payload::CustomSection(_) => {}
                _ => out.extend_from_slice(section.whole),
            }
        }
        Ok(out)
    }

    /// In the place of the engine's module, so that it has its index.
    fn import_code(&self, out: &mut Vec<u8>) {
        let mut types = CoreTypeSection::new();
        types.ty().module(&self.code_type);
        types.append_to_component(out);
        let mut imports = ComponentImportSection::new();
        imports.import(CODE, ComponentTypeRef::Module(0));
        imports.append_to_component(out);
    }
}

/// The core instances, of which the engine's takes its memory from the shim's.
fn instantiate(instances: wasmparser::InstanceSectionReader<'_>) -> Result<InstanceSection, BinaryReaderError> {
    let mut section = InstanceSection::new();
    for instance in instances {
        match instance? {
            Instance::Instantiate { module_index, args } => {
                let mut args: Vec<_> = args.iter().map(|it| (it.name, ModuleArg::Instance(it.index))).collect();
                if module_index == ENGINE_MODULE {
                    args.push((MEMORY.0, ModuleArg::Instance(SHIM_INSTANCE)));
                }
                section.instantiate(module_index, args);
            }
            Instance::FromExports(exports) => {
                let exports = exports.iter().filter_map(|it| Some((it.name, export_kind(it.kind)?, it.index)));
                section.export_items(exports.collect::<Vec<_>>());
            }
        }
    }
    Ok(section)
}

/// The shim of `wit-component`, with the script's memory beside its table.
fn shim(module: &[u8], memory: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut out = Vec::with_capacity(module.len() + memory.len());
    for section in sections(module)? {
        match section.payload {
            Payload::ExportSection(exports) => {
                let mut memories = MemorySection::new();
                memories.memory(memory_type(memory.len().div_ceil(PAGE) as u64));
                memories.append_to(&mut out);
                let mut section = ExportSection::new();
                for export in exports {
                    let export = export?;
                    if let Some(kind) = export_kind(export.kind) {
                        section.export(export.name, kind, export.index);
                    }
                }
                section.export(MEMORY.1, ExportKind::Memory, 0);
                section.append_to(&mut out);
            }
            Payload::CustomSection(_) => {}
            _ => out.extend_from_slice(section.whole),
        }
    }
    let mut data = DataSection::new();
    for (at, bytes) in runs(memory) {
        data.active(0, &ConstExpr::i32_const(at as i32), bytes.iter().copied());
    }
    data.append_to(&mut out);
    Ok(out)
}

fn export_kind(kind: ExternalKind) -> Option<ExportKind> {
    match kind {
        ExternalKind::Func => Some(ExportKind::Func),
        ExternalKind::Table => Some(ExportKind::Table),
        ExternalKind::Memory => Some(ExportKind::Memory),
        ExternalKind::Global => Some(ExportKind::Global),
        _ => None,
    }
}

/// Runs of bytes that are not zero, and where each begins.
fn runs(memory: &[u8]) -> Vec<(usize, &[u8])> {
    let is_set = |byte: &u8| *byte != 0;
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(start) = memory[at..].iter().position(is_set).map(|offset| at + offset) {
        let mut end = start;
        loop {
            end += memory[end..].iter().position(|byte| *byte == 0).unwrap_or(memory.len() - end);
            match memory[end..].iter().take(GAP).position(is_set) {
                Some(gap) => end += gap,
                None => break,
            }
        }
        runs.push((start, &memory[start..end]));
        at = end;
    }
    runs
}

/// The type of the engine's code, as a component names it.
fn code_type(engine: &[u8]) -> Result<ModuleType, BinaryReaderError> {
    let mut out = ModuleType::new();
    let mut declared = BTreeMap::new();
    let (mut types, mut functions) = (Vec::new(), Vec::new());
    let mut declare = |out: &mut ModuleType, types: &[wasmparser::FuncType], ty: u32| {
        *declared.entry(ty).or_insert_with(|| {
            let index = out.type_count();
            let values = |values: &[wasmparser::ValType]| values.iter().map(|it| value_type(*it)).collect::<Vec<_>>();
            if let Some(ty) = types.get(ty as usize) {
                out.ty().function(values(ty.params()), values(ty.results()));
            }
            index
        })
    };
    for section in sections(engine)? {
        match section.payload {
            Payload::TypeSection(section) => {
                types = section.into_iter_err_on_gc_types().collect::<Result<Vec<_>, _>>()?;
            }
            Payload::FunctionSection(section) => {
                functions.extend(section.into_iter().collect::<Result<Vec<_>, _>>()?);
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(ty) = import.ty {
                        functions.push(ty);
                        let ty = declare(&mut out, &types, ty);
                        out.import(import.module, import.name, EntityType::Function(ty));
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    match (export.kind, functions.get(export.index as usize)) {
                        (ExternalKind::Func, Some(ty)) => {
                            let ty = declare(&mut out, &types, *ty);
                            out.export(export.name, EntityType::Function(ty));
                        }
                        (ExternalKind::Memory, _) => {
                            out.export(export.name, EntityType::Memory(memory_type(1)));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    out.import(MEMORY.0, MEMORY.1, EntityType::Memory(memory_type(1)));
    Ok(out)
}

fn value_type(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        // The engine's functions take nothing else.
        _ => ValType::I32,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{ENGINE, image},
        *,
    };

    #[test]
    fn what_comes_out_is_a_component() {
        let component = Mold::of(ENGINE).unwrap().component(&image(ENGINE).unwrap()).unwrap();
        wasmparser::Validator::new().validate_all(&component).unwrap();
        assert!(component.len() < ENGINE.len() / 2, "it holds no code of the engine: {}", component.len());
    }

    proptest! {
        #[test]
        fn a_memory_is_put_together_again_from_its_runs(parts in prop::collection::vec((0..200_usize, 0..9_usize), 0..20)) {
            let mut memory = Vec::new();
            for (zeros, others) in parts {
                memory.resize(memory.len() + zeros, 0);
                memory.resize(memory.len() + others, 7);
            }
            let mut again = vec![0; memory.len()];
            for (at, run) in runs(&memory) {
                again[at..at + run.len()].copy_from_slice(run);
            }
            prop_assert_eq!(again, memory);
        }
    }
}
