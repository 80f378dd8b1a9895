//! The calls that read design properties: `figma.enum('Size', { … })`, `instance.getBoolean('Disabled')`.

use std::collections::BTreeSet;

use lockstep_core::{
    contract::{PropertyName, without_property_id},
    diagnostic::Diagnostic,
};
use oxc_ast::ast::{CallExpression, Expression, ObjectPropertyKind};
use oxc_span::{GetSpan, Span};
use serde_json::Value as Json;

use super::{report, uses::Use};
use crate::{
    literal::{Part, Scope, Value, place},
    model::{ConnectedKey, ConnectedKind, ConnectedProperty, ReadFrom},
};

/// One call that reads a design property.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) design: String,
    pub(super) kind: ConnectedKind,
    pub(super) from: ReadFrom,
    pub(super) keys: Vec<ConnectedKey>,
    pub(super) keys_are_complete: bool,
    pub(super) options: Vec<(String, Json)>,
    pub(super) span: Span,
    /// The read that this one stands in: `figma.boolean('Icon?', { true: figma.instance('Icon') })`.
    pub(super) parent: Option<usize>,
    /// The property that a key of `props` names, where there is no example to say better.
    pub(super) assumed: Option<String>,
}

/// How a call reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// A property by its name, perhaps with a map of its values.
    Property(ConnectedKind, ReadFrom),
    /// Something that is no property of this component: layers, nested instances, class names.
    Aside,
}

/// Reads of one connection, in the order of writing.
pub(super) struct Reads<'c, 'p, 'a> {
    pub(super) scope: &'c Scope<'p, 'a>,
    pub(super) file: &'c str,
    pub(super) found: Vec<Read>,
    pub(super) diagnostics: &'c mut Vec<Diagnostic>,
}

impl<'p, 'a> Reads<'_, 'p, 'a> {
    /// Adds a call and the calls nested in its map. `method` tells which calls read what.
    pub(super) fn add(
        &mut self,
        call: &'p CallExpression<'a>,
        method: &dyn Fn(&CallExpression<'a>) -> Option<Method>,
        parent: Option<usize>,
    ) -> Option<usize> {
        let (kind, from) = match method(call)? {
            Method::Property(kind, from) => (kind, from),
            Method::Aside => (ConnectedKind::Other, ReadFrom::Layer),
        };
        let mut arguments = call.arguments.iter().map(|argument| argument.as_expression());
        let first = arguments.next().flatten();
        let design = match first.map(|first| self.scope.value(first)) {
            Some(Value::Scalar(Json::String(name))) => without_property_id(&name).to_owned(),
            Some(Value::Array(items)) if kind == ConnectedKind::Other => {
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            _ if kind == ConnectedKind::Other => String::new(),
            _ => {
                self.report(
                    call.span,
                    "code-connect-name-computed",
                    "the design property's name is no plain text, so this call is left aside",
                    "write the name out as the first argument",
                );
                return None;
            }
        };
        let index = self.found.len();
        self.found.push(Read {
            design,
            kind,
            from,
            options: Vec::new(),
            keys: Vec::new(),
            keys_are_complete: true,
            span: call.span,
            parent,
            assumed: None,
        });
        if let Some(map) = arguments.next().flatten()
            && kind != ConnectedKind::Other
        {
            self.options(index, map, method);
        }
        Some(index)
    }

    fn options(
        &mut self,
        index: usize,
        map: &'p Expression<'a>,
        method: &dyn Fn(&CallExpression<'a>) -> Option<Method>,
    ) {
        self.keys(index, map);
        for part in self.scope.value(map).parts() {
            if let Part::Member(option, value, _) = part
                && let Some(value) = value.to_json()
            {
                let options = &mut self.found[index].options;
                options.retain(|(known, _)| known != option);
                options.push((option.clone(), value));
            }
        }
        // Two levels of nesting is what the format knows; a bound keeps hostile files cheap.
        let Expression::ObjectExpression(object) = map.get_inner_expression() else { return };
        if self.depth(index) > 4 {
            return;
        }
        for property in &object.properties {
            if let ObjectPropertyKind::ObjectProperty(property) = property
                && let Some(call) = innermost_call(&property.value)
            {
                self.add(call, method, Some(index));
            }
        }
    }

    /// The options that a map lists: at their keys in a literal, else at the values of what it is made of.
    fn keys(&mut self, index: usize, map: &'p Expression<'a>) {
        let scope = self.scope;
        let key =
            |name: String, span: Span| ConnectedKey { name, place: place(self.file, scope.source, span) };
        let (mut keys, mut complete) = (Vec::new(), true);
        if let Expression::ObjectExpression(object) = map.get_inner_expression() {
            for property in &object.properties {
                match property {
                    ObjectPropertyKind::ObjectProperty(property) => match property.key.static_name() {
                        Some(name) if !property.computed => {
                            keys.push(key(name.into_owned(), property.key.span()));
                        }
                        _ => complete = false,
                    },
                    ObjectPropertyKind::SpreadProperty(_) => complete = false,
                }
            }
        } else {
            let value = scope.value(map);
            complete = matches!(value, Value::Object(_));
            for part in value.parts() {
                match part {
                    Part::Member(name, _, span) => keys.push(key(name.clone(), *span)),
                    Part::Spread(_) => complete = false,
                }
            }
        }
        self.found[index].keys = keys;
        self.found[index].keys_are_complete = complete;
    }

    fn depth(&self, mut index: usize) -> usize {
        let mut depth = 0;
        while let Some(parent) = self.found[index].parent {
            index = parent;
            depth += 1;
        }
        depth
    }

    fn report(&mut self, span: Span, code: &str, message: &str, hint: &str) {
        self.diagnostics.push(report(self.file, self.scope.source, span, code, message, hint));
    }

    /// The reads as properties, each with the code property that its value is passed to.
    pub(super) fn into_properties(self, uses: &BTreeSet<Use>) -> Vec<ConnectedProperty> {
        let mut properties = Vec::new();
        for (index, read) in self.found.iter().enumerate() {
            let mut root = index;
            while let Some(parent) = self.found[root].parent {
                root = parent;
            }
            // A read that only decides whether another one is passed on is passed nowhere itself.
            let gates = read.options.is_empty() && self.found.iter().any(|other| other.parent == Some(index));
            let property = |code: Option<&str>, options| ConnectedProperty {
                design: read.design.clone(),
                code: code.map(PropertyName::from),
                reads: read.kind,
                from: read.from,
                keys: read.keys.clone(),
                keys_are_complete: read.keys_are_complete,
                options,
                place: place(self.file, self.scope.source, read.span),
            };
            let own: Vec<&Use> = uses.iter().filter(|usage| usage.arrival.value == root && !gates).collect();
            if own.is_empty() {
                let assumed = self.found[root].assumed.as_deref().filter(|_| !gates);
                properties.push(property(assumed, read.options.clone()));
            }
            for usage in own {
                properties.push(property(Some(&usage.property), options_as_used(read, usage)));
            }
        }
        properties
    }
}

/// The options as the code sees them: negated, or text between braces read as the expression it is.
fn options_as_used(read: &Read, usage: &Use) -> Vec<(String, Json)> {
    let mut options = read.options.clone();
    if options.is_empty() && usage.arrival.negated && read.kind == ConnectedKind::Boolean {
        options = vec![("true".to_owned(), Json::Bool(true)), ("false".to_owned(), Json::Bool(false))];
    }
    for (_, value) in &mut options {
        let expression = match &*value {
            Json::String(text) if usage.as_expression => serde_json::from_str::<Json>(text).ok(),
            _ => None,
        };
        if let Some(literal @ (Json::Bool(_) | Json::Number(_))) = expression {
            *value = literal;
        }
        if usage.arrival.negated
            && let Json::Bool(truth) = value
        {
            *truth = !*truth;
        }
    }
    options
}

/// The call that a chain of modifiers starts with: `figma.instance('Icon')` of `figma.instance('Icon').render(…)`.
pub(super) fn innermost_call<'p, 'a>(expression: &'p Expression<'a>) -> Option<&'p CallExpression<'a>> {
    let mut found = None;
    let mut current = expression.get_inner_expression();
    loop {
        current = match current {
            Expression::CallExpression(call) => {
                found = Some(&**call);
                call.callee.get_inner_expression()
            }
            Expression::StaticMemberExpression(member) => member.object.get_inner_expression(),
            _ => return found,
        };
    }
}
