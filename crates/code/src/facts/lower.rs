//! From a parsed file to its facts.

use std::{cell::RefCell, collections::HashSet};

use oxc_ast::ast;
use oxc_span::Span;

use super::{
    DEFAULT_EXPORT, Doc, EnumMember, Export, FileFacts, FunctionFacts, Import, Imported, Literal,
    MemberAssignment, Text, TypeBody, TypeDeclaration, Value, ValueDeclaration, function::declared_name,
    jsdoc,
};
use crate::markup::{Document, MarkupKind};

/// Lowers a parsed file.
pub(crate) fn lower(program: &ast::Program<'_>, source: &str) -> FileFacts {
    lower_with(program, source, |_, _| {})
}

/// Lowers a file with markup, of which `program` is what its scripts say.
pub(crate) fn lower_document(program: &ast::Program<'_>, source: &str, document: &Document<'_>) -> FileFacts {
    lower_with(program, source, |lowering, facts| match document.kind {
        MarkupKind::Vue => lowering.vue_component(program, document, facts),
        MarkupKind::Svelte => lowering.svelte_component(program, document, facts),
    })
}

fn lower_with(
    program: &ast::Program<'_>,
    source: &str,
    complete: impl FnOnce(&Lowering<'_>, &mut FileFacts),
) -> FileFacts {
    let mut facts = FileFacts { lines: line_starts(source).into(), ..FileFacts::default() };
    let lowering = Lowering::new(program, source);
    for statement in &program.body {
        lowering.statement(statement, &mut facts);
    }
    complete(&lowering, &mut facts);
    facts.specifiers =
        specifiers(&facts, lowering.type_imports.into_inner(), &lowering.mentioned.into_inner());
    facts.imports.sort_by(|a, b| a.local.cmp(&b.local));
    facts.types.sort_by(|a, b| a.name.cmp(&b.name));
    facts.values.sort_by(|a, b| a.name.cmp(&b.name));
    facts
}

/// The JSDoc comments of a file, each with what it is attached to.
fn docs(program: &ast::Program<'_>) -> Vec<(u32, Span)> {
    let mut docs: Vec<(u32, Span)> = program
        .comments
        .iter()
        .filter(|comment| comment.is_jsdoc())
        .map(|comment| (comment.attached_to, comment.content_span()))
        .collect();
    // Of several comments before one thing, the last is about it: a stable sort keeps their order.
    docs.sort_by_key(|(attached_to, _)| *attached_to);
    docs
}

/// The modules that the facts refer to. A package that only function bodies use says nothing of any contract.
fn specifiers(facts: &FileFacts, mut all: Vec<Text>, mentioned: &HashSet<Text>) -> Vec<Text> {
    let exports_again = |local: &Text| {
        facts
            .exports
            .iter()
            .any(|export| matches!(export, Export::Local { local: known, .. } if known == local))
    };
    let is_needed = |import: &&Import| {
        import.specifier.starts_with('.') || mentioned.contains(&import.local) || exports_again(&import.local)
    };
    all.extend(facts.imports.iter().filter(is_needed).map(|import| import.specifier.clone()));
    all.extend(facts.exports.iter().filter_map(|export| match export {
        Export::From { specifier, .. } | Export::All { specifier } => Some(specifier.clone()),
        Export::Local { .. } => None,
    }));
    all.sort_unstable();
    all.dedup();
    all
}

pub(crate) fn line_starts(source: &str) -> Vec<u32> {
    const USUAL_LENGTH: usize = 32;
    let mut starts = Vec::with_capacity(1 + source.len() / USUAL_LENGTH);
    starts.push(0);
    // Lines are so short that to look at every byte is quicker than to search for the next end.
    let mut next = 0_u32;
    for byte in source.bytes() {
        next = next.saturating_add(1);
        if byte == b'\n' {
            starts.push(next);
        }
    }
    starts
}

/// What lowering needs of the file beside the tree.
pub(super) struct Lowering<'s> {
    pub source: &'s str,
    docs: Vec<(u32, Span)>,
    /// The modules of `import('…').T`.
    pub type_imports: RefCell<Vec<Text>>,
    /// The names that types and values refer to.
    pub mentioned: RefCell<HashSet<Text>>,
}

impl<'s> Lowering<'s> {
    pub(super) fn new(program: &ast::Program<'_>, source: &'s str) -> Self {
        Self { source, docs: docs(program), type_imports: RefCell::default(), mentioned: RefCell::default() }
    }

    /// Takes note of what a path of names starts with.
    pub(super) fn mentions(&self, path: Vec<Text>) -> Vec<Text> {
        if let Some(first) = path.first()
            && !self.mentioned.borrow().contains(first)
        {
            self.mentioned.borrow_mut().insert(first.clone());
        }
        path
    }

    /// The JSDoc comment before the thing that starts at a byte.
    pub(super) fn doc(&self, start: u32) -> Option<Box<Doc>> {
        jsdoc::parse(self.comment(start)?.0).map(Box::new)
    }

    /// The inside of the JSDoc comment before the thing that starts at a byte, and where it starts.
    pub(super) fn comment(&self, start: u32) -> Option<(&'s str, usize)> {
        let after = self.docs.partition_point(|(attached_to, _)| *attached_to <= start);
        let (attached_to, span) = self.docs.get(after.checked_sub(1)?)?;
        if *attached_to != start {
            return None;
        }
        let (start, end) = (span.start as usize, span.end as usize);
        Some((self.source.get(start..end)?, start))
    }

    /// The source text of a span, cut to 80 characters.
    pub(super) fn excerpt(&self, span: Span) -> Text {
        let text = self.source.get(span.start as usize..span.end as usize).unwrap_or_default();
        text.chars().take(80).collect::<String>().into()
    }

    fn statement(&self, statement: &ast::Statement<'_>, facts: &mut FileFacts) {
        match statement {
            ast::Statement::ImportDeclaration(import) => imports(import, facts),
            ast::Statement::ExportAllDeclaration(all) => facts.exports.push(match &all.exported {
                Some(name) => Export::From {
                    name: export_name(name),
                    specifier: all.source.value.as_str().into(),
                    imported: Imported::Namespace,
                },
                None => Export::All { specifier: all.source.value.as_str().into() },
            }),
            ast::Statement::ExportFromDeclaration(from) => {
                facts.exports.extend(from.specifiers.iter().map(|specifier| Export::From {
                    name: export_name(&specifier.exported),
                    specifier: from.source.value.as_str().into(),
                    imported: Imported::Name(export_name(&specifier.local)),
                }));
            }
            ast::Statement::ExportNamedDeclaration(named) => {
                facts.exports.extend(named.specifiers.iter().map(|specifier| Export::Local {
                    name: export_name(&specifier.exported),
                    local: export_name(&specifier.local),
                }));
            }
            ast::Statement::ExportDeclaration(export) => {
                let before = (facts.types.len(), facts.values.len());
                self.declaration(&export.declaration, export.span, facts);
                let types = facts.types[before.0..].iter().map(|declaration| &declaration.name);
                let values = facts.values[before.1..].iter().map(|declaration| &declaration.name);
                for name in types.chain(values) {
                    facts.exports.push(Export::Local { name: name.clone(), local: name.clone() });
                }
            }
            ast::Statement::ExportDefaultDeclaration(export) => self.default_export(export, facts),
            ast::Statement::TSExportAssignment(export) => {
                let value = self.value(&export.expression);
                self.export_default_value(value, export.span, facts);
            }
            ast::Statement::ExpressionStatement(statement) => self.assignment(&statement.expression, facts),
            other => {
                if let Some(declaration) = other.as_declaration() {
                    self.declaration(declaration, oxc_span::GetSpan::span(declaration), facts);
                }
            }
        }
    }

    /// A declaration; `outer` is its span with `export`, which is what a comment before it is attached to.
    fn declaration(&self, declaration: &ast::Declaration<'_>, outer: Span, facts: &mut FileFacts) {
        match declaration {
            ast::Declaration::VariableDeclaration(variables) => {
                for declarator in &variables.declarations {
                    let Some(name) = declared_name(&declarator.id) else { continue };
                    let value =
                        declarator.init.as_ref().map_or(Value::Other(outer.into()), |init| self.value(init));
                    facts.values.push(ValueDeclaration {
                        name,
                        range: outer.into(),
                        annotation: self.annotation(declarator.type_annotation.as_deref()),
                        value,
                        doc: self.doc(outer.start),
                    });
                }
            }
            ast::Declaration::FunctionDeclaration(function) => {
                if let Some(id) = &function.id {
                    let lowered = self.function(function);
                    self.add_function(
                        id.name.as_str().into(),
                        lowered,
                        function.body.is_some(),
                        outer,
                        facts,
                    );
                }
            }
            ast::Declaration::ClassDeclaration(class) => {
                if let Some(id) = &class.id {
                    let name = Text::from(id.name.as_str());
                    facts.types.push(TypeDeclaration {
                        name: name.clone(),
                        range: class.span.into(),
                        parameters: Vec::new(),
                        body: TypeBody::Class,
                    });
                    let value = Value::Class(Box::new(self.class(class)));
                    facts.values.push(self.value_declaration(name, value, outer));
                }
            }
            ast::Declaration::TSTypeAliasDeclaration(alias) => facts.types.push(TypeDeclaration {
                name: alias.id.name.as_str().into(),
                range: alias.span.into(),
                parameters: self.type_parameters(alias.type_parameters.as_deref()),
                body: TypeBody::Alias(self.ty(&alias.type_annotation)),
            }),
            ast::Declaration::TSInterfaceDeclaration(interface) => {
                facts.types.push(self.interface(interface))
            }
            ast::Declaration::TSEnumDeclaration(declaration) => {
                let members = self.enum_members(&declaration.body.members);
                let name = Text::from(declaration.id.name.as_str());
                facts.types.push(TypeDeclaration {
                    name,
                    range: declaration.span.into(),
                    parameters: Vec::new(),
                    body: TypeBody::Enum(members),
                });
            }
            ast::Declaration::TSNamespaceDeclaration(_)
            | ast::Declaration::TSExternalModuleDeclaration(_)
            | ast::Declaration::TSGlobalDeclaration(_)
            | ast::Declaration::TSImportEqualsDeclaration(_) => {}
        }
    }

    fn value_declaration(&self, name: Text, value: Value, outer: Span) -> ValueDeclaration {
        ValueDeclaration { name, range: outer.into(), annotation: None, value, doc: self.doc(outer.start) }
    }

    /// Overloads of one function are one value: its last signature is the implementation.
    fn add_function(
        &self,
        name: Text,
        function: FunctionFacts,
        has_body: bool,
        outer: Span,
        facts: &mut FileFacts,
    ) {
        let overload = facts.values.iter_mut().rev().take(16).find(|known| known.name == name);
        match overload.map(|known| &mut known.value) {
            Some(Value::Function(first)) if has_body => {
                first.renders = function.renders;
                first.taken = function.taken;
                first.forwards = function.forwards;
            }
            Some(Value::Function(_)) => {}
            _ => {
                let declaration = self.value_declaration(name, Value::Function(Box::new(function)), outer);
                facts.values.push(declaration);
            }
        }
    }

    fn interface(&self, interface: &ast::TSInterfaceDeclaration<'_>) -> TypeDeclaration {
        let extends = interface
            .extends
            .iter()
            .map(|heritage| super::Type::Reference {
                path: self.mentions(super::types::type_name(&heritage.type_name)),
                arguments: self.arguments(heritage.type_arguments.as_deref()),
            })
            .collect();
        TypeDeclaration {
            name: interface.id.name.as_str().into(),
            range: interface.span.into(),
            parameters: self.type_parameters(interface.type_parameters.as_deref()),
            body: TypeBody::Interface {
                extends,
                object: self.object_type(interface.body.span.into(), &interface.body.body, 0),
            },
        }
    }

    fn enum_members(&self, members: &[ast::TSEnumMember<'_>]) -> Vec<EnumMember> {
        let mut next = Some(0.0);
        members
            .iter()
            .filter_map(|member| {
                let name: Text = match &member.id {
                    ast::TSEnumMemberName::Identifier(name) => name.name.as_str().into(),
                    ast::TSEnumMemberName::String(name) | ast::TSEnumMemberName::ComputedString(name) => {
                        name.value.as_str().into()
                    }
                    ast::TSEnumMemberName::ComputedTemplateString(_) => return None,
                };
                let mut range = member.span.into();
                let value = match &member.initializer {
                    Some(initializer) => match self.value(initializer) {
                        Value::Literal(literal, written) => {
                            range = written;
                            Some(literal)
                        }
                        _ => None,
                    },
                    None => next.map(|number| Literal::Number(super::types::number_text(number))),
                };
                next = match &value {
                    Some(Literal::Number(number)) => number.parse::<f64>().ok().map(|number| number + 1.0),
                    _ => None,
                };
                Some(EnumMember { name, range, value })
            })
            .collect()
    }

    fn default_export(&self, export: &ast::ExportDefaultDeclaration<'_>, facts: &mut FileFacts) {
        let (name, value) = match &export.declaration {
            ast::ExportDefaultDeclarationKind::FunctionDeclaration(function) => (
                function.id.as_ref().map(|id| Text::from(id.name.as_str())),
                Value::Function(Box::new(self.function(function))),
            ),
            ast::ExportDefaultDeclarationKind::ClassDeclaration(class) => (
                class.id.as_ref().map(|id| Text::from(id.name.as_str())),
                Value::Class(Box::new(self.class(class))),
            ),
            ast::ExportDefaultDeclarationKind::TSInterfaceDeclaration(interface) => {
                let declaration = self.interface(interface);
                let local = declaration.name.clone();
                facts.types.push(declaration);
                facts.exports.push(Export::Local { name: "default".into(), local });
                return;
            }
            other => match other.as_expression() {
                Some(expression) => (None, self.value(expression)),
                None => return,
            },
        };
        match name {
            Some(name) => {
                facts.values.push(self.value_declaration(name.clone(), value, export.span));
                facts.exports.push(Export::Local { name: "default".into(), local: name });
            }
            None => self.export_default_value(value, export.span, facts),
        }
    }

    fn export_default_value(&self, value: Value, span: Span, facts: &mut FileFacts) {
        let local = match &value {
            Value::Path(path, _) if path.len() == 1 => path[0].clone(),
            _ => {
                facts.values.push(self.value_declaration(DEFAULT_EXPORT.into(), value, span));
                DEFAULT_EXPORT.into()
            }
        };
        facts.exports.push(Export::Local { name: "default".into(), local });
    }

    /// `Card.Header = …` and `Object.assign(Card, { … })` as statements.
    fn assignment(&self, expression: &ast::Expression<'_>, facts: &mut FileFacts) {
        match expression {
            ast::Expression::AssignmentExpression(assignment) => {
                let Some(member) = assignment.left.as_member_expression() else { return };
                let ast::Expression::Identifier(owner) = member.object().get_inner_expression() else {
                    return;
                };
                let Some(name) = member.static_property_name() else { return };
                if name == "displayName" {
                    return;
                }
                facts.members.push(MemberAssignment {
                    owner: owner.name.as_str().into(),
                    member: name.into(),
                    value: self.value(&assignment.right),
                });
            }
            ast::Expression::CallExpression(_) => {
                let Value::Call(call) = self.value(expression) else { return };
                let (Value::Path(callee, _), [Value::Path(owner, _), parts @ ..]) =
                    (&call.callee, &*call.arguments)
                else {
                    return;
                };
                let is_assign =
                    matches!(&**callee, [object, assign] if &**object == "Object" && &**assign == "assign");
                if !is_assign || owner.len() != 1 {
                    return;
                }
                for part in parts {
                    let Value::Object(members, _) = part else { continue };
                    for member in members {
                        let super::ObjectMember::Property { key, value, .. } = member else { continue };
                        facts.members.push(MemberAssignment {
                            owner: owner[0].clone(),
                            member: key.clone(),
                            value: value.clone(),
                        });
                    }
                }
            }
            _ => {}
        }
    }
}

fn imports(import: &ast::ImportDeclaration<'_>, facts: &mut FileFacts) {
    let specifier: Text = import.source.value.as_str().into();
    for binding in import.specifiers.iter().flatten() {
        let (local, imported) = match binding {
            ast::ImportDeclarationSpecifier::ImportSpecifier(named) => {
                (named.local.name.as_str(), Imported::Name(export_name(&named.imported)))
            }
            ast::ImportDeclarationSpecifier::ImportDefaultSpecifier(default) => {
                (default.local.name.as_str(), Imported::Name("default".into()))
            }
            ast::ImportDeclarationSpecifier::ImportNamespaceSpecifier(namespace) => {
                (namespace.local.name.as_str(), Imported::Namespace)
            }
        };
        facts.imports.push(Import { local: local.into(), specifier: specifier.clone(), imported });
    }
}

fn export_name(name: &ast::ModuleExportName<'_>) -> Text {
    name.name().as_str().into()
}
