//! Making plugins: begin one, build it, package it; and the components that are shipped.

pub mod build;
pub mod built;
mod clang;
mod command;
pub mod dist;
mod flags;
pub mod install;
pub mod package;
pub mod python;
pub mod scaffold;
mod sdk;
mod sketch;
pub mod toolchain;

pub use sketch::Script;
