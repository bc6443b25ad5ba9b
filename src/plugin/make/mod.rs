//! Making plugins: begin one, build it, package it.

pub mod build;
pub mod package;
pub mod scaffold;
mod sdk;
pub mod toolchain;
