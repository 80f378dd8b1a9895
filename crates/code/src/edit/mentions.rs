//! Types that name a property by a text: `ButtonProps['size']`, `Pick<ButtonProps, 'size'>`.

use lockstep_core::contract::PropertyName;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{names::Names, syntax::Source};

/// A literal type that reads like the name of a property.
pub(super) struct Mention {
    pub(super) span: Span,
    /// Whether it certainly names the property of the type that declares it.
    pub(super) certain: bool,
    /// Whether it at least stands beside one of the names.
    pub(super) related: bool,
}

/// The name of the type that a signature stands in.
pub(super) fn owner_of<'a>(source: &Source<'a>, signature: Span) -> Option<&'a str> {
    source.chain(signature).into_iter().rev().find_map(|node| match node {
        AstKind::TSInterfaceDeclaration(declaration) => Some(declaration.id.name.as_str()),
        AstKind::TSTypeAliasDeclaration(declaration) => Some(declaration.id.name.as_str()),
        _ => None,
    })
}

/// The literals in a file that may name a property of the types named.
pub(super) fn mentions(source: &Source<'_>, names: &Names, property: &PropertyName) -> Vec<Mention> {
    let literals = source.nodes.iter().filter_map(|node| node.as_ts_literal_type());
    let named = literals.filter(|literal| {
        matches!(&literal.literal, TSLiteral::StringLiteral(text) if text.value == property.as_str())
    });
    named
        .filter_map(|literal| {
            let object = object_of(source, literal.span)?;
            let text = source.slice(object.span());
            let related =
                names.types.iter().chain(&names.components).any(|name| text.contains(name.as_str()));
            Some(Mention { span: literal.span, certain: names.is_props(source, object), related })
        })
        .collect()
}

/// The type whose property a literal names, when it stands where such a name may stand.
fn object_of<'a>(source: &Source<'a>, literal: Span) -> Option<&'a TSType<'a>> {
    let outer = source.chain(literal).into_iter().rev().skip_while(|node| node.span() == literal);
    for node in outer {
        match node {
            AstKind::TSUnionType(_) | AstKind::TSParenthesizedType(_) => {}
            AstKind::TSIndexedAccessType(access) if access.index_type.span().contains_inclusive(literal) => {
                return Some(&access.object_type);
            }
            AstKind::TSTypeParameterInstantiation(arguments) => {
                let first = arguments.params.first()?;
                return (!first.span().contains_inclusive(literal)).then_some(first);
            }
            _ => return None,
        }
    }
    None
}
