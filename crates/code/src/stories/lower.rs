//! From the syntax tree of one file to [`StoryFacts`].

use std::collections::{BTreeMap, HashMap};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use oxc_ast::ast::{CallExpression, Expression, Program, Statement};
use oxc_ast_visit::{Visit, walk};
use oxc_span::Span;

use super::{
    exports::{Export, ExportFrom, Form},
    facts::{MetaFacts, StoryExport, StoryFacts, TestExport},
    filter::Filter,
    meta::Meta,
    syntax::{self, Refusal},
};
use crate::{
    literal::{Binding, Part, Scope, Value, member, place},
    model::Place,
};

/// Whether a file's name says that it holds stories: `Button.stories.tsx`, `button.story.js`.
pub fn is_story_file(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    matches!(extension, "js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "mts" | "cts")
        && stem.rsplit('.').next().is_some_and(|part| matches!(part, "stories" | "story"))
        && stem.contains('.')
        || matches!(stem, "stories" | "story") && extension.ends_with("sx")
}

/// Reads the stories of one file. Nothing when it is no story file: its name doesn't say so, and it neither calls
/// a preview's `meta` nor exports a meta beside imports from Storybook.
pub fn lower(program: &Program<'_>, source: &str, file: &str) -> Option<StoryFacts> {
    let scope = Scope::of(program, source);
    let mut lowering = Lowering { scope, source, file, is_factory: false, diagnostics: Vec::new() };
    let meta = lowering.find_meta(program);
    let named = is_story_file(file);
    let plausible = match &meta {
        Meta::Object(meta) if meta.is_factory => true,
        Meta::Object(meta) => {
            member(&meta.parts, "component").or_else(|| member(&meta.parts, "title")).is_some()
                && imports_storybook(program)
        }
        Meta::Missing => false,
    };
    if !named && !plausible {
        return None;
    }
    lowering.facts(program, meta)
}

/// Annotations, by the names that stories are exported under.
type OfExports = BTreeMap<String, Vec<Part>>;

/// The annotations of a file's meta, and those of its stories by their exports; nothing where it has no meta that can be
/// read.
pub(crate) fn annotations(program: &Program<'_>, source: &str, file: &str) -> Option<(Vec<Part>, OfExports)> {
    let scope = Scope::of(program, source);
    let mut lowering = Lowering { scope, source, file, is_factory: false, diagnostics: Vec::new() };
    let Meta::Object(meta) = lowering.find_meta(program) else { return None };
    let mut stories = BTreeMap::new();
    for export in lowering.exports(program, meta.is_factory) {
        if let ExportFrom::Local(local) = &export.from {
            let parts = lowering.scope.annotations_of(local);
            stories.insert(export.name, parts);
        }
    }
    Some((meta.parts, stories))
}

fn imports_storybook(program: &Program<'_>) -> bool {
    program.body.iter().any(|statement| match statement {
        Statement::ImportDeclaration(import) => {
            let specifier = import.source.value.as_str();
            specifier.starts_with("@storybook/")
                || specifier == "storybook"
                || specifier.starts_with("storybook/")
        }
        _ => false,
    })
}

pub(super) struct Lowering<'p, 'a> {
    pub(super) scope: Scope<'p, 'a>,
    pub(super) source: &'p str,
    file: &'p str,
    pub(super) is_factory: bool,
    diagnostics: Vec<Diagnostic>,
}

impl<'p, 'a> Lowering<'p, 'a> {
    fn facts(mut self, program: &'p Program<'a>, meta: Meta<'p, 'a>) -> Option<StoryFacts> {
        let is_empty = self.source.trim().is_empty();
        let meta = match meta {
            Meta::Object(meta) => meta,
            Meta::Missing => {
                self.diagnostics.push(Diagnostic {
                    file: self.file.to_owned(),
                    place: None,
                    severity: DiagnosticSeverity::Error,
                    code: "story-meta-missing".into(),
                    message: "this story file has no default export, so Storybook finds no stories in it"
                        .into(),
                    hint: Some("add `export default { component: … }`, or rename the file".into()),
                });
                let place = self.place(Span::new(0, 0));
                return Some(StoryFacts {
                    meta: MetaFacts::empty(place),
                    stories: Vec::new(),
                    diagnostics: self.diagnostics,
                    is_empty,
                });
            }
        };
        self.is_factory = meta.is_factory;
        self.stories_of(program);
        let include = self.filter(&meta.parts, meta.literal("includeStories"), "includeStories");
        let exclude = self.filter(&meta.parts, meta.literal("excludeStories"), "excludeStories");
        let tests = self.tests(program);
        let mut stories = Vec::new();
        let mut order = None;
        let mut declared = Vec::new();
        for export in self.exports(program, self.is_factory) {
            if export.name == "__namedExportsOrder" {
                order = Some(export);
                continue;
            }
            let kept = include.as_ref().is_none_or(|filter| filter.matches(&export.name))
                && !exclude.as_ref().is_some_and(|filter| filter.matches(&export.name));
            if kept && export.name != "__esModule" {
                if let Form::Declared(_) = export.form {
                    declared.push(export.name.clone());
                }
                stories.push(self.story(program, export, &tests));
            }
        }
        if let Some(order) = order {
            self.put_in_order(&mut stories, &declared, &order);
        }
        let (span, parts) = (meta.span, meta.parts.clone());
        let meta = self.meta(program, meta);
        if meta.component.is_none() && !stories.is_empty() && !parts.is_empty() {
            self.report(
                span,
                "story-no-component",
                "the meta of this story file names no component, so its stories count for none",
                "add `component: …` to the meta",
            );
        }
        Some(StoryFacts { meta, stories, diagnostics: self.diagnostics, is_empty })
    }

    /// `__namedExportsOrder`, which must name every story that is declared in place; others it leaves out.
    fn put_in_order(&mut self, stories: &mut Vec<StoryExport>, declared: &[String], order: &Export<'p, 'a>) {
        let names = match order.form {
            Form::Declared(Some(init)) => syntax::literal_names(init),
            _ => None,
        };
        let missing = names.as_ref().and_then(|names| declared.iter().find(|name| !names.contains(name)));
        match (names, missing) {
            (Some(names), None) => {
                stories.retain(|story| names.contains(&story.export_name));
                stories.sort_by_key(|story| names.iter().position(|name| *name == story.export_name));
            }
            _ => self.refuse(Refusal {
                span: order.span,
                code: "story-order-incomplete",
                message: "`__namedExportsOrder` does not name every story, so Storybook refuses the file",
                hint: "list the names of all stories in it, as plain strings",
            }),
        }
    }

    /// The oldest way of writing stories, which no version since 8 reads.
    fn stories_of(&mut self, program: &'p Program<'a>) {
        struct Calls(Vec<Span>);
        impl<'a> Visit<'a> for Calls {
            fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
                if call.callee.is_specific_id("storiesOf") {
                    self.0.push(call.span);
                }
                walk::walk_call_expression(self, call);
            }
        }
        if !self.source.contains("storiesOf") {
            return;
        }
        let mut calls = Calls(Vec::new());
        calls.visit_program(program);
        if let Some(span) = calls.0.first() {
            self.refuse(Refusal {
                span: *span,
                code: "story-stories-of",
                message: "Storybook no longer reads `storiesOf`, and refuses the file",
                hint: "export each story: `export const Primary = { … }`",
            });
        }
    }

    pub(super) fn initialiser(&self, name: &str) -> Option<&'p Expression<'a>> {
        match self.scope.bindings.get(name) {
            Some(Binding::Variable(init)) => Some(init),
            _ => None,
        }
    }

    fn story(
        &mut self,
        program: &'p Program<'a>,
        export: Export<'p, 'a>,
        tests: &HashMap<&'p str, Vec<TestExport>>,
    ) -> StoryExport {
        let listed = self.listing(program, &export);
        let parts = match &export.from {
            ExportFrom::Local(local) => self.scope.annotations_of(local),
            ExportFrom::Module(specifier, imported) => {
                vec![Part::Spread(Value::Imported(crate::imports::Reference {
                    specifier: (*specifier).to_owned(),
                    path: vec![imported.clone()],
                    text: imported.clone(),
                }))]
            }
        };
        let tests = match export.from {
            ExportFrom::Local(local) => tests.get(local).cloned().unwrap_or_default(),
            ExportFrom::Module(..) => Vec::new(),
        };
        StoryExport {
            listed,
            args: self.scope.args_of(&parts),
            has_play: has_play(&parts) || !tests.is_empty(),
            tests,
            design_url: design_url(&parts),
            place: self.place(export.span),
            export_name: export.name,
        }
    }

    fn filter(&mut self, parts: &[Part], literal: Option<&'p Expression<'a>>, key: &str) -> Option<Filter> {
        let value = member(parts, key)?;
        let filter = Filter::of(value);
        let is_literal = literal.is_some_and(|literal| match literal.without_parentheses() {
            Expression::ArrayExpression(_) => syntax::literal_names(literal).is_some(),
            Expression::StringLiteral(_) | Expression::RegExpLiteral(_) => true,
            _ => false,
        });
        if filter.is_none() || !is_literal {
            let span = member_span(parts, key).unwrap_or_default();
            self.report(
                span,
                "story-filter-unreadable",
                if filter.is_none() {
                    "this filter is neither an array of export names nor a regular expression that can be read, and is left aside"
                } else {
                    "Storybook accepts only plain strings and regular expressions in this filter, and refuses the file"
                },
                "name the exports: `excludeStories: ['data']`",
            );
        }
        filter
    }

    pub(super) fn place(&self, span: Span) -> Place {
        place(self.file, self.source, span)
    }

    /// Reports why Storybook refuses the file.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.report(refusal.span, refusal.code, refusal.message, refusal.hint);
    }

    pub(super) fn report(&mut self, span: Span, code: &str, message: &str, hint: &str) {
        self.diagnostics.push(Diagnostic {
            file: self.file.to_owned(),
            place: Some(TextPlace::of(self.source, span.start as usize, span.end as usize)),
            severity: DiagnosticSeverity::Warning,
            code: code.to_owned(),
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
        });
    }
}

pub(super) fn has_play(parts: &[Part]) -> bool {
    !matches!(member(parts, "play"), None | Some(Value::Undefined | Value::Scalar(_)))
}

/// `parameters.design.url` of addon-designs: of an object, or the first address of an array.
pub(super) fn design_url(parts: &[Part]) -> Option<String> {
    let design = member(parts, "parameters")?.get("design")?;
    let url = |design: &Value| {
        design.get("url").and_then(Value::as_str).filter(|url| !url.is_empty()).map(str::to_owned)
    };
    match design {
        Value::Array(items) => items.iter().find_map(url),
        design => url(design),
    }
}

pub(super) fn member_span(parts: &[Part], name: &str) -> Option<Span> {
    parts.iter().rev().find_map(|part| match part {
        Part::Member(key, _, span) if key == name => Some(*span),
        _ => None,
    })
}
