//! Objects with an entry for each option that are not the declaration: `const classes: Record<Size, string> = {…}`, and
//! what the component indexes by the property. They must follow its options, or the code no longer compiles.

use std::collections::BTreeSet;

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    containers::Container,
    function::component_code,
    held::{Held, Role},
    members::signature_at,
    session::Session,
    syntax::{Source, object_of},
};
use crate::model::PropertyOrigin;

/// The objects of a file that follow the options of a property; `known` are those that the scan found itself, and
/// `types` what the property's type is called here beside its names by declaration.
pub(super) fn class_maps<'a>(
    session: &Session<'_>,
    source: &Source<'a>,
    property: &PropertyName,
    origin: &PropertyOrigin,
    known: &[Held<'a>],
    types: BTreeSet<String>,
) -> Vec<Held<'a>> {
    let mut names = type_names(source, origin, known);
    names.extend(types);
    let indexed = indexed_by(session, source, property);
    let mut maps = Vec::new();
    for node in &source.nodes {
        let AstKind::VariableDeclarator(declarator) = node else { continue };
        let Some(object) = declarator.init.as_ref().and_then(object_of) else { continue };
        let BindingPattern::BindingIdentifier(identifier) = &declarator.id else { continue };
        if known.iter().any(|held| held.container.span() == object.span) {
            continue;
        }
        let follows = indexed.contains(identifier.name.as_str())
            || types_of(declarator).into_iter().any(|span| is_record_over(source, span, &names));
        if follows {
            maps.extend(map(source, object, origin));
        }
    }
    maps
}

fn map<'a>(
    source: &Source<'a>,
    object: &'a ObjectExpression<'a>,
    origin: &PropertyOrigin,
) -> Option<Held<'a>> {
    let container = Container::Keys(object);
    let mut options: BTreeSet<OptionName> = BTreeSet::new();
    let mut last = 0;
    for option in origin.options.keys() {
        if let Some(index) = container.position_of(source, option.as_str()) {
            options.insert(option.clone());
            last = last.max(index);
        }
    }
    let chain = source.chain(object.span);
    (!options.is_empty()).then_some(Held { container, chain, last, options, role: Role::Follows })
}

/// The types that are certainly the property's: the alias that lists the options, and what the property is declared as.
pub(super) fn type_names(
    source: &Source<'_>,
    origin: &PropertyOrigin,
    known: &[Held<'_>],
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for node in known.iter().flat_map(|held| &held.chain) {
        match node {
            AstKind::TSTypeAliasDeclaration(alias)
                if matches!(alias.type_annotation, TSType::TSUnionType(_)) =>
            {
                names.insert(alias.id.name.to_string());
            }
            AstKind::TSEnumDeclaration(declaration) => {
                names.insert(declaration.id.name.to_string());
            }
            _ => {}
        }
    }
    let signature = Some(&origin.declared).filter(|place| place.file == source.file);
    let annotation = signature
        .and_then(|place| signature_at(source, place))
        .and_then(|signature| signature.type_annotation.as_ref());
    if let Some(TSType::TSTypeReference(reference)) = annotation.map(|annotation| &annotation.type_annotation)
        && reference.type_arguments.is_none()
    {
        names.insert(source.slice(reference.span).to_owned());
    }
    names
}

/// The types that a constant is declared or checked to have.
fn types_of(declarator: &VariableDeclarator<'_>) -> Vec<Span> {
    let annotation = declarator.type_annotation.as_ref().map(|annotation| annotation.span);
    let satisfied = match &declarator.init {
        Some(Expression::TSSatisfiesExpression(satisfies)) => Some(satisfies.type_annotation.span()),
        _ => None,
    };
    annotation.into_iter().chain(satisfied).collect()
}

/// Whether a type has an entry for each member of one of the types named.
fn is_record_over(source: &Source<'_>, span: Span, names: &BTreeSet<String>) -> bool {
    source.within(span).any(|node| match node {
        AstKind::TSTypeReference(reference) if source.slice(reference.type_name.span()) == "Record" => {
            let first = reference.type_arguments.as_ref().and_then(|arguments| arguments.params.first());
            first.is_some_and(|first| names.contains(source.slice(first.span())))
        }
        AstKind::TSMappedType(mapped) => names.contains(source.slice(mapped.constraint.span())),
        _ => false,
    })
}

/// The names of what the component's code indexes by the property: `sizes[size]`.
fn indexed_by(session: &Session<'_>, source: &Source<'_>, property: &PropertyName) -> BTreeSet<String> {
    let Some(code) = component_code(source, &session.component) else { return BTreeSet::new() };
    let members = source.within(code.span).filter_map(|node| node.as_computed_member_expression());
    members
        .filter_map(|member| match &member.object {
            Expression::Identifier(object) if code.is_value_of(source, property, &member.expression) => {
                Some(object.name.to_string())
            }
            _ => None,
        })
        .collect()
}
