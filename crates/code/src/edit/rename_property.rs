//! A property under another name; the component's code goes on using the name that it had.

use lockstep_core::contract::PropertyName;
use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};

use super::{
    call_sites, code_connect, default_place,
    draft::{Draft, Refusal},
    function::{Binding, component_code},
    members::{entry_at, signature_at},
    session::Session,
    spelling::{is_identifier, key_like},
    stories,
    syntax::{Source, property_named, span_of},
    variant_map,
};
use crate::model::ScannedComponent;

pub(super) fn draft(session: &Session<'_>, from: &PropertyName, to: &PropertyName) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    if from.as_str() == "children" || to.as_str() == "children" {
        let reason = "`children` is what stands between a component's tags, whatever its props say";
        return Err(Refusal::new(&session.origin(from)?.declared, reason));
    }
    let map = rename_declaration(session, from, to, &mut draft)?;
    for relative in session.relatives(from) {
        let places = relative.component.origins.get(from).map(|origin| origin.default.as_slice());
        for place in places.unwrap_or_default() {
            let allocator = Allocator::default();
            let source = session.source(&allocator, place)?;
            if let Some((_, AstKind::ObjectProperty(entry))) = default_place::holder(&source, place)
                && super::syntax::key_name(&entry.key).as_deref() == Some(from.as_str())
            {
                rename_key(&source, entry, to, &mut draft);
            }
        }
        rename_in_code(session, relative.component, from, to, map.as_deref(), &mut draft)?;
    }
    call_sites::rename_property(session, from, to, &mut draft)?;
    stories::rename_property(session, from, to, &mut draft)?;
    code_connect::rename_property(session, from, to, &mut draft)?;
    Ok(draft)
}

/// Renames the declaration; answers with the variant map's name when it is a group of one.
fn rename_declaration(
    session: &Session<'_>,
    from: &PropertyName,
    to: &PropertyName,
    draft: &mut Draft,
) -> Result<Option<String>, Refusal> {
    let origin = session.origin(from)?;
    let allocator = Allocator::default();
    let source = session.source(&allocator, &origin.declared)?;
    if let Some(signature) = signature_at(&source, &origin.declared) {
        let key = signature.key.span();
        draft.replace(&source.file, key, respelt(&source, key, to));
        return Ok(None);
    }
    let Some(entry) = entry_at(&source, &origin.declared) else {
        return Err(source.refuse(span_of(&origin.declared), "the declaration could not be found again"));
    };
    rename_key(&source, entry, to, draft);
    let chain = source.chain(entry.span);
    for key in variant_map::selecting_keys(&chain, from) {
        draft.replace(&source.file, key, respelt(&source, key, to));
    }
    Ok(variant_map::config(&chain).and_then(|_| variant_map::name_of(&chain)))
}

fn respelt(source: &Source<'_>, key: Span, to: &PropertyName) -> String {
    let old = source.slice(key);
    let quoted = old.starts_with(['\'', '"']).then_some(old);
    key_like(quoted.as_slice(), to.as_str(), source.quote())
}

/// Renames the key of an entry, whose value stays what it is.
pub(super) fn rename_key(
    source: &Source<'_>,
    entry: &ObjectProperty<'_>,
    to: &PropertyName,
    draft: &mut Draft,
) {
    let key = entry.key.span();
    let new = respelt(source, key, to);
    if entry.shorthand {
        draft.replace(&source.file, entry.span, format!("{new}: {}", source.slice(key)));
    } else if source.slice(entry.value.span()) == new {
        draft.replace(&source.file, entry.span, new);
    } else {
        draft.replace(&source.file, key, new);
    }
}

/// Renames the property where a component's own code takes it, or an heir's.
fn rename_in_code(
    session: &Session<'_>,
    component: &ScannedComponent,
    from: &PropertyName,
    to: &PropertyName,
    map: Option<&str>,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let allocator = Allocator::default();
    let source = session.source(&allocator, &component.declared)?;
    if let Some(map) = map {
        for object in variant_map::calls(&source, map) {
            if let Some(entry) = property_named(object, from.as_str()) {
                rename_key(&source, entry, to, draft);
            }
        }
    }
    let Some(code) = component_code(&source, component) else { return Ok(()) };
    let accesses = code.accesses(&source, from);
    if !is_identifier(to.as_str())
        && let Some(access) = accesses.first()
    {
        return Err(source.refuse(*access, format!("`{to}` can't be read with a dot")));
    }
    for access in &accesses {
        draft.replace(&source.file, *access, to.as_str());
    }
    match code.binding(from) {
        Some(binding) => rename_binding(&source, &binding, to, draft),
        // What an heir passes on reaches the component itself.
        None if accesses.is_empty() && component.name == session.component.name => {
            if let Some(passed) = code.passes_on(&source) {
                return Err(
                    source.refuse(passed, format!("`{from}` is passed on from here without being named"))
                );
            }
        }
        None => {}
    }
    Ok(())
}

/// `{ size }` becomes `{ scale: size }`, and `{ scale: size }` becomes `{ size }` again.
fn rename_binding(source: &Source<'_>, binding: &Binding<'_>, to: &PropertyName, draft: &mut Draft) {
    let property = binding.property;
    let key = property.key.span();
    let new = respelt(source, key, to);
    if property.shorthand {
        draft.replace(&source.file, key, format!("{new}: {}", source.slice(key)));
    } else if binding.local.is_some_and(|local| local.name == new.as_str()) {
        draft.replace(&source.file, Span::new(key.start, property.value.span().start), "");
    } else {
        draft.replace(&source.file, key, new);
    }
}
