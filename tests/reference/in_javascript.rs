//! What the contract's words are called in a script.

use wit_parser::{Resolve, Type, TypeDefKind};

/// The function's name where it is asked: `orders.find` is `clerk.findOrder`.
pub fn question(interface: &str, function: &str) -> String {
    let name = match (interface, function) {
        ("host", other) => return format!("clerk.{}", camel(other)),
        ("orders", "find") => "findOrder",
        ("orders", "newest") => "newestOrders",
        ("orders", "details") => "orderDetails",
        ("catalogue", "find") => "findProducts",
        ("catalogue", "details") => "productDetails",
        ("kv", other) => return format!("clerk.kv.{}", camel(other)),
        ("tickets", "open") => "openTickets",
        ("http", "send") => "http",
        (interface, function) => panic!("what is {interface}.{function} called in JavaScript?"),
    };
    format!("clerk.{name}")
}

/// What a question is asked with.
pub fn argument(name: &str) -> String {
    match name {
        "expires-ms" => "{ expiresMs }".to_owned(),
        // Of a call to the outside.
        "request" => "url` or `{ url, method, headers, body }".to_owned(),
        name => camel(name),
    }
}

/// What a question is answered with, where JavaScript has something else than the contract's shape.
pub fn answer(interface: &str, function: &str) -> Option<&'static str> {
    Some(match (interface, function) {
        ("host", "settings") => "object",
        ("host", "prepared") => "bytes, or nothing",
        ("orders", "details") => "object, or nothing; its keys in camelCase",
        ("catalogue", "details") => "object, or nothing; its keys in camelCase",
        ("http", "send") => "`{ status, ok, headers, body, bytes, json() }`",
        _ => return None,
    })
}

/// The exported function of a hook, and what it is called with: `on-welcome` is `welcome(context, message)`.
pub fn hook(interface: &str) -> String {
    camel(interface.strip_prefix("on-").unwrap_or(interface))
}

/// `first-seen-ms` as `firstSeenMs`.
pub fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |out, word| {
        let (head, tail) = word.split_at(1);
        out + &head.to_uppercase() + tail
    })
}

/// How a type is written in `nightclerk.d.ts`.
pub fn type_of(resolve: &Resolve, ty: &Type) -> String {
    match ty {
        Type::Bool => "boolean".to_owned(),
        Type::String | Type::Char => "string".to_owned(),
        Type::Id(id) => {
            let def = &resolve.types[*id];
            match &def.kind {
                TypeDefKind::Option(inner) => format!("{}, or nothing", type_of(resolve, inner)),
                TypeDefKind::List(Type::U8) => "any JSON value".to_owned(),
                TypeDefKind::List(inner) => format!("list of {}", type_of(resolve, inner)),
                TypeDefKind::Result(result) => {
                    result.ok.as_ref().map_or_else(|| "nothing".to_owned(), |ok| type_of(resolve, ok))
                }
                TypeDefKind::Tuple(_) => "name and value".to_owned(),
                TypeDefKind::Type(inner) => type_of(resolve, inner),
                _ => {
                    let name = camel(def.name.as_deref().unwrap_or("object"));
                    let (head, tail) = name.split_at(1);
                    head.to_uppercase() + tail
                }
            }
        }
        _ => "number".to_owned(),
    }
}
