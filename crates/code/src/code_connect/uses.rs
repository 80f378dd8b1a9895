//! Which code property each watched value is passed to.

use std::collections::BTreeSet;

use oxc_ast::ast::{
    Argument, CallExpression, Expression, JSXAttributeItem, JSXAttributeName, JSXAttributeValue, JSXChild,
    JSXElement, TemplateLiteral,
};
use oxc_span::GetSpan;

use super::{
    flow::{Arrival, Flow},
    markup::{Role, Writing, read_markup},
};

/// A code property that a watched value is passed to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) arrival: Arrival,
    pub(super) property: String,
    /// Whether the value is written between braces, so that the text `true` is the value true.
    pub(super) as_expression: bool,
}

/// Finds the uses of the values that a flow watches.
pub(super) struct Uses<'n, 'a> {
    pub(super) flow: Flow<'n, 'a>,
    pub(super) source: &'n str,
    /// The element whose attributes count: the component's.
    pub(super) element: Option<String>,
    /// What `{...props}` on that element passes on: each value under its own name.
    pub(super) spread: &'n dyn Fn(&Expression<'a>) -> Vec<(usize, String)>,
}

impl<'a> Uses<'_, 'a> {
    pub(super) fn find(&self) -> BTreeSet<Use> {
        let mut uses = BTreeSet::new();
        for template in &self.flow.nodes.templates {
            self.template(template, &mut uses);
        }
        for call in &self.flow.nodes.calls {
            self.rendering_call(call, &mut uses);
        }
        for element in &self.flow.nodes.elements {
            self.jsx(element, &mut uses);
        }
        uses
    }

    /// Whether an element is the component: `Card` is also written `Card.Root`.
    fn counts(&self, element: &str) -> bool {
        self.element.as_deref().is_none_or(|own| {
            element == own || element.strip_suffix(".Root").is_some_and(|compound| compound == own)
        })
    }

    fn add(&self, value: &Expression<'a>, property: &str, as_expression: bool, uses: &mut BTreeSet<Use>) {
        for arrival in self.flow.arrivals(value) {
            uses.insert(Use { arrival, property: property.to_owned(), as_expression });
        }
    }

    fn template(&self, template: &TemplateLiteral<'a>, uses: &mut BTreeSet<Use>) {
        let pieces: Vec<&str> = template.quasis.iter().map(|quasi| quasi.value.raw.as_str()).collect();
        for (slot, value) in read_markup(&pieces).slots.into_iter().zip(&template.expressions) {
            if !slot.element.as_deref().is_none_or(|element| self.counts(element)) {
                continue;
            }
            match slot.role {
                Role::Attribute(name, writing) => {
                    let name = name.trim_start_matches(['.', '?', '@', ':']);
                    self.add(value, name, writing == Writing::Expression, uses);
                }
                Role::Child => self.add(value, "children", false, uses),
                Role::Tag => self.flag(value, uses),
                Role::Elsewhere => {}
            }
        }
    }

    /// `${disabled ? 'disabled' : ''}` inside of a tag: the attribute is there or not.
    fn flag(&self, value: &Expression<'a>, uses: &mut BTreeSet<Use>) {
        let mut value = value.get_inner_expression();
        if let Expression::Identifier(id) = value
            && let Some([given]) = self.flow.nodes.names.get(id.name.as_str()).map(Vec::as_slice)
        {
            value = given.get_inner_expression();
        }
        let (test, text) = match value {
            Expression::ConditionalExpression(choice) => (&choice.test, &choice.consequent),
            Expression::LogicalExpression(both) if both.operator.is_and() => (&both.left, &both.right),
            _ => return,
        };
        if let Some(name) = text_of(text).as_deref().map(str::trim)
            && is_attribute_name(name)
        {
            self.add(test, name, false, uses);
        }
    }

    /// `renderProp('size', size)`, and helpers of that shape.
    fn rendering_call(&self, call: &CallExpression<'a>, uses: &mut BTreeSet<Use>) {
        if let [Argument::StringLiteral(name), value, ..] = call.arguments.as_slice()
            && let Some(value) = value.as_expression()
            && is_attribute_name(&name.value)
        {
            self.add(value, &name.value, false, uses);
        }
    }

    fn jsx(&self, element: &JSXElement<'a>, uses: &mut BTreeSet<Use>) {
        let name = element.opening_element.name.span();
        let name = self.source.get(name.start as usize..name.end as usize).unwrap_or_default();
        if !self.counts(name) {
            return;
        }
        for attribute in &element.opening_element.attributes {
            match attribute {
                JSXAttributeItem::Attribute(attribute) => {
                    let JSXAttributeName::Identifier(name) = &attribute.name else { continue };
                    if let Some(JSXAttributeValue::ExpressionContainer(container)) = &attribute.value
                        && let Some(value) = container.expression.as_expression()
                    {
                        self.add(value, &name.name, true, uses);
                    }
                }
                JSXAttributeItem::SpreadAttribute(spread) => {
                    for (value, property) in (self.spread)(&spread.argument) {
                        let arrival = Arrival { value, negated: false };
                        uses.insert(Use { arrival, property, as_expression: true });
                    }
                }
            }
        }
        for child in &element.children {
            self.child(child, uses);
        }
    }

    fn child(&self, child: &JSXChild<'a>, uses: &mut BTreeSet<Use>) {
        match child {
            JSXChild::ExpressionContainer(container) => {
                if let Some(value) = container.expression.as_expression() {
                    self.add(value, "children", true, uses);
                }
            }
            JSXChild::Fragment(fragment) => {
                for child in &fragment.children {
                    if let JSXChild::ExpressionContainer(_) = child {
                        self.child(child, uses);
                    }
                }
            }
            _ => {}
        }
    }
}

fn text_of(expression: &Expression<'_>) -> Option<String> {
    match expression.get_inner_expression() {
        Expression::StringLiteral(text) => Some(text.value.to_string()),
        Expression::TemplateLiteral(template) => template.single_quasi().map(|text| text.to_string()),
        Expression::TaggedTemplateExpression(tagged) => {
            tagged.quasi.single_quasi().map(|text| text.to_string())
        }
        _ => None,
    }
}

fn is_attribute_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '.'))
}
