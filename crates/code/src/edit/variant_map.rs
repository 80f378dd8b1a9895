//! The configuration object of `cva`, `tv` and their like: variant groups, default variants, compound variants.

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    containers::inner,
    draft::{Draft, Refusal},
    list::{List, Separator},
    syntax::{Source, key_name, literal_text, object_of, property_named},
};

/// The object that holds `variants`, around an option or a group of it; with the call that it is for.
pub(super) fn config<'a>(chain: &[AstKind<'a>]) -> Option<&'a ObjectExpression<'a>> {
    let at = chain.iter().rposition(|node| match node {
        AstKind::ObjectProperty(property) => key_name(&property.key).as_deref() == Some("variants"),
        _ => false,
    })?;
    chain.get(..at)?.last()?.as_object_expression()
}

/// A comma-separated list over the properties of an object literal.
pub(super) fn properties<'s, 'a>(source: &'s Source<'a>, object: &ObjectExpression<'a>) -> List<'s, 'a> {
    let members = object.properties.iter().map(GetSpan::span).collect();
    List { source, inside: inner(object.span), members, separator: Separator::Comma }
}

/// The entries of `compoundVariants` and of tv's `compoundSlots`.
fn compounds<'a>(config: &'a ObjectExpression<'a>) -> impl Iterator<Item = &'a ArrayExpression<'a>> {
    ["compoundVariants", "compoundSlots"].into_iter().filter_map(|name| {
        match property_named(config, name)?.value.get_inner_expression() {
            Expression::ArrayExpression(array) => Some(&**array),
            _ => None,
        }
    })
}

/// The part of a compound variant that selects: the entry itself, or its `variants` as `recipe` has it.
fn selection<'a>(element: &'a ArrayExpressionElement<'a>) -> Option<&'a ObjectExpression<'a>> {
    let object = object_of(element.as_expression()?)?;
    Some(property_named(object, "variants").and_then(|inner| object_of(&inner.value)).unwrap_or(object))
}

/// Takes out the compound variants that are for an option, or for any of a property.
pub(super) fn remove_compounds(
    source: &Source<'_>,
    chain: &[AstKind<'_>],
    property: &PropertyName,
    option: Option<&OptionName>,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let Some(config) = config(chain) else { return Ok(()) };
    for array in compounds(config) {
        let members: Vec<Span> = array.elements.iter().map(GetSpan::span).collect();
        let list = List { source, inside: inner(array.span), members, separator: Separator::Comma };
        let mut gone = Vec::new();
        for (index, element) in array.elements.iter().enumerate() {
            let Some(selector) =
                selection(element).and_then(|object| property_named(object, property.as_str()))
            else {
                continue;
            };
            match (selector.value.get_inner_expression(), option) {
                (_, None) => gone.push(index),
                (Expression::ArrayExpression(options), Some(option)) => {
                    let at = options.elements.iter().position(|element| names(element, option));
                    match at {
                        Some(_) if options.elements.len() == 1 => gone.push(index),
                        Some(at) => {
                            let members = options.elements.iter().map(GetSpan::span).collect();
                            let list = List {
                                source,
                                inside: inner(options.span),
                                members,
                                separator: Separator::Comma,
                            };
                            draft.extend(&source.file, list.remove(at)?);
                        }
                        None => {}
                    }
                }
                (value, Some(option)) if literal_text(value).as_deref() == Some(option.as_str()) => {
                    gone.push(index)
                }
                _ => {}
            }
        }
        remove_members(&list, &gone, config, array.span, draft)?;
    }
    Ok(())
}

fn names(element: &ArrayExpressionElement<'_>, option: &OptionName) -> bool {
    element.as_expression().and_then(literal_text).as_deref() == Some(option.as_str())
}

/// Removes several members of an array that is a property of `owner`; all of them leave `[]`.
fn remove_members(
    list: &List<'_, '_>,
    gone: &[usize],
    owner: &ObjectExpression<'_>,
    whole: Span,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    match gone {
        [] => Ok(()),
        _ if gone.len() == list.members.len() => {
            let named =
                owner.properties.iter().position(|property| property.span().contains_inclusive(whole));
            let properties = properties(list.source, owner);
            if let Some(index) = named.filter(|_| properties.members.len() > 1) {
                draft.extend(&list.source.file, properties.remove(index)?);
            }
            Ok(())
        }
        some => {
            draft.extend(&list.source.file, list.remove_all(some)?);
            Ok(())
        }
    }
}

/// Respells an option in the compound variants.
pub(super) fn rename_in_compounds(
    chain: &[AstKind<'_>],
    property: &PropertyName,
    option: &OptionName,
    mut respell: impl FnMut(&Expression<'_>),
) {
    let Some(config) = config(chain) else { return };
    for element in compounds(config).flat_map(|array| &array.elements) {
        let Some(selector) = selection(element).and_then(|object| property_named(object, property.as_str()))
        else {
            continue;
        };
        match selector.value.get_inner_expression() {
            Expression::ArrayExpression(options) => {
                let named = options.elements.iter().filter(|element| names(element, option));
                named.filter_map(|element| element.as_expression()).for_each(&mut respell);
            }
            value if literal_text(value).as_deref() == Some(option.as_str()) => respell(value),
            _ => {}
        }
    }
}

/// The keys that select a property in the default and compound variants.
pub(super) fn selecting_keys(chain: &[AstKind<'_>], property: &PropertyName) -> Vec<Span> {
    let Some(config) = config(chain) else { return Vec::new() };
    let defaults = property_named(config, "defaultVariants").and_then(|defaults| object_of(&defaults.value));
    let selections = compounds(config).flat_map(|array| &array.elements).filter_map(selection);
    let named =
        defaults.into_iter().chain(selections).filter_map(|object| property_named(object, property.as_str()));
    named.map(|property| property.key.span()).collect()
}

/// The objects that calls of the variant map around `chain` pass to it, in any file that calls it by its own name.
pub(super) fn calls<'a>(source: &Source<'a>, map: &str) -> Vec<&'a ObjectExpression<'a>> {
    let calls = source.nodes.iter().filter_map(|node| node.as_call_expression());
    let of_map =
        calls.filter(|call| matches!(&call.callee, Expression::Identifier(callee) if callee.name == map));
    of_map.filter_map(|call| object_of(call.arguments.first()?.as_expression()?)).collect()
}

/// The name that the variant map around an option or group is kept under.
pub(super) fn name_of(chain: &[AstKind<'_>]) -> Option<String> {
    let at = chain.iter().rposition(|node| matches!(node, AstKind::CallExpression(_)))?;
    chain.get(..at)?.iter().rev().find_map(|node| match node {
        AstKind::VariableDeclarator(declarator) => match &declarator.id {
            BindingPattern::BindingIdentifier(identifier) => Some(identifier.name.to_string()),
            _ => None,
        },
        _ => None,
    })
}
