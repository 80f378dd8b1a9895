//! The files of a `.storybook` folder: `main` says which stories are shown, `preview` which tags all of them have.

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use oxc_ast::ast::{AssignmentTarget, ExportDefaultDeclarationKind, Expression, Program, Statement};
use oxc_span::Span;
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
    let config = config(&scope, program);
    let parts = config.as_ref().map_or(&[][..], Value::parts);
    if role == Role::Preview {
        facts.tags = strings(member(parts, "tags"));
        return Some(facts);
    }
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
                let message =
                    "an entry of `stories` is computed, or leads out of the workspace, and is left aside";
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
            }
        }
    }
    StoryOptions { storybooks: folders.into_values().collect() }
}

/// The configuration object, however it is exported.
fn config<'p, 'a>(scope: &Scope<'p, 'a>, program: &'p Program<'a>) -> Option<Value> {
    let mut found = None;
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
            _ => {}
        }
    }
    let mut expression = found?.get_inner_expression();
    for _ in 0..8 {
        expression = match expression {
            // `defineMain({ … })` and `definePreview({ … })` give back what they are given.
            Expression::CallExpression(call) => {
                call.arguments.first()?.as_expression()?.get_inner_expression()
            }
            Expression::Identifier(id) => match scope.bindings.get(id.name.as_str()) {
                Some(Binding::Variable(init)) => init.get_inner_expression(),
                _ => return None,
            },
            expression => return Some(scope.value(expression)),
        };
    }
    None
}

fn entry(item: &Value, folder: &str) -> Option<StoriesEntry> {
    if let Some(glob) = item.as_str() {
        let (directory, files) = split_glob(glob);
        return Some(StoriesEntry {
            directory: resolve(folder, &directory)?,
            files,
            title_prefix: String::new(),
        });
    }
    let text = |name: &str| match item.get(name) {
        None | Some(Value::Undefined) => Some(None),
        Some(value) => value.as_str().map(|text| Some(text.to_owned())),
    };
    Some(StoriesEntry {
        directory: resolve(folder, &text("directory")??)?,
        files: text("files")?.unwrap_or_else(|| DEFAULT_FILES.to_owned()),
        title_prefix: text("titlePrefix")?.unwrap_or_default(),
    })
}

/// Splits `../src/**/*.stories.tsx` into its fixed folder and its glob.
fn split_glob(glob: &str) -> (String, String) {
    let is_glob = |part: &str| part.contains(['*', '?', '[', '{', '(', '!']);
    let parts: Vec<&str> = glob.split('/').collect();
    let fixed = parts.iter().take_while(|part| !is_glob(part)).count();
    if fixed < parts.len() {
        return (parts[..fixed].join("/"), parts[fixed..].join("/"));
    }
    match glob.rsplit_once('/') {
        // A path without a glob is one file, or a folder with all its stories.
        Some((folder, name)) if name.contains('.') && name != ".." => (folder.to_owned(), name.to_owned()),
        _ => (glob.to_owned(), DEFAULT_FILES.to_owned()),
    }
}

/// A path relative to a folder, relative to the workspace; nothing when it leads out of it.
fn resolve(folder: &str, path: &str) -> Option<String> {
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
