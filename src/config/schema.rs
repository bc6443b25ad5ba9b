//! What may stand in the files of the folder, as JSON Schema: made from the types that read them, so that what is shown,
//! what is checked and what is read are one.
//!
//! Beside the standard's keywords a type may say `x-type`, what to call its texts; `x-least`, the shortest duration; and
//! `x-below` and `x-above`, what would come of a value out of its range.

use std::{collections::BTreeMap, sync::LazyLock};

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{INTENTS, channels, daemon::DaemonConfig};
use crate::{
    engine::{
        CatalogueSettings, ContactsSettings, HoursSettings, IntentSettings, OrdersSettings, PhrasesSettings,
        RulesSettings, StoreSettings,
    },
    plugin::host::PluginEntry,
};

/// What these descriptions are written in.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A file of the folder, or each of a folder within it.
pub struct FileSchema {
    /// `rules.toml`, `intents/<id>.toml`.
    pub name: String,
    pub schema: Value,
}

/// All files, in the order in which an owner meets them.
pub fn files() -> &'static [FileSchema] {
    static FILES: LazyLock<Vec<FileSchema>> = LazyLock::new(make);
    &FILES
}

/// The description of one file; nothing where it has none.
pub fn of_file(name: &str) -> &'static Value {
    files().iter().find(|file| file.name == name).map_or(&Value::Null, |file| &file.schema)
}

/// The description of all files in one document, each under its name.
pub fn document() -> Value {
    let files: Map<_, _> = files().iter().map(|file| (file.name.clone(), file.schema.clone())).collect();
    json!({ "$schema": DRAFT, "type": "object", "title": "the configuration folder of nightclerk", "properties": files })
}

fn make() -> Vec<FileSchema> {
    let mut generator = SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true).into_generator();
    let g = &mut generator;
    let plugins = g.subschema_for::<BTreeMap<String, PluginEntry>>();
    let mut files = vec![
        file("nightclerk.toml", of::<DaemonConfig>(g)),
        file("store.toml", of::<StoreSettings>(g)),
        file("hours.toml", of::<HoursSettings>(g)),
        file("channels.toml", channels::schema(g)),
        file("rules.toml", of::<RulesSettings>(g)),
        file("phrases.toml", of::<PhrasesSettings>(g)),
        file("catalogue.toml", of::<CatalogueSettings>(g)),
        file("orders.toml", of::<OrdersSettings>(g)),
        file("contacts.toml", of::<ContactsSettings>(g)),
        file("plugins.toml", plugins.to_value()),
        file(&format!("{INTENTS}/<id>.toml"), of::<IntentSettings>(g)),
    ];
    if let Some(plugins) =
        files.iter_mut().find(|file| file.name == "plugins.toml").and_then(|it| it.schema.as_object_mut())
    {
        plugins.insert("description".to_owned(), "What each plugin may do, and its settings.".into());
    }
    files
}

fn file(name: &str, mut schema: Value) -> FileSchema {
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("title");
        schema.insert("$schema".to_owned(), DRAFT.into());
    }
    FileSchema { name: name.to_owned(), schema }
}

fn of<T: schemars::JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

/// The description without the `null` of what may be left out.
pub fn without_null(schema: &Value) -> &Value {
    let options = schema["anyOf"].as_array().filter(|_| schema["x-type"].is_null());
    let mut others = options.into_iter().flatten().filter(|it| it["type"] != "null");
    match (options.map(Vec::len), others.next()) {
        (Some(2), Some(only)) if others.next().is_none() => only,
        _ => schema,
    }
}

/// The tables of an array of tables, or of a list of which one may stand alone.
pub fn items(schema: &Value) -> Option<&Value> {
    schema.get("items").filter(|_| schema["x-type"].is_null())
}
