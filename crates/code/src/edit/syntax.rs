//! A parsed source file, its nodes in order, and how to find those at a place.

use oxc_allocator::Allocator;
use oxc_ast::{AstKind, ast::*};
use oxc_ast_visit::Visit;
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType, Span};

use super::draft::Refusal;
use crate::{markup::Document, model::Place, scan::nested_too_deeply};

/// A file as it stands now, parsed.
pub(super) struct Source<'a> {
    pub(super) file: String,
    /// Of a file with markup, the scripts alone, each where it stands in the file.
    pub(super) text: &'a str,
    pub(super) program: &'a Program<'a>,
    /// All nodes, each before its children.
    pub(super) nodes: Vec<AstKind<'a>>,
}

/// Parses a file of any of the languages that components are written in.
///
/// # Errors
/// The first syntax error, as the parser words it.
pub(super) fn parse<'a>(allocator: &'a Allocator, file: &str, text: &str) -> Result<Source<'a>, String> {
    let document = Document::of(file, text);
    let scripts = document.as_ref().map(Document::script_text);
    let text = scripts.as_deref().unwrap_or(text);
    if nested_too_deeply(text).is_some() {
        return Err("it is nested too deeply to be read".to_owned());
    }
    let kind = SourceType::from_path(file).unwrap_or_else(|_| SourceType::tsx());
    let kind = if kind.is_typescript() { kind } else { kind.with_jsx(true) };
    let kind = document.as_ref().map_or(kind, Document::source_type);
    let text = allocator.alloc_str(text);
    let parsed = Parser::new(allocator, text, kind).parse();
    if parsed.panicked || parsed.diagnostics.has_errors() {
        let first = parsed.diagnostics.errors().next().map(ToString::to_string);
        return Err(first.unwrap_or_else(|| "unreadable syntax".to_owned()));
    }
    let program = &*allocator.alloc(parsed.program);
    let mut collector = Collector { nodes: Vec::new() };
    collector.visit_program(program);
    Ok(Source { file: file.to_owned(), text, program, nodes: collector.nodes })
}

struct Collector<'a> {
    nodes: Vec<AstKind<'a>>,
}

impl<'a> Visit<'a> for Collector<'a> {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        self.nodes.push(kind);
    }
}

impl<'a> Source<'a> {
    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The nodes that contain a range, outermost first.
    pub(super) fn chain(&self, span: Span) -> Vec<AstKind<'a>> {
        self.nodes.iter().copied().filter(|node| node.span().contains_inclusive(span)).collect()
    }

    /// The nodes inside a range.
    pub(super) fn within(&self, span: Span) -> impl Iterator<Item = AstKind<'a>> + '_ {
        self.nodes.iter().copied().filter(move |node| span.contains_inclusive(node.span()))
    }

    pub(super) fn place(&self, span: Span) -> Place {
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let line = u32::try_from(before.bytes().filter(|byte| *byte == b'\n').count() + 1);
        Place {
            file: self.file.as_str().into(),
            start: span.start,
            end: span.end,
            line: line.unwrap_or(u32::MAX),
        }
    }

    pub(super) fn refuse(&self, span: Span, reason: impl Into<String>) -> Refusal {
        Refusal { places: vec![(self.place(span), reason.into())] }
    }
}

pub(super) fn span_of(place: &Place) -> Span {
    Span::new(place.start, place.end.max(place.start))
}

/// The value of a literal as an option's name: `'small'`, `2`, `true`.
pub(super) fn literal_text(expression: &Expression<'_>) -> Option<String> {
    match expression.get_inner_expression() {
        Expression::StringLiteral(literal) => Some(literal.value.to_string()),
        Expression::TemplateLiteral(literal) => literal.single_quasi().map(|text| text.to_string()),
        Expression::NumericLiteral(literal) => Some(number_text(literal.value)),
        Expression::BooleanLiteral(literal) => Some(literal.value.to_string()),
        Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::UnaryNegation => {
            literal_text(&unary.argument).map(|text| format!("-{text}"))
        }
        _ => None,
    }
}

pub(super) fn number_text(value: f64) -> String {
    value.to_string()
}

/// The value of a literal type as an option's name.
pub(super) fn literal_type_text(literal: &TSLiteral<'_>) -> Option<String> {
    match literal {
        TSLiteral::StringLiteral(literal) => Some(literal.value.to_string()),
        TSLiteral::TemplateLiteral(literal) => literal.single_quasi().map(|text| text.to_string()),
        TSLiteral::NumericLiteral(literal) => Some(number_text(literal.value)),
        TSLiteral::BooleanLiteral(literal) => Some(literal.value.to_string()),
        TSLiteral::UnaryExpression(unary) if unary.operator == UnaryOperator::UnaryNegation => {
            literal_text(&unary.argument).map(|text| format!("-{text}"))
        }
        _ => None,
    }
}

/// The name of a key that is not computed at run time.
pub(super) fn key_name(key: &PropertyKey<'_>) -> Option<String> {
    match key {
        PropertyKey::StaticIdentifier(identifier) => Some(identifier.name.to_string()),
        PropertyKey::StringLiteral(literal) => Some(literal.value.to_string()),
        PropertyKey::NumericLiteral(literal) => Some(number_text(literal.value)),
        _ => None,
    }
}

/// The property of an object literal that has that key.
pub(super) fn property_named<'a>(
    object: &'a ObjectExpression<'a>,
    name: &str,
) -> Option<&'a ObjectProperty<'a>> {
    object
        .properties
        .iter()
        .filter_map(ObjectPropertyKind::as_property)
        .find(|property| !property.computed && key_name(&property.key).as_deref() == Some(name))
}

/// The object literal that an expression is, through `as`, `satisfies` and parentheses.
pub(super) fn object_of<'a>(expression: &'a Expression<'a>) -> Option<&'a ObjectExpression<'a>> {
    match expression.get_inner_expression() {
        Expression::ObjectExpression(object) => Some(object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_bytes_behind_a_byte_order_mark_too() {
        let allocator = Allocator::default();
        let text = "\u{feff}type A = 'x' | 'y';\r\ninterface P { a?: A; b: string }";
        let source = parse(&allocator, "a.ts", text).unwrap();
        let union = source.nodes.iter().find_map(|node| node.as_ts_union_type()).unwrap();
        assert_eq!(source.slice(union.span), "'x' | 'y'");
        let signatures: Vec<&str> = source
            .nodes
            .iter()
            .filter_map(|node| node.as_ts_property_signature())
            .map(|signature| source.slice(signature.span))
            .collect();
        assert_eq!(signatures, ["a?: A;", "b: string"]);
    }

    #[test]
    fn a_leading_bar_belongs_to_the_union() {
        let allocator = Allocator::default();
        let source = parse(&allocator, "a.ts", "type A =\n  | 'x'\n  | 'y'").unwrap();
        let union = source.nodes.iter().find_map(|node| node.as_ts_union_type()).unwrap();
        assert_eq!(source.slice(union.span), "| 'x'\n  | 'y'");
        assert_eq!(source.slice(union.types[0].span()), "'x'");
    }
}
