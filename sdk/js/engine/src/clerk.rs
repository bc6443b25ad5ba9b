//! What a script finds beside the language: `clerk`, which asks the daemon, `console`, and numbers that look random.

use std::{cell::Cell, collections::BTreeMap};

use rquickjs::{
    Coerced, Ctx, Exception, Function, IntoJs, Object, Result, TypedArray, Value,
    function::{Opt, Rest, This},
    object::{Accessor, Property},
};

use crate::{
    exact::{self, Why},
    give,
    wit::nightclerk::plugin::{catalogue, host, http, kv, orders, tickets},
};

/// Products that are found unless said.
const SOME: u32 = 5;
/// Keys of a page unless said.
const PAGE: u32 = 100;

thread_local! {
    /// Whether a moment is at hand, about which the daemon can be asked.
    static IS_OPEN: Cell<bool> = const { Cell::new(false) };
    static SEED: Cell<u64> = const { Cell::new(0x9E37_79B9_7F4A_7C15) };
}

/// Lets the script ask, and makes its numbers those of this moment and customer.
pub fn open(now_ms: i64, seed: &str) {
    IS_OPEN.set(true);
    let start = 0xCBF2_9CE4_8422_2325 ^ now_ms as u64;
    // FNV-1a, with the lowest bit set as the generator wants it.
    SEED.set(seed.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)) | 1);
}

/// Puts them where the script finds them.
pub fn offer(ctx: &Ctx<'_>) -> Result<()> {
    let globals = ctx.globals();
    let clerk = Object::new(ctx.clone())?;
    clerk.prop("settings", Accessor::from(settings).enumerable().configurable())?;
    macro_rules! put {
        ($object:ident: $($name:literal $function:expr),* $(,)?) => {
            $($object.set($name, Function::new(ctx.clone(), $function)?.with_name($name)?)?;)*
        };
    }
    put!(clerk:
        "render" render, "log" log, "storeField" store_field, "customerField" customer_field,
        "findOrder" find_order, "newestOrders" newest_orders, "orderDetails" order_details,
        "findProducts" find_products, "productDetails" product_details,
        "openTickets" open_tickets, "http" http,
    );
    let keys = Object::new(ctx.clone())?;
    put!(keys:
        "get" kv_get, "set" kv_set, "delete" kv_delete, "keys" kv_keys, "deletePrefix" kv_delete_prefix,
        "compareAndSet" kv_compare_and_set,
    );
    clerk.set("kv", keys)?;
    globals.set("clerk", clerk)?;
    let console = Object::new(ctx.clone())?;
    for (name, level) in [
        ("debug", host::Level::Debug),
        ("log", host::Level::Info),
        ("info", host::Level::Info),
        ("warn", host::Level::Warn),
        ("error", host::Level::Error),
    ] {
        let write = move |words: Rest<Value<'_>>| {
            if IS_OPEN.get() {
                host::log(level, &words.iter().map(shown).collect::<Vec<_>>().join(" "));
            }
        };
        console.set(name, Function::new(ctx.clone(), write)?.with_name(name)?)?;
    }
    globals.set("console", console)?;
    let math: Object = globals.get("Math")?;
    math.set("random", Function::new(ctx.clone(), random)?.with_name("random")?)
}

/// xorshift64*: the same for the same moment and customer, so that an event decided again is decided alike.
fn random() -> f64 {
    let mut state = SEED.get();
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    SEED.set(state);
    (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
}

/// For the log: a text as it is, an error with its stack, all else as JSON shows it.
fn shown(value: &Value<'_>) -> String {
    let ctx = value.ctx();
    if let Some(text) = value.as_string() {
        return text.to_string().unwrap_or_default();
    }
    if let Some(error) = value.as_exception() {
        return format!("{}\n{}", error.message().unwrap_or_default(), error.stack().unwrap_or_default());
    }
    let json = if value.is_object() && !value.is_function() { ctx.json_stringify(value).ok().flatten() } else { None };
    let shown =
        json.and_then(|json| json.to_string().ok()).or_else(|| value.get::<Coerced<String>>().ok().map(|it| it.0));
    // What cannot be shown threw, and is nobody's error.
    ctx.catch();
    shown.unwrap_or_else(|| exact::kind(value))
}

fn ask<'js, T>(ctx: &Ctx<'js>, question: impl FnOnce() -> std::result::Result<T, String>) -> Result<T> {
    may_ask(ctx)?;
    question().map_err(|why| Exception::throw_message(ctx, &why))
}

fn may_ask(ctx: &Ctx<'_>) -> Result<()> {
    if IS_OPEN.get() {
        return Ok(());
    }
    Err(Exception::throw_message(ctx, "the clerk is asked inside a hook, not while the script is loaded"))
}

/// A text that a function is given.
fn text(ctx: &Ctx<'_>, value: &Value<'_>, name: &str) -> Result<String> {
    match value.as_string() {
        Some(text) => text.to_string().map_err(|error| Why::from(error).throw(ctx)),
        None => Err(Exception::throw_type(ctx, &format!("`{name}` is {}, not a text", exact::kind(value)))),
    }
}

/// The JSON of a value that a function is given; `None` for none.
fn json(ctx: &Ctx<'_>, value: &Value<'_>, name: &str) -> Result<Option<Vec<u8>>> {
    if value.is_undefined() {
        return Ok(None);
    }
    exact::write(value, name).map(|json| Some(json.into_bytes())).map_err(|why| why.throw(ctx))
}

/// A moment that a function is given; `None` for none.
fn moment(ctx: &Ctx<'_>, options: &Opt<Value<'_>>) -> Result<Option<i64>> {
    let Some(options) = options.0.as_ref().filter(|it| !it.is_undefined()) else { return Ok(None) };
    for (key, value) in exact::members(options, "options").map_err(|why| why.throw(ctx))? {
        match value.as_number().filter(|it| it.fract() == 0.0) {
            Some(ms) if key == "expiresMs" => return Ok(Some(ms as i64)),
            _ => {
                let why =
                    format!("`options.{key}`: there is `expiresMs`, milliseconds since 1970, such as nowMs + 60000");
                return Err(Exception::throw_type(ctx, &why));
            }
        }
    }
    Ok(None)
}

fn settings<'js>(ctx: Ctx<'js>, this: This<Object<'js>>) -> Result<Value<'js>> {
    may_ask(&ctx)?;
    let settings = exact::read(&ctx, host::settings().as_bytes())?;
    // Read once a call.
    this.0.prop("settings", Property::from(settings.clone()).enumerable().writable().configurable())?;
    Ok(settings)
}

fn render<'js>(ctx: Ctx<'js>, template: Value<'js>, variables: Opt<Value<'js>>) -> Result<String> {
    let template = text(&ctx, &template, "template")?;
    let variables = variables.0.map(|it| json(&ctx, &it, "variables")).transpose()?.flatten();
    let variables = variables.and_then(|json| String::from_utf8(json).ok()).unwrap_or_else(|| "{}".to_owned());
    ask(&ctx, || host::render(&template, &variables))
}

fn log<'js>(ctx: Ctx<'js>, level: Value<'js>, words: Rest<Value<'js>>) -> Result<()> {
    let level = match text(&ctx, &level, "level")?.as_str() {
        "debug" => host::Level::Debug,
        "info" => host::Level::Info,
        "warn" => host::Level::Warn,
        "error" => host::Level::Error,
        other => {
            let why = format!("{other:?} is no level; there are debug, info, warn and error");
            return Err(Exception::throw_type(&ctx, &why));
        }
    };
    may_ask(&ctx)?;
    host::log(level, &words.iter().map(shown).collect::<Vec<_>>().join(" "));
    Ok(())
}

fn store_field<'js>(ctx: Ctx<'js>, name: Value<'js>) -> Result<Option<String>> {
    let name = text(&ctx, &name, "name")?;
    ask(&ctx, || Ok(host::store_field(&name)))
}

fn customer_field<'js>(ctx: Ctx<'js>, name: Value<'js>) -> Result<Option<String>> {
    let name = text(&ctx, &name, "name")?;
    ask(&ctx, || Ok(host::customer_field(&name)))
}

fn find_order<'js>(ctx: Ctx<'js>, id: Value<'js>) -> Result<Option<Object<'js>>> {
    let id = text(&ctx, &id, "id")?;
    ask(&ctx, || orders::find(&id))?.map(|order| give::order(&ctx, order)).transpose()
}

fn newest_orders<'js>(ctx: Ctx<'js>) -> Result<Value<'js>> {
    give::list(&ctx, ask(&ctx, orders::newest)?, give::order)?.into_js(&ctx)
}

fn order_details<'js>(ctx: Ctx<'js>, shop: Value<'js>, id: Value<'js>) -> Result<Option<Value<'js>>> {
    let (shop, id) = (text(&ctx, &shop, "shop")?, text(&ctx, &id, "id")?);
    ask(&ctx, || orders::details(&shop, &id))?.map(|json| give::details(&ctx, &json)).transpose()
}

fn find_products<'js>(ctx: Ctx<'js>, query: Value<'js>, limit: Opt<u32>) -> Result<Value<'js>> {
    let query = text(&ctx, &query, "query")?;
    let found = ask(&ctx, || catalogue::find(&query, limit.0.unwrap_or(SOME)))?;
    give::list(&ctx, found, give::product)?.into_js(&ctx)
}

fn product_details<'js>(ctx: Ctx<'js>, sku: Value<'js>) -> Result<Option<Value<'js>>> {
    let sku = text(&ctx, &sku, "sku")?;
    ask(&ctx, || catalogue::details(&sku))?.map(|json| give::details(&ctx, &json)).transpose()
}

fn open_tickets<'js>(ctx: Ctx<'js>) -> Result<Value<'js>> {
    give::list(&ctx, ask(&ctx, tickets::open)?, give::ticket)?.into_js(&ctx)
}

fn kv_get<'js>(ctx: Ctx<'js>, key: Value<'js>) -> Result<Option<Value<'js>>> {
    let key = text(&ctx, &key, "key")?;
    ask(&ctx, || kv::get(&key))?.map(|value| exact::read(&ctx, &value)).transpose()
}

fn kv_set<'js>(ctx: Ctx<'js>, key: Value<'js>, value: Value<'js>, options: Opt<Value<'js>>) -> Result<()> {
    let key = text(&ctx, &key, "key")?;
    let expires_ms = moment(&ctx, &options)?;
    let value = json(&ctx, &value, "value")?
        .ok_or_else(|| Exception::throw_type(&ctx, "`value` is undefined; clerk.kv.delete() forgets a key"))?;
    ask(&ctx, || kv::set(&key, &value, expires_ms))
}

fn kv_delete<'js>(ctx: Ctx<'js>, key: Value<'js>) -> Result<()> {
    let key = text(&ctx, &key, "key")?;
    ask(&ctx, || kv::delete(&key))
}

fn kv_keys<'js>(ctx: Ctx<'js>, prefix: Value<'js>, after: Opt<String>, limit: Opt<u32>) -> Result<Vec<String>> {
    let prefix = text(&ctx, &prefix, "prefix")?;
    ask(&ctx, || kv::keys(&prefix, after.0.as_deref().unwrap_or_default(), limit.0.unwrap_or(PAGE)))
}

fn kv_delete_prefix<'js>(ctx: Ctx<'js>, prefix: Value<'js>) -> Result<u32> {
    let prefix = text(&ctx, &prefix, "prefix")?;
    ask(&ctx, || kv::delete_prefix(&prefix))
}

fn kv_compare_and_set<'js>(
    ctx: Ctx<'js>,
    key: Value<'js>,
    expected: Value<'js>,
    value: Value<'js>,
    options: Opt<Value<'js>>,
) -> Result<bool> {
    let key = text(&ctx, &key, "key")?;
    let (expected, value) = (json(&ctx, &expected, "expected")?, json(&ctx, &value, "value")?);
    let expires_ms = moment(&ctx, &options)?;
    ask(&ctx, || kv::compare_and_set(&key, expected.as_deref(), value.as_deref(), expires_ms))
}

/// The URL to get, or a request: `{ method, url, headers, body }`.
fn http<'js>(ctx: Ctx<'js>, request: Value<'js>) -> Result<Object<'js>> {
    let request = if request.is_string() {
        http::Request {
            method: "GET".to_owned(),
            url: text(&ctx, &request, "url")?,
            headers: Vec::new(),
            body: Vec::new(),
        }
    } else {
        http_request(&ctx, &request)?
    };
    let response = ask(&ctx, || http::send(&request))?;
    let mut by_name = BTreeMap::<&str, String>::new();
    for (name, value) in &response.headers {
        let joined = by_name.get(name.as_str()).map(|before| format!("{before}, {value}"));
        by_name.insert(name, joined.unwrap_or_else(|| value.clone()));
    }
    let headers = Object::new(ctx.clone())?;
    for (name, value) in by_name {
        // Defined, not set: whoever answers may call a header `__proto__` or `constructor`.
        headers.prop(name, Property::from(value).enumerable().writable().configurable())?;
    }
    let object = Object::new(ctx.clone())?;
    object.set("status", response.status)?;
    object.set("ok", (200..300).contains(&response.status))?;
    object.set("headers", headers)?;
    object.set("body", str::from_utf8(&response.body).ok())?;
    object.set("bytes", TypedArray::<u8>::new_copy(ctx.clone(), &response.body)?)?;
    let json = move |ctx: Ctx<'js>| exact::read(&ctx, &response.body);
    object.set("json", Function::new(ctx, json)?.with_name("json")?)?;
    Ok(object)
}

fn http_request<'js>(ctx: &Ctx<'js>, given: &Value<'js>) -> Result<http::Request> {
    let mut request =
        http::Request { method: String::new(), url: String::new(), headers: Vec::new(), body: Vec::new() };
    let members = |value: &Value<'js>, name| exact::members(value, name).map_err(|why| why.throw(ctx));
    let mut is_json = false;
    for (key, value) in members(given, "request")? {
        match key.as_str() {
            "method" => request.method = text(ctx, &value, "request.method")?,
            "url" => request.url = text(ctx, &value, "request.url")?,
            "headers" => {
                for (name, value) in members(&value, "request.headers")? {
                    let value = text(ctx, &value, &format!("request.headers.{name}"))?;
                    request.headers.push((name, value));
                }
            }
            "body" if value.is_string() => request.body = text(ctx, &value, "request.body")?.into_bytes(),
            "body" => match TypedArray::<u8>::from_value(value.clone()) {
                Ok(bytes) => {
                    // SAFETY: no script runs until they are copied.
                    #[allow(unsafe_code)]
                    let bytes = unsafe { bytes.as_bytes() };
                    request.body = bytes.unwrap_or_default().to_vec();
                }
                Err(_) => {
                    is_json = true;
                    request.body = json(ctx, &value, "request.body")?.unwrap_or_default();
                }
            },
            _ => {
                return Err(Exception::throw_type(
                    ctx,
                    &format!("`request` has no `{key}`; it takes method, url, headers and body"),
                ));
            }
        }
    }
    if request.method.is_empty() {
        request.method = if request.body.is_empty() { "GET" } else { "POST" }.to_owned();
    }
    if is_json && !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        request.headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Ok(request)
}
