//! Another default, a first one, or none.

use lockstep_core::contract::{Property, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    containers::Container,
    default_place, default_reference,
    draft::{Draft, Refusal},
    held::each_held,
    jsdoc, markup,
    number::{is_bare, respelt},
    session::Session,
    spelling::{is_identifier, literal_like, quoted},
    syntax::{Source, key_name, literal_text, span_of},
};
use crate::model::{DeclarationForm, Place, PropertyOrigin};

pub(super) fn draft(
    session: &Session<'_>,
    property: &PropertyName,
    to: Option<&str>,
) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    let origin = session.origin(property)?;
    let from = session.component.statement.contract.property(property).and_then(Property::default_text);
    if from.as_deref() == to {
        return Ok(draft);
    }
    if from.is_some() && origin.default.is_empty() {
        let reason = format!("the code states no default of `{property}`; only its comment does");
        return Err(Refusal::new(&origin.declared, reason));
    }
    match (to, origin.default.is_empty()) {
        (Some(to), true) => add(session, property, origin, to, &mut draft)?,
        (None, true) => {}
        (_, false) => replace(session, property, origin, to, &mut draft)?,
    }
    let allocator = Allocator::default();
    if let Ok(source) = session.source(&allocator, &origin.declared) {
        jsdoc::set_default(&source, span_of(&origin.declared), from.as_deref(), to, &mut draft);
    }
    Ok(draft)
}

fn replace(
    session: &Session<'_>,
    property: &PropertyName,
    origin: &PropertyOrigin,
    to: Option<&str>,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    for place in &origin.default {
        let allocator = Allocator::default();
        let source = session.source(&allocator, place)?;
        let not_found = || source.refuse(span_of(place), "the default could not be found again");
        let (expression, holder) = default_place::holder(&source, place).ok_or_else(not_found)?;
        let asserted = default_reference::asserted(&source, expression);
        let follows = default_reference::follows(session, property, origin, &source, expression)?;
        let Some(to) = to else {
            match asserted {
                Some((value, true)) => draft.replace(&source.file, value, "undefined"),
                _ if follows && default_reference::stays(session, origin, &source, expression)? => {}
                _ => default_place::remove(&source, place, draft)?,
            }
            continue;
        };
        if follows {
            continue;
        }
        if let AstKind::VariableDeclarator(declarator) = holder
            && !markup::is_exported_property(&source, declarator.span)
        {
            draft.note(
                source.place(declarator.span),
                "the default is a constant; whatever else uses it changes too",
            );
        }
        let (span, text) = replaced(session, property, origin, &source, expression, to)?;
        draft.replace(&source.file, span, text);
    }
    Ok(())
}

/// What stands for a default instead of an expression, and where.
fn replaced(
    session: &Session<'_>,
    property: &PropertyName,
    origin: &PropertyOrigin,
    source: &Source<'_>,
    expression: Span,
    to: &str,
) -> Result<(Span, String), Refusal> {
    // `undefined as Size | undefined` keeps its assertion.
    let asserted = default_reference::asserted(source, expression);
    let (expression, may_be_undefined) = asserted.unwrap_or((expression, false));
    let like = |sample: &str| value_text(session, property, sample, to, source.quote());
    let stated = session.component.statement.contract.property(property).and_then(Property::default_text);
    let node = source.chain(expression).into_iter().rev().find(|node| node.span() == expression);
    let text = source.slice(expression);
    match node {
        Some(AstKind::IdentifierReference(identifier))
            if identifier.name == "undefined" && may_be_undefined =>
        {
            Ok((expression, like(&sample(source, origin))))
        }
        // Once overwritten, nothing would say what is to come back when the default is dropped again.
        Some(
            AstKind::StringLiteral(_)
            | AstKind::TemplateLiteral(_)
            | AstKind::NumericLiteral(_)
            | AstKind::NullLiteral(_)
            | AstKind::IdentifierReference(_),
        ) if stated.is_none() => Err(source
            .refuse(expression, format!("`{text}` stands here already, and is no default of `{property}`"))),
        Some(AstKind::StaticMemberExpression(member)) => match member_of(session, property, to)? {
            Some(key) if member.object.is_identifier_reference() => {
                Ok((expression, member_text(source.slice(member.object.span()), &key)))
            }
            _ => match default_reference::sibling(source, &member.object, to) {
                Some(key) => Ok((expression, member_text(source.slice(member.object.span()), &key))),
                None => Err(shared(source, expression)),
            },
        },
        Some(
            AstKind::StringLiteral(_)
            | AstKind::TemplateLiteral(_)
            | AstKind::NumericLiteral(_)
            | AstKind::BooleanLiteral(_),
        ) => Ok((expression, like(text))),
        Some(AstKind::IdentifierReference(identifier)) => match constant(source, identifier) {
            Some(Constant { literal, uses: 1 }) if !is_exported(source, literal) => {
                Ok((literal, like(source.slice(literal))))
            }
            _ => Err(shared(source, expression)),
        },
        _ => Err(source.refuse(expression, format!("the default is computed: `{text}`"))),
    }
}

/// Whether other files may use what a range is part of.
fn is_exported(source: &Source<'_>, span: Span) -> bool {
    source.chain(span).iter().any(|node| matches!(node, AstKind::ExportDeclaration(_)))
}

/// A reference to a constant is not overwritten: whoever made it wants the two to be the same.
fn shared(source: &Source<'_>, expression: Span) -> Refusal {
    let text = source.slice(expression);
    source.refuse(expression, format!("the default is the constant `{text}`, which other code may use too"))
}

/// The text of a default beside a sample of its kind.
fn value_text(session: &Session<'_>, property: &PropertyName, sample: &str, to: &str, quote: char) -> String {
    let is_boolean =
        matches!(session.component.statement.contract.property(property), Some(Property::Boolean { .. }));
    if is_boolean || is_bare(session, property, to) { to.to_owned() } else { literal_like(sample, to, quote) }
}

/// `Size.Large`, or `Size['x-large']`.
fn member_text(object: &str, key: &str) -> String {
    if is_identifier(key) { format!("{object}.{key}") } else { format!("{object}[{}]", quoted(key, '\'')) }
}

/// The name of the enum member or of the constant object's key that stands for an option.
fn member_of(
    session: &Session<'_>,
    property: &PropertyName,
    option: &str,
) -> Result<Option<String>, Refusal> {
    let mut found = None;
    if !matches!(session.component.statement.contract.property(property), Some(Property::Enum { .. })) {
        return Ok(None);
    }
    each_held(session, property, |source, held| {
        for held in held {
            let members = held.container.list(source).members.len();
            let Some(index) =
                (0..members).find(|index| held.container.option_at(*index).as_deref() == Some(option))
            else {
                continue;
            };
            found = found.take().or_else(|| match held.container {
                Container::Enum(body) => {
                    body.members.get(index).map(|member| member.id.static_name().to_string())
                }
                Container::Values(object) | Container::Keys(object) => {
                    key_name(&object.properties.get(index)?.as_property()?.key)
                }
                _ => None,
            });
        }
        Ok(())
    })?;
    Ok(found)
}

fn add(
    session: &Session<'_>,
    property: &PropertyName,
    origin: &PropertyOrigin,
    to: &str,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let allocator = Allocator::default();
    let declaring = session.source(&allocator, &origin.declared)?;
    let sample = sample(&declaring, origin);
    let value = value_text(session, property, &sample, to, declaring.quote());
    if default_place::add_to_map(&declaring, &origin.declared, origin.form, property, &value, draft) {
        return Ok(());
    }
    let allocator = Allocator::default();
    let source = session.source(&allocator, &session.component.declared)?;
    let value = match origin.form {
        DeclarationForm::EnumDeclaration => enum_value(session, property, origin, &source, to)?,
        _ => value_text(session, property, &sample, to, source.quote()),
    };
    default_place::add(session, &source, property, &value, draft)
}

/// An option's literal as it stands in the declaration, where it is one.
fn sample(source: &Source<'_>, origin: &PropertyOrigin) -> String {
    let places = origin.options.values().flatten().filter(|place| place.file == source.file);
    let literal = |place: &Place| {
        let span = span_of(place);
        let node = source.chain(span).into_iter().rev().find(|node| node.span() == span)?;
        let literal = matches!(
            node,
            AstKind::StringLiteral(_) | AstKind::NumericLiteral(_) | AstKind::TSLiteralType(_)
        );
        literal.then(|| source.slice(span).to_owned())
    };
    places.into_iter().find_map(literal).unwrap_or_default()
}

/// `Size.Large`, when the enum is known by its name where the default is to stand.
fn enum_value(
    session: &Session<'_>,
    property: &PropertyName,
    origin: &PropertyOrigin,
    source: &Source<'_>,
    to: &str,
) -> Result<String, Refusal> {
    let key = member_of(session, property, to)?;
    let unknown = || Refusal::new(&origin.declared, format!("no member that stands for `{to}` was found"));
    let key = key.ok_or_else(unknown)?;
    let mut name = None;
    each_held(session, property, |_, held| {
        for node in held.iter().flat_map(|held| &held.chain) {
            if let AstKind::TSEnumDeclaration(declaration) = node {
                name = Some(declaration.id.name.to_string());
            }
        }
        Ok(())
    })?;
    let known = name.filter(|name| {
        source.nodes.iter().any(|node| match node {
            AstKind::BindingIdentifier(identifier) => identifier.name == name.as_str(),
            _ => false,
        })
    });
    known.map(|name| member_text(&name, &key)).ok_or_else(|| {
        Refusal::new(&origin.declared, "the enum is not imported where the default would stand".to_owned())
    })
}

/// A constant of the file with a literal value.
struct Constant {
    literal: Span,
    uses: usize,
}

fn constant(source: &Source<'_>, identifier: &IdentifierReference<'_>) -> Option<Constant> {
    let init = source.nodes.iter().find_map(|node| match node {
        AstKind::VariableDeclarator(declarator) => match &declarator.id {
            BindingPattern::BindingIdentifier(id) if id.name == identifier.name => declarator.init.as_ref(),
            _ => None,
        },
        _ => None,
    })?;
    literal_text(init)?;
    let references = source.nodes.iter().filter_map(|node| node.as_identifier_reference());
    let uses = references.filter(|reference| reference.name == identifier.name).count();
    Some(Constant { literal: init.get_inner_expression().span(), uses })
}

/// Respells the default where it is written as the option's literal, or as a constant that has its value.
pub(super) fn rename_literal(
    session: &Session<'_>,
    property: &PropertyName,
    source: &Source<'_>,
    place: &Place,
    (from, to): (&str, &str),
    draft: &mut Draft,
) {
    let Some((expression, holder)) = default_place::holder(source, place) else { return };
    let value = match holder {
        AstKind::AssignmentPattern(pattern) => Some(&pattern.right),
        AstKind::ObjectProperty(property) => Some(&property.value),
        AstKind::VariableDeclarator(declarator) => declarator.init.as_ref(),
        AstKind::PropertyDefinition(field) => field.value.as_ref(),
        _ => None,
    };
    let respelt = |literal: Span| respelt(session, property, source, literal, to);
    match value.map(Expression::get_inner_expression) {
        Some(Expression::Identifier(identifier)) => match constant(source, identifier) {
            Some(Constant { literal, uses }) => {
                draft.replace(&source.file, literal, respelt(literal));
                if uses > 1 {
                    let text = format!("`{}` has other uses, which follow", identifier.name);
                    draft.note(source.place(literal), text);
                }
            }
            None => {
                let text = format!("`{}` must become `{to}` where it is declared", identifier.name);
                draft.note(source.place(expression), text);
            }
        },
        Some(value) if literal_text(value).as_deref() == Some(from) => {
            draft.replace(&source.file, value.span(), respelt(value.span()));
        }
        _ => {}
    }
}
