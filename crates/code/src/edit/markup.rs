//! Components whose files hold markup: what their scripts do with the props, and what the markup forbids.

use lockstep_core::{contract::Property, edit::ContractEdit};
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    draft::{Draft, Refusal},
    function::ComponentCode,
    session::Session,
    syntax::{Source, object_of},
};
use crate::{
    markup::{Document, MarkupKind},
    model::Place,
};

/// Calls stand in each other no deeper than this: `toRefs(withDefaults(defineProps(…), …))`.
const DEEPEST: usize = 4;

/// Whether nothing in the markup stands against an edit, which touches scripts only.
///
/// # Errors
/// The place in the markup that would have to follow.
pub(super) fn fits(session: &Session<'_>, edit: &ContractEdit) -> Result<(), Refusal> {
    let declared = &session.component.declared;
    let Some(kind) = MarkupKind::of(&declared.file) else { return Ok(()) };
    let (ContractEdit::AddProperty { property: Property::Slot, .. }
    | ContractEdit::ChangeKind { to: Property::Slot, .. }) = edit
    else {
        return fits_markup(session, edit, kind);
    };
    Err(Refusal::new(declared, "a slot is a place in the markup, which is not edited"))
}

fn fits_markup(session: &Session<'_>, edit: &ContractEdit, kind: MarkupKind) -> Result<(), Refusal> {
    let text = session.text(&session.component.declared)?;
    let file = session.component.declared.file.as_str();
    let Some(document) = Document::of(file, &text) else { return Ok(()) };
    if let Some(origin) = session.component.origins.get(edit.property())
        && *origin.declared.file == *file
        && document.markup.iter().any(|range| range.contains(&(origin.declared.start as usize)))
    {
        return Err(Refusal::new(&origin.declared, "the slot stands in the markup, which is not edited"));
    }
    let (ContractEdit::RemoveProperty { name } | ContractEdit::RenameProperty { from: name, .. }) = edit
    else {
        return Ok(());
    };
    if let Some(mention) = document.mention(name.as_str()) {
        let reason = format!("the markup names `{name}`, and it is not edited");
        return Err(Refusal::new(&place_in(file, &text, mention), reason));
    }
    let takes_props = match kind {
        MarkupKind::Vue => document.instance.is_some(),
        MarkupKind::Svelte => text.contains("$props("),
    };
    if takes_props {
        return Ok(());
    }
    let reason = format!("where the component's own code uses `{name}` can't be told");
    Err(Refusal::new(&session.component.declared, reason))
}

/// Notes where the markup speaks of an option that goes or changes its name.
pub(super) fn note_mentions(session: &Session<'_>, edit: &ContractEdit, draft: &mut Draft) {
    let (ContractEdit::RemoveOption { option, .. } | ContractEdit::RenameOption { from: option, .. }) = edit
    else {
        return;
    };
    let declared = &session.component.declared;
    let Ok(text) = session.text(declared) else { return };
    let Some(document) = Document::of(&declared.file, &text) else { return };
    for quote in ['\'', '"', '`'] {
        if let Some(found) = document.text_in_markup(&format!("{quote}{option}{quote}")) {
            let place = place_in(&declared.file, &text, found);
            draft
                .note(place, format!("the markup may mean the option `{option}` here, and it is not edited"));
        }
    }
}

fn place_in(file: &str, text: &str, range: std::ops::Range<usize>) -> Place {
    Place {
        file: file.into(),
        start: u32::try_from(range.start).unwrap_or(u32::MAX),
        end: u32::try_from(range.end).unwrap_or(u32::MAX),
        line: u32::try_from(text[..range.start].matches('\n').count() + 1).unwrap_or(u32::MAX),
    }
}

/// The code of a component that is a whole file: its scripts, and where they take props.
pub(super) fn code<'a>(source: &Source<'a>) -> Option<ComponentCode<'a>> {
    MarkupKind::of(&source.file)?;
    let mut props = None;
    let mut patterns: Vec<&'a ObjectPattern<'a>> = Vec::new();
    for node in &source.nodes {
        let AstKind::VariableDeclarator(declarator) = node else { continue };
        if !declarator.init.as_ref().is_some_and(|init| is_props_macro(init, 0)) {
            continue;
        }
        match &declarator.id {
            BindingPattern::ObjectPattern(pattern) => patterns.push(pattern),
            BindingPattern::BindingIdentifier(name) => props = Some(name.name.to_string()),
            _ => {}
        }
    }
    Some(ComponentCode::of(source.program.span, props, patterns))
}

fn is_props_macro(expression: &Expression<'_>, depth: usize) -> bool {
    let Expression::CallExpression(call) = expression.get_inner_expression() else { return false };
    let Expression::Identifier(callee) = &call.callee else { return false };
    match callee.name.as_str() {
        "defineProps" | "$props" => true,
        "withDefaults" if depth < DEEPEST => call
            .arguments
            .first()
            .and_then(Argument::as_expression)
            .is_some_and(|inner| is_props_macro(inner, depth + 1)),
        _ => false,
    }
}

/// The object of defaults: `withDefaults(defineProps<Props>(), { … })`.
pub(super) fn defaults<'a>(source: &Source<'a>) -> Option<&'a ObjectExpression<'a>> {
    MarkupKind::of(&source.file)?;
    source.nodes.iter().find_map(|node| {
        let AstKind::CallExpression(call) = node else { return None };
        let named = matches!(&call.callee, Expression::Identifier(callee) if callee.name == "withDefaults");
        named.then(|| object_of(call.arguments.get(1)?.as_expression()?))?
    })
}

/// Whether a declarator is a property of a component of Svelte 4: `export let size = 'm'`.
pub(super) fn is_exported_property(source: &Source<'_>, declarator: Span) -> bool {
    MarkupKind::of(&source.file) == Some(MarkupKind::Svelte)
        && source
            .chain(declarator)
            .iter()
            .any(|node| matches!(node, AstKind::ExportDeclaration(export) if export.span().contains_inclusive(declarator)))
}
