//! A new property, in the component's props type or in its variant map.

use std::collections::BTreeMap;

use lockstep_core::contract::{OptionName, Property, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::GetSpan;

use super::{
    Note,
    draft::{Draft, Refusal},
    function::component_code,
    members::members_at,
    property_type::type_of,
    session::Session,
    spelling::key_like,
    stories,
    syntax::{Source, key_name, literal_type_text, object_of, property_named, span_of},
    variant_map,
};
use crate::model::{DeclarationForm, Place, PropertyOrigin};

pub(super) fn draft(
    session: &Session<'_>,
    name: &PropertyName,
    property: &Property,
) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    match &session.component.props_type {
        Some(place) => add_to_type(session, place, name, property, &mut draft)?,
        None => add_to_map(session, name, property, &mut draft)?,
    }
    let options: Vec<OptionName> = property.options().cloned().collect();
    stories::follow_new_options(session, name, &options, &mut draft)?;
    Ok(draft)
}

fn add_to_type(
    session: &Session<'_>,
    place: &Place,
    name: &PropertyName,
    property: &Property,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let allocator = Allocator::default();
    let source = session.source(&allocator, place)?;
    let members = members_at(&source, place).ok_or_else(|| {
        source.refuse(span_of(place), "the component's props are no interface or object type")
    })?;
    let (text, import) = type_of(&source, property);
    let siblings: Vec<&str> = members
        .all
        .iter()
        .filter_map(|member| match member {
            TSSignature::TSPropertySignature(signature) => Some(source.slice(signature.key.span())),
            _ => None,
        })
        .filter(|key| !key.starts_with(['\'', '"']))
        .collect();
    let key = key_like(&siblings, name.as_str(), source.quote());
    draft.extend(&source.file, members.push(&source, &format!("{key}?: {text}")));
    draft.extend(&source.file, import);
    Ok(())
}

/// What becomes of new properties that the component's code does not take out of its props.
pub(super) fn notes(session: &Session<'_>) -> Vec<Note> {
    let allocator = Allocator::default();
    let Ok(source) = session.source(&allocator, &session.component.declared) else { return Vec::new() };
    let Some(code) = component_code(&source, &session.component) else { return Vec::new() };
    let Some(passed) = code.passes_on(&source) else { return Vec::new() };
    let unbound = session.added().filter(|name| code.binding(name).is_none());
    unbound
        .map(|name| Note {
            place: source.place(passed),
            text: format!("`{name}` is passed on from here until the component uses it"),
        })
        .collect()
}

/// Adds a variant group, for components whose props are all variants.
fn add_to_map(
    session: &Session<'_>,
    name: &PropertyName,
    property: &Property,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let refuse = |reason: &str| Refusal::new(&session.component.declared, reason);
    let keys: Vec<&str> = match property {
        Property::Enum { options, .. } => options.iter().map(OptionName::as_str).collect(),
        Property::Boolean { .. } => vec!["true"],
        _ => return Err(refuse("the component has no props type of its own to add a property to")),
    };
    let group = session.component.origins.values().find(|origin| origin.form == DeclarationForm::VariantMap);
    let group =
        group.ok_or_else(|| refuse("the component has no props type of its own to add a property to"))?;
    let allocator = Allocator::default();
    let source = session.source(&allocator, &group.declared)?;
    let variants = variants_around(&source, &group.declared)
        .ok_or_else(|| source.refuse(span_of(&group.declared), "the variant map could not be found again"))?;
    let list = variant_map::properties(&source, variants);
    let quote = source.quote();
    let last = list.members.last().copied().unwrap_or_default();
    let (eol, unit) = (source.eol(), source.indent_unit());
    let indent = source.indent_at(last.start as usize);
    let entries: Vec<String> =
        keys.iter().map(|key| format!("{}: {quote}{quote}", key_like(&[], key, quote))).collect();
    let body = if source.slice(last).contains('\n') {
        let lines: String = entries.iter().map(|entry| format!("{eol}{indent}{unit}{entry},")).collect();
        format!("{{{lines}{eol}{indent}}}")
    } else {
        format!("{{ {} }}", entries.join(", "))
    };
    let key = key_like(&[], name.as_str(), quote);
    draft.extend(
        &source.file,
        list.insert_after(list.members.len().saturating_sub(1), &format!("{key}: {body}")),
    );
    draft.note(
        source.place(last),
        format!("the classes of `{name}` are still empty, and the component must pass it to the variant map"),
    );
    Ok(())
}

fn variants_around<'a>(source: &Source<'a>, group: &Place) -> Option<&'a ObjectExpression<'a>> {
    let config = variant_map::config(&source.chain(span_of(group)))?;
    object_of(&property_named(config, "variants")?.value)
}

/// Where a property that was just added stands.
pub(super) fn origin_of_new(
    session: &Session<'_>,
    name: &PropertyName,
    property: &Property,
) -> Option<PropertyOrigin> {
    let allocator = Allocator::default();
    match &session.component.props_type {
        Some(place) => {
            let source = session.source(&allocator, place).ok()?;
            let members = members_at(&source, place)?;
            let signature = members.all.iter().find_map(|member| match member {
                TSSignature::TSPropertySignature(signature) => {
                    (key_name(&signature.key).as_deref() == Some(name.as_str())).then_some(signature)
                }
                _ => None,
            })?;
            let mut options: BTreeMap<OptionName, Vec<Place>> = BTreeMap::new();
            for node in source.within(signature.span) {
                if let AstKind::TSLiteralType(literal) = node
                    && let Some(option) = literal_type_text(&literal.literal)
                {
                    options.entry(option.into()).or_default().push(source.place(literal.span));
                }
            }
            let form = match property {
                Property::Enum { .. } => DeclarationForm::TypeUnion,
                _ => DeclarationForm::Plain,
            };
            Some(PropertyOrigin {
                declared: source.place(signature.span),
                form,
                options: options.into(),
                default: Vec::new(),
            })
        }
        None => {
            let group = session
                .component
                .origins
                .values()
                .find(|origin| origin.form == DeclarationForm::VariantMap)?;
            let source = session.source(&allocator, &group.declared).ok()?;
            let entry = property_named(variants_around(&source, &group.declared)?, name.as_str())?;
            let form = DeclarationForm::VariantMap;
            let declared = source.place(entry.span);
            Some(PropertyOrigin { declared, form, options: BTreeMap::new().into(), default: Vec::new() })
        }
    }
}
