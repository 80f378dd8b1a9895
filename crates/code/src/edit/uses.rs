//! What code other than the component's own does with a property: JSX attributes, objects of props, types that name it.

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    names::Names,
    syntax::{Source, key_name, literal_text, object_of},
};

/// Spreads of spreads are followed this far.
const MAX_DEPTH: u8 = 8;

/// A place that gives a component the property.
#[derive(Clone, Copy)]
pub(super) enum Use<'a> {
    /// `<Button size="small">`.
    Attribute(&'a JSXAttribute<'a>),
    /// `size: 'small'`, in an object that is the component's props.
    Entry(&'a ObjectProperty<'a>),
}

/// What a file does with a property.
#[derive(Default)]
pub(super) struct Uses<'a> {
    pub(super) certain: Vec<Use<'a>>,
    /// What is spread into the component without being seen to the bottom.
    pub(super) spread: Vec<Span>,
}

impl<'a> Use<'a> {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Attribute(attribute) => attribute.span,
            Self::Entry(entry) => entry.span,
        }
    }

    /// The value that is given, where it is an expression.
    pub(super) fn value(&self) -> Option<Given<'a>> {
        match self {
            Self::Attribute(attribute) => match attribute.value.as_ref()? {
                JSXAttributeValue::StringLiteral(literal) => Some(Given::Text(literal)),
                JSXAttributeValue::ExpressionContainer(container) => {
                    container.expression.as_expression().map(Given::Expression)
                }
                _ => None,
            },
            Self::Entry(entry) => Some(Given::Expression(&entry.value)),
        }
    }
}

/// A value that is given for a property.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Text(&'a StringLiteral<'a>),
    Expression(&'a Expression<'a>),
}

/// The uses of a property in a file.
pub(super) fn uses<'a>(source: &Source<'a>, names: &Names, property: &PropertyName) -> Uses<'a> {
    let mut finder = Finder { source, property, found: Uses::default() };
    for node in &source.nodes {
        match node {
            AstKind::JSXOpeningElement(element) if names.is_component(source, element.name.span()) => {
                finder.attributes(element);
            }
            AstKind::CallExpression(call) => {
                if creates_element(source, call)
                    && let Some(made) = call.arguments.first()
                    && names.is_component(source, made.span())
                    && let Some(given) = call.arguments.get(1).and_then(Argument::as_expression)
                {
                    finder.props(given, MAX_DEPTH);
                }
            }
            AstKind::VariableDeclarator(declarator) => {
                let annotation = declarator.type_annotation.as_ref();
                if let Some(init) = &declarator.init
                    && annotation.is_some_and(|ty| names.is_props(source, &ty.type_annotation))
                {
                    finder.typed(init);
                }
            }
            AstKind::TSSatisfiesExpression(checked) if names.is_props(source, &checked.type_annotation) => {
                finder.typed(&checked.expression);
            }
            AstKind::TSAsExpression(asserted) if names.is_props(source, &asserted.type_annotation) => {
                finder.typed(&asserted.expression);
            }
            _ => {}
        }
    }
    finder.found
}

/// Whether a call is one of those that JSX stands for.
fn creates_element(source: &Source<'_>, call: &CallExpression<'_>) -> bool {
    let callee = source.slice(call.callee.span());
    let name = callee.rsplit('.').next().unwrap_or(callee);
    matches!(name, "createElement" | "cloneElement" | "jsx" | "jsxs" | "jsxDEV" | "h")
}

struct Finder<'s, 'a> {
    source: &'s Source<'a>,
    property: &'s PropertyName,
    found: Uses<'a>,
}

impl<'a> Finder<'_, 'a> {
    fn attributes(&mut self, element: &'a JSXOpeningElement<'a>) {
        for item in &element.attributes {
            match item {
                JSXAttributeItem::Attribute(attribute) => {
                    if self.source.slice(attribute.name.span()) == self.property.as_str() {
                        self.certain(Use::Attribute(attribute));
                    }
                }
                JSXAttributeItem::SpreadAttribute(spread) => self.props(&spread.argument, MAX_DEPTH),
            }
        }
    }

    /// An expression that is the props, or part of them.
    fn props(&mut self, expression: &'a Expression<'a>, depth: u8) {
        let Some(depth) = depth.checked_sub(1) else { return self.unclear(expression.span()) };
        match expression.get_inner_expression() {
            Expression::ObjectExpression(object) => self.object(object, depth),
            Expression::Identifier(name) => {
                match constant(self.source, name.name.as_str()).map(Expression::get_inner_expression) {
                    Some(init @ Expression::ObjectExpression(_)) => self.props(init, depth),
                    _ => self.unclear(expression.span()),
                }
            }
            Expression::ConditionalExpression(choice) => {
                self.props(&choice.consequent, depth);
                self.props(&choice.alternate, depth);
            }
            Expression::LogicalExpression(logical) => self.props(&logical.right, depth),
            Expression::NullLiteral(_) | Expression::BooleanLiteral(_) => {}
            _ => self.unclear(expression.span()),
        }
    }

    fn object(&mut self, object: &'a ObjectExpression<'a>, depth: u8) {
        for member in &object.properties {
            match member {
                ObjectPropertyKind::ObjectProperty(entry) => {
                    if !entry.computed && key_name(&entry.key).as_deref() == Some(self.property.as_str()) {
                        self.certain(Use::Entry(entry));
                    }
                }
                ObjectPropertyKind::SpreadProperty(spread) => self.props(&spread.argument, depth),
            }
        }
    }

    /// What is declared to be props, or a list of them.
    fn typed(&mut self, expression: &'a Expression<'a>) {
        match expression.get_inner_expression() {
            Expression::ArrayExpression(array) => {
                for element in array.elements.iter().filter_map(ArrayExpressionElement::as_expression) {
                    if let Some(object) = object_of(element) {
                        self.object(object, MAX_DEPTH);
                    }
                }
            }
            Expression::ObjectExpression(object) => self.object(object, MAX_DEPTH),
            _ => {}
        }
    }

    fn certain(&mut self, found: Use<'a>) {
        if !self.found.certain.iter().any(|known| known.span() == found.span()) {
            self.found.certain.push(found);
        }
    }

    fn unclear(&mut self, span: Span) {
        if !self.found.spread.contains(&span) {
            self.found.spread.push(span);
        }
    }
}

/// What the only declaration of a name in a file makes it.
fn constant<'a>(source: &Source<'a>, name: &str) -> Option<&'a Expression<'a>> {
    let mut bindings = source.nodes.iter().filter_map(|node| node.as_binding_identifier());
    let only = bindings.find(|binding| binding.name == name)?;
    if bindings.any(|binding| binding.name == name) {
        return None;
    }
    source.nodes.iter().find_map(|node| {
        let AstKind::VariableDeclaration(declaration) = node else { return None };
        let declarator = declaration.declarations.iter().find(|declarator| {
            declarator.id.get_binding_identifier().is_some_and(|id| id.span == only.span)
        })?;
        (declaration.kind == VariableDeclarationKind::Const).then_some(declarator.init.as_ref()?)
    })
}

/// The literals of an option in what is given for a property.
#[derive(Default)]
pub(super) struct Literals {
    /// They are the option.
    pub(super) certain: Vec<Span>,
    /// Something is given that can't be seen to the bottom.
    pub(super) computed: Vec<Span>,
}

impl Literals {
    /// Collects the literals of one given value.
    pub(super) fn collect(&mut self, source: &Source<'_>, given: Given<'_>, option: &OptionName) {
        match given {
            Given::Text(literal) if literal.value == option.as_str() => self.certain(literal.span),
            Given::Text(_) => {}
            Given::Expression(expression) => self.expression(source, expression, option, MAX_DEPTH),
        }
    }

    fn expression(
        &mut self,
        source: &Source<'_>,
        expression: &Expression<'_>,
        option: &OptionName,
        depth: u8,
    ) {
        let inner = expression.get_inner_expression();
        if let Some(text) = literal_text(inner) {
            if text == option.as_str() {
                self.certain(inner.span());
            }
            return;
        }
        let Some(depth) = depth.checked_sub(1) else { return self.computed.push(inner.span()) };
        match inner {
            Expression::ConditionalExpression(choice) => {
                self.expression(source, &choice.consequent, option, depth);
                self.expression(source, &choice.alternate, option, depth);
            }
            Expression::LogicalExpression(logical) => {
                if logical.operator != LogicalOperator::And {
                    self.expression(source, &logical.left, option, depth);
                }
                self.expression(source, &logical.right, option, depth);
            }
            Expression::Identifier(name) if name.name == "undefined" => {}
            Expression::NullLiteral(_) => {}
            Expression::Identifier(name) => {
                let listed = each_of(source, name);
                match listed.or_else(|| constant(source, name.name.as_str())) {
                    Some(value) => self.value_or_list(source, value, option, depth),
                    None => self.computed.push(inner.span()),
                }
            }
            _ => self.computed.push(inner.span()),
        }
    }

    /// Collects the literals of a value, or of each element of a list.
    pub(super) fn listed(&mut self, source: &Source<'_>, value: &Expression<'_>, option: &OptionName) {
        self.value_or_list(source, value, option, MAX_DEPTH);
    }

    fn value_or_list(&mut self, source: &Source<'_>, value: &Expression<'_>, option: &OptionName, depth: u8) {
        match value.get_inner_expression() {
            Expression::ArrayExpression(array) => {
                for element in array.elements.iter().filter_map(ArrayExpressionElement::as_expression) {
                    self.expression(source, element, option, depth);
                }
            }
            _ => self.expression(source, value, option, depth),
        }
    }

    fn certain(&mut self, span: Span) {
        if !self.certain.contains(&span) {
            self.certain.push(span);
        }
    }
}

/// The list whose elements a name stands for: `['small', 'large'].map((size) => …)`.
fn each_of<'a>(source: &Source<'a>, name: &IdentifierReference<'_>) -> Option<&'a Expression<'a>> {
    source.chain(name.span).into_iter().rev().find_map(|node| {
        let AstKind::CallExpression(call) = node else { return None };
        let Expression::StaticMemberExpression(member) = &call.callee else { return None };
        if !matches!(member.property.name.as_str(), "map" | "forEach" | "flatMap") {
            return None;
        }
        let parameters = match call.arguments.first()?.as_expression()? {
            Expression::ArrowFunctionExpression(arrow) => &arrow.params,
            Expression::FunctionExpression(function) => &function.params,
            _ => return None,
        };
        match &parameters.items.first()?.pattern {
            BindingPattern::BindingIdentifier(first) if first.name == name.name => {}
            _ => return None,
        }
        match member.object.get_inner_expression() {
            Expression::Identifier(list) => constant(source, list.name.as_str()),
            _ => Some(&member.object),
        }
    })
}
