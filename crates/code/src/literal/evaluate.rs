//! The evaluation itself.

use oxc_ast::ast::{
    ArrayExpressionElement, BinaryOperator, CallExpression, Expression, ObjectExpression, ObjectPropertyKind,
    TSEnumDeclaration, TemplateLiteral, UnaryExpression, UnaryOperator,
};
use oxc_span::GetSpan;
use serde_json::{Number, Value as Json};

use super::{Binding, Part, Scope, Value, member, path_of};

/// How deep expressions are followed, through nesting and references alike.
const DEPTH: u32 = 64;

impl<'p, 'a> Scope<'p, 'a> {
    /// What an expression is worth.
    pub(crate) fn value(&self, expression: &'p Expression<'a>) -> Value {
        self.value_at(expression, 0)
    }

    pub(crate) fn value_at(&self, expression: &'p Expression<'a>, depth: u32) -> Value {
        let inner = expression.get_inner_expression();
        self.known(inner, depth).unwrap_or_else(|| Value::Opaque(self.text(inner.span())))
    }

    fn known(&self, expression: &'p Expression<'a>, depth: u32) -> Option<Value> {
        if depth > DEPTH || !self.step() {
            return None;
        }
        Some(match expression {
            Expression::NullLiteral(_) => Value::Scalar(Json::Null),
            Expression::BooleanLiteral(literal) => Value::Scalar(literal.value.into()),
            Expression::NumericLiteral(literal) => number(literal.value)?,
            Expression::StringLiteral(literal) => Value::Scalar(literal.value.as_str().into()),
            Expression::TemplateLiteral(template) => self.template(template, depth)?,
            Expression::UnaryExpression(unary) => self.unary(unary, depth)?,
            Expression::BinaryExpression(binary) if binary.operator == BinaryOperator::Addition => {
                let left = self.value_at(&binary.left, depth + 1);
                let right = self.value_at(&binary.right, depth + 1);
                Value::Scalar(format!("{}{}", left.as_str()?, right.as_str()?).into())
            }
            Expression::Identifier(id) if id.name == "undefined" => Value::Undefined,
            Expression::Identifier(_)
            | Expression::StaticMemberExpression(_)
            | Expression::ComputedMemberExpression(_) => {
                let (root, members) = path_of(expression)?;
                self.reference(root, &members, depth + 1, || self.text(expression.span()))?
            }
            Expression::ArrayExpression(array) => {
                let mut items = Vec::with_capacity(array.elements.len());
                for element in &array.elements {
                    match element {
                        ArrayExpressionElement::SpreadElement(spread) => {
                            match self.value_at(&spread.argument, depth + 1) {
                                Value::Array(more) => items.extend(more),
                                _ => return None,
                            }
                        }
                        ArrayExpressionElement::Elision(_) => items.push(Value::Undefined),
                        element => items.push(self.value_at(element.as_expression()?, depth + 1)),
                    }
                }
                Value::Array(items)
            }
            Expression::ObjectExpression(object) => Value::Object(self.object(object, depth)),
            Expression::CallExpression(call) => self.frozen(call, depth)?,
            _ => return None,
        })
    }

    fn template(&self, template: &'p TemplateLiteral<'a>, depth: u32) -> Option<Value> {
        let mut text = String::new();
        for (index, quasi) in template.quasis.iter().enumerate() {
            text.push_str(quasi.value.cooked?.as_str());
            if let Some(expression) = template.expressions.get(index) {
                match self.value_at(expression, depth + 1) {
                    Value::Scalar(Json::String(part)) => text.push_str(&part),
                    Value::Scalar(scalar @ Json::Number(_)) => text.push_str(&scalar.to_string()),
                    _ => return None,
                }
            }
        }
        Some(Value::Scalar(text.into()))
    }

    fn unary(&self, unary: &'p UnaryExpression<'a>, depth: u32) -> Option<Value> {
        let operand = self.value_at(&unary.argument, depth + 1);
        match (unary.operator, operand) {
            (UnaryOperator::Void, Value::Scalar(_)) => Some(Value::Undefined),
            (UnaryOperator::UnaryNegation, Value::Scalar(Json::Number(n))) => number(-n.as_f64()?),
            (UnaryOperator::UnaryPlus, Value::Scalar(Json::Number(n))) => number(n.as_f64()?),
            (UnaryOperator::LogicalNot, Value::Scalar(Json::Bool(value))) => {
                Some(Value::Scalar((!value).into()))
            }
            _ => None,
        }
    }

    /// The parts of an object literal; what is spread is flattened where it is known.
    pub(crate) fn object(&self, object: &'p ObjectExpression<'a>, depth: u32) -> Vec<Part> {
        let mut parts = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let key = if property.computed {
                        self.computed_key(&property.key, depth)
                    } else {
                        property.key.static_name().map(|key| key.into_owned())
                    };
                    let Some(key) = key else {
                        // Which member this sets is unknown: any earlier one may be meant.
                        parts.push(Part::Spread(Value::Opaque(self.text(property.span))));
                        continue;
                    };
                    let value = if property.method || property.kind != oxc_ast::ast::PropertyKind::Init {
                        Value::Opaque(self.text(property.span))
                    } else {
                        self.value_at(&property.value, depth + 1)
                    };
                    parts.push(Part::Member(key, value, property.value.span()));
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    match self.value_at(&spread.argument, depth + 1) {
                        Value::Object(more) => parts.extend(more),
                        Value::Undefined | Value::Scalar(_) => {}
                        unknown => parts.push(Part::Spread(unknown)),
                    }
                }
            }
        }
        parts
    }

    fn computed_key(&self, key: &'p oxc_ast::ast::PropertyKey<'a>, depth: u32) -> Option<String> {
        match self.value_at(key.as_expression()?, depth + 1) {
            Value::Scalar(Json::String(key)) => Some(key),
            Value::Scalar(scalar @ Json::Number(_)) => Some(scalar.to_string()),
            _ => None,
        }
    }

    /// `Object.freeze(value)` is the value.
    fn frozen(&self, call: &'p CallExpression<'a>, depth: u32) -> Option<Value> {
        let (root, members) = path_of(&call.callee)?;
        if root != "Object" || members != ["freeze"] {
            return None;
        }
        Some(self.value_at(call.arguments.first()?.as_expression()?, depth + 1))
    }

    /// What `root.members…` is worth. The text is asked for only where the reference leads out of the file.
    pub(crate) fn reference(
        &self,
        root: &str,
        members: &[String],
        depth: u32,
        text: impl FnOnce() -> String,
    ) -> Option<Value> {
        if depth > DEPTH || !self.step() {
            return None;
        }
        match *self.bindings.get(root)? {
            Binding::Import { .. } => {
                let mut reference = self.imported(root, text())?;
                reference.path.extend(members.iter().cloned());
                Some(Value::Imported(reference))
            }
            Binding::Enum(declaration) => match members {
                [name] => self.enum_member(declaration, name, depth),
                _ => None,
            },
            Binding::Variable(init) => {
                if let Some(value) = self.story_member(root, init, members, depth) {
                    return value;
                }
                self.member_at(init, members, depth)
            }
            Binding::Function => self.assigned_member(root, members, depth),
            Binding::Other => None,
        }
    }

    /// Members that were assigned to a name: `Primary.args = { … }`.
    pub(crate) fn assigned_member(&self, root: &str, members: &[String], depth: u32) -> Option<Value> {
        let (first, rest) = members.split_first()?;
        let assigned = self.assigned.get(root)?;
        let (_, value) = assigned.iter().rev().find(|(name, _)| name == first)?;
        self.member_at(value, rest, depth)
    }

    /// The member of an expression; of an object literal, only that member is evaluated.
    fn member_at(&self, expression: &'p Expression<'a>, members: &[String], depth: u32) -> Option<Value> {
        let inner = expression.get_inner_expression();
        if let (Some((first, rest)), Expression::ObjectExpression(object)) = (members.split_first(), inner) {
            for property in object.properties.iter().rev() {
                let ObjectPropertyKind::ObjectProperty(property) = property else { break };
                if property.computed || property.method {
                    break;
                }
                if property.key.is_specific_static_name(first) {
                    return self.member_at(&property.value, rest, depth + 1);
                }
            }
        }
        if depth > DEPTH {
            return None;
        }
        descend(self.value_at(inner, depth + 1), members)
    }

    fn enum_member(&self, declaration: &'p TSEnumDeclaration<'a>, name: &str, depth: u32) -> Option<Value> {
        let mut next = Some(0.0);
        for member in &declaration.body.members {
            let value = match &member.initializer {
                Some(initializer) => Some(self.value_at(initializer, depth + 1)),
                None => next.and_then(number),
            };
            next = match &value {
                Some(Value::Scalar(Json::Number(n))) => n.as_f64().map(|n| n + 1.0),
                _ => None,
            };
            if member.id.static_name() == name {
                return value.filter(|value| matches!(value, Value::Scalar(_)));
            }
        }
        None
    }
}

/// The member of a value; `None` when it is not known.
pub(crate) fn descend(value: Value, members: &[String]) -> Option<Value> {
    let Some((first, rest)) = members.split_first() else { return Some(value) };
    match value {
        Value::Object(parts) => {
            let last_spread = parts.iter().rposition(|part| matches!(part, Part::Spread(_)));
            let known = &parts[last_spread.map_or(0, |index| index + 1)..];
            match (member(known, first), last_spread) {
                (Some(found), _) => descend(found.clone(), rest),
                (None, None) if rest.is_empty() => Some(Value::Undefined),
                _ => None,
            }
        }
        Value::Array(items) => descend(items.get(first.parse::<usize>().ok()?)?.clone(), rest),
        Value::Imported(reference) => {
            Some(Value::Imported(members.iter().fold(reference, |reference, name| reference.member(name))))
        }
        _ => None,
    }
}

/// A number as JSON writes it: an integer where it is one.
fn number(value: f64) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = if value.fract() == 0.0 && value.abs() < EXACT {
        // In range and whole: the conversion is exact.
        #[allow(clippy::cast_possible_truncation)]
        Number::from(value as i64)
    } else {
        Number::from_f64(value)?
    };
    Some(Value::Scalar(Json::Number(number)))
}
