//! Types and values that stand in texts of another kind: attributes, comments, JSON.

use oxc_allocator::Allocator;
use oxc_ast::ast;
use oxc_parser::Parser;
use oxc_span::SourceType;

use super::{Type, TypeParameter, Value, lower::Lowering};

/// A text longer than this is no type that a contract could be read from.
const LONGEST: usize = 64 << 10;

/// The type that a text says, whose first byte is the file's byte `start`.
pub(crate) fn type_at(text: &str, start: usize) -> Option<Type> {
    const BEFORE: &str = "type T=";
    let mut ty = parsed(BEFORE, text, "", |statement, lowering| match statement {
        ast::Statement::TSTypeAliasDeclaration(alias) => Some(lowering.ty(&alias.type_annotation)),
        _ => None,
    })?;
    ty.shift(distance(start, BEFORE));
    Some(ty)
}

/// The value that a text says.
pub(crate) fn value_at(text: &str, start: usize) -> Option<Value> {
    const BEFORE: &str = "v=(";
    let mut value = parsed(BEFORE, text, "\n)", |statement, lowering| match statement {
        ast::Statement::ExpressionStatement(statement) => match &statement.expression {
            ast::Expression::AssignmentExpression(assignment) => Some(lowering.value(&assignment.right)),
            _ => None,
        },
        _ => None,
    })?;
    value.shift(distance(start, BEFORE));
    Some(value)
}

/// The type parameters that a text lists: `T extends string, U`.
pub(crate) fn type_parameters_at(text: &str, start: usize) -> Vec<TypeParameter> {
    const BEFORE: &str = "type T<";
    let read = |statement: &ast::Statement<'_>, lowering: &Lowering<'_>| match statement {
        ast::Statement::TSTypeAliasDeclaration(alias) => {
            Some(lowering.type_parameters(alias.type_parameters.as_deref()))
        }
        _ => None,
    };
    let mut parameters = parsed(BEFORE, text, ">=0", read).unwrap_or_default();
    parameters.iter_mut().for_each(|parameter| parameter.shift(distance(start, BEFORE)));
    parameters
}

fn distance(start: usize, before: &str) -> i64 {
    i64::try_from(start).unwrap_or(i64::MAX / 2) - i64::try_from(before.len()).unwrap_or_default()
}

fn parsed<T>(
    before: &str,
    text: &str,
    after: &str,
    read: impl FnOnce(&ast::Statement<'_>, &Lowering<'_>) -> Option<T>,
) -> Option<T> {
    if text.len() > LONGEST || crate::scan::nested_too_deeply(text).is_some() {
        return None;
    }
    let source = format!("{before}{text}{after}");
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &source, SourceType::ts()).parse();
    if parsed.panicked || parsed.diagnostics.has_errors() {
        return None;
    }
    let [statement] = &parsed.program.body[..] else { return None };
    read(statement, &Lowering::new(&parsed.program, &source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Literal, Range};

    #[test]
    fn a_type_knows_where_it_stands_in_the_file() {
        let file = "{\"some\": \"text\", \"type\": \"'a' | 'b'\"}";
        let start = file.find("'a'").unwrap();
        let Some(Type::Union(members)) = type_at("'a' | 'b'", start) else { panic!("no union") };
        let Type::Literal(Literal::String(second), Range { start, end }) = &members[1] else { panic!() };
        assert_eq!((&**second, &file[*start as usize..*end as usize]), ("b", "'b'"));
    }

    #[test]
    fn what_is_no_type_or_more_than_one_is_none() {
        for text in ["", "a b", "string; type U = number", "'a' |", "string // x\n; let a"] {
            assert_eq!(type_at(text, 100), None, "{text}");
        }
    }
}
