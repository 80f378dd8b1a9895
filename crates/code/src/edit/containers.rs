//! The lists in which the options of a property stand: unions, arrays, objects, enums.

use std::collections::BTreeSet;

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    draft::Refusal,
    list::{List, Separator},
    session::Session,
    syntax::{Source, key_name, literal_text, literal_type_text, span_of},
};
use crate::model::{DeclarationForm, Place, PropertyOrigin};

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

    /// The options that the members stand for, where they are literals.
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

/// All containers of one file that hold options of a property, with the options that each holds.
pub(super) struct Held<'a> {
    pub(super) container: Container<'a>,
    pub(super) chain: Vec<AstKind<'a>>,
    /// The index of the last member that is an option.
    pub(super) last: usize,
    pub(super) options: BTreeSet<OptionName>,
}

/// The containers of a property's options in one parsed file.
pub(super) fn held_in<'a>(source: &Source<'a>, origin: &PropertyOrigin) -> Result<Vec<Held<'a>>, Refusal> {
    let mut held: Vec<Held<'a>> = Vec::new();
    for (option, places) in &origin.options {
        for place in places.iter().filter(|place| place.file == source.file) {
            let site = site(source, place)?;
            match held.iter_mut().find(|held| held.container.span() == site.container.span()) {
                Some(held) => {
                    held.last = held.last.max(site.index);
                    held.options.insert(option.clone());
                }
                None => held.push(Held {
                    container: site.container,
                    chain: site.chain,
                    last: site.index,
                    options: BTreeSet::from([option.clone()]),
                }),
            }
        }
    }
    held.sort_by_key(|held| held.container.span().start);
    Ok(held)
}

/// The files that the options of a property stand in, each with one place in it.
pub(super) fn files_of(origin: &PropertyOrigin) -> Vec<Place> {
    let mut files: Vec<Place> = Vec::new();
    for place in origin.options.values().flatten() {
        if !files.iter().any(|known| known.file == place.file) {
            files.push(place.clone());
        }
    }
    files
}

/// Whether a list of this sort declares options of such a property, or only has to follow the declaration.
pub(super) fn declares(form: DeclarationForm, container: Container<'_>) -> bool {
    use DeclarationForm::{ConstArray, ConstObject, PropTypes, VariantMap};
    match container {
        Container::Enum(_) | Container::Union(_) | Container::Lone(_) => true,
        Container::Keys(_) | Container::Values(_) => matches!(form, VariantMap | ConstObject),
        Container::Array(_) => matches!(form, ConstArray | PropTypes),
    }
}

/// Calls `visit` with each file that holds options of a property, and the lists in it.
pub(super) fn each_held(
    session: &Session<'_>,
    property: &PropertyName,
    mut visit: impl FnMut(&Source<'_>, Vec<Held<'_>>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let origin = session.origin(property)?;
    let files = files_of(origin);
    if files.is_empty() {
        return Err(Refusal::new(
            &origin.declared,
            format!("the options of `{property}` have no known place"),
        ));
    }
    for place in files {
        let allocator = Allocator::default();
        let source = session.source(&allocator, &place)?;
        let held = held_in(&source, origin)?;
        visit(&source, held)?;
    }
    Ok(())
}
