//! Functions that do nothing but look for their parameter in a list: `(value) => ['a', 'b'].includes(value)`.

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::{Call, Value, lower::Lowering};

impl Lowering<'_> {
    /// The list in which an expression looks for a function's only parameter.
    pub(super) fn admitted(
        &self,
        expression: &ast::Expression<'_>,
        params: &ast::FormalParameters<'_>,
    ) -> Option<Value> {
        let [only] = &params.items[..] else { return None };
        let ast::BindingPattern::BindingIdentifier(parameter) = &only.pattern else { return None };
        self.list_of(expression, parameter.name.as_str())
    }

    fn list_of(&self, expression: &ast::Expression<'_>, parameter: &str) -> Option<Value> {
        let is_parameter = |expression: &ast::Expression<'_>| matches!(expression.get_inner_expression(), ast::Expression::Identifier(name) if name.name == parameter);
        match expression.get_inner_expression() {
            ast::Expression::CallExpression(call) => {
                let ast::Expression::StaticMemberExpression(member) = &call.callee else { return None };
                let [argument] = &call.arguments[..] else { return None };
                let looks = matches!(member.property.name.as_str(), "includes" | "indexOf");
                (looks && argument.as_expression().is_some_and(is_parameter))
                    .then(|| self.value(&member.object))
            }
            ast::Expression::BinaryExpression(binary) => {
                let right =
                    self.source.get(binary.right.span().start as usize..binary.right.span().end as usize)?;
                match (binary.operator, right) {
                    // `list.indexOf(value) !== -1`
                    (
                        ast::BinaryOperator::StrictInequality
                        | ast::BinaryOperator::Inequality
                        | ast::BinaryOperator::GreaterThan,
                        "-1",
                    )
                    | (ast::BinaryOperator::GreaterEqualThan, "0") => self.list_of(&binary.left, parameter),
                    // `options[value] !== undefined`
                    (
                        ast::BinaryOperator::StrictInequality | ast::BinaryOperator::Inequality,
                        "undefined",
                    ) => match binary.left.get_inner_expression() {
                        ast::Expression::ComputedMemberExpression(member)
                            if is_parameter(&member.expression) =>
                        {
                            Some(self.keys(&member.object))
                        }
                        _ => None,
                    },
                    // `value in options`
                    (ast::BinaryOperator::In, _) if is_parameter(&binary.left) => {
                        Some(self.keys(&binary.right))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `Object.keys(of)`.
    fn keys(&self, of: &ast::Expression<'_>) -> Value {
        let range = of.span().into();
        Value::Call(Box::new(Call {
            callee: Value::Path(vec!["Object".into(), "keys".into()], range),
            type_arguments: Vec::new(),
            arguments: vec![self.value(of)],
            range,
            is_required: false,
        }))
    }
}
