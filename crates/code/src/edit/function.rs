//! The function or class behind a component: how it takes its props, and where it uses them.

use lockstep_core::contract::PropertyName;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    markup,
    syntax::{Source, key_name, span_of},
};
use crate::model::ScannedComponent;

/// The code of a component.
pub(super) struct ComponentCode<'a> {
    pub(super) span: Span,
    /// The name of the parameter that holds the props, where they are not destructured in place.
    props: Option<String>,
    /// Where props are taken out by name.
    patterns: Vec<&'a ObjectPattern<'a>>,
    /// Those of them that stand in the code itself, not in a function inside it.
    pub(super) own: Vec<&'a ObjectPattern<'a>>,
}

/// A property taken out of the props by name.
pub(super) struct Binding<'a> {
    pub(super) pattern: &'a ObjectPattern<'a>,
    pub(super) index: usize,
    pub(super) property: &'a BindingProperty<'a>,
    /// The name that the code uses, where the property is not taken apart further.
    pub(super) local: Option<&'a BindingIdentifier<'a>>,
    /// The default given there.
    pub(super) default: Option<&'a Expression<'a>>,
}

/// The function or class of a component, when it is in this file.
pub(super) fn component_code<'a>(
    source: &Source<'a>,
    component: &ScannedComponent,
) -> Option<ComponentCode<'a>> {
    if component.declared.file != source.file {
        return None;
    }
    if let Some(code) = markup::code(source) {
        return Some(code);
    }
    let declared = span_of(&component.declared);
    let code = first_code(source, declared).or_else(|| {
        let around = source.chain(declared).into_iter().rev().find(|node| {
            matches!(
                node,
                AstKind::VariableDeclarator(_)
                    | AstKind::Function(_)
                    | AstKind::Class(_)
                    | AstKind::ExportDefaultDeclaration(_)
            )
        })?;
        first_code(source, around.span()).or_else(|| named_code(source, around.span()))
    });
    code_of(source, code.or_else(|| named_code(source, declared))?)
}

fn first_code<'a>(source: &Source<'a>, within: Span) -> Option<AstKind<'a>> {
    source.within(within).find(|node| match node {
        AstKind::Function(function) => function.body.is_some(),
        AstKind::ArrowFunctionExpression(_) | AstKind::Class(_) => true,
        _ => false,
    })
}

/// The function that a wrapper such as `forwardRef(ButtonRender)` names.
fn named_code<'a>(source: &Source<'a>, within: Span) -> Option<AstKind<'a>> {
    let references = source.within(within).filter_map(|node| node.as_identifier_reference());
    references.into_iter().find_map(|reference| {
        source.nodes.iter().find_map(|node| match node {
            AstKind::Function(function) if function.body.is_some() => {
                (function.id.as_ref()?.name == reference.name).then_some(*node)
            }
            AstKind::VariableDeclarator(declarator) if !within.contains_inclusive(declarator.span) => {
                let BindingPattern::BindingIdentifier(id) = &declarator.id else { return None };
                (id.name == reference.name).then(|| first_code(source, declarator.init.as_ref()?.span()))?
            }
            _ => None,
        })
    })
}

fn code_of<'a>(source: &Source<'a>, node_of_code: AstKind<'a>) -> Option<ComponentCode<'a>> {
    let span = node_of_code.span();
    let first = match node_of_code {
        AstKind::Function(function) => function.params.items.first(),
        AstKind::ArrowFunctionExpression(arrow) => arrow.params.items.first(),
        _ => None,
    };
    let mut patterns: Vec<&ObjectPattern<'_>> = Vec::new();
    let mut props = None;
    match first.map(|parameter| &parameter.pattern) {
        Some(BindingPattern::ObjectPattern(pattern)) => patterns.push(pattern),
        Some(BindingPattern::BindingIdentifier(identifier)) => props = Some(identifier.name.to_string()),
        _ => {}
    }
    let mut code = ComponentCode { span, props, own: patterns.clone(), patterns };
    for node in source.within(span) {
        if let AstKind::VariableDeclarator(declarator) = node
            && let BindingPattern::ObjectPattern(pattern) = &declarator.id
            && declarator.init.as_ref().is_some_and(|init| code.gives_props(init))
        {
            code.patterns.push(pattern);
            let is_nested = source.chain(pattern.span).iter().any(|node| {
                let function = matches!(node, AstKind::Function(_) | AstKind::ArrowFunctionExpression(_));
                function && node.span() != span && span.contains_inclusive(node.span())
            });
            // What a method of a class takes out is no default of the class.
            if !is_nested && !matches!(node_of_code, AstKind::Class(_)) {
                code.own.push(pattern);
            }
        }
    }
    Some(code)
}

impl<'a> ComponentCode<'a> {
    /// Code that takes props by these patterns, all its own.
    pub(super) fn of(span: Span, props: Option<String>, patterns: Vec<&'a ObjectPattern<'a>>) -> Self {
        Self { span, props, own: patterns.clone(), patterns }
    }

    /// Whether an expression is the props object: `props`, `this.props`, or one that a hook such as `useProps(props)`
    /// completes.
    fn gives_props(&self, expression: &Expression<'_>) -> bool {
        match expression.get_inner_expression() {
            Expression::CallExpression(call) => {
                let named = match &call.callee {
                    Expression::Identifier(callee) => callee.name.as_str().contains("Props"),
                    _ => false,
                };
                named
                    && call
                        .arguments
                        .iter()
                        .filter_map(Argument::as_expression)
                        .any(|argument| self.is_props(argument))
            }
            other => self.is_props(other),
        }
    }

    fn is_props(&self, expression: &Expression<'_>) -> bool {
        match expression.get_inner_expression() {
            Expression::Identifier(identifier) => self.props.as_deref() == Some(identifier.name.as_str()),
            Expression::StaticMemberExpression(member) => {
                matches!(member.object, Expression::ThisExpression(_)) && member.property.name == "props"
            }
            _ => false,
        }
    }

    /// Where a property is taken out of the props by name.
    pub(super) fn binding(&self, property: &PropertyName) -> Option<Binding<'a>> {
        self.patterns.iter().find_map(|pattern| {
            let index = pattern.properties.iter().position(|candidate| {
                !candidate.computed && key_name(&candidate.key).as_deref() == Some(property.as_str())
            })?;
            let bound = pattern.properties.get(index)?;
            let (target, default) = match &bound.value {
                BindingPattern::AssignmentPattern(assignment) => (&assignment.left, Some(&assignment.right)),
                other => (other, None),
            };
            let local = match target {
                BindingPattern::BindingIdentifier(identifier) => Some(&**identifier),
                _ => None,
            };
            Some(Binding { pattern, index, property: bound, local, default })
        })
    }

    /// Where the code reads a property off the props object: the spans of its name in `props.size`.
    pub(super) fn accesses(&self, source: &Source<'a>, property: &PropertyName) -> Vec<Span> {
        let members = source.within(self.span).filter_map(|node| node.as_static_member_expression());
        let read = members
            .filter(|member| member.property.name == property.as_str() && self.is_props(&member.object));
        read.map(|member| member.property.span).collect()
    }

    /// Whether the whole props, or what was not taken out by name, is passed on.
    pub(super) fn passes_on(&self, source: &Source<'a>) -> Option<Span> {
        let rest = self.patterns.iter().find_map(|pattern| pattern.rest.as_ref()).map(|rest| rest.span);
        rest.or_else(|| {
            source.within(self.span).find_map(|node| match node {
                AstKind::JSXSpreadAttribute(spread) if self.is_props(&spread.argument) => Some(spread.span),
                AstKind::SpreadElement(spread) if self.is_props(&spread.argument) => Some(spread.span),
                AstKind::CallExpression(call) => {
                    let mut arguments = call.arguments.iter().filter_map(Argument::as_expression);
                    arguments.any(|argument| self.is_props(argument)).then_some(call.span)
                }
                _ => None,
            })
        })
    }

    /// The uses of a local name, when nothing else in the code bears it.
    pub(super) fn uses(&self, source: &Source<'a>, local: &BindingIdentifier<'_>) -> Option<Vec<Span>> {
        let same = source.within(self.span).filter(|node| {
            matches!(node, AstKind::BindingIdentifier(other) if other.name == local.name && other.span != local.span)
        });
        if same.count() > 0 {
            return None;
        }
        let references = source.within(self.span).filter_map(|node| node.as_identifier_reference());
        Some(references.filter(|reference| reference.name == local.name).map(GetSpan::span).collect())
    }

    /// Whether an expression is certainly the value of a property: its only local name, or read off the props.
    pub(super) fn is_value_of(
        &self,
        source: &Source<'a>,
        property: &PropertyName,
        expression: &Expression<'_>,
    ) -> bool {
        let span = expression.get_inner_expression().span();
        let named = || {
            let local = self.binding(property)?.local?;
            Some(self.uses(source, local)?.contains(&span))
        };
        let read = || match expression.get_inner_expression() {
            Expression::StaticMemberExpression(member) => {
                self.span.contains_inclusive(span)
                    && member.property.name == property.as_str()
                    && self.is_props(&member.object)
            }
            _ => false,
        };
        read() || named().unwrap_or(false)
    }
}
