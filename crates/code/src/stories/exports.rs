//! Which exports of a story file may be stories.

use oxc_ast::ast::{
    BindingPattern, Declaration, ExportNamedDeclaration, Expression, ModuleExportName, Program, Statement,
};
use oxc_span::Span;

use super::{
    annotations::factory,
    lower::Lowering,
    syntax::{asserted, story_call},
};

/// An export that may be a story.
pub(super) struct Export<'p, 'a> {
    pub(super) name: String,
    pub(super) from: ExportFrom<'p>,
    pub(super) form: Form<'p, 'a>,
    pub(super) span: Span,
}

/// Where an export comes from.
pub(super) enum ExportFrom<'p> {
    /// A top-level name of the file.
    Local(&'p str),
    /// A name of another module.
    Module(&'p str, String),
}

/// How an export is written.
pub(super) enum Form<'p, 'a> {
    /// `export const Name = init`, `export function Name() {}`.
    Declared(Option<&'p Expression<'a>>),
    /// `export { local as Name }`.
    Specifier {
        /// Whether the name is quoted.
        is_quoted: bool,
        /// Whether only a type is exported.
        is_type: bool,
    },
}

impl<'p, 'a> Lowering<'p, 'a> {
    /// The exports that may be stories, in order.
    pub(super) fn exports(&self, program: &'p Program<'a>, is_factory: bool) -> Vec<Export<'p, 'a>> {
        let mut exports = Vec::new();
        for statement in &program.body {
            match statement {
                Statement::ExportDeclaration(export) => {
                    declared(&export.declaration, export.span, &mut exports);
                }
                Statement::ExportNamedDeclaration(export) => specifiers(export, &mut exports),
                Statement::ExportFromDeclaration(export) => {
                    for specifier in &export.specifiers {
                        exports.push(Export {
                            name: specifier.exported.name().to_string(),
                            from: ExportFrom::Module(
                                export.source.value.as_str(),
                                specifier.local.name().to_string(),
                            ),
                            form: Form::Specifier {
                                is_quoted: is_quoted(&specifier.exported),
                                is_type: export.export_kind.is_type() || specifier.export_kind.is_type(),
                            },
                            span: specifier.span,
                        });
                    }
                }
                _ => {}
            }
        }
        // Beside a factory's meta, only what factories make, and what is exported by a list, is a story.
        exports.retain(|export| match export.form {
            Form::Declared(init) if is_factory => {
                init.is_some_and(|init| factory(init).is_some() || story_call(asserted(init).0).is_some())
            }
            _ => export.name != "default",
        });
        exports
    }
}

fn declared<'p, 'a>(declaration: &'p Declaration<'a>, span: Span, exports: &mut Vec<Export<'p, 'a>>) {
    match declaration {
        Declaration::VariableDeclaration(variables) => {
            let is_only = variables.declarations.len() == 1;
            for declarator in &variables.declarations {
                if let BindingPattern::BindingIdentifier(id) = &declarator.id {
                    exports.push(Export {
                        name: id.name.to_string(),
                        from: ExportFrom::Local(id.name.as_str()),
                        form: Form::Declared(declarator.init.as_ref()),
                        span: if is_only { span } else { declarator.span },
                    });
                }
            }
        }
        Declaration::FunctionDeclaration(function) => {
            if let Some(id) = &function.id {
                exports.push(Export {
                    name: id.name.to_string(),
                    from: ExportFrom::Local(id.name.as_str()),
                    form: Form::Declared(None),
                    span,
                });
            }
        }
        _ => {}
    }
}

fn specifiers<'p, 'a>(export: &'p ExportNamedDeclaration<'a>, exports: &mut Vec<Export<'p, 'a>>) {
    for specifier in &export.specifiers {
        let ModuleExportName::IdentifierReference(local) = &specifier.local else { continue };
        exports.push(Export {
            name: specifier.exported.name().to_string(),
            from: ExportFrom::Local(local.name.as_str()),
            form: Form::Specifier {
                is_quoted: is_quoted(&specifier.exported),
                is_type: export.export_kind.is_type() || specifier.export_kind.is_type(),
            },
            span: specifier.span,
        });
    }
}

fn is_quoted(name: &ModuleExportName<'_>) -> bool {
    matches!(name, ModuleExportName::StringLiteral(_))
}
