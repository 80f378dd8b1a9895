//! Which exports of a story file may be stories.

use oxc_ast::ast::{BindingPattern, Declaration, Expression, ModuleExportName, Program, Statement};
use oxc_span::Span;

use super::{annotations::factory, lower::Lowering};
use crate::literal::path_of;

/// An export that may be a story.
pub(super) struct Export<'p> {
    pub(super) name: String,
    pub(super) from: ExportFrom<'p>,
    pub(super) span: Span,
    /// Whether `Name.test(…)` is called on it.
    pub(super) has_tests: bool,
}

/// Where an export comes from.
pub(super) enum ExportFrom<'p> {
    /// A top-level name of the file.
    Local(&'p str),
    /// A name of another module.
    Module(&'p str, String),
}

impl<'p, 'a> Lowering<'p, 'a> {
    /// The exports that may be stories, in order.
    pub(super) fn exports(&self, program: &'p Program<'a>, is_factory: bool) -> Vec<Export<'p>> {
        let mut exports = Vec::new();
        for statement in &program.body {
            match statement {
                Statement::ExportDeclaration(export) => match &export.declaration {
                    Declaration::VariableDeclaration(variables) => {
                        for declarator in &variables.declarations {
                            if let BindingPattern::BindingIdentifier(id) = &declarator.id {
                                let span = if variables.declarations.len() == 1 {
                                    export.span
                                } else {
                                    declarator.span
                                };
                                exports.push(local_export(id.name.to_string(), id.name.as_str(), span));
                            }
                        }
                    }
                    Declaration::FunctionDeclaration(function) => {
                        if let Some(id) = &function.id {
                            exports.push(local_export(id.name.to_string(), id.name.as_str(), export.span));
                        }
                    }
                    _ => {}
                },
                Statement::ExportNamedDeclaration(export) if !export.export_kind.is_type() => {
                    for specifier in &export.specifiers {
                        let local = match &specifier.local {
                            ModuleExportName::IdentifierReference(id) => id.name.as_str(),
                            _ => continue,
                        };
                        if !specifier.export_kind.is_type() && self.scope.bindings.contains_key(local) {
                            exports.push(local_export(
                                specifier.exported.name().to_string(),
                                local,
                                specifier.span,
                            ));
                        }
                    }
                }
                Statement::ExportFromDeclaration(export) if !export.export_kind.is_type() => {
                    for specifier in export.specifiers.iter().filter(|s| !s.export_kind.is_type()) {
                        exports.push(Export {
                            name: specifier.exported.name().to_string(),
                            from: ExportFrom::Module(
                                export.source.value.as_str(),
                                specifier.local.name().to_string(),
                            ),
                            span: specifier.span,
                            has_tests: false,
                        });
                    }
                }
                _ => {}
            }
        }
        let tested = self.tested(program);
        for export in &mut exports {
            export.has_tests = matches!(export.from, ExportFrom::Local(local) if tested.contains(&local));
        }
        // Beside a factory's meta, only what factories make is a story.
        exports.retain(|export| match export.from {
            ExportFrom::Local(local) if is_factory => {
                self.initialiser(local).is_some_and(|init| factory(init).is_some())
            }
            _ => true,
        });
        exports
    }

    /// The stories that `Story.test('…', …)` is called on.
    fn tested(&self, program: &'p Program<'a>) -> Vec<&'p str> {
        let calls = program.body.iter().filter_map(|statement| match statement {
            Statement::ExpressionStatement(statement) => Some(&statement.expression),
            _ => None,
        });
        calls
            .filter_map(|expression| {
                let Expression::CallExpression(call) = expression else { return None };
                let (root, members) = path_of(&call.callee)?;
                (members == ["test"]).then_some(root)
            })
            .collect()
    }
}

fn local_export(name: String, local: &str, span: Span) -> Export<'_> {
    Export { name, from: ExportFrom::Local(local), span, has_tests: false }
}
