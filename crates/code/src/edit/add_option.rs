//! A new option, at every place that an option must stand in.

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    call_sites, code_connect,
    containers::Container,
    draft::{Draft, Refusal},
    held::{Held, Role, each_held},
    session::Session,
    spelling::{key_like, literal_like, name_like, quoted},
    stories,
    syntax::{Source, key_name, literal_text},
};

pub(super) fn draft(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    let origin = session.origin(property)?;
    let whole = origin.options.len();
    let mut declaring = Vec::new();
    each_held(session, property, |_, held| {
        let declares = held.iter().filter(|held| held.role == Role::Declares);
        declaring.extend(declares.map(|held| held.options.len()));
        Ok(())
    })?;
    let complete = declaring.contains(&whole);
    if !complete && declaring.len() != 1 {
        return Err(Refusal::new(
            &origin.declared,
            format!("the options of `{property}` are put together from several lists"),
        ));
    }
    each_held(session, property, |source, held| {
        for held in held {
            if held.options.len() == whole || held.role == Role::Declares && !complete {
                insert(source, &held, option, &mut draft)?;
            } else {
                let text = format!("this has only some of `{property}`'s options; `{option}` was not added");
                draft.note(source.place(held.container.span()), text);
            }
        }
        Ok(())
    })?;
    call_sites::forbid_handing_on(session, property, option)?;
    stories::follow_new_options(session, property, std::slice::from_ref(option), &mut draft)?;
    code_connect::add_option(session, property, option, &mut draft)?;
    Ok(draft)
}

/// Adds an option to one list.
fn insert(
    source: &Source<'_>,
    held: &Held<'_>,
    option: &OptionName,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let list = held.container.list(source);
    if held.container.position_of(source, option.as_str()).is_some() {
        return match held.role {
            Role::Declares => Err(source.refuse(
                held.container.span(),
                format!("`{option}` stands here already, and is excluded elsewhere"),
            )),
            Role::Follows => Ok(()),
        };
    }
    if held.role == Role::Declares && !held.is_whole(source) {
        let reason = "the property takes only some of the options listed here; a new one may not reach it";
        return Err(source.refuse(held.container.span(), reason));
    }
    let member = member(source, held, option, draft)?;
    draft.extend(&source.file, list.insert_after(held.last, &member));
    Ok(())
}

fn member(
    source: &Source<'_>,
    held: &Held<'_>,
    option: &OptionName,
    draft: &mut Draft,
) -> Result<String, Refusal> {
    let (name, quote) = (option.as_str(), source.quote());
    let anchor = held.container.list(source).members.get(held.last).copied().unwrap_or_default();
    match held.container {
        Container::Union(_) | Container::Lone(_) | Container::Array(_) => {
            if held.container.option_at(held.last).is_none() {
                return Err(source.refuse(anchor, "the options are written as references, not as literals"));
            }
            let element = match held.container {
                Container::Array(array) => {
                    array.elements.get(held.last).and_then(|last| last.as_expression())
                }
                _ => None,
            };
            Ok(match element {
                Some(element) => expression_like(source, element, name),
                None => literal_like(source.slice(anchor), name, quote),
            })
        }
        Container::Values(object) => {
            let pairs = pairs(object);
            let value = object.properties.get(held.last).and_then(|last| last.as_property());
            let text = value.map_or_else(
                || literal_like("", name, quote),
                |property| expression_like(source, &property.value, name),
            );
            let key = name_like(&pairs, name);
            Ok(format!("{}: {text}", key_like(&keys(source, object), &key, quote)))
        }
        Container::Keys(object) => {
            let key = key_like(&keys(source, object), name, quote);
            let body = body(source, held, object, name, draft)?;
            Ok(format!("{key}: {body}"))
        }
        Container::Enum(body) => {
            let named: Vec<(String, String)> = body
                .members
                .iter()
                .filter_map(|member| {
                    Some((member.id.static_name().to_string(), literal_text(member.initializer.as_ref()?)?))
                })
                .collect();
            let Some(value) = body.members.get(held.last).and_then(|member| member.initializer.as_ref())
            else {
                return Ok(key_like(&[], name, quote));
            };
            let key = key_like(&[], &name_like(&named, name), quote);
            Ok(format!("{key} = {}", literal_like(source.slice(value.span()), name, quote)))
        }
    }
}

/// A literal like a sample's, with the assertion that stands behind it: `'small' as const`.
fn expression_like(source: &Source<'_>, sample: &Expression<'_>, value: &str) -> String {
    let (whole, literal) = (sample.span(), sample.get_inner_expression().span());
    let before = source.slice(Span::new(whole.start, literal.start));
    let behind = source.slice(Span::new(literal.end, whole.end));
    format!("{before}{}{behind}", literal_like(source.slice(literal), value, source.quote()))
}

fn pairs(object: &ObjectExpression<'_>) -> Vec<(String, String)> {
    let properties = object.properties.iter().filter_map(ObjectPropertyKind::as_property);
    properties
        .filter_map(|property| Some((key_name(&property.key)?, literal_text(&property.value)?)))
        .collect()
}

fn keys<'s>(source: &'s Source<'_>, object: &ObjectExpression<'_>) -> Vec<&'s str> {
    let properties = object.properties.iter().filter_map(ObjectPropertyKind::as_property);
    properties.map(|property| source.slice(property.key.span())).collect()
}

/// What a new key of a map stands for: nothing yet where nothing is a possible value, else what its neighbour has.
fn body(
    source: &Source<'_>,
    held: &Held<'_>,
    object: &ObjectExpression<'_>,
    name: &str,
    draft: &mut Draft,
) -> Result<String, Refusal> {
    let Some(last) = object.properties.get(held.last).and_then(|last| last.as_property()) else {
        return Err(source.refuse(object.span, "the map's entries are not written out"));
    };
    let pairs = pairs(object);
    if !pairs.is_empty()
        && pairs.len() == object.properties.len()
        && pairs.iter().all(|(key, value)| key == value)
    {
        return Ok(literal_like(source.slice(last.value.span()), name, source.quote()));
    }
    let in_variants = held.chain.iter().any(|node| match node {
        AstKind::ObjectProperty(property) => key_name(&property.key).as_deref() == Some("variants"),
        _ => false,
    });
    let place = source.place(last.span);
    let sample = source.slice(last.value.span());
    let quote = sample.chars().next().filter(|c| matches!(c, '\'' | '"' | '`')).unwrap_or(source.quote());
    match last.value.get_inner_expression() {
        Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => {
            draft.note(place, format!("the classes of `{name}` are still empty"));
            Ok(quoted("", quote))
        }
        Expression::ArrayExpression(_) | Expression::NullLiteral(_) if in_variants => {
            draft.note(place, format!("the classes of `{name}` are still empty"));
            Ok(quoted("", source.quote()))
        }
        Expression::ObjectExpression(_) if in_variants => {
            draft.note(place, format!("the styles of `{name}` are still empty"));
            Ok("{}".to_owned())
        }
        _ if last.shorthand || last.method => {
            Err(source.refuse(last.span, format!("what `{name}` stands for must be written by hand")))
        }
        _ => {
            let key = source.slice(last.key.span());
            draft.note(place, format!("`{name}` was given what `{key}` has here"));
            Ok(sample.to_owned())
        }
    }
}
