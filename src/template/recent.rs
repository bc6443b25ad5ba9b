//! Templates that are handed over with what fills them, as plugins do. What a plugin wants filled is mostly what it wanted
//! filled at its last call, so the compiled ones are kept a while.

use std::sync::{LazyLock, PoisonError, RwLock};

use minijinja::{Error, Value};

use super::{Templates, check_length, explain, stack_for, with_stack};

/// Templates that were filled of late.
static RECENT: LazyLock<RwLock<Templates>> = LazyLock::new(RwLock::default);
/// Of those; beyond, they are read anew.
const MOST_RECENT: usize = 256;

/// Fills one template that is not known before, with variables that are JSON.
///
/// # Errors
/// In words for the author: the variables are no JSON, a syntax error with its line, or that the template does too much.
pub fn render(template: &str, variables: &str) -> Result<String, String> {
    check_length(template)?;
    let variables: Value =
        serde_json::from_str(variables).map_err(|error| format!("the variables are not JSON: {error}"))?;
    with_stack(stack_for(template), || fill_recent(template, variables).map_err(|error| explain(&error)))
}

fn fill_recent(template: &str, variables: Value) -> Result<String, Error> {
    let recent = RECENT.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = recent.names.get(template) {
        return recent.environment.get_template(name)?.render(variables);
    }
    drop(recent);
    let mut recent = RECENT.write().unwrap_or_else(PoisonError::into_inner);
    if recent.names.len() >= MOST_RECENT {
        *recent = Templates::default();
    }
    if !recent.names.contains_key(template) {
        recent.compile(template)?;
    }
    drop(recent);
    let recent = RECENT.read().unwrap_or_else(PoisonError::into_inner);
    match recent.names.get(template) {
        Some(name) => recent.environment.get_template(name)?.render(variables),
        // Others have filled so many meanwhile that it made room.
        None => recent.environment.render_str(template, variables),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn however_many_are_filled_each_comes_out_as_at_the_first_time() {
        for round in 0..2 {
            for number in 0..MOST_RECENT + 10 {
                let filled = render(&format!("{number}: {{{{ name }}}} "), &json!({ "name": round }).to_string());
                assert_eq!(filled.unwrap(), format!("{number}: {round} "));
            }
            assert!(render("{{ name", "{}").unwrap_err().contains("line 1"));
        }
        assert!(RECENT.read().unwrap().names.len() <= MOST_RECENT);
    }
}
