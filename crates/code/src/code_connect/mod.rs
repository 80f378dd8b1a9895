//! Code Connect: files that say which component a design node stands for, and how their properties correspond.
//!
//! Both kinds are read: `figma.connect(…)` and parserless templates. [`lower`] reads one file into [`ConnectFacts`],
//! which depend on that file alone; [`resolve`] applies the configuration and resolves imports.

mod config;
mod connect;
mod facts;
mod flow;
mod markup;
mod reads;
mod resolve;
mod template;
#[cfg(test)]
mod tests;
mod url;
mod uses;

pub use config::{CodeConnectConfig, CodeConnectFiles, ConfigError, read_config};
pub use facts::{ConnectFacts, ConnectionFacts};
pub use resolve::resolve;
pub use url::{AddressError, NodeAddress, node_id, parse_address};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use oxc_ast::ast::{Program, Statement};
use oxc_span::Span;

use crate::literal::Scope;

/// Whether a file's name says that it is a Code Connect file: `Button.figma.tsx`.
pub fn is_code_connect_file(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    [".figma.ts", ".figma.js", ".figma.tsx", ".figma.jsx"].iter().any(|ending| name.ends_with(ending))
}

/// Reads what one file says about design nodes. Nothing when it is no Code Connect file: it neither imports Code
/// Connect, nor is it a template by its name and header.
pub fn lower(program: &Program<'_>, source: &str, file: &str) -> Option<ConnectFacts> {
    let imports = |specifier: &str| {
        program.body.iter().any(|statement| {
            matches!(statement, Statement::ImportDeclaration(import) if import.source.value == specifier)
        })
    };
    let connects = ["@figma/code-connect", "@figma/code-connect/react", "@figma/code-connect/html"];
    if connects.iter().any(|specifier| imports(specifier)) {
        let facts = connect::lower(&Scope::of(program, source), program, file);
        return (is_code_connect_file(file) || !facts.connections.is_empty()).then_some(facts);
    }
    if !is_code_connect_file(file) {
        return None;
    }
    template::lower(&Scope::of(program, source), program, file)
}

fn report(file: &str, source: &str, span: Span, code: &str, message: &str, hint: &str) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        place: Some(TextPlace::of(source, span.start as usize, span.end as usize)),
        severity: DiagnosticSeverity::Warning,
        code: code.to_owned(),
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    }
}
