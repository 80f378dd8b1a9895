//! Members of interfaces and object types.

use lockstep_core::edit::TextEdit;
use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{
    containers::inner,
    list::{deletion, insertion},
    syntax::{Source, span_of},
};
use crate::model::Place;

/// The body of an interface or object type.
pub(super) struct Members<'a> {
    span: Span,
    pub(super) all: &'a [TSSignature<'a>],
}

/// The body at a place, or the first one inside it.
pub(super) fn members_at<'a>(source: &Source<'a>, place: &Place) -> Option<Members<'a>> {
    let span = span_of(place);
    let body = |node| match node {
        AstKind::TSInterfaceBody(body) => Some(Members { span: body.span, all: &body.body }),
        AstKind::TSTypeLiteral(literal) => Some(Members { span: literal.span, all: &literal.members }),
        _ => None,
    };
    source.within(span).find_map(body)
}

/// The body that a member stands in.
pub(super) fn members_around<'a>(source: &Source<'a>, member: Span) -> Option<Members<'a>> {
    source.chain(member).into_iter().rev().find_map(|node| match node {
        AstKind::TSInterfaceBody(body) => Some(Members { span: body.span, all: &body.body }),
        AstKind::TSTypeLiteral(literal) => Some(Members { span: literal.span, all: &literal.members }),
        _ => None,
    })
}

impl Members<'_> {
    /// Adds a member behind the last one, ended as the others are.
    pub(super) fn push(&self, source: &Source<'_>, member: &str) -> Vec<TextEdit> {
        let eol = source.eol();
        let Some(last) = self.all.last().map(GetSpan::span) else { return self.push_first(source, member) };
        let (start, end) = (last.start as usize, last.end as usize);
        let text = source.slice(last);
        let ending = text.chars().next_back().filter(|c| matches!(c, ';' | ','));
        let own_line = source.only(source.line_start(start), start, &[]);
        if own_line {
            let at = source.trailing_comment(end, &[]).map_or(end, |comment| comment.end as usize);
            let indent = source.indent_at(start);
            let ending = ending.map(String::from).unwrap_or_default();
            return vec![insertion(at, format!("{eol}{indent}{member}{ending}"))];
        }
        let other = self.all.iter().find_map(|member| source.slice(member.span()).chars().next_back());
        let separator = other.filter(|c| matches!(c, ';' | ',')).unwrap_or(';');
        vec![insertion(
            end,
            match ending {
                Some(ending) => format!(" {member}{ending}"),
                None => format!("{separator} {member}"),
            },
        )]
    }

    fn push_first(&self, source: &Source<'_>, member: &str) -> Vec<TextEdit> {
        let inside = inner(self.span);
        let declaration = source.chain(self.span).into_iter().rev().find_map(|node| match node {
            AstKind::TSInterfaceDeclaration(declaration) => Some(declaration.span),
            AstKind::TSTypeAliasDeclaration(declaration) => Some(declaration.span),
            _ => None,
        });
        let start = declaration.unwrap_or(self.span).start as usize;
        let (eol, indent) = (source.eol(), source.indent_at(start));
        let ending = if source.has_semicolons() { ";" } else { "" };
        let line = format!("{eol}{indent}{}{member}{ending}", source.indent_unit());
        if source.only(inside.start as usize, inside.end as usize, &[]) {
            let insert = format!("{line}{eol}{indent}");
            return vec![TextEdit { start: inside.start as usize, end: inside.end as usize, insert }];
        }
        vec![insertion(inside.start as usize, line)]
    }

    /// Takes a member out, with its line and its doc comment.
    pub(super) fn remove(&self, source: &Source<'_>, member: Span) -> Vec<TextEdit> {
        let (start, end) = (member.start as usize, member.end as usize);
        let first = source.doc_before(start).map_or(start, |doc| doc.start as usize);
        let inside = inner(self.span);
        let (open, close) = (inside.start as usize, inside.end as usize);
        if self.all.len() == 1 && source.only(open, first, &[]) && source.only(end, close, &[]) {
            return vec![deletion(open, close)];
        }
        let line_start = source.line_start(first);
        let alone_before = source.only(line_start, first, &[]);
        let alone_after =
            source.only(end, source.line_end(end), &[]) || source.trailing_comment(end, &[]).is_some();
        if alone_before && alone_after {
            return vec![deletion(line_start, source.next_line(end))];
        }
        let index = self.all.iter().position(|other| other.span() == member).unwrap_or(0);
        let before = index
            .checked_sub(1)
            .and_then(|before| self.all.get(before))
            .map(|before| before.span().end as usize);
        let after = self.all.get(index + 1).map(|after| after.span().start as usize);
        match (before, after) {
            (Some(before), None) => {
                // The separator before the last one goes with it when the last one had none.
                let ended = source.slice(member).ends_with([';', ',']);
                let text = source.text.get(..before).unwrap_or_default();
                let from = if !ended && text.ends_with([';', ',']) { before - 1 } else { before };
                vec![deletion(from, end)]
            }
            (_, Some(after)) => vec![deletion(start, after)],
            (None, None) => vec![deletion(start, end)],
        }
    }
}

/// The signature that a declaration's place is of.
pub(super) fn signature_at<'a>(source: &Source<'a>, place: &Place) -> Option<&'a TSPropertySignature<'a>> {
    let span = span_of(place);
    let exact = source.within(span).filter_map(|node| node.as_ts_property_signature());
    let found = exact.into_iter().find(|signature| signature.span.start == span.start);
    found.or_else(|| {
        source.chain(span).into_iter().rev().find_map(|node| node.as_ts_property_signature()).filter(
            |signature| signature.key.span().contains_inclusive(span) || signature.span.start == span.start,
        )
    })
}

/// The entry of an object literal that a declaration's place is of: a variant group, a PropTypes entry.
pub(super) fn entry_at<'a>(source: &Source<'a>, place: &Place) -> Option<&'a ObjectProperty<'a>> {
    let span = span_of(place);
    let inside = source.within(span).find_map(|node| node.as_object_property());
    let inside = inside.filter(|property| property.span.start == span.start);
    inside.or_else(|| {
        source
            .chain(span)
            .into_iter()
            .rev()
            .find_map(|node| node.as_object_property())
            .filter(|property| property.key.span().contains_inclusive(span))
    })
}
