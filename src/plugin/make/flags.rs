//! How plugins are compiled. This file is an input of `plugins/dist/lock.toml`: who changes it builds them anew.

use std::path::Path;

/// Plugins are compiled for this target: it has no WASI that could sneak in.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The cargo profile of plugins, small and quick to instantiate. Given on the command line, so that it holds in
/// every author's workspace and needs nothing in their Cargo.toml.
pub const PROFILE: &str = "plugin";
pub const PROFILE_SETTINGS: [&str; 7] = [
    r#"profile.plugin.inherits="release""#,
    r#"profile.plugin.opt-level="s""#,
    "profile.plugin.lto=true",
    "profile.plugin.codegen-units=1",
    r#"profile.plugin.panic="abort""#,
    "profile.plugin.strip=true",
    "profile.plugin.debug=false",
];

/// The script engine is large whatever is done, and is to be quick; it is compiled once a machine.
pub const ENGINE_SETTINGS: [&str; 1] = ["profile.plugin.opt-level=3"];

/// A call needs little stack, and every page of it counts when an instance is made.
pub const STACK: usize = 128 * 1024;
/// Scripts call each other within a part of this.
pub const ENGINE_STACK: usize = 512 * 1024;

/// What rustc is told, as cargo takes it in `CARGO_ENCODED_RUSTFLAGS`. A folder of `renamed` is called by its second
/// name in the component (the last that fits counts), so that the same sources give the same bytes wherever they lie.
pub fn encoded_rustflags(renamed: &[(&Path, &str)], stack: usize) -> String {
    let renamed = renamed.iter().map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display()));
    renamed.chain([format!("-Clink-arg=-zstack-size={stack}")]).collect::<Vec<_>>().join("\x1f")
}

/// The same for the C within a crate.
pub fn c_flags(renamed: &[(&Path, &str)]) -> String {
    let renamed = renamed.iter().map(|(folder, name)| format!("-ffile-prefix-map={}={name}", folder.display()));
    renamed.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_space_stays_one_flag() {
        let renamed = [(Path::new("/my work"), "/src"), (Path::new("/cargo"), "/registry")];
        let flags = encoded_rustflags(&renamed, 131_072);
        let flags: Vec<_> = flags.split('\x1f').collect();
        assert_eq!(
            flags,
            [
                "--remap-path-prefix=/my work=/src",
                "--remap-path-prefix=/cargo=/registry",
                "-Clink-arg=-zstack-size=131072"
            ]
        );
    }
}
