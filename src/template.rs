//! The store's template language: `{{ name }}`, `{% if .. %}`, `{% for .. %}`.
//!
//! minijinja, without files or includes, and with fuel: a template that loops or grows without end fails, it
//! never hangs. A name that is not there is empty, so that a missing detail shortens a sentence and does not
//! lose the reply.

use std::{collections::BTreeSet, sync::LazyLock};

use minijinja::{Environment, Error, UndefinedBehavior, Value, value::Serde};

/// Steps, and 64ths of bytes, that one rendering may take.
const FUEL: u64 = 20_000;

static PLAIN: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// Fills one template that is not known before.
///
/// # Errors
/// In words for the author: a syntax error with its line, or that the template does too much.
pub fn render(template: &str, variables: &serde_json::Value) -> Result<String, String> {
    PLAIN.render_str(template, Value::from(Serde(variables))).map_err(|error| explain(&error))
}

/// Templates compiled once, to be filled often.
pub struct Templates {
    environment: Environment<'static>,
    added: usize,
}

/// One of the `Templates` that made it.
#[derive(Clone, Debug)]
pub struct TemplateId(Box<str>);

impl Default for Templates {
    fn default() -> Self {
        Self { environment: environment(), added: 0 }
    }
}

impl Templates {
    /// Compiles a template; also returns the names of the variables it asks for.
    ///
    /// # Errors
    /// A syntax error, with its line.
    pub fn add(&mut self, source: &str) -> Result<(TemplateId, BTreeSet<String>), String> {
        let name = self.added.to_string();
        self.added += 1;
        self.environment.add_template_owned(name.clone(), source.to_owned()).map_err(|error| explain(&error))?;
        let template = self.environment.get_template(&name).map_err(|error| explain(&error))?;
        let variables = template.undeclared_variables(false).into_iter().collect();
        Ok((TemplateId(name.into()), variables))
    }

    /// Fills a template; space around the result is cut.
    ///
    /// # Errors
    /// The template does too much, or something that cannot be done (`{{ 1 + "a" }}`).
    pub fn render(&self, id: &TemplateId, variables: Value) -> Result<String, String> {
        let template = self.environment.get_template(&id.0).map_err(|error| explain(&error))?;
        let text = template.render(variables).map_err(|error| explain(&error))?;
        Ok(text.trim().to_owned())
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    // Customers must not read `None`.
    environment.set_formatter(|output, state, value| match value.is_none() {
        true => Ok(()),
        false => minijinja::escape_formatter(output, state, value),
    });
    environment
}

/// The error without the template's made-up name.
fn explain(error: &Error) -> String {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    match error.line() {
        Some(line) => format!("{what} (line {line} of the text)"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_are_filled_and_missing_ones_are_empty() {
        let variables = json!({ "name": "Ana", "order": { "id": "A1" } });
        assert_eq!(
            render("Hi {{ name }}, {{ order.id }}{{ order.x.y }}{{ none }}!", &variables).unwrap(),
            "Hi Ana, A1!"
        );
    }

    #[test]
    fn nothing_is_escaped_because_chats_are_no_pages() {
        assert_eq!(render("{{ x }}", &json!({ "x": "<b> & \"q\"" })).unwrap(), "<b> & \"q\"");
    }

    #[test]
    fn a_template_that_never_ends_or_grows_without_bound_fails() {
        for template in [
            "{% for a in range(90000) %}{% for b in range(90000) %}x{% endfor %}{% endfor %}",
            "{{ 'a' * 99999999 }}",
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "{% include 'other' %}",
        ] {
            assert!(render(template, &json!({})).is_err(), "{template}");
        }
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let error = render("one\n{% if %}", &json!({})).unwrap_err();
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

    proptest! {
        #[test]
        fn no_template_panics(template in "[{}% a-z0-9'|.*+()\\[\\]-]{0,60}") {
            let _ = render(&template, &json!({ "a": [1, "x"] }));
        }
    }
}
