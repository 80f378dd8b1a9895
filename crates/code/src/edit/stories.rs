//! Stories kept in step: args, `argTypes`, JSX in render functions; and stories for what has none.

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    NewStories,
    containers::inner,
    draft::{Draft, Refusal, forbidden_by},
    list::{List, Separator},
    number::respelt,
    rename_property::rename_key,
    session::Session,
    spelling::literal_like,
    story_file, story_text,
    syntax::{Source, key_name, literal_text, object_of, property_named},
    variant_map::properties,
};
use crate::model::{ArgValue, Place};

/// The story files of a property's component and of those that inherit it, each with the place of one story in it.
fn files(session: &Session<'_>, property: &PropertyName) -> Vec<Place> {
    let mut files: Vec<Place> = Vec::new();
    for story in session.relatives(property).into_iter().flat_map(|relative| relative.stories) {
        if !files.iter().any(|known| known.file == story.declared.file) {
            files.push(story.declared.clone());
        }
    }
    files
}

fn each_file(
    session: &Session<'_>,
    property: &PropertyName,
    mut visit: impl FnMut(&Source<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    for place in files(session, property) {
        let allocator = Allocator::default();
        visit(&session.source(&allocator, &place)?)?;
    }
    Ok(())
}

/// The args objects of a story file: `args: {…}` and `Story.args = {…}`.
pub(super) fn args<'a>(source: &Source<'a>) -> Vec<&'a ObjectExpression<'a>> {
    let objects = source.nodes.iter().filter_map(|node| match node {
        AstKind::ObjectProperty(property) if key_name(&property.key).as_deref() == Some("args") => {
            object_of(&property.value)
        }
        AstKind::AssignmentExpression(assignment) => match &assignment.left {
            AssignmentTarget::StaticMemberExpression(member) if member.property.name == "args" => {
                object_of(&assignment.right)
            }
            _ => None,
        },
        _ => None,
    });
    objects.collect()
}

/// What `argTypes` says of a property.
fn arg_types<'a>(source: &Source<'a>, property: &PropertyName) -> Vec<&'a ObjectProperty<'a>> {
    let objects = source.nodes.iter().filter_map(|node| match node {
        AstKind::ObjectProperty(entry) if key_name(&entry.key).as_deref() == Some("argTypes") => {
            object_of(&entry.value)
        }
        _ => None,
    });
    objects.filter_map(|object| property_named(object, property.as_str())).collect()
}

/// The `options` arrays of a property's `argTypes`.
fn option_arrays<'a>(source: &Source<'a>, property: &PropertyName) -> Vec<&'a ArrayExpression<'a>> {
    let mut arrays = Vec::new();
    for entry in arg_types(source, property) {
        for node in source.within(entry.span) {
            if let AstKind::ObjectProperty(options) = node
                && key_name(&options.key).as_deref() == Some("options")
                && let Expression::ArrayExpression(array) = options.value.get_inner_expression()
            {
                arrays.push(&**array);
            }
        }
    }
    arrays
}

fn elements<'s, 'a>(source: &'s Source<'a>, array: &ArrayExpression<'a>) -> List<'s, 'a> {
    let members = array.elements.iter().map(GetSpan::span).collect();
    List { source, inside: inner(array.span), members, separator: Separator::Comma }
}

fn position_of(array: &ArrayExpression<'_>, option: &OptionName) -> Option<usize> {
    let text = |element: &ArrayExpressionElement<'_>| element.as_expression().and_then(literal_text);
    array.elements.iter().position(|element| text(element).as_deref() == Some(option.as_str()))
}

/// Extends `argTypes` by new options, and writes a story for each that has none.
pub(super) fn follow_new_options(
    session: &Session<'_>,
    property: &PropertyName,
    options: &[OptionName],
    draft: &mut Draft,
) -> Result<(), Refusal> {
    if options.is_empty() {
        return Ok(());
    }
    let has_story = |option: &OptionName| {
        session.stories.iter().any(|story| match story.args.get(property.as_str()) {
            Some(ArgValue::Literal(value)) => shows(value, option),
            _ => false,
        })
    };
    let missing: Vec<&OptionName> = options.iter().filter(|option| !has_story(option)).collect();
    if session.stories.is_empty() && session.options.new_stories == NewStories::Write && !missing.is_empty() {
        story_file::add(session, property, &missing, draft);
    }
    let mut first = true;
    each_file(session, property, |source| {
        for array in option_arrays(source, property) {
            let Some(last) = array.elements.len().checked_sub(1) else { continue };
            let sample = array.elements.get(last).and_then(|element| element.as_expression());
            if sample.and_then(literal_text).is_none() {
                continue;
            }
            let sample = sample.map_or("", |element| source.slice(element.span()));
            let new = options.iter().filter(|option| position_of(array, option).is_none());
            for option in new {
                let literal = literal_like(sample, option.as_str(), source.quote());
                draft.extend(&source.file, elements(source, array).insert_after(last, &literal));
            }
        }
        if std::mem::take(&mut first)
            && session.options.new_stories == NewStories::Write
            && !missing.is_empty()
        {
            story_text::add(session, source, property, &missing, draft);
        }
        Ok(())
    })
}

fn shows(value: &serde_json::Value, option: &OptionName) -> bool {
    let text = match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text == option.as_str()
}

/// Takes an option out of `argTypes`, and says which stories still show it.
pub(super) fn drop_option(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    each_file(session, property, |source| {
        for array in option_arrays(source, property) {
            match position_of(array, option) {
                Some(index) if array.elements.len() > 1 => {
                    draft.extend(&source.file, elements(source, array).remove(index)?);
                }
                _ => {}
            }
        }
        let shown = shown(source, property, option);
        let places: Vec<_> = shown
            .into_iter()
            .filter(|literal| !story_text::remove(session, source, *literal, draft))
            .map(|literal| {
                (source.place(literal), format!("a story that can't just go shows `{property}={option}`"))
            })
            .collect();
        forbidden_by(places)
    })
}

/// The literals by which the args of stories show an option.
fn shown(source: &Source<'_>, property: &PropertyName, option: &OptionName) -> Vec<Span> {
    let in_args = args(source).into_iter().filter_map(|object| property_named(object, property.as_str()));
    let shown = in_args.filter(|entry| literal_text(&entry.value).as_deref() == Some(option.as_str()));
    shown.map(|entry| entry.value.get_inner_expression().span()).collect()
}

/// Whether a place is inside the args of a story or of the meta.
pub(super) fn is_in_args(source: &Source<'_>, span: Span) -> bool {
    args(source).into_iter().any(|object| object.span.contains_inclusive(span))
}

/// Whether a literal stands in an `options` list of `argTypes`.
pub(super) fn is_listed(source: &Source<'_>, literal: Span) -> bool {
    source.chain(literal).into_iter().any(|node| match node {
        AstKind::ObjectProperty(entry) => key_name(&entry.key).as_deref() == Some("argTypes"),
        _ => false,
    })
}

pub(super) fn rename_option(
    session: &Session<'_>,
    property: &PropertyName,
    from: &OptionName,
    to: &OptionName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    each_file(session, property, |source| {
        let listed = option_arrays(source, property).into_iter().filter_map(|array| {
            position_of(array, from).and_then(|index| array.elements.get(index)).map(GetSpan::span)
        });
        for literal in listed.chain(shown(source, property, from)) {
            let text = respelt(session, property, source, literal, to.as_str());
            draft.replace(&source.file, literal, text);
        }
        Ok(())
    })
}

pub(super) fn rename_property(
    session: &Session<'_>,
    from: &PropertyName,
    to: &PropertyName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    each_file(session, from, |source| {
        let in_args = args(source).into_iter().filter_map(|object| property_named(object, from.as_str()));
        for entry in in_args.chain(arg_types(source, from)) {
            rename_key(source, entry, to, draft);
        }
        Ok(())
    })
}

/// Takes a property out of args and `argTypes`, and says where JSX still passes it.
pub(super) fn drop_property(
    session: &Session<'_>,
    property: &PropertyName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    each_file(session, property, |source| {
        let objects = args(source).into_iter().chain(source.nodes.iter().filter_map(|node| match node {
            AstKind::ObjectProperty(entry) if key_name(&entry.key).as_deref() == Some("argTypes") => {
                object_of(&entry.value)
            }
            _ => None,
        }));
        for object in objects {
            let Some(entry) = property_named(object, property.as_str()) else { continue };
            let list = properties(source, object);
            match list.members.iter().position(|member| *member == entry.span) {
                Some(index) if list.members.len() > 1 => draft.extend(&source.file, list.remove(index)?),
                _ => draft.replace(&source.file, object.span, "{}"),
            }
        }
        Ok(())
    })
}
