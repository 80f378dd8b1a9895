//! The lists in which the options of a property stand: unions, arrays, objects, enums.

use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    draft::Refusal,
    list::{List, Separator},
    syntax::{Source, key_name, literal_text, literal_type_text, span_of},
};
use crate::model::Place;

/// A list that holds options, as a node.
#[derive(Debug, Clone, Copy)]
pub(super) enum Container<'a> {
    /// `'small' | 'large'`.
    Union(&'a TSUnionType<'a>),
    /// A type that is one literal.
    Lone(&'a TSLiteralType<'a>),
    /// `['small', 'large']`.
    Array(&'a ArrayExpression<'a>),
    /// `{ small: …, large: … }`.
    Keys(&'a ObjectExpression<'a>),
    /// `{ Small: 'small', Large: 'large' }`.
    Values(&'a ObjectExpression<'a>),
    /// `enum Size { Small = 'small' }`.
    Enum(&'a TSEnumBody<'a>),
}

/// A member of a container that stands for an option.
pub(super) struct Site<'a> {
    pub(super) container: Container<'a>,
    pub(super) index: usize,
    /// The nodes around it, outermost first.
    pub(super) chain: Vec<AstKind<'a>>,
}

impl<'a> Container<'a> {
    pub(super) fn span(self) -> Span {
        match self {
            Self::Union(union) => union.span,
            Self::Lone(literal) => literal.span,
            Self::Array(array) => array.span,
            Self::Keys(object) | Self::Values(object) => object.span,
            Self::Enum(body) => body.span,
        }
    }

    pub(super) fn list<'s>(self, source: &'s Source<'a>) -> List<'s, 'a> {
        let span = self.span();
        let (members, separator): (Vec<Span>, _) = match self {
            Self::Union(union) => (union.types.iter().map(GetSpan::span).collect(), Separator::Bar),
            Self::Lone(literal) => (vec![literal.span], Separator::Bar),
            Self::Array(array) => (array.elements.iter().map(GetSpan::span).collect(), Separator::Comma),
            Self::Keys(object) | Self::Values(object) => {
                (object.properties.iter().map(GetSpan::span).collect(), Separator::Comma)
            }
            Self::Enum(body) => (body.members.iter().map(GetSpan::span).collect(), Separator::Comma),
        };
        let inside = if separator == Separator::Bar { span } else { inner(span) };
        List { source, inside, members, separator }
    }

    /// What names the option in a member: its key, its literal.
    pub(super) fn option_span(self, source: &Source<'a>, index: usize) -> Option<Span> {
        match self {
            Self::Keys(object) => Some(object.properties.get(index)?.as_property()?.key.span()),
            Self::Values(object) => Some(object.properties.get(index)?.as_property()?.value.span()),
            _ => self.list(source).members.get(index).copied(),
        }
    }

    /// Where an option stands among the members.
    pub(super) fn position_of(self, source: &Source<'a>, option: &str) -> Option<usize> {
        (0..self.list(source).members.len()).find(|index| self.option_at(*index).as_deref() == Some(option))
    }

    /// The option that a member stands for, where it is written as a literal.
    pub(super) fn option_at(self, index: usize) -> Option<String> {
        match self {
            Self::Union(union) => match union.types.get(index)? {
                TSType::TSLiteralType(literal) => literal_type_text(&literal.literal),
                _ => None,
            },
            Self::Lone(literal) => literal_type_text(&literal.literal),
            Self::Array(array) => literal_text(array.elements.get(index)?.as_expression()?),
            Self::Keys(object) => key_name(&object.properties.get(index)?.as_property()?.key),
            Self::Values(object) => literal_text(&object.properties.get(index)?.as_property()?.value),
            Self::Enum(body) => {
                let member = body.members.get(index)?;
                match &member.initializer {
                    Some(value) => literal_text(value),
                    None => Some(member.id.static_name().to_string()),
                }
            }
        }
    }
}

/// What is between the brackets of a bracketed node.
pub(super) fn inner(span: Span) -> Span {
    Span::new(span.start + 1, span.end.saturating_sub(1).max(span.start + 1))
}

/// The container that an option's place is in.
///
/// # Errors
/// When the place is in no list that can be edited.
pub(super) fn site<'a>(source: &Source<'a>, place: &Place) -> Result<Site<'a>, Refusal> {
    let span = span_of(place);
    let chain = source.chain(span);
    let found = chain.iter().enumerate().rev().find_map(|(depth, node)| {
        let outer = chain.get(..depth).unwrap_or_default();
        container_at(*node, outer, span).transpose()
    });
    let container = match found {
        Some(Ok(container)) => container,
        Some(Err(reason)) => return Err(source.refuse(span, reason)),
        None => return Err(source.refuse(span, "the option does not stand in a list that can be edited")),
    };
    let members = container.list(source).members;
    let index = members
        .iter()
        .position(|member| member.contains_inclusive(span))
        .ok_or_else(|| source.refuse(span, "the option's place could not be found again"))?;
    Ok(Site { container, index, chain })
}

/// The container whose member `node` is or holds; nothing when the nodes around it must be asked.
fn container_at<'a>(
    node: AstKind<'a>,
    outer: &[AstKind<'a>],
    span: Span,
) -> Result<Option<Container<'a>>, &'static str> {
    let parent = outer.iter().rev().find(|node| !matches!(node, AstKind::TSParenthesizedType(_)));
    match (node, parent) {
        (AstKind::TSUnionType(union), _) => Ok(Some(Container::Union(union))),
        (AstKind::TSLiteralType(_), Some(AstKind::TSUnionType(_))) => Ok(None),
        (AstKind::TSLiteralType(literal), _) => Ok(Some(Container::Lone(literal))),
        (AstKind::ArrayExpression(array), _) => Ok(Some(Container::Array(array))),
        (AstKind::ObjectProperty(property), Some(AstKind::ObjectExpression(object))) => {
            if property.key.span().contains_inclusive(span) || property.span == span {
                Ok(Some(Container::Keys(object)))
            } else if literal_text(&property.value).is_some() {
                Ok(Some(Container::Values(object)))
            } else {
                Ok(None)
            }
        }
        (AstKind::TSEnumMember(_), Some(AstKind::TSEnumBody(body))) => Ok(Some(Container::Enum(body))),
        (AstKind::TSPropertySignature(_), _) => Err("the option is the key of an object type"),
        (AstKind::TSMappedType(_) | AstKind::TSTemplateLiteralType(_), _) => {
            Err("the option is computed by a type")
        }
        _ => Ok(None),
    }
}
