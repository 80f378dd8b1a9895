//! An option under another name, wherever it is certainly meant.

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    code_connect,
    containers::Container,
    draft::{Draft, Refusal},
    function::component_code,
    held::each_held,
    jsdoc,
    session::Session,
    set_default::rename_literal,
    spelling::{key_like, literal_like},
    stories,
    syntax::{Source, literal_text, span_of},
    variant_map,
};

pub(super) fn draft(
    session: &Session<'_>,
    property: &PropertyName,
    from: &OptionName,
    to: &OptionName,
) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    let origin = session.origin(property)?;
    each_held(session, property, |source, held| {
        for held in held.iter().filter(|held| held.options.contains(from)) {
            respell(source, held.container, (from, to), &mut draft)?;
            let mut literals = Vec::new();
            variant_map::rename_in_compounds(&held.chain, property, from, |literal| {
                literals.push(literal.span())
            });
            for literal in literals {
                let text = literal_like(source.slice(literal), to.as_str(), source.quote());
                draft.replace(&source.file, literal, text);
            }
        }
        Ok(())
    })?;
    if draft.changes.is_empty() {
        return Err(Refusal::new(&origin.declared, format!("`{from}` has no known place")));
    }
    let stated = session.component.statement.contract.property(property);
    if stated.and_then(|property| property.default_text()).as_deref() == Some(from.as_str()) {
        for place in &origin.default {
            let allocator = Allocator::default();
            let source = session.source(&allocator, place)?;
            rename_literal(&source, place, from.as_str(), to.as_str(), &mut draft);
        }
        let allocator = Allocator::default();
        let declaring = session.source(&allocator, &origin.declared)?;
        let declared = span_of(&origin.declared);
        jsdoc::set_default(&declaring, declared, Some(from.as_str()), Some(to.as_str()), &mut draft);
    }
    rename_comparisons(session, property, from, to, &mut draft)?;
    stories::rename_option(session, property, from, to, &mut draft)?;
    code_connect::rename_option(session, property, from, to, &mut draft)?;
    Ok(draft)
}

/// Respells one member that stands for the option.
fn respell(
    source: &Source<'_>,
    container: Container<'_>,
    (from, to): (&OptionName, &OptionName),
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let whole = container.span();
    let Some(index) = container.position_of(source, from.as_str()) else {
        return Err(source.refuse(whole, format!("`{from}` is not spelt out here")));
    };
    if container.position_of(source, to.as_str()).is_some() {
        return Err(source.refuse(whole, format!("`{to}` stands here already, and is excluded elsewhere")));
    }
    let quote = source.quote();
    let (span, text) = match container {
        Container::Keys(object) => {
            let Some(property) = object.properties.get(index).and_then(ObjectPropertyKind::as_property)
            else {
                return Ok(());
            };
            let key = source.slice(property.key.span());
            let new = key_like(
                &if key.starts_with(['\'', '"']) { vec![key] } else { Vec::new() },
                to.as_str(),
                quote,
            );
            if property.shorthand {
                (property.span, format!("{new}: {key}"))
            } else {
                (property.key.span(), new)
            }
        }
        Container::Values(object) => {
            let Some(property) = object.properties.get(index).and_then(ObjectPropertyKind::as_property)
            else {
                return Ok(());
            };
            let value = property.value.get_inner_expression().span();
            (value, literal_like(source.slice(value), to.as_str(), quote))
        }
        Container::Enum(body) => match body.members.get(index) {
            Some(TSEnumMember { initializer: Some(value), .. }) => {
                (value.span(), literal_like(source.slice(value.span()), to.as_str(), quote))
            }
            Some(member) => (member.id.span(), key_like(&[], to.as_str(), quote)),
            None => return Ok(()),
        },
        Container::Array(array) => {
            let element = array.elements.get(index).and_then(ArrayExpressionElement::as_expression);
            let literal = element.map_or(whole, |element| element.get_inner_expression().span());
            (literal, literal_like(source.slice(literal), to.as_str(), quote))
        }
        Container::Union(_) | Container::Lone(_) => {
            let member = container.list(source).members.get(index).copied().unwrap_or(whole);
            (member, literal_like(source.slice(member), to.as_str(), quote))
        }
    };
    draft.replace(&source.file, span, text);
    Ok(())
}

/// Respells the option where the component's own code compares the property with it.
fn rename_comparisons(
    session: &Session<'_>,
    property: &PropertyName,
    from: &OptionName,
    to: &OptionName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let allocator = Allocator::default();
    let source = session.source(&allocator, &session.component.declared)?;
    let code = component_code(&source, &session.component);
    let certain = |expression: &Expression<'_>| {
        code.as_ref().is_some_and(|code| code.is_value_of(&source, property, expression))
    };
    for (subject, literal) in compared(&source, from) {
        if certain(subject) {
            let text = literal_like(source.slice(literal), to.as_str(), source.quote());
            draft.replace(&source.file, literal, text);
        } else if mentions(&source, subject, property) {
            let text =
                format!("this comparison with `{from}` may be one of `{property}`; it was left as it is");
            draft.note(source.place(literal), text);
        }
    }
    Ok(())
}

/// What is compared with an option's literal, by `===` and the like or by `switch`.
fn compared<'a>(source: &Source<'a>, option: &OptionName) -> Vec<(&'a Expression<'a>, Span)> {
    let is_option =
        |expression: &Expression<'_>| literal_text(expression).as_deref() == Some(option.as_str());
    let mut found = Vec::new();
    for node in &source.nodes {
        match node {
            AstKind::BinaryExpression(binary) if binary.operator.is_equality() => {
                if is_option(&binary.right) {
                    found.push((&binary.left, binary.right.span()));
                } else if is_option(&binary.left) {
                    found.push((&binary.right, binary.left.span()));
                }
            }
            AstKind::SwitchStatement(switch) => {
                let tests = switch.cases.iter().filter_map(|case| case.test.as_ref());
                found.extend(
                    tests.filter(|test| is_option(test)).map(|test| (&switch.discriminant, test.span())),
                );
            }
            _ => {}
        }
    }
    found
}

fn mentions(source: &Source<'_>, subject: &Expression<'_>, property: &PropertyName) -> bool {
    source.within(subject.span()).any(|node| match node {
        AstKind::IdentifierReference(identifier) => identifier.name == property.as_str(),
        AstKind::IdentifierName(identifier) => identifier.name == property.as_str(),
        _ => false,
    })
}
