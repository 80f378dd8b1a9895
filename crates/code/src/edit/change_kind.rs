//! A property becomes another kind, where its type is written out beside its name.

use lockstep_core::contract::{Property, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    call_sites, default_place,
    draft::{Draft, Refusal},
    function::component_code,
    jsdoc,
    members::signature_at,
    property_type::type_of,
    session::Session,
    spelling::quoted,
    syntax::{Source, span_of},
};

pub(super) fn draft(session: &Session<'_>, name: &PropertyName, to: &Property) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    let origin = session.origin(name)?;
    let allocator = Allocator::default();
    let source = session.source(&allocator, &origin.declared)?;
    let declared = span_of(&origin.declared);
    let signature = signature_at(&source, &origin.declared)
        .ok_or_else(|| source.refuse(declared, "the property is not declared by a type of its own"))?;
    let annotation = signature.type_annotation.as_ref().map(|annotation| &annotation.type_annotation);
    let Some(written) = annotation.filter(|written| is_written_out(&source, written)) else {
        return Err(source.refuse(signature.span, "the property's type is declared elsewhere"));
    };
    let outside = origin
        .options
        .values()
        .flatten()
        .find(|place| place.file != source.file || !signature.span.contains_inclusive(span_of(place)));
    if let Some(place) = outside {
        return Err(Refusal::new(place, format!("the options of `{name}` stand here too")));
    }
    let (text, import) = type_of(&source, to);
    draft.replace(&source.file, written.span(), text);
    draft.extend(&source.file, import);
    let from = session.component.statement.contract.property(name).and_then(Property::default_text);
    let default = to.default_text();
    change_default(session, name, to, &mut draft)?;
    if from != default {
        jsdoc::set_default(&source, declared, from.as_deref(), default.as_deref(), &mut draft);
    }
    call_sites::forbid_other_kind(session, name)?;
    note_uses(session, name, &mut draft)?;
    Ok(draft)
}

/// Whether a type is nothing but literals and keywords, or a React node.
fn is_written_out(source: &Source<'_>, written: &TSType<'_>) -> bool {
    match written {
        TSType::TSUnionType(union) => {
            union.types.iter().all(|member| matches!(member, TSType::TSLiteralType(_)))
        }
        TSType::TSLiteralType(_)
        | TSType::TSBooleanKeyword(_)
        | TSType::TSStringKeyword(_)
        | TSType::TSNumberKeyword(_) => true,
        TSType::TSTypeReference(reference) => {
            matches!(source.slice(reference.span), "ReactNode" | "React.ReactNode")
        }
        _ => false,
    }
}

fn change_default(
    session: &Session<'_>,
    name: &PropertyName,
    to: &Property,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let origin = session.origin(name)?;
    let text = |quote| match to {
        Property::Enum { default, .. } => default.as_ref().map(|option| quoted(option.as_str(), quote)),
        other => other.default_text(),
    };
    if origin.default.is_empty() && to.default_text().is_some() {
        let allocator = Allocator::default();
        let source = session.source(&allocator, &session.component.declared)?;
        let value = text(source.quote()).unwrap_or_default();
        return default_place::add(session, &source, name, &value, draft);
    }
    for place in &origin.default {
        let allocator = Allocator::default();
        let source = session.source(&allocator, place)?;
        match text(source.quote()) {
            None => default_place::remove(&source, place, draft)?,
            Some(value) => {
                let (expression, holder) = default_place::holder(&source, place)
                    .ok_or_else(|| source.refuse(span_of(place), "the default could not be found again"))?;
                if matches!(holder, AstKind::VariableDeclarator(_)) {
                    return Err(
                        source.refuse(expression, "the default is a constant that other code may use")
                    );
                }
                draft.replace(&source.file, expression, value);
            }
        }
    }
    Ok(())
}

/// The code that was written for the old kind still reads the property.
fn note_uses(session: &Session<'_>, name: &PropertyName, draft: &mut Draft) -> Result<(), Refusal> {
    let allocator = Allocator::default();
    let source = session.source(&allocator, &session.component.declared)?;
    let Some(code) = component_code(&source, &session.component) else { return Ok(()) };
    let mut uses: Vec<Span> = code.accesses(&source, name);
    if let Some(local) = code.binding(name).and_then(|binding| binding.local) {
        uses.extend(code.uses(&source, local).unwrap_or_default());
    }
    if let Some(first) = uses.first() {
        draft.note(source.place(*first), format!("this was written for the old kind of `{name}`"));
    }
    Ok(())
}
