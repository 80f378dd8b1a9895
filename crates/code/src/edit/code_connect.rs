//! The maps of Code Connect files, kept in step with the options.

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::ast::*;
use oxc_span::GetSpan;

use super::{
    draft::{Draft, Refusal},
    session::Session,
    spelling::{key_like, literal_like},
    syntax::{Source, literal_text, object_of, property_named, span_of},
    variant_map::properties,
};
use crate::model::{CodeConnection, ConnectedKind, ConnectedProperty, Place};

/// The enum maps of a property: each connection's property with its call.
fn maps(session: &Session<'_>, property: &PropertyName) -> Vec<Place> {
    let connections = session.relatives(property).into_iter().flat_map(|relative| relative.connections);
    let enums = connections.flat_map(|connection| &connection.properties).filter(|connected| {
        connected.reads == ConnectedKind::Enum && connected.code.as_ref() == Some(property)
    });
    enums.map(|connected| connected.place.clone()).collect()
}

/// The object that a `figma.enum(…)` or `getEnum(…)` call maps with.
fn map_at<'a>(source: &Source<'a>, place: &Place) -> Option<&'a ObjectExpression<'a>> {
    let calls = source.within(span_of(place)).filter_map(|node| node.as_call_expression());
    calls.into_iter().find_map(|call| {
        call.arguments.iter().rev().find_map(|argument| object_of(argument.as_expression()?))
    })
}

pub(super) fn add_option(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    for place in maps(session, property) {
        let allocator = Allocator::default();
        let source = session.source(&allocator, &place)?;
        let Some(map) = map_at(&source, &place) else { continue };
        let Some(design) = session.options.design_spelling.get(&(property.clone(), option.clone())) else {
            draft.note(
                place,
                format!("the design's name of `{option}` is not known, so it is not in this map"),
            );
            continue;
        };
        if property_named(map, design.as_str()).is_some() {
            continue;
        }
        let entries: Vec<&ObjectProperty<'_>> =
            map.properties.iter().filter_map(ObjectPropertyKind::as_property).collect();
        let keys: Vec<&str> = entries.iter().map(|entry| source.slice(entry.key.span())).collect();
        let sample = entries.iter().rev().find(|entry| literal_text(&entry.value).is_some());
        let sample = sample.map_or("", |entry| source.slice(entry.value.span()));
        let quote = source.quote();
        let entry = format!(
            "{}: {}",
            key_like(&keys, design.as_str(), quote),
            literal_like(sample, option.as_str(), quote)
        );
        let list = properties(&source, map);
        draft.extend(&source.file, list.insert_after(list.members.len().saturating_sub(1), &entry));
    }
    Ok(())
}

pub(super) fn remove_option(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    each_entry(session, property, option, |source, map, indices| {
        if indices.len() == map.properties.len() {
            draft.note(source.place(map.span), format!("this map has nothing but `{option}`"));
            return Ok(());
        }
        draft.extend(&source.file, properties(source, map).remove_all(indices)?);
        Ok(())
    })
}

pub(super) fn rename_option(
    session: &Session<'_>,
    property: &PropertyName,
    from: &OptionName,
    to: &OptionName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    each_entry(session, property, from, |source, map, indices| {
        for index in indices {
            let Some(entry) = map.properties.get(*index).and_then(ObjectPropertyKind::as_property) else {
                continue;
            };
            let value = entry.value.get_inner_expression().span();
            draft.replace(
                &source.file,
                value,
                literal_like(source.slice(value), to.as_str(), source.quote()),
            );
        }
        Ok(())
    })
}

/// Calls `visit` with each map of the property that gives an option, and the indices of the entries that do.
fn each_entry(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
    mut visit: impl FnMut(&Source<'_>, &ObjectExpression<'_>, &[usize]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    for place in maps(session, property) {
        let allocator = Allocator::default();
        let source = session.source(&allocator, &place)?;
        let Some(map) = map_at(&source, &place) else { continue };
        let gives = |entry: &ObjectPropertyKind<'_>| {
            entry.as_property().and_then(|entry| literal_text(&entry.value)).as_deref()
                == Some(option.as_str())
        };
        let entries = map.properties.iter().enumerate();
        let indices: Vec<usize> = entries.filter(|(_, entry)| gives(entry)).map(|(index, _)| index).collect();
        if !indices.is_empty() {
            visit(&source, map, &indices)?;
        }
    }
    Ok(())
}

pub(super) fn rename_property(
    session: &Session<'_>,
    from: &PropertyName,
    to: &PropertyName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    for connection in session.relatives(from).into_iter().flat_map(|relative| relative.connections) {
        if !connection.properties.iter().any(|connected| connected.code.as_ref() == Some(from)) {
            continue;
        }
        let allocator = Allocator::default();
        let source = session.source(&allocator, &connection.declared)?;
        let attributes = source.nodes.iter().filter_map(|node| node.as_jsx_attribute());
        // The attributes themselves are renamed as those of any other caller.
        let passed =
            attributes.filter(|attribute| source.slice(attribute.name.span()) == from.as_str()).count();
        if passed + rename_in_templates(&source, from, to, draft) == 0 {
            draft.note(connection.declared.clone(), format!("this connection still passes `{from}`"));
        }
    }
    Ok(())
}

/// Renames the attribute before an expression in a template: `` <Button size="${size}" /> ``.
fn rename_in_templates(
    source: &Source<'_>,
    from: &PropertyName,
    to: &PropertyName,
    draft: &mut Draft,
) -> usize {
    let mut changed = 0;
    for template in source.nodes.iter().filter_map(|node| node.as_template_literal()) {
        for quasi in &template.quasis {
            let text = source.slice(quasi.span);
            let before = text.trim_end_matches("${").trim_end_matches(['"', '\'', '{']);
            let Some(attributes) = before.strip_suffix('=') else { continue };
            let Some(rest) = attributes.strip_suffix(from.as_str()) else { continue };
            if rest.ends_with(char::is_whitespace) {
                let start = quasi.span.start + u32::try_from(rest.len()).unwrap_or(0);
                let end = quasi.span.start + u32::try_from(attributes.len()).unwrap_or(0);
                draft.replace(&source.file, oxc_span::Span::new(start, end), to.as_str());
                changed += 1;
            }
        }
    }
    // `prop('size', size)`, where `prop` is `figma.helpers.react.renderProp`.
    for call in source.nodes.iter().filter_map(|node| node.as_call_expression()) {
        let Some(Argument::StringLiteral(name)) = call.arguments.first() else { continue };
        if name.value == from.as_str() && renders_property(source, &call.callee) {
            let text = literal_like(source.slice(name.span), to.as_str(), source.quote());
            draft.replace(&source.file, name.span, text);
            changed += 1;
        }
    }
    changed
}

/// Whether a callee is Code Connect's `renderProp`, by itself or by a constant's name.
fn renders_property(source: &Source<'_>, callee: &Expression<'_>) -> bool {
    let text = source.slice(callee.span());
    text.ends_with("renderProp")
        || source.nodes.iter().filter_map(|node| node.as_variable_declarator()).any(|declarator| {
            source.slice(declarator.id.span()) == text
                && declarator
                    .init
                    .as_ref()
                    .is_some_and(|init| source.slice(init.span()).ends_with("renderProp"))
        })
}

/// Says which connections still pass a property that goes.
pub(super) fn note_uses(session: &Session<'_>, property: &PropertyName, draft: &mut Draft) {
    let passes = |connection: &&CodeConnection| {
        connection
            .properties
            .iter()
            .any(|connected: &ConnectedProperty| connected.code.as_ref() == Some(property))
    };
    for connection in session.connections.iter().filter(passes) {
        draft.note(connection.declared.clone(), format!("this connection still passes `{property}`"));
    }
}
