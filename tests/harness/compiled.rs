//! What the shipped plugins and the script engine compile to. The first clerk of these tests makes it, once for each build of the
//! binary; each store would else take some seconds of a processor for it, which is most of what a test takes.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

use super::{ENGINE, SHIPPED, Shop};

const NAME: &str = "compiled-";

impl Shop {
    /// Gives a store that never ran what would be compiled for it, in the folder where its clerk looks for that.
    pub fn compiled(&self) {
        let cache = self.data().join("plugin-cache");
        if cache.exists() {
            return;
        }
        // As the clerk makes it.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&cache).unwrap();
        for entry in fs::read_dir(all()).unwrap().flatten() {
            let here = cache.join(entry.file_name());
            // Files of the cache are replaced, never written into.
            fs::hard_link(entry.path(), &here).or_else(|_| fs::copy(entry.path(), &here).map(drop)).unwrap();
        }
    }
}

fn all() -> &'static Path {
    static ALL: OnceLock<PathBuf> = OnceLock::new();
    ALL.get_or_init(|| {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let binary = fs::metadata(env!("CARGO_BIN_EXE_nightclerk")).unwrap();
        let built = binary.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let place = kept.join(format!("{NAME}{built}"));
        if !place.exists() {
            for entry in fs::read_dir(kept).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().starts_with(NAME) {
                    let _ = fs::remove_dir_all(entry.path());
                }
            }
            compile_into(&place).unwrap();
        }
        place
    })
}

fn compile_into(place: &Path) -> io::Result<()> {
    let shop = Shop::new();
    fs::write(shop.plugins().join("any.js"), "export const manifest = { version: \"1.0.0\", capabilities: [] };\n")?;
    let mut clerk = shop.command().arg("serve").stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let cache = shop.data().join("plugin-cache");
    let count = |extension: &str| {
        let files = fs::read_dir(&cache).into_iter().flatten().flatten();
        files.filter(|it| it.path().extension().is_some_and(|it| it == extension)).count()
    };
    let wanted = SHIPPED.len() + 1;
    let deadline = Instant::now() + ENGINE;
    while (count("cwasm") < wanted || count("sum") < wanted) && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    clerk.kill()?;
    clerk.wait()?;
    assert!(count("cwasm") >= wanted && count("sum") >= wanted, "not compiled in time: {:?}", fs::read_dir(&cache));
    // Whole or not at all: other programs of these tests may be at it as well.
    let begun = place.with_extension(std::process::id().to_string());
    fs::create_dir_all(&begun)?;
    for entry in fs::read_dir(&cache)?.flatten() {
        fs::copy(entry.path(), begun.join(entry.file_name()))?;
    }
    fs::rename(&begun, place).or_else(|error| if place.exists() { Ok(()) } else { Err(error) })
}
