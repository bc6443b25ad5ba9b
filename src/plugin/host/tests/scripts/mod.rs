//! What is promised to who saves a script, shown with the engine that is shipped.

mod answers;
mod attacks;
mod clerk;
mod files;
mod mistakes;
mod typed;

use std::{fs, path::PathBuf, sync::LazyLock};

use serde_json::{Value, json};

use super::{Facts, Shop, said, trace};
use crate::{
    model::{Hook, HookAnswer, HookCall, Message, Moment, Plugins},
    plugin::host::{cache::Cache, compiler::Compiler, sandbox::Sandbox, scripts::Scripts, trial},
};

/// A folder with the engine as it was compiled for this run of the tests: that takes seconds.
static COMPILED: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    let cache = Cache::open(&folder, Compiler::Here).unwrap();
    Scripts::default().make_ready(&Sandbox::new(&super::limits()).unwrap(), Some(&cache)).unwrap();
    folder
});

/// A shop with these files, and these entries for them.
fn shop(files: &[(&str, &str)], entries: Value) -> Shop {
    let files: Vec<_> = files.iter().map(|(file, source)| (*file, source.as_bytes().to_vec())).collect();
    Shop::prepared(&files, entries, |dir| {
        fs::create_dir(dir.join("cache")).unwrap();
        for entry in fs::read_dir(&*COMPILED).unwrap().flatten() {
            fs::copy(entry.path(), dir.join("cache").join(entry.file_name())).unwrap();
        }
    })
}

/// A shop with `hello.js`, which may do and ask everything here.
fn hello(source: &str) -> Shop {
    let grants = ["reply", "tag", "notify", "timer", "ticket", "kv", "orders", "remark", "catalogue", "assign"];
    shop(&[("hello.js", source)], json!({ "hello": { "grants": grants } }))
}

/// What the shop's plugins make of a customer's message.
fn offer(shop: &Shop, text: &str) -> HookAnswer {
    offer_with(shop, text, &Facts::default())
}

fn offer_with(shop: &Shop, text: &str, facts: &Facts) -> HookAnswer {
    let message = Message { id: "m1".to_owned(), text: Some(text.to_owned()), ..Message::default() };
    trial::with_sample(Hook::Message, |asked| {
        shop.host.offer(&HookCall { moment: Moment::Message { message: &message }, lookups: facts, ..*asked })
    })
}

/// What the customer is told by a handler with this body; or why it is skipped.
fn body(body: &str) -> String {
    let shop = hello(&format!(
        "export async function message(context, message) {{\n  if (message.id !== 'm1') return;\n  {body}\n}}"
    ));
    answered(&offer(&shop, "Hi"))
}

fn answered(answer: &HookAnswer) -> String {
    said(answer).map_or_else(|| trace(answer).last().cloned().unwrap_or_default(), str::to_owned)
}
