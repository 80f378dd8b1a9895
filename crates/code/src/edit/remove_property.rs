//! A property goes, when nothing uses it any more but what goes with it.

use lockstep_core::contract::PropertyName;
use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_span::{GetSpan, Span};

use super::{
    call_sites, code_connect,
    default_place::{self, bindings},
    draft::{Draft, Refusal, all_of, forbidden_by},
    function::{Binding, ComponentCode, component_code},
    members::{entry_at, members_around, signature_at},
    property_type::drop_import,
    session::Session,
    stories,
    syntax::{Source, property_named, span_of},
    variant_map,
};
use crate::model::PropertyOrigin;

pub(super) fn draft(session: &Session<'_>, name: &PropertyName) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    let origin = session.origin(name)?;
    let map = remove_declaration(session, name, origin, &mut draft)?;
    for place in &origin.default {
        let allocator = Allocator::default();
        let source = session.source(&allocator, place)?;
        if let Some((_, AstKind::ObjectProperty(entry))) = default_place::holder(&source, place)
            && !origin_holds(origin, &source, entry.span)
        {
            default_place::remove_entry(&source, entry.span, &mut draft)?;
        }
    }
    let own = remove_from_code(session, name, map.as_deref(), &mut draft);
    all_of([own, call_sites::forbid_uses_of_property(session, name, &draft), heirs_leave(session, name)])?;
    stories::drop_property(session, name, &mut draft)?;
    code_connect::note_uses(session, name, &mut draft);
    Ok(draft)
}

fn origin_holds(origin: &PropertyOrigin, source: &Source<'_>, span: Span) -> bool {
    origin.declared.file == source.file && span_of(&origin.declared).contains_inclusive(span)
}

/// Removes the declaration; answers with the variant map's name when it was a group of one.
fn remove_declaration(
    session: &Session<'_>,
    name: &PropertyName,
    origin: &PropertyOrigin,
    draft: &mut Draft,
) -> Result<Option<String>, Refusal> {
    let allocator = Allocator::default();
    let source = session.source(&allocator, &origin.declared)?;
    if let Some(signature) = signature_at(&source, &origin.declared) {
        let Some(members) = members_around(&source, signature.span) else {
            return Err(source.refuse(signature.span, "the declaration could not be found again"));
        };
        draft.extend(&source.file, members.remove(&source, signature.span));
        draft.extend(&source.file, drop_import(&source, signature.span));
        return Ok(None);
    }
    let Some(entry) = entry_at(&source, &origin.declared) else {
        return Err(source.refuse(span_of(&origin.declared), "the declaration could not be found again"));
    };
    default_place::remove_entry(&source, entry.span, draft)?;
    let chain = source.chain(entry.span);
    variant_map::remove_compounds(&source, &chain, name, None, draft)?;
    Ok(variant_map::config(&chain).and_then(|_| variant_map::name_of(&chain)))
}

/// Takes the property out of the destructuring and out of the calls of its variant map.
fn remove_from_code(
    session: &Session<'_>,
    name: &PropertyName,
    map: Option<&str>,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let allocator = Allocator::default();
    let source = session.source(&allocator, &session.component.declared)?;
    let Some(code) = component_code(&source, &session.component) else { return Ok(()) };
    let used = |span: &Span| (source.place(*span), format!("`{name}` is still used here"));
    forbidden_by(code.accesses(&source, name).iter().map(used).collect())?;
    let mut passed = Vec::new();
    for object in map.map(|map| variant_map::calls(&source, map)).unwrap_or_default() {
        if let Some(entry) = property_named(object, name.as_str()) {
            passed.push(entry.span);
            default_place::remove_entry(&source, entry.span, draft)?;
        }
    }
    let Some(binding) = code.binding(name) else { return Ok(()) };
    let uses = uses_of(&source, &code, &binding)?;
    let left = uses.iter().filter(|used| !passed.iter().any(|entry| entry.contains_inclusive(**used)));
    forbidden_by(left.map(used).collect())?;
    let list = bindings(&source, binding.pattern);
    if list.members.len() == 1 {
        draft.replace(&source.file, list.inside, "");
    } else {
        draft.extend(&source.file, list.remove(binding.index)?);
    }
    if let Some(rest) = &binding.pattern.rest {
        draft.note(
            source.place(rest.span),
            format!("a `{name}` that callers still pass goes into the rest from now on"),
        );
    }
    Ok(())
}

/// Whether the components that inherit the property do nothing with it themselves.
fn heirs_leave(session: &Session<'_>, name: &PropertyName) -> Result<(), Refusal> {
    for heir in session.relatives(name).into_iter().skip(1) {
        let allocator = Allocator::default();
        let source = session.source(&allocator, &heir.component.declared)?;
        let Some(code) = component_code(&source, heir.component) else { continue };
        let read = code.accesses(&source, name).first().copied();
        if let Some(used) = read.or_else(|| code.binding(name).map(|binding| binding.property.span)) {
            let reason = format!("`{}` inherits `{name}` and uses it here", heir.component.name);
            return Err(source.refuse(used, reason));
        }
    }
    Ok(())
}

fn uses_of(
    source: &Source<'_>,
    code: &ComponentCode<'_>,
    binding: &Binding<'_>,
) -> Result<Vec<Span>, Refusal> {
    let Some(local) = binding.local else {
        return Err(source.refuse(binding.property.span, "the property is taken apart here"));
    };
    code.uses(source, local).ok_or_else(|| {
        source.refuse(local.span(), format!("`{}` names several things in this code", local.name))
    })
}
