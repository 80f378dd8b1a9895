//! The annotations of a story (`args`, `name`, `play`, …), however they are attached to it: as members of an object,
//! by assignment, by a factory, by extending another story.

use oxc_ast::ast::{CallExpression, Expression};
use oxc_span::{GetSpan, Span};

use super::facts::{ArgFact, ArgPart};
use crate::literal::{Binding, Part, Scope, Value, member, path_of};

/// How many stories may extend each other in a row.
const DEPTH: u32 = 32;

/// A call of Storybook's factories.
pub(super) enum Factory<'p, 'a> {
    /// `meta.story(annotations)`.
    Story(Option<&'p Expression<'a>>),
    /// `Other.extend(annotations)`.
    Extend(&'p str, Option<&'p Expression<'a>>),
}

/// Reads `meta.story(…)` and `Story.extend(…)`.
pub(super) fn factory<'p, 'a>(expression: &'p Expression<'a>) -> Option<Factory<'p, 'a>> {
    let Expression::CallExpression(call) = expression.get_inner_expression() else { return None };
    let Expression::StaticMemberExpression(callee) = call.callee.get_inner_expression() else { return None };
    let Expression::Identifier(object) = callee.object.get_inner_expression() else { return None };
    let annotations = first_argument(call);
    match callee.property.name.as_str() {
        "story" => Some(Factory::Story(annotations)),
        "extend" => Some(Factory::Extend(object.name.as_str(), annotations)),
        _ => None,
    }
}

pub(super) fn first_argument<'p, 'a>(call: &'p CallExpression<'a>) -> Option<&'p Expression<'a>> {
    call.arguments.first().and_then(|argument| argument.as_expression())
}

impl<'p, 'a> Scope<'p, 'a> {
    /// The annotations of the story that a top-level name stands for; empty when there are none.
    pub(super) fn annotations_of(&self, name: &str) -> Vec<Part> {
        self.annotations_at(name, 0)
    }

    fn annotations_at(&self, name: &str, depth: u32) -> Vec<Part> {
        let mut parts = match self.bindings.get(name) {
            Some(Binding::Variable(init)) => self.annotations_in(init, depth),
            Some(Binding::Import { .. }) => self
                .imported(name, name.to_owned())
                .map(|r| Part::Spread(Value::Imported(r)))
                .into_iter()
                .collect(),
            _ => Vec::new(),
        };
        for (key, value) in self.assigned.get(name).into_iter().flatten() {
            match self.value_at(value, depth + 1) {
                // The oldest form: `Primary.story = { name, parameters }`.
                Value::Object(members) if *key == "story" => parts.extend(members),
                member => parts.push(Part::Member((*key).to_owned(), member, value.span())),
            }
        }
        parts
    }

    /// The annotations that an expression makes, without what is assigned later.
    pub(super) fn annotations_in(&self, expression: &'p Expression<'a>, depth: u32) -> Vec<Part> {
        let inner = expression.get_inner_expression();
        if depth > DEPTH {
            return vec![Part::Spread(Value::Opaque(self.text(inner.span())))];
        }
        match factory(inner) {
            Some(Factory::Story(annotations)) => self.object_annotations(annotations, depth),
            Some(Factory::Extend(parent, annotations)) => {
                extended(self.annotations_at(parent, depth + 1), self.object_annotations(annotations, depth))
            }
            None => match inner {
                Expression::Identifier(id) => self.annotations_at(id.name.as_str(), depth + 1),
                // A function, or a template bound anew, has only what is assigned to it.
                Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => Vec::new(),
                Expression::CallExpression(call) if is_bind(call) => Vec::new(),
                _ => self.object_annotations(Some(inner), depth),
            },
        }
    }

    fn object_annotations(&self, expression: Option<&'p Expression<'a>>, depth: u32) -> Vec<Part> {
        match expression.map(|e| (e.get_inner_expression(), self.value_at(e, depth + 1))) {
            Some((Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_), _)) | None => {
                Vec::new()
            }
            Some((_, Value::Object(parts))) => parts,
            Some((_, unknown)) => vec![Part::Spread(unknown)],
        }
    }

    /// Members of stories that are no literal members of their declaration: `Primary.args` after
    /// `Primary.args = …`, `Primary.input.args` and `Primary.composed.args` of a factory.
    ///
    /// Nothing when the name is an ordinary constant.
    pub(crate) fn story_member(
        &self,
        root: &str,
        init: &'p Expression<'a>,
        members: &[String],
        depth: u32,
    ) -> Option<Option<Value>> {
        let is_factory = factory(init).is_some();
        if !is_factory && !self.assigned.contains_key(root) {
            return None;
        }
        let annotations = || self.annotations_at(root, depth);
        let Some((first, rest)) = members.split_first() else {
            return Some(Some(Value::Object(annotations())));
        };
        let value = match (is_factory, first.as_str()) {
            (true, "input") => Some(Value::Object(annotations())),
            (true, "composed") => Some(Value::Object(self.composed(annotations(), depth))),
            // Factories offer nothing else of interest.
            (true, _) => None,
            (false, _) => crate::literal::descend(Value::Object(annotations()), std::slice::from_ref(first)),
        };
        Some(value.and_then(|value| crate::literal::descend(value, rest)))
    }

    /// A story's annotations over those of the meta that its file's factory makes.
    fn composed(&self, annotations: Vec<Part>, depth: u32) -> Vec<Part> {
        let meta = self.factory_meta().and_then(|(_, call)| first_argument(call));
        match meta.map(|meta| self.value_at(meta, depth + 1)) {
            Some(Value::Object(meta)) => extended(meta, annotations),
            _ => annotations,
        }
    }

    /// The first of the file's calls `preview.meta(…)`, and the value that it stands in.
    pub(super) fn factory_meta(&self) -> Option<(&'p Expression<'a>, &'p CallExpression<'a>)> {
        let calls = self.bindings.values().filter_map(|binding| match binding {
            Binding::Variable(init) => Some((*init, self.meta_call(init)?)),
            _ => None,
        });
        calls.min_by_key(|(_, call)| call.span.start)
    }

    /// The call `preview.meta(…)`, where `preview` comes from another module.
    pub(super) fn meta_call(&self, expression: &'p Expression<'a>) -> Option<&'p CallExpression<'a>> {
        let Expression::CallExpression(call) = expression.get_inner_expression() else { return None };
        let Expression::StaticMemberExpression(callee) = call.callee.get_inner_expression() else {
            return None;
        };
        if callee.property.name != "meta" {
            return None;
        }
        // `preview.type<…>().meta(…)` states a type in between.
        let object = match callee.object.get_inner_expression() {
            Expression::CallExpression(typed) => typed.callee.get_inner_expression(),
            object => object,
        };
        let (root, _) = path_of(object)?;
        matches!(self.bindings.get(root), Some(Binding::Import { .. })).then_some(call)
    }
}

fn is_bind(call: &CallExpression<'_>) -> bool {
    matches!(call.callee.get_inner_expression(),
        Expression::StaticMemberExpression(callee) if callee.property.name == "bind")
}

/// Annotations laid over those of a parent: `args` and `parameters` join, `tags` add up, all else is replaced.
fn extended(parent: Vec<Part>, own: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::with_capacity(parent.len() + own.len());
    joined.extend(parent);
    for part in own {
        let Part::Member(key, value, span) = part else {
            joined.push(part);
            continue;
        };
        let before = member(&joined, &key).cloned();
        let value = match (key.as_str(), before, value) {
            ("args" | "parameters", Some(Value::Object(mut before)), Value::Object(own)) => {
                before.extend(own);
                Value::Object(before)
            }
            ("args" | "parameters", Some(Value::Object(mut before)), unknown) => {
                before.push(Part::Spread(unknown));
                Value::Object(before)
            }
            ("tags", Some(Value::Array(mut before)), Value::Array(own)) => {
                before.extend(own);
                Value::Array(before)
            }
            (_, _, value) => value,
        };
        joined.push(Part::Member(key, value, span));
    }
    joined
}

impl Scope<'_, '_> {
    /// The args of some annotations, in the order of writing.
    pub(super) fn args_of(&self, annotations: &[Part]) -> Vec<ArgPart> {
        let mut args = Vec::new();
        for annotation in annotations {
            match annotation {
                Part::Member(key, value, _) if key == "args" => args = self.arg_parts(value),
                Part::Spread(Value::Imported(reference)) => {
                    args.push(ArgPart::SpreadImport(reference.clone().member("args")));
                }
                Part::Spread(Value::Opaque(text)) => args.push(ArgPart::SpreadUnknown(text.clone())),
                Part::Member(..) | Part::Spread(_) => {}
            }
        }
        args
    }

    fn arg_parts(&self, value: &Value) -> Vec<ArgPart> {
        match value {
            Value::Object(parts) => parts
                .iter()
                .flat_map(|part| match part {
                    Part::Member(name, value, span) => {
                        vec![ArgPart::Set(name.clone(), self.arg_fact(value, *span))]
                    }
                    Part::Spread(value) => self.arg_parts(value),
                })
                .collect(),
            Value::Imported(reference) => vec![ArgPart::SpreadImport(reference.clone())],
            Value::Opaque(text) => vec![ArgPart::SpreadUnknown(text.clone())],
            Value::Undefined | Value::Scalar(_) | Value::Array(_) => Vec::new(),
        }
    }

    fn arg_fact(&self, value: &Value, span: Span) -> ArgFact {
        match value {
            Value::Undefined => ArgFact::Undefined,
            Value::Imported(reference) => ArgFact::Import(reference.clone()),
            Value::Opaque(text) => ArgFact::Computed(text.clone()),
            value => value.to_json().map_or_else(|| ArgFact::Computed(self.text(span)), ArgFact::Literal),
        }
    }
}
