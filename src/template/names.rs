//! Names in a template that nothing stands behind: a filter that is not there, a detail that an order does not have.
//!
//! Filling a template shows only what lies on the way that was taken; this looks at all of it. What has which details is
//! told from a sample of each variable.

use std::collections::BTreeMap;

use minijinja::{
    Environment, ErrorKind, Value,
    machinery::{
        Span,
        ast::{Call, CallArg, Expr, Macro, Stmt},
        parse,
    },
    value::ValueKind,
};

/// A name that nothing stands behind, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    pub name: String,
    pub of: NameOf,
    /// From 1, as in an editor.
    pub line: u16,
    pub column: u16,
    /// The names that would be good in its place.
    pub known: Vec<String>,
}

/// What a name would stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameOf {
    Variable,
    Function,
    Filter,
    Test,
    /// A detail of this.
    Detail(String),
}

/// Filters that authors ask for, to suggest the one that was meant.
pub(super) const FILTERS: [&str; 18] = [
    "abs",
    "capitalize",
    "default",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "replace",
    "reverse",
    "round",
    "sort",
    "title",
    "trim",
    "upper",
];

/// What may be known of an expression: a value like the one it will have.
type Sample = Option<Value>;

/// All unknown names of a template that can be read. `sample` gives for the name of each variable a value with all its
/// details, or nothing where any detail may be there.
pub(super) fn unknown_names(
    environment: &Environment<'_>,
    source: &str,
    variables: &[&str],
    sample: &dyn Fn(&str) -> Option<Value>,
) -> Vec<UnknownName> {
    let mut look = Look { environment, variables, sample, scopes: vec![BTreeMap::new()], found: Vec::new() };
    if let Ok(template) = parse(source, "", Default::default()) {
        look.at(&template);
    }
    look.found
}

struct Look<'a> {
    environment: &'a Environment<'a>,
    variables: &'a [&'a str],
    sample: &'a dyn Fn(&str) -> Option<Value>,
    /// What the template itself names, innermost last.
    scopes: Vec<BTreeMap<String, Sample>>,
    found: Vec<UnknownName>,
}

impl Look<'_> {
    fn all(&mut self, statements: &[Stmt<'_>]) {
        statements.iter().for_each(|it| self.at(it));
    }

    fn within(&mut self, look: impl FnOnce(&mut Self)) {
        self.scopes.push(BTreeMap::new());
        look(self);
        self.scopes.pop();
    }

    fn at(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(it) => self.all(&it.children),
            Stmt::EmitRaw(_) => {}
            Stmt::EmitExpr(it) => drop(self.value(&it.expr)),
            Stmt::IfCond(it) => {
                self.value(&it.expr);
                self.all(&it.true_body);
                self.all(&it.false_body);
            }
            Stmt::ForLoop(it) => {
                let element = self.value(&it.iter).as_ref().and_then(element);
                self.within(|look| {
                    look.name("loop", None);
                    look.bind(&it.target, element);
                    if let Some(filter) = &it.filter_expr {
                        look.value(filter);
                    }
                    look.all(&it.body);
                });
                self.all(&it.else_body);
            }
            Stmt::WithBlock(it) => self.within(|look| {
                for (target, value) in &it.assignments {
                    let value = look.value(value);
                    look.bind(target, value);
                }
                look.all(&it.body);
            }),
            Stmt::Set(it) => {
                let value = self.value(&it.expr);
                self.bind(&it.target, value);
            }
            Stmt::SetBlock(it) => {
                self.all(&it.body);
                if let Some(filter) = &it.filter {
                    self.value(filter);
                }
                self.bind(&it.target, None);
            }
            Stmt::AutoEscape(it) => {
                self.value(&it.enabled);
                self.all(&it.body);
            }
            Stmt::FilterBlock(it) => {
                self.value(&it.filter);
                self.all(&it.body);
            }
            Stmt::Macro(it) => self.defines(it),
            Stmt::CallBlock(it) => {
                self.call(&it.call, it.call.span());
                self.defines(&it.macro_decl);
            }
            Stmt::Do(it) => self.call(&it.call, it.call.span()),
        }
    }

    fn defines(&mut self, it: &Macro<'_>) {
        self.name(it.name, None);
        self.within(|look| {
            look.name("caller", None);
            it.defaults.iter().for_each(|value| drop(look.value(value)));
            it.args.iter().for_each(|argument| look.bind(argument, None));
            look.all(&it.body);
        });
    }

    fn name(&mut self, name: &str, value: Sample) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), value);
        }
    }

    fn bind(&mut self, target: &Expr<'_>, value: Sample) {
        match target {
            Expr::Var(it) => self.name(it.id, value),
            Expr::List(it) => it.items.iter().for_each(|it| self.bind(it, None)),
            Expr::Tuple(it) => it.items.iter().for_each(|it| self.bind(it, None)),
            _ => {}
        }
    }

    /// Looks through an expression; what its value will be like, where that can be told.
    fn value(&mut self, expression: &Expr<'_>) -> Sample {
        let span = expression.span();
        match expression {
            Expr::Const(it) => Some(it.value.clone()),
            Expr::Var(it) => self.variable(it.id, span, NameOf::Variable),
            Expr::GetAttr(it) => {
                let of = self.value(&it.expr)?;
                self.detail(&it.expr, &of, it.name, span)
            }
            Expr::GetItem(it) => {
                let key = self.value(&it.subscript_expr);
                let of = self.value(&it.expr)?;
                match (&it.subscript_expr, key.as_ref().and_then(Value::as_str)) {
                    (Expr::Const(_), Some(key)) => self.detail(&it.expr, &of, key, span),
                    _ => element(&of),
                }
            }
            Expr::Slice(it) => {
                [&it.start, &it.stop, &it.step].into_iter().flatten().for_each(|part| drop(self.value(part)));
                self.value(&it.expr)
            }
            Expr::UnaryOp(it) => self.value(&it.expr).and(None),
            Expr::BinOp(it) => {
                self.value(&it.left);
                self.value(&it.right).and(None)
            }
            Expr::Compare(it) => {
                self.value(&it.expr);
                it.ops.iter().for_each(|it| drop(self.value(&it.expr)));
                None
            }
            Expr::IfExpr(it) => {
                self.value(&it.test_expr);
                let value = self.value(&it.true_expr);
                match &it.false_expr {
                    Some(other) => self.value(other).and(None),
                    None => value,
                }
            }
            Expr::Filter(it) => {
                self.arguments(&it.args);
                let of = it.expr.as_ref().and_then(|it| self.value(it));
                if self.lacks(&format!("{{{{ 1|{} }}}}", it.name), ErrorKind::UnknownFilter) {
                    self.unknown(it.name, NameOf::Filter, span, FILTERS.map(str::to_owned).to_vec());
                }
                match it.name {
                    "first" | "last" | "min" | "max" => of.as_ref().and_then(element),
                    "list" | "sort" | "reverse" | "unique" | "select" | "reject" | "default" | "d" => of,
                    _ => None,
                }
            }
            Expr::Test(it) => {
                self.value(&it.expr);
                self.arguments(&it.args);
                if self.lacks(&format!("{{{{ 1 is {} }}}}", it.name), ErrorKind::UnknownTest) {
                    self.unknown(it.name, NameOf::Test, span, Vec::new());
                }
                None
            }
            Expr::Call(it) => {
                self.call(it, span);
                None
            }
            Expr::List(it) => self.values(&it.items),
            Expr::Tuple(it) => self.values(&it.items),
            Expr::Map(it) => self.values(&it.keys).or(self.values(&it.values)),
        }
    }

    fn values(&mut self, expressions: &[Expr<'_>]) -> Sample {
        expressions.iter().for_each(|it| drop(self.value(it)));
        None
    }

    fn call(&mut self, call: &Call<'_>, span: Span) {
        match &call.expr {
            Expr::Var(it) => drop(self.variable(it.id, span, NameOf::Function)),
            // A method; whether there is one shows when it is called.
            Expr::GetAttr(it) => drop(self.value(&it.expr)),
            other => drop(self.value(other)),
        }
        self.arguments(&call.args);
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        for argument in arguments {
            let (CallArg::Pos(it) | CallArg::Kwarg(_, it) | CallArg::PosSplat(it) | CallArg::KwargSplat(it)) = argument;
            self.value(it);
        }
    }

    fn variable(&mut self, name: &str, span: Span, of: NameOf) -> Sample {
        if let Some(value) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return value.clone();
        }
        let is_function = self.environment.globals().any(|(global, _)| global == name);
        if of == NameOf::Variable && self.variables.contains(&name) {
            return (self.sample)(name);
        }
        if !is_function {
            let known = match of {
                NameOf::Function => {
                    let names = self.environment.globals().map(|(name, _)| name.to_owned());
                    names.filter(|it| it != "debug").collect()
                }
                _ => self.variables.iter().map(|it| (*it).to_owned()).collect(),
            };
            self.unknown(name, of, span, known);
        }
        None
    }

    fn detail(&mut self, expression: &Expr<'_>, of: &Value, name: &str, span: Span) -> Sample {
        match of.kind() {
            ValueKind::Map => {
                let known: Vec<_> = of.try_iter().into_iter().flatten().map(|key| key.to_string()).collect();
                if known.iter().any(|it| it == name) {
                    return of.get_attr(name).ok().filter(|it| !it.is_undefined());
                }
                self.unknown(name, NameOf::Detail(path(expression)), span, known);
            }
            ValueKind::String | ValueKind::Number | ValueKind::Bool | ValueKind::Seq => {
                self.unknown(name, NameOf::Detail(path(expression)), span, Vec::new());
            }
            _ => {}
        }
        None
    }

    /// Whether filling this fails for want of the name in it.
    fn lacks(&self, probe: &str, kind: ErrorKind) -> bool {
        self.environment.render_str(probe, ()).is_err_and(|error| error.kind() == kind)
    }

    fn unknown(&mut self, name: &str, of: NameOf, span: Span, known: Vec<String>) {
        let column = span.start_col.saturating_add(1);
        let found = UnknownName { name: name.to_owned(), of, line: span.start_line, column, known };
        if !self.found.contains(&found) {
            self.found.push(found);
        }
    }
}

/// What the elements of a list are like.
fn element(list: &Value) -> Sample {
    match list.kind() {
        ValueKind::Seq | ValueKind::Iterable => list.try_iter().ok()?.next(),
        _ => None,
    }
}

/// An expression as its author wrote it, as far as that is names.
fn path(expression: &Expr<'_>) -> String {
    match expression {
        Expr::Var(it) => it.id.to_owned(),
        Expr::GetAttr(it) => format!("{}.{}", path(&it.expr), it.name),
        Expr::GetItem(it) => format!("{}[…]", path(&it.expr)),
        _ => "…".to_owned(),
    }
}
