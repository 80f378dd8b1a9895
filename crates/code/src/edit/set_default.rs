//! Another default, a first one, or none.

use lockstep_core::contract::{Property, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_span::GetSpan;

use super::{
    containers::{Container, each_held},
    default_place,
    draft::{Draft, Refusal},
    jsdoc,
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
    match (to, origin.default.is_empty()) {
        (Some(to), true) => add(session, property, origin, to, &mut draft)?,
        (None, true) => {
            return Err(Refusal::new(
                &origin.declared,
                format!("it is not known where `{property}` gets its default"),
            ));
        }
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
        let Some(to) = to else {
            default_place::remove(&source, place, draft)?;
            continue;
        };
        let not_found = || source.refuse(span_of(place), "the default could not be found again");
        let (expression, holder) = default_place::holder(&source, place).ok_or_else(not_found)?;
        if let AstKind::VariableDeclarator(declarator) = holder {
            draft.note(
                source.place(declarator.span),
                "the default is a constant; whatever else uses it changes too",
            );
        }
        let node = source.chain(expression).into_iter().rev().find(|node| node.span() == expression);
        let text = match node {
            Some(AstKind::StaticMemberExpression(member)) => {
                let object = source.slice(member.object.span());
                member_text(object, &member_of(session, property, to)?)
            }
            Some(
                AstKind::StringLiteral(_)
                | AstKind::TemplateLiteral(_)
                | AstKind::NumericLiteral(_)
                | AstKind::BooleanLiteral(_),
            ) => value_text(session, property, source.slice(expression), to, source.quote()),
            _ => {
                return Err(source
                    .refuse(expression, format!("the default is computed: `{}`", source.slice(expression))));
            }
        };
        draft.replace(&source.file, expression, text);
    }
    Ok(())
}

/// The text of a default beside a sample of its kind.
fn value_text(session: &Session<'_>, property: &PropertyName, sample: &str, to: &str, quote: char) -> String {
    match session.component.statement.contract.property(property) {
        Some(Property::Boolean { .. }) => to.to_owned(),
        _ => literal_like(sample, to, quote),
    }
}

/// `Size.Large`, or `Size['x-large']`.
fn member_text(object: &str, key: &str) -> String {
    if is_identifier(key) { format!("{object}.{key}") } else { format!("{object}[{}]", quoted(key, '\'')) }
}

/// The name of the enum member or of the constant object's key that stands for an option.
fn member_of(session: &Session<'_>, property: &PropertyName, option: &str) -> Result<String, Refusal> {
    let mut found = None;
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
    found.ok_or_else(|| {
        let place = session
            .component
            .origins
            .get(property)
            .map_or(&session.component.declared, |origin| &origin.declared);
        Refusal::new(place, format!("no member that stands for `{option}` was found"))
    })
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
    let mut name = None;
    each_held(session, property, |source, held| {
        for node in held.iter().flat_map(|held| &held.chain) {
            if let AstKind::TSEnumDeclaration(declaration) = node {
                name = Some(declaration.id.name.to_string());
            }
        }
        let _ = source;
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

/// Respells the default where it is written as the option's literal.
pub(super) fn rename_literal(source: &Source<'_>, place: &Place, from: &str, to: &str, draft: &mut Draft) {
    let Some((expression, holder)) = default_place::holder(source, place) else { return };
    let value = match holder {
        AstKind::AssignmentPattern(pattern) => literal_text(&pattern.right),
        AstKind::ObjectProperty(property) => literal_text(&property.value),
        AstKind::VariableDeclarator(declarator) => declarator.init.as_ref().and_then(literal_text),
        _ => None,
    };
    if value.as_deref() == Some(from) {
        let text = literal_like(source.slice(expression), to, source.quote());
        draft.replace(&source.file, expression, text);
    }
}
