//! The type of a new property, as text.

use lockstep_core::contract::Property;
use lockstep_core::edit::TextEdit;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    list::{deletion, insertion},
    spelling::quoted,
    syntax::Source,
};

/// A property's type in a file, and the import that it needs there.
pub(super) fn type_of(source: &Source<'_>, property: &Property) -> (String, Option<TextEdit>) {
    match property {
        Property::Boolean { .. } => ("boolean".to_owned(), None),
        Property::Text => ("string".to_owned(), None),
        Property::Number => ("number".to_owned(), None),
        Property::Enum { options, .. } => {
            let quote = source.quote();
            let literals: Vec<String> = options.iter().map(|option| quoted(option.as_str(), quote)).collect();
            (literals.join(" | "), None)
        }
        Property::Slot => react_node(source),
    }
}

fn react_node(source: &Source<'_>) -> (String, Option<TextEdit>) {
    let mut last_import = None;
    for statement in &source.program.body {
        let Statement::ImportDeclaration(import) = statement else { continue };
        last_import = Some(import.span);
        if import.source.value != "react" {
            continue;
        }
        for specifier in import.specifiers.iter().flatten() {
            match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(named)
                    if named.imported.name() == "ReactNode" =>
                {
                    return (named.local.name.to_string(), None);
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(whole) => {
                    return (format!("{}.ReactNode", whole.local.name), None);
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(whole) => {
                    return (format!("{}.ReactNode", whole.local.name), None);
                }
                ImportDeclarationSpecifier::ImportSpecifier(_) => {}
            }
        }
    }
    let uses_global = source.nodes.iter().any(|node| {
        node.as_ts_qualified_name().is_some_and(|name| source.slice(name.left.span()) == "React")
    });
    if uses_global {
        // Written against the global namespace that React's types declare.
        return ("React.ReactNode".to_owned(), None);
    }
    let quote = source.quote();
    let end = if source.has_semicolons() { ";" } else { "" };
    let line = format!("import type {{ ReactNode }} from {}{end}", quoted("react", quote));
    let eol = source.eol();
    let edit = match last_import {
        Some(last) => insertion(last.end as usize, format!("{eol}{line}")),
        None => {
            let first =
                source.program.body.first().map_or(source.text.len(), |first| first.span().start as usize);
            insertion(source.line_start(first), format!("{line}{eol}{eol}"))
        }
    };
    ("ReactNode".to_owned(), Some(edit))
}

/// Takes the import of `ReactNode` out when `removed` held the only use of it.
pub(super) fn drop_import(source: &Source<'_>, removed: Span) -> Option<TextEdit> {
    let is_use =
        |node: &AstKind<'_>| node.as_identifier_reference().is_some_and(|name| name.name == "ReactNode");
    let (inside, outside): (Vec<&AstKind<'_>>, Vec<&AstKind<'_>>) = source
        .nodes
        .iter()
        .filter(|node| is_use(node))
        .partition(|node| removed.contains_inclusive(node.span()));
    if inside.is_empty() || !outside.is_empty() {
        return None;
    }
    let imports = || {
        source.program.body.iter().filter_map(|statement| match statement {
            Statement::ImportDeclaration(import) => Some(import),
            _ => None,
        })
    };
    let import = imports().find(|import| {
        let names = import.specifiers.as_deref();
        let named = |specifier: &ImportDeclarationSpecifier<'_>| specifier.name() == "ReactNode";
        names.is_some_and(|names| names.len() == 1 && names.iter().all(named))
    })?;
    let (start, end) = (import.span.start as usize, import.span.end as usize);
    let mut next = source.next_line(end);
    if !source.only(source.line_start(start), start, &[]) || !source.only(end, source.line_end(end), &[]) {
        return None;
    }
    if imports().count() == 1 && source.line_end(next) == next {
        // The blank line that parted it from the code.
        next = source.next_line(next);
    }
    Some(deletion(source.line_start(start), next))
}
