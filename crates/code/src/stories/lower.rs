//! From the syntax tree of one file to [`StoryFacts`].

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use oxc_ast::ast::{Expression, Program, Statement};
use oxc_span::Span;

use super::{
    exports::{Export, ExportFrom},
    facts::{MetaFacts, StoryExport, StoryFacts},
    filter::Filter,
    meta::Meta,
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
    let lowering = Lowering { scope, source, file, diagnostics: Vec::new() };
    let meta = lowering.find_meta(program);
    let named = is_story_file(file);
    let plausible = match &meta {
        Meta::Factory(..) => true,
        Meta::Object(_, parts) => {
            member(parts, "component").or_else(|| member(parts, "title")).is_some()
                && imports_storybook(program)
        }
        Meta::Computed(_) | Meta::Missing => false,
    };
    if !named && !plausible {
        return None;
    }
    lowering.facts(program, meta)
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
    diagnostics: Vec<Diagnostic>,
}

impl<'p, 'a> Lowering<'p, 'a> {
    fn facts(mut self, program: &'p Program<'a>, meta: Meta) -> Option<StoryFacts> {
        let (span, parts, is_factory) = match meta {
            Meta::Object(span, parts) => (span, parts, false),
            Meta::Factory(span, parts) => (span, parts, true),
            Meta::Computed(span) => {
                self.report(
                    span,
                    "story-meta-computed",
                    "the meta of this story file is computed at run time, so its title, component and args are unknown",
                    "export an object literal: `export default { component: Button } satisfies Meta<typeof Button>`",
                );
                (span, Vec::new(), false)
            }
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
                });
            }
        };
        let include = self.filter(&parts, "includeStories");
        let exclude = self.filter(&parts, "excludeStories");
        let mut stories = Vec::new();
        for export in self.exports(program, is_factory) {
            let kept = include.as_ref().is_none_or(|filter| filter.matches(&export.name))
                && !exclude.as_ref().is_some_and(|filter| filter.matches(&export.name));
            if kept && !matches!(export.name.as_str(), "default" | "__esModule" | "__namedExportsOrder") {
                stories.push(self.story(export));
            }
        }
        let meta = self.meta(span, &parts);
        if meta.component.is_none() && !stories.is_empty() && !parts.is_empty() {
            self.report(
                span,
                "story-no-component",
                "the meta of this story file names no component, so its stories count for none",
                "add `component: …` to the meta",
            );
        }
        Some(StoryFacts { meta, stories, diagnostics: self.diagnostics })
    }

    pub(super) fn initialiser(&self, name: &str) -> Option<&'p Expression<'a>> {
        match self.scope.bindings.get(name) {
            Some(Binding::Variable(init)) => Some(init),
            _ => None,
        }
    }

    fn story(&mut self, export: Export<'p>) -> StoryExport {
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
        let name = ["name", "storyName"].iter().find_map(|key| member(&parts, key)).and_then(Value::as_str);
        let id = member(&parts, "parameters")
            .and_then(|parameters| parameters.get("__id"))
            .and_then(Value::as_str);
        StoryExport {
            name: name.map(str::to_owned),
            id: id.map(str::to_owned),
            args: self.scope.args_of(&parts),
            tags: self.tags(&parts),
            has_play: has_play(&parts) || export.has_tests,
            design_url: design_url(&parts),
            place: self.place(export.span),
            export_name: export.name,
        }
    }

    pub(super) fn tags(&mut self, parts: &[Part]) -> Vec<String> {
        match member(parts, "tags") {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None | Some(Value::Undefined) => Vec::new(),
            Some(_) => {
                let span = member_span(parts, "tags").unwrap_or_default();
                self.report(
                    span,
                    "story-tags-computed",
                    "the tags are computed at run time; Storybook accepts only an array of strings",
                    "write the tags out: `tags: ['autodocs']`",
                );
                Vec::new()
            }
        }
    }

    fn filter(&mut self, parts: &[Part], key: &str) -> Option<Filter> {
        let value = member(parts, key)?;
        if *value == Value::Undefined {
            return None;
        }
        let filter = Filter::of(value);
        if filter.is_none() {
            let span = member_span(parts, key).unwrap_or_default();
            self.report(
                span,
                "story-filter-unreadable",
                "this filter is neither an array of export names nor a regular expression that can be read, and is left aside",
                "name the exports: `excludeStories: ['data']`",
            );
        }
        filter
    }

    pub(super) fn place(&self, span: Span) -> Place {
        place(self.file, self.source, span)
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
