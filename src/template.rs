//! The store's template language: `{{ name }}`, `{% if .. %}`, `{% for .. %}`.
//!
//! minijinja, without files or includes, and with fuel: a template that loops or grows without end fails, it
//! never hangs. Reading one takes stack for each step of a chain (`a.b.b…`), so a template has a length, and is read
//! where there is stack for the worst of that length. A name that is not there is empty, so that a missing detail
//! shortens a sentence and does not lose the reply.

mod names;
mod recent;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

pub use names::{NameOf, UnknownName};
pub use recent::render;

/// Steps, and 64ths of bytes, that one rendering may take.
const FUEL: u64 = 20_000;
/// Bytes of one template.
pub const LONGEST: usize = 16 << 10;
/// Bytes of stack that must be left to read and fill a template; where there are fewer, it is done on a stack of its own:
/// for any, and for each byte of it, as each may be a step of a chain.
const STACK: usize = 256 << 10;
const STACK_A_BYTE: usize = 768;
/// For a value that a template may have nested in itself as often as there is fuel.
const DEEP_STACK: usize = 12 << 20;
/// What it takes to do that: a name outside a loop is not changed within it otherwise.
const NESTS: &str = "namespace";
/// What a text has where there is something to fill, to do or to leave out.
const MARKS: [&str; 3] = ["{{", "{%", "{#"];

/// Templates compiled once, to be filled often. A store has hundreds of texts in many languages: what is the same in
/// several is kept once, and what has nothing to fill is no template.
pub struct Templates {
    environment: Environment<'static>,
    /// Names of templates by their source.
    names: HashMap<Box<str>, Arc<str>>,
}

/// What becomes of a place in a text that nothing fills, nor stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gaps {
    /// Nothing stands there.
    Empty,
    /// The text is not made.
    Refused,
}

/// A variable that no template can name: with it, gaps are refused.
const REFUSES_GAPS: &str = "refuses-gaps";

/// One of the `Templates` that made it.
#[derive(Clone, Debug)]
pub struct TemplateId(Kept);

#[derive(Clone, Debug)]
enum Kept {
    Text(Arc<str>),
    Template {
        name: Arc<str>,
        /// Bytes of stack it may need.
        stack: usize,
    },
}

impl Default for Templates {
    fn default() -> Self {
        Self { environment: environment(), names: HashMap::new() }
    }
}

impl Templates {
    /// Compiles a template; also returns the names of the variables it asks for.
    ///
    /// # Errors
    /// A syntax error, with its line; or it is too long.
    pub fn add(&mut self, source: &str) -> Result<(TemplateId, BTreeSet<String>), String> {
        check_length(source)?;
        if !MARKS.iter().any(|mark| source.contains(mark)) {
            return Ok((TemplateId(Kept::Text(source.trim().into())), BTreeSet::new()));
        }
        let stack = stack_for(source);
        with_stack(stack, || {
            let name = match self.names.get(source) {
                Some(name) => name.clone(),
                None => self.compile(source).map_err(|error| explain(&error))?,
            };
            let template = self.environment.get_template(&name).map_err(|error| explain(&error))?;
            let variables = template.undeclared_variables(false).into_iter().collect();
            Ok((TemplateId(Kept::Template { name, stack }), variables))
        })
    }

    /// Whether this was added, or need not be, as it has nothing to fill.
    pub fn is_known(&self, source: &str) -> bool {
        self.names.contains_key(source) || !MARKS.iter().any(|mark| source.contains(mark))
    }

    fn compile(&mut self, source: &str) -> Result<Arc<str>, Error> {
        let name: Arc<str> = self.names.len().to_string().into();
        self.environment.add_template_owned(name.to_string(), source.to_owned())?;
        self.names.insert(source.into(), name.clone());
        Ok(name)
    }

    /// Names in a template that nothing stands behind. `sample` gives for each of `variables` a value with all its
    /// details, or nothing where any may be there.
    pub fn unknown_names(
        &self,
        source: &str,
        variables: &[&str],
        sample: &dyn Fn(&str) -> Option<Value>,
    ) -> Vec<UnknownName> {
        // Each step is looked at within the one before it, which takes much more than to read it.
        let stack = (1 << 20) + (16 << 10) * source.len().min(LONGEST);
        stacker::maybe_grow(stack, stack, || names::unknown_names(&self.environment, source, variables, sample))
    }

    /// Fills a template; space around the result is cut.
    ///
    /// # Errors
    /// The template does too much, or something that cannot be done (`{{ 1 + "a" }}`).
    pub fn render(&self, id: &TemplateId, variables: Value) -> Result<String, String> {
        self.fill(id, variables).map_err(|error| explain(&error))
    }

    /// The same; an error says nothing of the values.
    ///
    /// # Errors
    /// As with `render`, by its kind alone.
    pub fn render_discreetly(
        &self,
        id: &TemplateId,
        variables: impl Iterator<Item = (&'static str, Value)>,
        gaps: Gaps,
    ) -> Result<String, String> {
        let refuses = (gaps == Gaps::Refused).then_some((REFUSES_GAPS, Value::from(true)));
        let variables = Value::from_pairs(variables.chain(refuses));
        self.fill(id, variables).map_err(|error| at_line(error.kind().to_string(), &error))
    }

    fn fill(&self, id: &TemplateId, variables: Value) -> Result<String, Error> {
        match &id.0 {
            Kept::Text(text) => Ok(text.to_string()),
            Kept::Template { name, stack } => with_stack(*stack, || {
                let text = self.environment.get_template(name)?.render(variables)?;
                Ok(text.trim().to_owned())
            }),
        }
    }
}

fn check_length(template: &str) -> Result<(), String> {
    match template.len() {
        length if length > LONGEST => Err(format!("it is {length} bytes long; {LONGEST} are allowed")),
        _ => Ok(()),
    }
}

fn stack_for(template: &str) -> usize {
    let chains = STACK + STACK_A_BYTE * template.len();
    if template.contains(NESTS) { chains.max(DEEP_STACK) } else { chains }
}

fn with_stack<T>(stack: usize, work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(stack, 2 * DEEP_STACK, work)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    // Customers must not read `None`.
    environment.set_formatter(|output, state, value| match value.is_none() || value.is_undefined() {
        true if state.lookup(REFUSES_GAPS).is_some() => Err(ErrorKind::UndefinedError.into()),
        true => Ok(()),
        false => minijinja::escape_formatter(output, state, value),
    });
    environment
}

/// The error without the template's made-up name.
fn explain(error: &Error) -> String {
    at_line(error.detail().map_or_else(|| error.kind().to_string(), str::to_owned), error)
}

fn at_line(what: String, error: &Error) -> String {
    match error.line() {
        Some(line) => format!("{what} (line {line} of the text)"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use minijinja::value::Serde;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn filled_from(template: &str, variables: &serde_json::Value) -> Result<String, String> {
        render(template, &variables.to_string())
    }

    #[test]
    fn a_text_in_which_nothing_may_be_missing_is_not_made_with_a_gap() {
        let mut templates = Templates::default();
        let mut filled = |source: &str, gaps| {
            let (id, _) = templates.add(source).unwrap();
            let name = [("name", Value::from("Ana"))].into_iter();
            templates.render_discreetly(&id, name, gaps)
        };
        assert_eq!(filled("{{ name }}: {{ order.id }}", Gaps::Empty).as_deref(), Ok("Ana:"));
        assert!(filled("{{ name }}: {{ order.id }}", Gaps::Refused).is_err());
        for whole in ["{{ name }}", "Ana{% if order %} {{ order.id }}{% endif %}", "{{ other or 'Ana' }}"] {
            assert_eq!(filled(whole, Gaps::Refused).as_deref(), Ok("Ana"), "{whole}");
        }
    }

    #[test]
    fn placeholders_are_filled_and_missing_ones_are_empty() {
        let variables = json!({ "name": "Ana", "order": { "id": "A1" } });
        assert_eq!(
            filled_from("Hi {{ name }}, {{ order.id }}{{ order.x.y }}{{ none }}!", &variables).unwrap(),
            "Hi Ana, A1!"
        );
    }

    #[test]
    fn the_same_text_in_two_languages_is_kept_once_and_a_plain_one_is_as_it_stands() {
        let mut templates = Templates::default();
        for source in ["Hi {{ name }}", " 12 } { \\ 'x'\n", "Hi {{ name }}", "{# a note #}Bye"] {
            let (id, variables) = templates.add(source).unwrap();
            let filled = templates.render(&id, Value::from(Serde(&json!({ "name": "Ana" })))).unwrap();
            assert_eq!(filled, filled_from(source, &json!({ "name": "Ana" })).unwrap().trim());
            assert_eq!(variables.contains("name"), source.starts_with("Hi"));
        }
        assert_eq!(templates.names.len(), 2);
    }

    #[test]
    fn nothing_is_escaped_because_chats_are_no_pages() {
        assert_eq!(filled_from("{{ x }}", &json!({ "x": "<b> & \"q\"" })).unwrap(), "<b> & \"q\"");
    }

    #[test]
    fn a_template_that_never_ends_or_grows_without_bound_fails() {
        for template in [
            "{% for a in range(90000) %}{% for b in range(90000) %}x{% endfor %}{% endfor %}",
            "{{ 'a' * 99999999 }}",
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "{% include 'other' %}",
        ] {
            assert!(filled_from(template, &json!({})).is_err(), "{template}");
        }
    }

    /// Each of these takes stack for every step: on a thread's usual 2 MiB the process would die of it.
    #[test]
    fn no_chain_however_long_overflows_the_stack() {
        let filled = |head: &str, step: &str, tail: &str| {
            let room = LONGEST - head.len() - tail.len();
            format!("{head}{}{tail}", step.repeat(room / step.len()))
        };
        let chains = [
            filled("{{ a", ".b", " }}"),
            filled("{{ ", "-", "1 }}"),
            filled("{{ ", "not ", "1 }}"),
            filled("{{ 1", "+1", " }}"),
            filled("{{ 1", "~1", " }}"),
            filled("{{ 1", "**1", " }}"),
            filled("{{ 1", " and 1", " }}"),
            filled("{{ 1", " if 1", " }}"),
            filled("{{ a", "()", " }}"),
            filled("{{ a", "[0]", " }}"),
            filled("{{ a", "|e", " }}"),
            filled("{{ ", "(", "1 }}"),
            filled("{{ ", "[", "1 }}"),
            filled("{{ ", "{1:", "1 }}"),
            filled("", "{%if a%}", ""),
            filled("{% if a %}", "{%elif a%}", "{% endif %}"),
            filled("", "{%for a in a%}", ""),
            "{% set n = namespace(x=0) %}{% for i in range(6000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x }}".to_owned(),
            "{% set n = namespace(x=0) %}{% for i in range(6000) %}{% set n.x = {1: n.x} %}{% endfor %}{{ n.x|tojson }}"
                .to_owned(),
        ];
        let fill = move || {
            for chain in chains {
                // What comes of it matters to nobody, as long as something does.
                let _ = filled_from(&chain, &json!({ "a": [[1]] }));
                let mut templates = Templates::default();
                let _ = templates.add(&chain);
                let _ = templates.unknown_names(&chain, &["a"], &|_| None);
            }
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(fill).unwrap().join().unwrap();
        let error = filled_from(&"x".repeat(LONGEST + 1), &json!({})).unwrap_err();
        assert!(error.contains("16384 are allowed"), "{error}");
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let error = filled_from("one\n{% if %}", &json!({})).unwrap_err();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_compiled_template_tells_what_it_asks_for() {
        let mut templates = Templates::default();
        let (id, names) = templates.add("{% for it in orders %}{{ it.id }} {{ store }}{% endfor %} ").unwrap();
        assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), ["orders", "store"]);
        let variables = Value::from(Serde(json!({ "orders": [{ "id": 1 }], "store": "S" })));
        assert_eq!(templates.render(&id, variables).unwrap(), "1 S");
    }

    /// The names that are not good in a template whose one variable is an order.
    fn unknown(source: &str) -> Vec<(String, u16, u16)> {
        let order = json!({ "id": "A1", "total": "9", "parcels": [{ "name": "SF1" }] });
        let sample = |name: &str| (name == "order").then(|| Value::from(Serde(order.clone())));
        let found = Templates::default().unknown_names(source, &["order", "orders"], &sample);
        found.into_iter().map(|it| (it.name, it.line, it.column)).collect()
    }

    #[test]
    fn names_that_nothing_stands_behind_are_found_on_every_way_through_a_template() {
        for (source, name, line) in [
            ("{{ order.traking }}", "traking", 1),
            ("{{ order['traking'] }}", "traking", 1),
            ("a\n  {{ order.id|uper }}", "uper", 2),
            ("{% if false %}{{ order.id|uper }}{% endif %}", "uper", 1),
            ("{{ 'x' if order is nothing }}", "nothing", 1),
            ("{{ now() }}", "now", 1),
            ("{{ oder.id }}", "oder", 1),
            ("{% for it in order.parcels %}{{ it.nam }}{% endfor %}", "nam", 1),
            ("{{ order.parcels[0].nam }}", "nam", 1),
            ("{{ (order.parcels|first).nam }}", "nam", 1),
            ("{% set x = order %}{{ x.nam }}", "nam", 1),
            ("{{ order.id.nam }}", "nam", 1),
            ("{% filter uper %}x{% endfilter %}", "uper", 1),
        ] {
            let found = unknown(source);
            assert_eq!(found.len(), 1, "{source}: {found:?}");
            assert_eq!((found[0].0.as_str(), found[0].1), (name, line), "{source}");
        }
        assert_eq!(
            unknown("{{ oder }}\n  {{ order.id }} {{ it }}"),
            [("oder".to_owned(), 1, 4), ("it".to_owned(), 2, 21)]
        );
    }

    #[test]
    fn names_that_are_good_are_let_pass() {
        for source in [
            "{{ order.id }}{{ order.parcels|length }}{{ order.parcels[0].name|default('x') }}",
            "{% for it in order.parcels %}{{ loop.index }}{{ it.name }}{% else %}none{% endfor %}",
            "{% for it in orders %}{{ it.anything.at.all }}{% endfor %}",
            "{% set ns = namespace(n=0) %}{% set ns.n = 1 %}{{ ns.n }}{% for it in range(3) %}{{ it }}{% endfor %}",
            "{% macro f(a, b='x') %}{{ a.b }}{{ b }}{% endmacro %}{{ f(order) }}",
            "{% with x = order.id %}{{ x|upper }}{% endwith %}{{ 'a' if order is defined else 'b' }}",
            "{{ [order.id, 'x']|join(', ') }}{{ {'a': order.id}.b }}{{ not order.id == 1 }}",
        ] {
            assert_eq!(unknown(source), [], "{source}");
        }
        for filter in names::FILTERS {
            assert_eq!(unknown(&format!("{{{{ order.id|{filter} }}}}")), [], "{filter}");
        }
    }

    proptest! {
        #[test]
        fn no_template_panics(template in "[{}% a-z0-9'|.*+()\\[\\]-]{0,60}") {
            let _ = filled_from(&template, &json!({ "a": [1, "x"] }));
            unknown(&template);
        }
    }
}
