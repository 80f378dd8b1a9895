//! The files of a `.storybook` folder: `main` says which stories are shown, `preview` which tags all of them have.

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use oxc_ast::ast::{
    AssignmentTarget, Declaration, ExportDefaultDeclarationKind, Expression, Program, Statement,
};
use oxc_span::{GetSpan, Span};
use serde::{Deserialize, Serialize};

use super::options::{DEFAULT_FILES, StoriesEntry, StoryOptions, Storybook};
use crate::literal::{Binding, Part, Scope, Value, member};

/// What one file of a `.storybook` folder says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorybookFacts {
    /// The `stories` entries of `main`, their folders relative to the workspace.
    pub entries: Vec<StoriesEntry>,
    /// Whether all of `main`'s entries could be read.
    pub complete: bool,
    /// The `tags` of `preview`.
    pub tags: Vec<String>,
    /// Whether `main` names an addon that shows pages of documentation; nothing where its addons can't be read.
    pub has_docs: Option<bool>,
    /// `docs.defaultName` of `main`.
    pub docs_name: Option<String>,
    /// `docs.autodocs` of `main`.
    pub autodocs: Option<bool>,
    /// What is wrong with the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether a file is `main` or `preview` of a `.storybook` folder.
pub fn is_storybook_file(file: &str) -> bool {
    role(file).is_some()
}

#[derive(PartialEq)]
enum Role {
    Main,
    Preview,
}

fn role(file: &str) -> Option<Role> {
    let (folder, name) = file.rsplit_once('/')?;
    if folder.rsplit('/').next() != Some(".storybook") {
        return None;
    }
    match name.split_once('.')? {
        ("main", "js" | "cjs" | "mjs" | "ts" | "cts" | "mts") => Some(Role::Main),
        ("preview", "js" | "jsx" | "mjs" | "ts" | "tsx" | "mts") => Some(Role::Preview),
        _ => None,
    }
}

/// Reads `main` or `preview` of a `.storybook` folder; nothing for other files.
pub fn lower_storybook(program: &Program<'_>, source: &str, file: &str) -> Option<StorybookFacts> {
    let role = role(file)?;
    let scope = Scope::of(program, source);
    let mut facts = StorybookFacts::default();
    let parts = config(&scope, program);
    let parts = parts.as_slice();
    if role == Role::Preview {
        facts.tags = strings(member(parts, "tags"));
        return Some(facts);
    }
    facts.has_docs = has_docs(member(parts, "addons"));
    let docs = member(parts, "docs");
    let docs = |name: &str| docs.and_then(|docs| docs.get(name));
    facts.docs_name = docs("defaultName").and_then(Value::as_str).map(str::to_owned);
    facts.autodocs = match docs("autodocs") {
        Some(Value::Scalar(serde_json::Value::Bool(on))) => Some(*on),
        _ => None,
    };
    let Some(Value::Array(items)) = member(parts, "stories") else {
        let message = "the `stories` of this Storybook can't be read without running its main file";
        facts.diagnostics.push(warning(file, source, Span::new(0, 0), message));
        return Some(facts);
    };
    facts.complete = true;
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    for item in items {
        match entry(item, folder) {
            Some(entry) => facts.entries.push(entry),
            None => {
                facts.complete = false;
                let message = "an entry of `stories` is computed, has a pattern that is not known, or leads out of the workspace, and is left aside";
                facts.diagnostics.push(warning(file, source, entries_span(parts), message));
            }
        }
    }
    Some(facts)
}

/// Puts together what the `.storybook` folders of a workspace say, given by file.
pub fn options_of(all: &[(&str, &StorybookFacts)]) -> StoryOptions {
    let mut folders: std::collections::BTreeMap<&str, Storybook> = std::collections::BTreeMap::new();
    for (file, facts) in all {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let storybook = folders.entry(folder).or_default();
        match role(file) {
            Some(Role::Preview) => storybook.tags.extend(facts.tags.iter().cloned()),
            _ => {
                storybook.entries.extend(facts.entries.iter().cloned());
                storybook.complete = facts.complete;
                storybook.has_docs = facts.has_docs.unwrap_or(true);
                storybook.docs_name.clone_from(&facts.docs_name);
                storybook.autodocs = facts.autodocs;
            }
        }
    }
    StoryOptions { storybooks: folders.into_values().collect(), version: None }
}

/// What a file of a `.storybook` folder exports.
pub(crate) fn storybook_parts(program: &Program<'_>, source: &str) -> Vec<Part> {
    config(&Scope::of(program, source), program)
}

/// The configuration, however it is exported: as an object, or its members each by its name.
fn config<'p, 'a>(scope: &Scope<'p, 'a>, program: &'p Program<'a>) -> Vec<Part> {
    let mut found = None;
    let mut named = Vec::new();
    for statement in &program.body {
        match statement {
            Statement::ExportDefaultDeclaration(export) => {
                if let ExportDefaultDeclarationKind::FunctionDeclaration(_) = export.declaration {
                    continue;
                }
                found = export.declaration.as_expression();
            }
            Statement::ExpressionStatement(statement) => {
                if let Expression::AssignmentExpression(assignment) = &statement.expression
                    && let AssignmentTarget::StaticMemberExpression(target) = &assignment.left
                    && target.property.name == "exports"
                    && target.object.is_specific_id("module")
                {
                    found = Some(&assignment.right);
                }
            }
            Statement::ExportDeclaration(export) => {
                let Declaration::VariableDeclaration(variables) = &export.declaration else { continue };
                for declarator in &variables.declarations {
                    if let (Some(name), Some(init)) = (declarator.id.get_identifier_name(), &declarator.init)
                    {
                        named.push(Part::Member(name.to_string(), scope.value(init), init.span()));
                    }
                }
            }
            _ => {}
        }
    }
    let mut expression = found.map(Expression::get_inner_expression);
    for _ in 0..8 {
        expression = match expression {
            // `defineMain({ … })` and `definePreview({ … })` give back what they are given.
            Some(Expression::CallExpression(call)) => call
                .arguments
                .first()
                .and_then(|argument| argument.as_expression())
                .map(Expression::get_inner_expression),
            Some(Expression::Identifier(id)) => match scope.bindings.get(id.name.as_str()) {
                Some(Binding::Variable(init)) => Some(init.get_inner_expression()),
                _ => None,
            },
            Some(expression) => return scope.value(expression).parts().to_vec(),
            None => break,
        };
    }
    named
}

/// Whether an addon for pages of documentation is among these. Wrappers such as `getAbsolutePath('…')` stand for the
/// name in them.
fn has_docs(addons: Option<&Value>) -> Option<bool> {
    const SHOWING: [&str; 2] = ["@storybook/addon-docs", "@storybook/addon-essentials"];
    let addons = match addons {
        None => return Some(false),
        Some(Value::Array(addons)) => addons,
        Some(_) => return None,
    };
    let mut sure = true;
    for addon in addons {
        let name = addon.get("name").unwrap_or(addon);
        let text = match name {
            Value::Opaque(text) => text.as_str(),
            name => name.as_str().unwrap_or_default(),
        };
        if SHOWING.iter().any(|showing| text.contains(showing)) {
            return Some(true);
        }
        sure &= name.as_str().is_some() || text.contains(['\'', '"']);
    }
    sure.then_some(false)
}

fn entry(item: &Value, folder: &str) -> Option<StoriesEntry> {
    if let Some(glob) = item.as_str() {
        let (directory, files, is_path) = split_glob(glob);
        return checked(StoriesEntry {
            directory: joined(folder, &directory)?,
            files,
            title_prefix: String::new(),
            is_path,
        });
    }
    let text = |name: &str| match item.get(name) {
        None | Some(Value::Undefined) => Some(None),
        Some(value) => value.as_str().map(|text| Some(text.to_owned())),
    };
    checked(StoriesEntry {
        directory: joined(folder, &text("directory")??)?,
        files: text("files")?.unwrap_or_else(|| DEFAULT_FILES.to_owned()),
        title_prefix: text("titlePrefix")?.unwrap_or_default(),
        is_path: false,
    })
}

/// An entry whose glob can be understood.
fn checked(entry: StoriesEntry) -> Option<StoriesEntry> {
    super::options::compiled(&entry).is_some().then_some(entry)
}

/// Splits `../src/**/*.stories.tsx` into its fixed folder and its glob.
fn split_glob(glob: &str) -> (String, String, bool) {
    let is_glob = |part: &str| part.contains(['*', '?', '[', '{', '(', '!']);
    let parts: Vec<&str> = glob.split('/').collect();
    let fixed = parts.iter().take_while(|part| !is_glob(part)).count();
    if fixed < parts.len() {
        return (parts[..fixed].join("/"), parts[fixed..].join("/"), false);
    }
    (glob.to_owned(), DEFAULT_FILES.to_owned(), true)
}

/// A path relative to a folder, relative to the workspace; nothing when it leads out of it.
pub(super) fn joined(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn entries_span(parts: &[Part]) -> Span {
    let found = parts.iter().rev().find_map(|part| match part {
        Part::Member(key, _, span) if key == "stories" => Some(*span),
        _ => None,
    });
    found.unwrap_or_default()
}

fn warning(file: &str, source: &str, span: Span, message: &str) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        place: Some(TextPlace::of(source, span.start as usize, span.end as usize)),
        severity: DiagnosticSeverity::Warning,
        code: "storybook-entry-unreadable".into(),
        message: message.to_owned(),
        hint: Some("write the entries out: `stories: ['../src/**/*.stories.tsx']`".into()),
    }
}
