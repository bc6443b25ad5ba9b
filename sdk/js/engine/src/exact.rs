//! Values of JavaScript as JSON and back: exactly, or not at all.
//!
//! `JSON.stringify` makes `{}` of a Map, `null` of NaN and a text of a Date; an author who hands those over means something
//! else, and is told.

use rquickjs::{Array, Ctx, Error, Exception, Filter, Object, Value};

/// Values nested deeper than this are refused, as are those that contain themselves.
const MAX_DEPTH: usize = 64;

/// Why a value is not taken.
pub enum Why {
    /// In words.
    Said(String),
    /// Looking at it threw.
    Threw(Error),
}

impl From<Error> for Why {
    fn from(error: Error) -> Self {
        match error {
            Error::Utf8(_) => Self::Said("a text holds half a character: a surrogate without its other half".to_owned()),
            error => Self::Threw(error),
        }
    }
}

impl Why {
    /// Thrown where the script stands.
    pub fn throw(self, ctx: &Ctx<'_>) -> Error {
        match self {
            Self::Said(why) => Exception::throw_type(ctx, &why),
            Self::Threw(error) => error,
        }
    }
}

pub fn refuse<T>(why: impl Into<String>) -> Result<T, Why> {
    Err(Why::Said(why.into()))
}

/// The value of some JSON.
pub fn read<'js>(ctx: &Ctx<'js>, json: &[u8]) -> rquickjs::Result<Value<'js>> {
    ctx.json_parse(json)
}

/// The JSON of a value that is called `name` in words about it.
pub fn write(value: &Value<'_>, name: &str) -> Result<String, Why> {
    let mut out = String::new();
    put(value, name, MAX_DEPTH, &mut out)?;
    Ok(out)
}

fn put(value: &Value<'_>, name: &str, depth: usize, out: &mut String) -> Result<(), Why> {
    if depth == 0 {
        return refuse(format!("`{name}` is nested too deeply, or contains itself"));
    }
    if value.is_null() {
        out.push_str("null");
    } else if let Some(it) = value.as_bool() {
        out.push_str(if it { "true" } else { "false" });
    } else if let Some(it) = value.as_number() {
        out.push_str(&number(it, name)?);
    } else if let Some(it) = value.as_string() {
        quote(&it.to_string()?, out);
    } else if let Some(items) = value.as_array() {
        out.push('[');
        for index in 0..items.len() {
            if index > 0 {
                out.push(',');
            }
            let item = format!("{name}[{index}]");
            put(&item_at(items, index, &item)?, &item, depth - 1, out)?;
        }
        out.push(']');
    } else {
        let mut first = true;
        out.push('{');
        for (key, member) in members(value, name)? {
            if !first {
                out.push(',');
            }
            first = false;
            quote(&key, out);
            out.push(':');
            put(&member, &format!("{name}.{key}"), depth - 1, out)?;
        }
        out.push('}');
    }
    Ok(())
}

/// An item that is there.
pub fn item_at<'js>(items: &Array<'js>, index: usize, name: &str) -> Result<Value<'js>, Why> {
    if items.as_object().contains_key(index as u32)? { Ok(items.get(index)?) } else { refuse(format!("`{name}` is a hole")) }
}

/// The members of a plain object, without those that are `undefined`.
pub fn members<'js>(value: &Value<'js>, name: &str) -> Result<Vec<(String, Value<'js>)>, Why> {
    let Some(object) = value.as_object().filter(|object| is_plain(object)) else {
        return refuse(format!("`{name}` is {}", kind(value)));
    };
    let mut members = Vec::new();
    for member in object.own_props::<String, Value<'js>>(Filter::new().string().enum_only()) {
        let (key, member) = member?;
        if !member.is_undefined() {
            members.push((key, member));
        }
    }
    Ok(members)
}

/// As it is written: neither an array, a function, nor of a class.
fn is_plain(object: &Object<'_>) -> bool {
    if object.is_array() || object.is_function() {
        return false;
    }
    match object.get_prototype() {
        None => true,
        // The prototype of all that is written with braces, whatever the script has made of the global names.
        Some(prototype) => {
            Object::new(object.ctx().clone()).ok().and_then(|it| it.get_prototype()).is_some_and(|it| it == prototype)
        }
    }
}

/// What a value is, for a person, and what may be meant.
pub fn kind(value: &Value<'_>) -> String {
    if value.is_undefined() || value.is_null() || value.is_bool() {
        return if value.is_bool() { "true or false".to_owned() } else { value.type_name().to_owned() };
    }
    if value.is_number() {
        return "a number".to_owned();
    }
    if value.is_string() {
        return "a text".to_owned();
    }
    if value.is_array() {
        return "a list".to_owned();
    }
    if value.is_big_int() {
        return "a BigInt; make it a Number or a text".to_owned();
    }
    if value.is_symbol() || value.is_function() {
        return format!("a {}", value.type_name());
    }
    if value.is_promise() {
        return "a Promise; await it".to_owned();
    }
    let class = value.as_object().and_then(|it| it.get::<_, Object>("constructor").ok()).and_then(|it| it.get::<_, String>("name").ok());
    match class.as_deref() {
        None | Some("" | "Object") => "an object".to_owned(),
        Some("Date") => "a Date; take its getTime() or toISOString()".to_owned(),
        Some(class @ ("Map" | "WeakMap")) => format!("a {class}; take Object.fromEntries() of it"),
        Some(class @ ("Set" | "WeakSet")) => format!("a {class}; take [...it]"),
        Some(class) => format!("an instance of {class}; a plain object is wanted"),
    }
}

fn number(it: f64, name: &str) -> Result<String, Why> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    if !it.is_finite() {
        return refuse(format!("`{name}` is {}", if it.is_nan() { "NaN" } else { "infinite" }));
    }
    if it.fract() == 0.0 && it.abs() <= EXACT && !(it == 0.0 && it.is_sign_negative()) {
        return Ok((it as i64).to_string());
    }
    Ok(serde_json::Number::from_f64(it).map(|it| it.to_string()).unwrap_or_default())
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}
