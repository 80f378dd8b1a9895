//! The code that uses a component: it follows a property or option that gets another name, and stands in the way of one
//! that goes.

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    draft::{Draft, Refusal, forbidden_by},
    function::component_code,
    mentions::mentions,
    names::{Names, names, whole_file},
    number::respelt,
    rename_property::rename_key,
    session::Session,
    spelling::{is_identifier, literal_like},
    stories,
    syntax::{Source, key_name},
    uses::{Literals, Use, uses},
};
use crate::{
    markup::{Document, MarkupKind},
    model::Place,
};

/// Calls `visit` with each file that may use a property and holds one of the texts.
fn each_file(
    session: &Session<'_>,
    property: &PropertyName,
    texts: &[&str],
    mut visit: impl FnMut(&Source<'_>, &Names) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    for (file, names) in names(session, property) {
        if session.holds(&file, texts) {
            if *session.component.declared.file != *file {
                unmentioned_in_markup(session, &file, texts)?;
            }
            let allocator = Allocator::default();
            visit(&session.source(&allocator, &whole_file(&file))?, &names)?;
        }
    }
    Ok(())
}

/// Whether the markup of a file, which is not edited, has none of the names.
fn unmentioned_in_markup(session: &Session<'_>, file: &str, names: &[&str]) -> Result<(), Refusal> {
    let whole = whole_file(file);
    if MarkupKind::of(file).is_none() {
        return Ok(());
    }
    let text = session.text(&whole)?;
    let Some(document) = Document::of(file, &text) else { return Ok(()) };
    let spelt = names.iter().filter(|name| **name != "...");
    let mention = spelt.into_iter().find_map(|name| Some((name, document.mention(name)?)));
    let Some((name, range)) = mention else { return Ok(()) };
    let line = text.get(..range.start).unwrap_or_default().matches('\n').count() + 1;
    let at = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    let place = Place { start: at(range.start), end: at(range.end), line: at(line), ..whole };
    Err(Refusal::new(&place, format!("the markup here says `{name}`, and it is not edited")))
}

/// Gives a property its new name wherever callers use it.
pub(super) fn rename_property(
    session: &Session<'_>,
    from: &PropertyName,
    to: &PropertyName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    each_file(session, from, &[from.as_str(), "..."], |source, names| {
        let found = uses(source, names, from);
        for used in &found.certain {
            match used {
                Use::Attribute(attribute) if is_attribute_name(to.as_str()) => {
                    draft.replace(&source.file, attribute.name.span(), to.as_str());
                }
                Use::Attribute(attribute) => {
                    return Err(
                        source.refuse(attribute.span, format!("`{to}` is no name for a JSX attribute"))
                    );
                }
                Use::Entry(entry) => rename_key(source, entry, to, draft),
            }
        }
        for spread in unseen(session, source, from, &found.spread) {
            draft.note(source.place(spread), format!("what is spread here may still be called `{from}`"));
        }
        for mention in mentions(source, names, from) {
            if mention.certain {
                let text = literal_like(source.slice(mention.span), to.as_str(), source.quote());
                draft.replace(&source.file, mention.span, text);
            } else if mention.related || declares(session, source, from) {
                let text = format!("this may name the property `{from}`; it was left as it is");
                draft.note(source.place(mention.span), text);
            }
        }
        Ok(())
    })
}

/// Whether a file declares the component or the property, so that any type in it may be made of the props.
fn declares(session: &Session<'_>, source: &Source<'_>, property: &PropertyName) -> bool {
    let component = &session.component;
    let declared = component.origins.get(property).map(|origin| &origin.declared);
    [&component.declared].into_iter().chain(declared).any(|place| place.file == source.file)
}

/// The spreads that may give the property: not those of a component's own code, nor of a story's args, which follow by
/// themselves.
fn unseen(
    session: &Session<'_>,
    source: &Source<'_>,
    property: &PropertyName,
    spreads: &[Span],
) -> Vec<Span> {
    let relatives = session.relatives(property);
    let own: Vec<Span> = relatives
        .iter()
        .filter_map(|relative| component_code(source, relative.component))
        .map(|code| code.span)
        .collect();
    let mut stories = relatives.iter().flat_map(|relative| relative.stories);
    let is_stories = stories.any(|story| *story.declared.file == *source.file);
    let follows = |span: &&Span| {
        own.iter().any(|code| code.contains_inclusive(**span))
            || is_stories && source.slice(**span).split('.').any(|part| part == "args")
    };
    spreads.iter().filter(|span| !follows(span)).copied().collect()
}

fn is_attribute_name(name: &str) -> bool {
    name.split('-').all(|part| !part.is_empty()) && is_identifier(&name.replace('-', "_"))
}

/// Gives an option its new name wherever callers choose it.
pub(super) fn rename_option(
    session: &Session<'_>,
    property: &PropertyName,
    from: &OptionName,
    to: &OptionName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let mut unsafe_places = Vec::new();
    each_file(session, property, &[from.as_str()], |source, names| {
        let chosen = chosen(source, names, property, from);
        for literal in &chosen.certain {
            let text = respelt(session, property, source, *literal, to.as_str());
            draft.replace(&source.file, *literal, text);
        }
        for literal in unexplained(session, source, property, from, &chosen) {
            let place = source.place(literal);
            unsafe_places
                .push((place, format!("this may be the `{from}` that is given for `{property}` here")));
        }
        Ok(())
    })?;
    forbidden_by(unsafe_places)
}

/// The literals by which a file chooses an option.
fn chosen(source: &Source<'_>, names: &Names, property: &PropertyName, option: &OptionName) -> Literals {
    let mut literals = Literals::default();
    for used in uses(source, names, property).certain {
        if let Some(given) = used.value() {
            literals.collect(source, given, option);
        }
    }
    typed_as_property(source, names, property, option, &mut literals);
    literals
}

/// Values that are declared to be the property's: `const size: ButtonProps['size'] = 'small'`.
fn typed_as_property(
    source: &Source<'_>,
    names: &Names,
    property: &PropertyName,
    option: &OptionName,
    literals: &mut Literals,
) {
    let is_property = |ty: &TSType<'_>| {
        let accesses = source.within(ty.span()).filter_map(|node| node.as_ts_indexed_access_type());
        accesses.into_iter().any(|access| {
            names.is_props(source, &access.object_type)
                && matches!(&access.index_type, TSType::TSLiteralType(literal)
                    if matches!(&literal.literal, TSLiteral::StringLiteral(text) if text.value == property.as_str()))
        })
    };
    for node in &source.nodes {
        let (annotation, value) = match node {
            AstKind::VariableDeclarator(declarator) => {
                (&declarator.type_annotation, declarator.init.as_ref())
            }
            AstKind::FormalParameter(parameter) => {
                (&parameter.type_annotation, parameter.initializer.as_deref())
            }
            _ => continue,
        };
        let (Some(annotation), Some(value)) = (annotation, value) else { continue };
        if is_property(&annotation.type_annotation) {
            literals.listed(source, value, option);
        }
    }
}

/// The literals of an option in a file that passes something computed for the property: each may be what is passed.
fn unexplained(
    session: &Session<'_>,
    source: &Source<'_>,
    property: &PropertyName,
    option: &OptionName,
    chosen: &Literals,
) -> Vec<Span> {
    let relatives = session.relatives(property);
    let own = relatives.iter().any(|relative| relative.component.declared.file == source.file);
    if chosen.computed.is_empty() || own {
        return Vec::new();
    }
    let literals = source.nodes.iter().filter_map(|node| match node {
        AstKind::StringLiteral(literal) if literal.value == option.as_str() => Some(literal.span),
        _ => None,
    });
    literals
        .filter(|literal| !chosen.certain.contains(literal) && !is_elsewhere(source, *literal, property))
        .collect()
}

/// Whether a literal is given for something else: another attribute, another key, a comparison's other side.
fn is_elsewhere(source: &Source<'_>, literal: Span, property: &PropertyName) -> bool {
    source.chain(literal).into_iter().rev().any(|node| match node {
        AstKind::JSXAttribute(_) | AstKind::ImportDeclaration(_) => true,
        AstKind::ObjectProperty(entry) => {
            entry.key.span() == literal || key_name(&entry.key).as_deref() != Some(property.as_str())
        }
        _ => false,
    }) || stories::is_listed(source, literal)
}

/// Everything that still uses a property, as what forbids its removal.
pub(super) fn forbid_uses_of_property(
    session: &Session<'_>,
    name: &PropertyName,
    draft: &Draft,
) -> Result<(), Refusal> {
    let mut places = Vec::new();
    each_file(session, name, &[name.as_str()], |source, names| {
        let found = uses(source, names, name);
        for used in &found.certain {
            if !stories::is_in_args(source, used.span()) && !draft.replaces(&source.file, used.span()) {
                places.push((source.place(used.span()), format!("`{name}` is still passed here")));
            }
        }
        let named = mentions(source, names, name).into_iter().filter(|mention| mention.certain);
        places.extend(named.map(|mention| (source.place(mention.span), format!("this type names `{name}`"))));
        Ok(())
    })?;
    forbidden_by(places)
}

/// Everything that still chooses an option, as what forbids its removal.
pub(super) fn forbid_uses_of_option(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
    draft: &Draft,
) -> Result<(), Refusal> {
    let mut places = Vec::new();
    each_file(session, property, &[option.as_str()], |source, names| {
        let chosen = chosen(source, names, property, option);
        // What stories show was looked at as such.
        let goes = |span: &Span| draft.replaces(&source.file, *span) || stories::is_in_args(source, *span);
        for literal in chosen.certain.iter().filter(|span| !goes(span)) {
            places.push((source.place(*literal), format!("`{property}={option}` is still chosen here")));
        }
        for literal in unexplained(session, source, property, option, &chosen) {
            let reason = format!("this may be the `{option}` that is given for `{property}` here");
            places.push((source.place(literal), reason));
        }
        Ok(())
    })?;
    forbidden_by(places)
}

/// The places where a component hands the property's value on to another component, which has to take a new or renamed
/// option as well.
pub(super) fn forbid_handing_on(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
) -> Result<(), Refusal> {
    let relatives = session.relatives(property);
    let related: Vec<&str> = relatives.iter().map(|relative| relative.component.name.as_str()).collect();
    let mut places = Vec::new();
    for relative in &relatives {
        let allocator = Allocator::default();
        let source = session.source(&allocator, &relative.component.declared)?;
        let Some(code) = component_code(&source, relative.component) else { continue };
        for element in source.within(code.span).filter_map(|node| node.as_jsx_opening_element()) {
            let name = source.slice(element.name.span());
            if !name.starts_with(char::is_uppercase) || related.contains(&name) {
                continue;
            }
            for attribute in element.attributes.iter().filter_map(JSXAttributeItem::as_attribute) {
                let Some(JSXAttributeValue::ExpressionContainer(given)) = &attribute.value else { continue };
                if given
                    .expression
                    .as_expression()
                    .is_some_and(|value| code.is_value_of(&source, property, value))
                {
                    let reason =
                        format!("`{name}` is given `{property}` here and would have to take `{option}` too");
                    places.push((source.place(attribute.span), reason));
                }
            }
        }
    }
    forbidden_by(places)
}

/// Says where callers give something for a property whose kind changes.
pub(super) fn forbid_other_kind(session: &Session<'_>, name: &PropertyName) -> Result<(), Refusal> {
    let mut places = Vec::new();
    each_file(session, name, &[name.as_str()], |source, names| {
        for used in uses(source, names, name).certain {
            places.push((source.place(used.span()), format!("this gives `{name}` a value of its old kind")));
        }
        Ok(())
    })?;
    forbidden_by(places)
}
