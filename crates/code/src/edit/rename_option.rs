//! An option under another name, wherever it is certainly meant.

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    call_sites, code_connect,
    containers::Container,
    draft::{Draft, Refusal, forbidden_by},
    function::component_code,
    held::{Held, each_held},
    jsdoc,
    number::respelt,
    session::Session,
    set_default::rename_literal,
    spelling::{is_identifier, key_like, literal_like},
    stories,
    syntax::{Source, literal_text, span_of},
    variant_map,
};
use crate::model::ScannedComponent;

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
            respell(session, property, source, held.container, (from, to), &mut draft)?;
            for read in reads(source, held, from) {
                respell_read(source, read, to, &mut draft)?;
            }
            let mut literals = Vec::new();
            variant_map::rename_in_compounds(&held.chain, property, from, |literal| {
                literals.push(literal.span())
            });
            for literal in literals {
                let text = respelt(session, property, source, literal, to.as_str());
                draft.replace(&source.file, literal, text);
            }
        }
        Ok(())
    })?;
    if draft.changes.is_empty() {
        return Err(Refusal::new(&origin.declared, format!("`{from}` has no known place")));
    }
    for relative in session.relatives(property) {
        let stated = relative.component.statement.contract.property(property);
        let default = stated.and_then(|property| property.default_text());
        let places = relative.component.origins.get(property).map(|origin| origin.default.as_slice());
        if default.as_deref() == Some(from.as_str()) {
            for place in places.unwrap_or_default() {
                let allocator = Allocator::default();
                let source = session.source(&allocator, place)?;
                rename_literal(session, property, &source, place, (from.as_str(), to.as_str()), &mut draft);
            }
            let allocator = Allocator::default();
            let declaring = session.source(&allocator, &origin.declared)?;
            let declared = span_of(&origin.declared);
            jsdoc::set_default(&declaring, declared, Some(from.as_str()), Some(to.as_str()), &mut draft);
        }
        rename_comparisons(session, relative.component, property, (from, to), &mut draft)?;
    }
    call_sites::forbid_handing_on(session, property, to)?;
    call_sites::rename_option(session, property, from, to, &mut draft)?;
    stories::rename_option(session, property, from, to, &mut draft)?;
    code_connect::rename_option(session, property, from, to, &mut draft)?;
    Ok(draft)
}

/// Respells one member that stands for the option.
fn respell(
    session: &Session<'_>,
    property: &PropertyName,
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
            let Some(entry) = object.properties.get(index).and_then(ObjectPropertyKind::as_property) else {
                return Ok(());
            };
            let key = source.slice(entry.key.span());
            let new = key_like(
                &if key.starts_with(['\'', '"']) { vec![key] } else { Vec::new() },
                to.as_str(),
                quote,
            );
            if entry.shorthand { (entry.span, format!("{new}: {key}")) } else { (entry.key.span(), new) }
        }
        Container::Values(object) => {
            let Some(entry) = object.properties.get(index).and_then(ObjectPropertyKind::as_property) else {
                return Ok(());
            };
            let value = entry.value.get_inner_expression().span();
            (value, respelt(session, property, source, value, to.as_str()))
        }
        Container::Enum(body) => match body.members.get(index) {
            Some(TSEnumMember { initializer: Some(value), .. }) => {
                (value.span(), respelt(session, property, source, value.span(), to.as_str()))
            }
            Some(member) => (member.id.span(), key_like(&[], to.as_str(), quote)),
            None => return Ok(()),
        },
        Container::Array(array) => {
            let element = array.elements.get(index).and_then(ArrayExpressionElement::as_expression);
            let literal = element.map_or(whole, |element| element.get_inner_expression().span());
            (literal, respelt(session, property, source, literal, to.as_str()))
        }
        Container::Union(_) | Container::Lone(_) => {
            let member = container.list(source).members.get(index).copied().unwrap_or(whole);
            (member, respelt(session, property, source, member, to.as_str()))
        }
    };
    draft.replace(&source.file, span, text);
    Ok(())
}

/// Respells `icons.small` or `icons['small']`.
fn respell_read(source: &Source<'_>, read: Span, to: &OptionName, draft: &mut Draft) -> Result<(), Refusal> {
    let old = source.slice(read);
    let quoted = old.starts_with(['\'', '"', '`']);
    if !quoted && !is_identifier(to.as_str()) {
        return Err(source.refuse(read, format!("`{to}` can't be read with a dot")));
    }
    let text = if quoted { literal_like(old, to.as_str(), source.quote()) } else { to.to_string() };
    draft.replace(&source.file, read, text);
    Ok(())
}

/// Respells the option where the component's own code compares the property with it.
fn rename_comparisons(
    session: &Session<'_>,
    component: &ScannedComponent,
    property: &PropertyName,
    (from, to): (&OptionName, &OptionName),
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let allocator = Allocator::default();
    let source = session.source(&allocator, &component.declared)?;
    let code = component_code(&source, component);
    let certain = |expression: &Expression<'_>| {
        code.as_ref().is_some_and(|code| code.is_value_of(&source, property, or_else(expression)))
    };
    for (subject, literal) in compared(&source, from) {
        if certain(subject) {
            let text = respelt(session, property, &source, literal, to.as_str());
            draft.replace(&source.file, literal, text);
        } else if mentions(&source, subject, property) {
            let text =
                format!("this comparison with `{from}` may be one of `{property}`; it was left as it is");
            draft.note(source.place(literal), text);
        }
    }
    Ok(())
}

/// The value that `size ?? 'small'` is where there is one.
fn or_else<'e, 'a>(expression: &'e Expression<'a>) -> &'e Expression<'a> {
    match expression.get_inner_expression() {
        Expression::LogicalExpression(logical) if logical.operator != LogicalOperator::And => &logical.left,
        _ => expression,
    }
}

/// Where code reads the entry of an option off a map that has one for each: `icons.small`, `icons['small']`.
fn reads<'a>(source: &Source<'a>, held: &Held<'a>, option: &OptionName) -> Vec<Span> {
    let (Container::Keys(_), Some(name)) = (held.container, variable_of(&held.chain)) else {
        return Vec::new();
    };
    let is_map = |object: &Expression<'_>| matches!(object.get_inner_expression(), Expression::Identifier(object) if object.name == name);
    let read = source.nodes.iter().filter_map(|node| match node {
        AstKind::StaticMemberExpression(member) if is_map(&member.object) => {
            (member.property.name == option.as_str()).then_some(member.property.span)
        }
        AstKind::ComputedMemberExpression(member) if is_map(&member.object) => {
            let key = member.expression.get_inner_expression();
            (literal_text(key).as_deref() == Some(option.as_str())).then(|| key.span())
        }
        _ => None,
    });
    read.collect()
}

/// The name of the constant that a map is.
fn variable_of<'a>(chain: &[AstKind<'a>]) -> Option<&'a str> {
    let AstKind::VariableDeclarator(declarator) = chain.iter().rev().find(|node| {
        matches!(
            node,
            AstKind::VariableDeclarator(_) | AstKind::ObjectProperty(_) | AstKind::CallExpression(_)
        )
    })?
    else {
        return None;
    };
    Some(declarator.id.get_binding_identifier()?.name.as_str())
}

/// The reads of an option's entry, which would be gone.
///
/// # Errors
/// The reads.
pub(super) fn forbid_reads(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
) -> Result<(), Refusal> {
    let mut places = Vec::new();
    each_held(session, property, |source, held| {
        for held in held.iter().filter(|held| held.options.contains(option)) {
            let read = reads(source, held, option).into_iter();
            places.extend(
                read.map(|span| (source.place(span), format!("the entry of `{option}` is read here"))),
            );
        }
        Ok(())
    })?;
    forbidden_by(places)
}

/// Whether the code of the component, or of one that inherits the property, still compares it with an option.
///
/// # Errors
/// The comparisons.
pub(super) fn forbid_comparisons(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
) -> Result<(), Refusal> {
    let mut places = Vec::new();
    for relative in session.relatives(property) {
        let allocator = Allocator::default();
        let source = session.source(&allocator, &relative.component.declared)?;
        let Some(code) = component_code(&source, relative.component) else { continue };
        for (subject, literal) in compared(&source, option) {
            if code.is_value_of(&source, property, or_else(subject)) {
                let reason = format!("`{property}` is still compared with `{option}` here");
                places.push((source.place(literal), reason));
            }
        }
    }
    forbidden_by(places)
}

/// What is compared with an option's literal, by `===` and the like, by `switch` or `includes`, or replaced by it.
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
            AstKind::LogicalExpression(logical)
                if logical.operator != LogicalOperator::And && is_option(&logical.right) =>
            {
                found.push((&logical.left, logical.right.get_inner_expression().span()));
            }
            AstKind::CallExpression(call) => {
                let Expression::StaticMemberExpression(member) = &call.callee else { continue };
                let Some(subject) = call.arguments.first().and_then(Argument::as_expression) else {
                    continue;
                };
                if member.property.name == "includes"
                    && let Expression::ArrayExpression(array) = member.object.get_inner_expression()
                {
                    let elements = array.elements.iter().filter_map(ArrayExpressionElement::as_expression);
                    let options = elements.filter(|element| is_option(element));
                    found.extend(options.map(|element| (subject, element.get_inner_expression().span())));
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
