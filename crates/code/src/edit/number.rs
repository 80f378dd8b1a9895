//! Options that are numbers or booleans, and stand without quotes.

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_ast::AstKind;
use oxc_span::{GetSpan, Span};

use super::{
    session::Session,
    spelling::{is_number, literal_like},
    syntax::Source,
};
use crate::model::Place;

/// Whether an option is declared as a number or as a boolean, not as a text.
pub(super) fn is_bare(session: &Session<'_>, property: &PropertyName, option: &str) -> bool {
    if !is_number(option) && !matches!(option, "true" | "false") {
        return false;
    }
    let origin = session.origin(property).ok();
    let places = origin.and_then(|origin| origin.options.get(&OptionName::from(option)));
    let mut places = places.into_iter().flatten().peekable();
    places.peek().is_some() && places.all(|place| stands_bare(session, place))
}

fn stands_bare(session: &Session<'_>, place: &Place) -> bool {
    let text = session.text(place).unwrap_or_default();
    let declared = text.get(place.start as usize..place.end as usize).unwrap_or_default();
    declared == "boolean" || declared.starts_with(|c: char| matches!(c, '-' | '.' | 't' | 'f' | '0'..='9'))
}

/// Whether the numbers among a property's options are written as such.
fn has_bare_numbers(session: &Session<'_>, property: &PropertyName) -> bool {
    let Ok(origin) = session.origin(property) else { return false };
    let mut numbers = origin.options.keys().filter(|option| is_number(option.as_str())).peekable();
    numbers.peek().is_some() && numbers.all(|option| is_bare(session, property, option.as_str()))
}

/// The new name of an option where a literal stands for it: a number, where the options beside it are numbers.
pub(super) fn respelt(
    session: &Session<'_>,
    property: &PropertyName,
    source: &Source<'_>,
    literal: Span,
    to: &str,
) -> String {
    if !is_number(to) || !has_bare_numbers(session, property) {
        return literal_like(source.slice(literal), to, source.quote());
    }
    let chain = source.chain(literal);
    let parent = chain.iter().rev().find(|node| node.span() != literal);
    if matches!(parent, Some(AstKind::JSXAttribute(_))) { format!("{{{to}}}") } else { to.to_owned() }
}
