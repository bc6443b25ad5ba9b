//! The page, put together from the contract.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use wit_parser::{Function, Interface, Resolve, Type, TypeDefKind};

use super::{in_javascript, limits};

const HEAD: &str = "# Reference

Every word of the plugin contract, as [sdk/wit](../../sdk/wit) has it, with its name in JavaScript. This page is made from there by
`NIGHTCLERK_WRITE=1 cargo test --workspace --test reference`; a test fails where the two differ. In Rust the names are the
contract's with `_` for `-`. Times are milliseconds since 1970. What is not known is absent: `undefined` in JavaScript.

How plugins are written: [start here](README.md).
";
const ERRORS: &str = "A question that is refused throws an `Error` in JavaScript and is an `Err` in Rust. What is not granted says what to write: the
author `declare ... in the capabilities of its manifest`, the store `add ... to the grants of [NAME] in plugins.toml`. What is not
caught costs the plugin this event; the clerk answers as if it were not there. Whatever is asked in a call counts towards the
questions it has.
";

/// The reference as it should stand in `docs/plugins/reference.md`.
pub fn of(root: &Path) -> String {
    let contract = Contract::read(root);
    let mut page = String::from(HEAD);
    contract.hooks(&mut page);
    contract.answers(&mut page);
    contract.questions(&mut page);
    contract.words(&mut page);
    contract.limits(&mut page);
    page
}

/// All names that scripts meet.
pub fn names(root: &Path) -> Vec<String> {
    let contract = Contract::read(root);
    let mut names = Vec::new();
    for (name, interface) in &contract.interfaces {
        if name.starts_with("on-") {
            names.push(in_javascript::hook(name));
        }
        if is_asked(name) {
            let functions = interface.functions.keys().filter(|it| *it != PREPARED);
            names.extend(functions.map(|it| in_javascript::question(name, it).rsplit('.').next().unwrap().to_owned()));
        }
    }
    for (name, kind) in contract.types() {
        match kind {
            TypeDefKind::Record(it) if !is_plumbing(&name) => {
                names.extend(it.fields.iter().map(|it| in_javascript::camel(&it.name)));
            }
            TypeDefKind::Variant(it) if name == "action" => {
                names.extend(it.cases.iter().map(|it| in_javascript::camel(&it.name)).filter(|it| it != "extra"));
            }
            _ => {}
        }
    }
    names
}

/// What scripts have no use for: they read their settings without it.
const PREPARED: &str = "prepared";

/// Whether an interface is one of questions.
fn is_asked(interface: &str) -> bool {
    !interface.starts_with("on-") && !matches!(interface, "types" | "prepare")
}

/// Shapes that JavaScript has no name for, or spreads into others: a content is a text or an object, a store's context part of
/// a customer's.
fn is_plumbing(name: &str) -> bool {
    name.ends_with("-content") || matches!(name, "extra" | "content" | "notification" | "context")
}

struct Contract {
    resolve: Resolve,
    interfaces: Vec<(String, Interface)>,
    numbers: BTreeMap<String, u64>,
    /// What stands at the head of the hooks' file, and is taken for the first one's.
    head: String,
}

impl Contract {
    fn read(root: &Path) -> Self {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(root.join("sdk/wit/v1")).unwrap();
        let ids = resolve.packages[package].interfaces.clone();
        let interfaces = ids.into_iter().map(|(name, id)| (name, resolve.interfaces[id].clone())).collect();
        let hooks = fs::read_to_string(root.join("sdk/wit/v1/hooks.wit")).unwrap();
        let head: Vec<_> = hooks.lines().map_while(|line| line.strip_prefix("// ")).collect();
        Self { resolve, interfaces, numbers: limits::numbers(root), head: head.join(" ") }
    }

    fn interface(&self, name: &str) -> &Interface {
        &self.interfaces.iter().find(|(it, _)| it == name).unwrap().1
    }

    /// The types of the domain's words, in the contract's order.
    fn types(&self) -> Vec<(String, TypeDefKind)> {
        let types = self.interface("types").types.iter();
        types.map(|(name, id)| (name.clone(), self.resolve.types[*id].kind.clone())).collect()
    }

    fn docs_of(&self, name: &str) -> String {
        let id = self.interface("types").types[name];
        text(&self.resolve.types[id].docs.contents)
    }

    fn hooks(&self, page: &mut String) {
        page.push_str("\n## Moments\n\nA plugin is asked at those moments whose function it exports.\n\n");
        page.push_str("| contract | JavaScript | when |\n| --- | --- | --- |\n");
        for (name, interface) in self.interfaces.iter().filter(|(name, _)| name.starts_with("on-")) {
            let handle = &interface.functions["handle"];
            let given: Vec<_> = handle.params.iter().map(|it| it.name.clone()).collect();
            let function = format!("{}({})", in_javascript::hook(name), given.join(", "));
            let docs = text(&interface.docs.contents);
            let own = docs.strip_prefix(&self.head).unwrap_or(&docs).trim();
            writeln!(page, "| `{name}` | `{function}` | {} |", own).unwrap();
        }
        let prepare = self.interface("prepare");
        writeln!(page, "\n### prepare\n\n{}\n", text(&prepare.docs.contents)).unwrap();
        page.push_str("| contract | gives | |\n| --- | --- | --- |\n");
        for function in prepare.functions.values() {
            let gives = "bytes, or an error";
            writeln!(page, "| `prepare.{}` | {gives} | {} |", function.name, text(&function.docs.contents)).unwrap();
        }
        page.push_str("\n`plugin!` of the Rust SDK exports it; scripts need none.\n");
    }

    fn answers(&self, page: &mut String) {
        writeln!(page, "\n## Answers\n\n{}\n", self.docs_of("outcome")).unwrap();
        page.push_str("| contract | JavaScript | meaning |\n| --- | --- | --- |\n");
        for (name, docs) in self.cases("outcome") {
            let returned = match name.as_str() {
                "pass" => "nothing (`return`)",
                "also" => "`{ also: ... }`",
                "handled" => "a text, an action, or a list of them",
                other => panic!("how does a script answer {other}?"),
            };
            writeln!(page, "| `{name}` | {returned} | {docs} |").unwrap();
        }
        writeln!(page, "\n## Actions\n\n{}\n", self.docs_of("action")).unwrap();
        page.push_str("| contract | JavaScript | takes | |\n| --- | --- | --- | --- |\n");
        let id = self.interface("types").types["action"];
        let TypeDefKind::Variant(action) = &self.resolve.types[id].kind else { panic!("an action is a variant") };
        for case in &action.cases {
            let name = in_javascript::camel(&case.name);
            let takes = case.ty.as_ref().map_or_else(String::new, |it| self.linked(it));
            writeln!(page, "| `{}` | `{name}` | {takes} | {} |", case.name, text(&case.docs.contents)).unwrap();
        }
    }

    /// The cases of a variant and what is said of them.
    fn cases(&self, name: &str) -> Vec<(String, String)> {
        let id = self.interface("types").types[name];
        let TypeDefKind::Variant(variant) = &self.resolve.types[id].kind else { panic!("{name} is a variant") };
        variant.cases.iter().map(|it| (it.name.clone(), text(&it.docs.contents))).collect()
    }

    fn questions(&self, page: &mut String) {
        writeln!(page, "\n## Questions\n\n{ERRORS}").unwrap();
        for (name, interface) in self.interfaces.iter().filter(|(name, _)| is_asked(name)) {
            writeln!(page, "### {name}\n\n{}", text(&interface.docs.contents)).unwrap();
            if let Some(grant) = limits::grant(name) {
                writeln!(page, "\nNeeds {grant}.").unwrap();
            }
            page.push_str("\n| contract | JavaScript | answers | |\n| --- | --- | --- | --- |\n");
            for function in interface.functions.values() {
                self.question(name, function, page);
            }
            page.push('\n');
        }
    }

    fn question(&self, interface: &str, function: &Function, page: &mut String) {
        let given: Vec<_> = function.params.iter().map(|it| in_javascript::argument(&it.name)).collect();
        let script = format!("{}({})", in_javascript::question(interface, &function.name), given.join(", "));
        let script = match function.name.as_str() {
            "settings" => "`clerk.settings`".to_owned(),
            PREPARED => String::new(),
            _ => format!("`{script}`"),
        };
        let answers = match in_javascript::answer(interface, &function.name) {
            Some(answers) => answers.to_owned(),
            None => function.result.as_ref().map_or_else(|| "nothing".to_owned(), |it| self.linked(it)),
        };
        let mut says = text(&function.docs.contents);
        let bounds: Vec<_> =
            limits::of(interface, &function.name).iter().map(|it| limits::says(&self.numbers, it)).collect();
        if !bounds.is_empty() {
            says = format!("{says} At most {}.", bounds.join(", ")).trim().to_owned();
        }
        writeln!(page, "| `{interface}.{}` | {script} | {answers} | {says} |", function.name).unwrap();
    }

    fn words(&self, page: &mut String) {
        page.push_str("## Words\n");
        for (name, kind) in self.types() {
            let docs = self.docs_of(&name);
            let rows: Vec<(String, String, String)> = match &kind {
                TypeDefKind::Record(record) => {
                    let row = |it: &wit_parser::Field| (it.name.clone(), self.linked(&it.ty), text(&it.docs.contents));
                    record.fields.iter().map(row).collect()
                }
                TypeDefKind::Variant(variant) if name == "content" => {
                    let ty = |it: &wit_parser::Case| it.ty.as_ref().map_or_else(String::new, |it| self.linked(it));
                    variant.cases.iter().map(|it| (it.name.clone(), ty(it), text(&it.docs.contents))).collect()
                }
                _ => continue,
            };
            writeln!(page, "\n### {name}\n").unwrap();
            if !docs.is_empty() {
                writeln!(page, "{docs}\n").unwrap();
            }
            page.push_str("| contract | JavaScript | is | |\n| --- | --- | --- | --- |\n");
            for (field, ty, says) in rows {
                let ty = if field == "payload" { "any JSON value".to_owned() } else { ty };
                let script = match (name.as_str(), field.as_str()) {
                    ("context", "store") => "its words stand in the context itself".to_owned(),
                    ("content", "text") => "a text, or `{ text }`".to_owned(),
                    ("content", "link") => "`{ text, url }`".to_owned(),
                    ("content", "image") => "`{ image, caption }`".to_owned(),
                    ("content", "choices") => "`{ text, choices }`".to_owned(),
                    ("content" | "image-content", "extra") => String::new(),
                    ("image-content", "url") => "`image`".to_owned(),
                    ("notification", "content") => "its words stand in the notice itself: `{ to, text }`".to_owned(),
                    ("extra", "json") => "`value`".to_owned(),
                    (_, field) => format!("`{}`", in_javascript::camel(field)),
                };
                writeln!(page, "| `{field}` | {script} | {ty} | {says} |").unwrap();
            }
        }
    }

    fn limits(&self, page: &mut String) {
        page.push_str("\n## Limits\n\nBeside these, `[plugins]` of `nightclerk.toml` bounds what one call may take in time (100 ms), memory (16 MB) and output\n(64 KB), and `keep_kb` in the plugin's entry what it may keep in all (1 MB).\n\n");
        for key in limits::all() {
            writeln!(page, "- {}", limits::says(&self.numbers, key)).unwrap();
        }
    }

    /// The type, with a link where the page has it.
    fn linked(&self, ty: &Type) -> String {
        let shown = in_javascript::type_of(&self.resolve, ty);
        let Some(name) = self.named(ty) else { return shown };
        let word = in_javascript::type_of(&self.resolve, &Type::Id(self.interface("types").types[&name]));
        shown.replace(&word, &format!("[{word}](#{name})"))
    }

    /// The word of the domain that a type is, or is a list or an option of.
    fn named(&self, ty: &Type) -> Option<String> {
        let Type::Id(id) = ty else { return None };
        let def = &self.resolve.types[*id];
        match &def.kind {
            TypeDefKind::Option(inner) | TypeDefKind::List(inner) | TypeDefKind::Type(inner) => self.named(inner),
            TypeDefKind::Result(result) => result.ok.as_ref().and_then(|ok| self.named(ok)),
            _ => {
                let name = def.name.clone()?;
                self.interface("types").types.get(&name).map(|_| name)
            }
        }
    }
}

/// A doc comment in one line, fit for a table.
fn text(docs: &Option<String>) -> String {
    let docs = docs.as_deref().unwrap_or_default();
    docs.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
