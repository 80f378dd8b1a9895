//! Value expressions.

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::{
    Call, Literal, ObjectMember, Text, Type, Value,
    lower::Lowering,
    types::{number_text, signed},
};

/// Values nested deeper than this are of no interest: a prop definition or a variant map has three levels.
const MAX_DEPTH: usize = 8;

impl Lowering<'_> {
    pub(super) fn value(&self, expression: &ast::Expression<'_>) -> Value {
        self.value_at(expression, 0)
    }

    fn value_at(&self, expression: &ast::Expression<'_>, depth: usize) -> Value {
        let range = expression.span().into();
        if depth > MAX_DEPTH {
            return Value::Other(range);
        }
        match expression {
            ast::Expression::BooleanLiteral(boolean) => {
                Value::Literal(Literal::Boolean(boolean.value), range)
            }
            ast::Expression::StringLiteral(string) => {
                Value::Literal(Literal::String(string.value.as_str().into()), range)
            }
            ast::Expression::NumericLiteral(number) => {
                Value::Literal(Literal::Number(number_text(number.value)), range)
            }
            ast::Expression::TemplateLiteral(template) => match template.single_quasi() {
                Some(text) => Value::Literal(Literal::String(text.as_str().into()), range),
                None => Value::Other(range),
            },
            ast::Expression::UnaryExpression(unary) => match &unary.argument {
                ast::Expression::NumericLiteral(number) if unary.operator.is_arithmetic() => Value::Literal(
                    Literal::Number(number_text(signed(unary.operator.as_str(), number.value))),
                    range,
                ),
                _ if unary.operator.as_str() == "void" => Value::Undefined(range),
                _ => Value::Other(range),
            },
            ast::Expression::NullLiteral(_) => Value::Null(range),
            ast::Expression::Identifier(identifier) if identifier.name == "undefined" => {
                Value::Undefined(range)
            }
            ast::Expression::StaticMemberExpression(member)
                if member.property.name == "isRequired"
                    && matches!(member.object, ast::Expression::CallExpression(_)) =>
            {
                let mut value = self.value_at(&member.object, depth);
                if let Value::Call(call) = &mut value {
                    call.is_required = true;
                }
                value
            }
            ast::Expression::Identifier(_) | ast::Expression::StaticMemberExpression(_) => {
                match path(expression) {
                    Some(path) => Value::Path(self.mentions(path), range),
                    None => Value::Other(range),
                }
            }
            ast::Expression::ComputedMemberExpression(member) => {
                match (path(&member.object), &member.expression) {
                    (Some(mut path), ast::Expression::StringLiteral(key)) => {
                        path.push(key.value.as_str().into());
                        Value::Path(self.mentions(path), range)
                    }
                    _ => Value::Other(range),
                }
            }
            ast::Expression::ArrayExpression(array) => Value::Array(
                array.elements.iter().map(|element| self.element(element, depth)).collect(),
                range,
            ),
            ast::Expression::ObjectExpression(object) => Value::Object(
                object.properties.iter().map(|member| self.object_member(member, depth)).collect(),
                range,
            ),
            ast::Expression::TSAsExpression(cast) => {
                self.cast(&cast.expression, &cast.type_annotation, depth)
            }
            ast::Expression::TSTypeAssertion(cast) => {
                self.cast(&cast.expression, &cast.type_annotation, depth)
            }
            // What it satisfies gives its literals a context in which they keep their own types, where it asks for any.
            ast::Expression::TSSatisfiesExpression(satisfies) => {
                let value = self.value_at(&satisfies.expression, depth);
                if widens(&self.ty(&satisfies.type_annotation), 0) {
                    value
                } else {
                    Value::Const(Box::new(value))
                }
            }
            ast::Expression::TSNonNullExpression(inner) => self.value_at(&inner.expression, depth),
            ast::Expression::TSInstantiationExpression(inner) => self.value_at(&inner.expression, depth),
            ast::Expression::ParenthesizedExpression(inner) => self.value_at(&inner.expression, depth),
            ast::Expression::CallExpression(call) => self.call(call, depth),
            ast::Expression::TaggedTemplateExpression(tagged) => Value::Call(Box::new(Call {
                callee: self.value_at(&tagged.tag, depth + 1),
                type_arguments: self.arguments(tagged.type_arguments.as_deref()),
                arguments: Vec::new(),
                range,
                is_required: false,
            })),
            ast::Expression::ArrowFunctionExpression(arrow) => Value::Function(Box::new(self.arrow(arrow))),
            ast::Expression::FunctionExpression(function) => {
                Value::Function(Box::new(self.function(function)))
            }
            ast::Expression::ClassExpression(class) => Value::Class(Box::new(self.class(class))),
            _ => Value::Other(range),
        }
    }

    fn cast(&self, expression: &ast::Expression<'_>, ty: &ast::TSType<'_>, depth: usize) -> Value {
        let value = self.value_at(expression, depth);
        match ty {
            ast::TSType::TSTypeReference(reference) if reference.type_name.is_const() => {
                Value::Const(Box::new(value))
            }
            ast::TSType::TSAnyKeyword(_) | ast::TSType::TSUnknownKeyword(_) => value,
            _ => Value::As(Box::new(value), Box::new(self.ty(ty))),
        }
    }

    fn call(&self, call: &ast::CallExpression<'_>, depth: usize) -> Value {
        let callee = self.value_at(&call.callee, depth + 1);
        let type_arguments = self.arguments(call.type_arguments.as_deref());
        let arguments = call.arguments.iter().map(|argument| self.argument(argument, depth)).collect();
        let range = call.span.into();
        Value::Call(Box::new(Call { callee, type_arguments, arguments, range, is_required: false }))
    }

    fn argument(&self, argument: &ast::Argument<'_>, depth: usize) -> Value {
        match argument {
            ast::Argument::SpreadElement(spread) => {
                Value::Spread(Box::new(self.value_at(&spread.argument, depth + 1)))
            }
            other => match other.as_expression() {
                Some(expression) => self.value_at(expression, depth + 1),
                None => Value::Other(argument.span().into()),
            },
        }
    }

    fn element(&self, element: &ast::ArrayExpressionElement<'_>, depth: usize) -> Value {
        match element {
            ast::ArrayExpressionElement::SpreadElement(spread) => {
                Value::Spread(Box::new(self.value_at(&spread.argument, depth + 1)))
            }
            other => match other.as_expression() {
                Some(expression) => self.value_at(expression, depth + 1),
                None => Value::Undefined(element.span().into()),
            },
        }
    }

    fn object_member(&self, member: &ast::ObjectPropertyKind<'_>, depth: usize) -> ObjectMember {
        match member {
            ast::ObjectPropertyKind::SpreadProperty(spread) => {
                ObjectMember::Spread(self.value_at(&spread.argument, depth + 1))
            }
            ast::ObjectPropertyKind::ObjectProperty(property) => match property.key.static_name() {
                Some(key) => ObjectMember::Property {
                    key: key.as_ref().into(),
                    key_range: property.key.span().into(),
                    range: property.span.into(),
                    value: self.value_at(&property.value, depth + 1),
                    doc: self.doc(property.span.start),
                },
                None => ObjectMember::Computed,
            },
        }
    }
}

/// Whether a type asks for nothing but any string, number or the like, so that literals in it are widened.
fn widens(ty: &Type, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    match ty {
        Type::Keyword(_) => true,
        Type::Array(element) => widens(element, depth + 1),
        Type::Union(all) | Type::Tuple(all) => all.iter().all(|ty| widens(ty, depth + 1)),
        Type::Object(object) => {
            object.members.iter().all(|member| member.ty.as_ref().is_none_or(|ty| widens(ty, depth + 1)))
        }
        Type::Reference { path, arguments } => {
            matches!(
                path.last().map(|name| &**name),
                Some("Record" | "Readonly" | "Partial" | "Array" | "ReadonlyArray")
            ) && arguments.last().is_some_and(|ty| widens(ty, depth + 1))
        }
        _ => false,
    }
}

/// `a.b.c` as its parts.
fn path(expression: &ast::Expression<'_>) -> Option<Vec<Text>> {
    let mut parts = Vec::new();
    let mut rest = expression;
    loop {
        match rest {
            ast::Expression::Identifier(identifier) => {
                parts.push(identifier.name.as_str().into());
                break;
            }
            ast::Expression::StaticMemberExpression(member) => {
                parts.push(member.property.name.as_str().into());
                rest = &member.object;
            }
            ast::Expression::TSNonNullExpression(inner) => rest = &inner.expression,
            _ => return None,
        }
    }
    parts.reverse();
    Some(parts)
}
