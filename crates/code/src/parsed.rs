//! Parsing for unit tests.

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::Parser;
use oxc_span::SourceType;

/// Parses a source text as its file name says, and hands the program to a function.
pub(crate) fn parsed<T>(file: &str, source: &str, read: impl FnOnce(&Program<'_>) -> T) -> T {
    let allocator = Allocator::default();
    let kind = SourceType::from_path(file).unwrap();
    let parsed = Parser::new(&allocator, source, kind).parse();
    assert!(!parsed.panicked, "{file} does not parse: {:?}", parsed.diagnostics);
    read(&parsed.program)
}
