//! Defaults that refer to one stated elsewhere: `size = definitions.size.default`.

use lockstep_core::contract::PropertyName;
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    default_place::holder,
    draft::Refusal,
    session::Session,
    syntax::{Source, key_name, literal_text, object_of, span_of},
};
use crate::model::{Place, PropertyOrigin};

/// Whether an expression reads the default that another of the property's places states, and so follows that one.
pub(super) fn follows(
    session: &Session<'_>,
    property: &PropertyName,
    origin: &PropertyOrigin,
    source: &Source<'_>,
    expression: Span,
) -> Result<bool, Refusal> {
    let node = source.chain(expression).into_iter().rev().find(|node| node.span() == expression);
    let Some(AstKind::StaticMemberExpression(read)) = node else { return Ok(false) };
    let owner = match &read.object {
        Expression::StaticMemberExpression(owner) => owner.property.name.as_str(),
        _ => return Ok(false),
    };
    if owner != property.as_str() {
        return Ok(false);
    }
    let here = |place: &Place| *place.file == *source.file && expression.contains_inclusive(span_of(place));
    for place in origin.default.iter().filter(|place| !here(place)) {
        let allocator = Allocator::default();
        let stating = session.source(&allocator, place)?;
        if let Some((_, AstKind::ObjectProperty(entry))) = holder(&stating, place)
            && key_name(&entry.key).as_deref() == Some(read.property.name.as_str())
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the place that a default is read from stays when the default goes, as `undefined`.
pub(super) fn stays(
    session: &Session<'_>,
    origin: &PropertyOrigin,
    source: &Source<'_>,
    expression: Span,
) -> Result<bool, Refusal> {
    for place in &origin.default {
        if *place.file == *source.file && expression.contains_inclusive(span_of(place)) {
            continue;
        }
        let allocator = Allocator::default();
        let stating = session.source(&allocator, place)?;
        let stated = holder(&stating, place);
        let asserted = stated.and_then(|(stated, _)| asserted(&stating, stated));
        if !matches!(asserted, Some((_, true))) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The key of an enum or of a constant object in the same file whose value is an option.
pub(super) fn sibling(source: &Source<'_>, object: &Expression<'_>, option: &str) -> Option<String> {
    let Expression::Identifier(name) = object else { return None };
    source.nodes.iter().find_map(|node| match node {
        AstKind::TSEnumDeclaration(declaration) if declaration.id.name == name.name => {
            let is_it = |member: &&TSEnumMember<'_>| {
                member.initializer.as_ref().and_then(literal_text).as_deref() == Some(option)
            };
            Some(declaration.body.members.iter().find(is_it)?.id.static_name().to_string())
        }
        AstKind::VariableDeclarator(declarator)
            if declarator.id.get_binding_identifier().is_some_and(|id| id.name == name.name) =>
        {
            let entries = object_of(declarator.init.as_ref()?)?.properties.iter();
            let mut entries = entries.filter_map(ObjectPropertyKind::as_property);
            key_name(&entries.find(|entry| literal_text(&entry.value).as_deref() == Some(option))?.key)
        }
        _ => None,
    })
}

/// The value inside an assertion, and whether what is asserted allows that there is none: `'s' as Size | undefined`.
pub(super) fn asserted(source: &Source<'_>, expression: Span) -> Option<(Span, bool)> {
    let node = source.chain(expression).into_iter().rev().find(|node| {
        node.span() == expression
            && matches!(node, AstKind::TSAsExpression(_) | AstKind::TSSatisfiesExpression(_))
    })?;
    let (value, ty) = match node {
        AstKind::TSAsExpression(assertion) => (&assertion.expression, &assertion.type_annotation),
        AstKind::TSSatisfiesExpression(assertion) => (&assertion.expression, &assertion.type_annotation),
        _ => return None,
    };
    let may_be_undefined = match ty {
        TSType::TSUnionType(union) => {
            union.types.iter().any(|ty| matches!(ty, TSType::TSUndefinedKeyword(_)))
        }
        ty => matches!(ty, TSType::TSUndefinedKeyword(_)),
    };
    Some((value.span(), may_be_undefined))
}
