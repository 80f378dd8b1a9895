//! The top-level names of a file and what they stand for.

use std::{cell::Cell, collections::HashMap};

use oxc_ast::ast::{
    AssignmentTarget, BindingPattern, Declaration, Expression, Function, ImportDeclaration,
    ImportDeclarationSpecifier, Program, Statement, TSEnumDeclaration, VariableDeclaration,
};
use oxc_span::Span;

use super::cut_text;
use crate::imports::{ComponentName, Reference};

/// How many expressions of one file are evaluated before the rest is taken as opaque.
const STEPS: u32 = 200_000;

/// What a top-level name of a file stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Binding<'p, 'a> {
    /// `const name = init`.
    Variable(&'p Expression<'a>),
    /// `import … from 'specifier'`; the exported name, or nothing for a namespace.
    Import { specifier: &'p str, name: Option<&'p str> },
    /// A TypeScript `enum`.
    Enum(&'p TSEnumDeclaration<'a>),
    /// A function declaration.
    Function,
    /// A class, a variable without a value, or one that is assigned anew.
    Other,
}

/// The top-level names of one file.
pub(crate) struct Scope<'p, 'a> {
    pub(crate) source: &'p str,
    pub(crate) bindings: HashMap<&'p str, Binding<'p, 'a>>,
    /// `Name.member = value` at the top level, in order.
    pub(crate) assigned: HashMap<&'p str, Vec<(&'p str, &'p Expression<'a>)>>,
    steps: Cell<u32>,
}

impl<'p, 'a> Scope<'p, 'a> {
    pub(crate) fn of(program: &'p Program<'a>, source: &'p str) -> Self {
        let mut scope =
            Self { source, bindings: HashMap::new(), assigned: HashMap::new(), steps: Cell::new(STEPS) };
        for statement in &program.body {
            scope.add_statement(statement);
        }
        scope
    }

    /// Takes one step of the file's budget.
    pub(super) fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    pub(crate) fn text(&self, span: Span) -> String {
        cut_text(self.source, span)
    }

    /// The reference that a name imported from elsewhere makes.
    pub(crate) fn imported(&self, name: &str, text: String) -> Option<Reference> {
        match self.bindings.get(name)? {
            Binding::Import { specifier, name } => Some(Reference {
                specifier: (*specifier).to_owned(),
                path: name.iter().map(|name| (*name).to_owned()).collect(),
                text,
            }),
            _ => None,
        }
    }

    /// The component that a dotted name written in the file stands for.
    pub(crate) fn component(&self, written: &str) -> ComponentName {
        let (root, members) =
            written.split_once('.').map_or((written, None), |(root, rest)| (root, Some(rest)));
        let Some(Binding::Import { specifier, name }) = self.bindings.get(root) else {
            return ComponentName { name: written.to_owned(), specifier: None, exported: None };
        };
        let exported = match (*name, members) {
            (Some(name), _) => Some(name.to_owned()),
            (None, members) => members.and_then(|members| members.split('.').next()).map(str::to_owned),
        };
        let name = match (*name, members) {
            (Some("default"), _) => written.to_owned(),
            (Some(name), Some(members)) => format!("{name}.{members}"),
            (Some(name), None) => name.to_owned(),
            // `Lib.Button` of a namespace is exported as `Button`.
            (None, members) => members.unwrap_or(root).to_owned(),
        };
        ComponentName { name, specifier: Some((*specifier).to_owned()), exported }
    }

    fn add_statement(&mut self, statement: &'p Statement<'a>) {
        match statement {
            Statement::VariableDeclaration(declaration) => self.add_variables(declaration),
            Statement::FunctionDeclaration(function) => self.add_function(function),
            Statement::ClassDeclaration(class) => {
                if let Some(id) = &class.id {
                    self.bindings.insert(id.name.as_str(), Binding::Other);
                }
            }
            Statement::TSEnumDeclaration(declaration) => {
                self.bindings.insert(declaration.id.name.as_str(), Binding::Enum(declaration));
            }
            Statement::ImportDeclaration(declaration) => self.add_import(declaration),
            Statement::ExportDeclaration(export) => match &export.declaration {
                Declaration::VariableDeclaration(declaration) => self.add_variables(declaration),
                Declaration::FunctionDeclaration(function) => self.add_function(function),
                Declaration::ClassDeclaration(class) => {
                    if let Some(id) = &class.id {
                        self.bindings.insert(id.name.as_str(), Binding::Other);
                    }
                }
                Declaration::TSEnumDeclaration(declaration) => {
                    self.bindings.insert(declaration.id.name.as_str(), Binding::Enum(declaration));
                }
                _ => {}
            },
            Statement::ExpressionStatement(statement) => self.add_assignment(&statement.expression),
            _ => {}
        }
    }

    fn add_variables(&mut self, declaration: &'p VariableDeclaration<'a>) {
        for declarator in &declaration.declarations {
            match (&declarator.id, &declarator.init) {
                (BindingPattern::BindingIdentifier(id), Some(init)) => {
                    self.bindings.insert(id.name.as_str(), Binding::Variable(init));
                }
                (pattern, _) => {
                    for id in pattern.get_binding_identifiers() {
                        self.bindings.insert(id.name.as_str(), Binding::Other);
                    }
                }
            }
        }
    }

    fn add_function(&mut self, function: &'p Function<'a>) {
        if let Some(id) = &function.id {
            self.bindings.insert(id.name.as_str(), Binding::Function);
        }
    }

    fn add_import(&mut self, declaration: &'p ImportDeclaration<'a>) {
        let specifier = declaration.source.value.as_str();
        for import in declaration.specifiers.iter().flatten() {
            let (local, name) = match import {
                ImportDeclarationSpecifier::ImportSpecifier(import) => {
                    (&import.local, Some(import.imported.name().as_str()))
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(import) => {
                    (&import.local, Some("default"))
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(import) => (&import.local, None),
            };
            self.bindings.insert(local.name.as_str(), Binding::Import { specifier, name });
        }
    }

    fn add_assignment(&mut self, expression: &'p Expression<'a>) {
        let Expression::AssignmentExpression(assignment) = expression else { return };
        match &assignment.left {
            AssignmentTarget::AssignmentTargetIdentifier(id) => {
                self.bindings.insert(id.name.as_str(), Binding::Other);
            }
            AssignmentTarget::StaticMemberExpression(target) => {
                if let Expression::Identifier(object) = target.object.get_inner_expression() {
                    let members = self.assigned.entry(object.name.as_str()).or_default();
                    members.push((target.property.name.as_str(), &assignment.right));
                }
            }
            _ => {}
        }
    }
}

/// The root name and the members of `a.b['c'].d`, where each is written out.
pub(crate) fn path_of<'p>(expression: &'p Expression<'_>) -> Option<(&'p str, Vec<String>)> {
    let mut members = Vec::new();
    let mut current = expression.get_inner_expression();
    loop {
        let object = match current {
            Expression::Identifier(id) => {
                members.reverse();
                return Some((id.name.as_str(), members));
            }
            Expression::StaticMemberExpression(member) => {
                members.push(member.property.name.to_string());
                &member.object
            }
            Expression::ComputedMemberExpression(member) => {
                members.push(match member.expression.get_inner_expression() {
                    Expression::StringLiteral(text) => text.value.to_string(),
                    Expression::NumericLiteral(number) => number.value.to_string(),
                    _ => return None,
                });
                &member.object
            }
            _ => return None,
        };
        current = object.get_inner_expression();
    }
}
