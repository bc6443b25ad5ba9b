//! `nightclerk check`: reads the configuration as `serve` would, and says what would run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use miette::Report;

use crate::{
    config::{Config, PluginsConfig},
    plugin::{contract::manifest, shipped},
};

/// Exit code 0: the configuration is good; 2: it is not, and every mistake was shown.
pub fn run(dir: &Path) -> ExitCode {
    let config = match Config::load(dir) {
        Ok(config) => config,
        Err(error) => {
            let count = error.mistakes.len();
            for mistake in error.mistakes {
                eprintln!("{:?}", Report::new(mistake));
            }
            eprintln!("{count} {} in {}", if count == 1 { "mistake" } else { "mistakes" }, dir.display());
            return ExitCode::from(2);
        }
    };
    println!("the configuration in {} is good", dir.display());
    println!("  webhooks and web chat on {}, admin API on {}", config.server.listen, config.admin.listen);
    println!("  data in {}", config.data_dir.display());
    for channel in &config.channels {
        println!("  channel {}", channel.id);
    }
    match plugins(&config.plugins) {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    }
}

/// Lists the plugin files with what would become of each; `false` where one would be refused.
fn plugins(config: &PluginsConfig) -> bool {
    let mut all_good = true;
    let shipped = shipped::beside(&config.dir).map(|(file, bytes)| (config.dir.join(file), Ok(bytes.to_vec())));
    let files = plugin_files(&config.dir).into_iter().map(|path| {
        let bytes = fs::read(&path).map_err(|error| error.to_string());
        (path, bytes)
    });
    for (path, bytes) in shipped.chain(files) {
        match bytes.and_then(|bytes| manifest::read(&bytes).map_err(|error| error.to_string())) {
            Ok(manifest) => {
                let entry = config.plugins.get(&manifest.name);
                let what = match entry {
                    None => format!("waits for [{}] in plugins.toml", manifest.name),
                    Some(entry) if !entry.enabled => "disabled".to_owned(),
                    Some(entry) => {
                        let grants: Vec<_> = entry.grants.iter().map(ToString::to_string).collect();
                        format!("granted {}", grants.join(", "))
                    }
                };
                println!("  plugin {} {}: {what}", manifest.name, manifest.version);
            }
            Err(error) => {
                all_good = false;
                eprintln!("  plugin file {} would be refused: {error}", path.display());
            }
        }
    }
    all_good
}

/// The `.wasm` files of the folder, by name; none where there is no folder.
fn plugin_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "wasm")).collect();
    files.sort();
    files
}
