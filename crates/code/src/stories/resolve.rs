//! From the facts of all story files to stories: titles, ids, effective args, tags.

use std::collections::{BTreeMap, HashMap};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use serde_json::Value as Json;

use super::{
    docs,
    facts::{ArgFact, ArgPart, StoryExport, StoryFacts, TestExport, Title},
    id::{IdError, name_of_export, test_id, to_id},
    mdx::MdxFacts,
    options::{Matcher, Shown, StoryOptions},
    order::{Entry, without_duplicates},
    title::{title_of, title_without_storybook},
    version::{Since, Version},
};
use crate::{
    imports::{Imports, Reference},
    model::{ArgValue, DocsPage, Place, Story, StoryTest},
};

/// How many files a chain of spread args may pass through.
const DEPTH: u32 = 16;

/// What a Storybook shows.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The stories, in Storybook's order where it states none of its own.
    pub stories: Vec<Story>,
    /// The pages of documentation, in the same order.
    pub docs: Vec<DocsPage>,
    /// What is wrong with the files.
    pub diagnostics: Vec<Diagnostic>,
}

/// Makes the stories and pages of a workspace out of the facts of its files, given by file.
///
/// A story file that no `stories` entry matches is left out, with a diagnostic, when all entries are known. A page that
/// none matches is just a file.
pub fn resolve(
    all: &[(&str, &StoryFacts)],
    pages: &[(&str, &MdxFacts)],
    options: &StoryOptions,
    imports: &dyn Imports,
) -> Resolved {
    let mut all = all.to_vec();
    all.sort_by_key(|(file, _)| *file);
    let resolution = Resolution { files: all.iter().copied().collect(), imports, options };
    let matcher = Matcher::of(options);
    let mut diagnostics = Vec::new();
    let mut entries = Vec::new();
    for (file, facts) in &all {
        diagnostics.extend(facts.diagnostics.iter().filter(|d| !is_pardoned(d, facts, options)).cloned());
        let mut is_shown = false;
        for (placement, (glob, shown)) in matcher.entries.iter().enumerate() {
            if shown.matches(glob, file) {
                is_shown = true;
                resolution.file(file, facts, Some(shown), placement, &mut entries, &mut diagnostics);
            }
        }
        if is_shown {
            continue;
        }
        if !matcher.is_complete() {
            resolution.file(file, facts, None, usize::MAX, &mut entries, &mut diagnostics);
        } else if !facts.stories.is_empty() {
            diagnostics.push(not_shown(file));
        }
    }
    let mut written = Vec::new();
    for (file, facts) in pages {
        let shown_by =
            matcher.entries.iter().enumerate().filter(|(_, (glob, shown))| shown.matches(glob, file));
        for (place, (placement, (_, shown))) in shown_by.enumerate() {
            if place == 0 {
                diagnostics.extend(facts.diagnostics.iter().cloned());
            }
            match docs::written_page(file, facts, shown, options, &entries) {
                Ok(page) => written.extend(page.map(|page| Entry::Page { page, placement })),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
    }
    entries.extend(written);
    let project_makes_pages = options
        .storybooks
        .iter()
        .any(|storybook| options.tags_of(Some(storybook)).iter().any(|tag| tag == "autodocs"));
    let (stories, docs) = without_duplicates(entries, project_makes_pages, &mut diagnostics);
    Resolved { stories, docs, diagnostics }
}

/// Since version 10, a file with nothing in it is none.
fn is_pardoned(diagnostic: &Diagnostic, facts: &StoryFacts, options: &StoryOptions) -> bool {
    facts.is_empty && diagnostic.code == "story-meta-missing" && !options.is_before(10)
}

struct Resolution<'f> {
    files: HashMap<&'f str, &'f StoryFacts>,
    imports: &'f dyn Imports,
    options: &'f StoryOptions,
}

impl<'f> Resolution<'f> {
    /// The entries of one file, as one entry of `stories` shows it.
    fn file(
        &self,
        file: &str,
        facts: &StoryFacts,
        shown: Option<&Shown<'_>>,
        placement: usize,
        entries: &mut Vec<Entry>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let written = match &facts.meta.title {
            Title::Written(title) => Some(title.as_str()),
            Title::Inferred | Title::Computed(_) => None,
        };
        let title = match shown {
            Some(shown) => title_of(file, shown.entry, written),
            None => written.map_or_else(|| title_without_storybook(file), str::to_owned),
        };
        let project_tags = self.options.tags_of(shown.map(|shown| shown.storybook));
        let mut stories = Vec::new();
        for export in &facts.stories {
            if !export.listed.since.holds(self.options.version) {
                continue;
            }
            match self.story(file, facts, export, &title, &project_tags) {
                Ok(story) => stories.push(story),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        let meta_id = facts.meta.id.clone();
        let page = docs::page_of_stories(&stories, meta_id.as_deref(), shown, self.options);
        entries.extend(page.map(|page| Entry::Page { page, placement }));
        let story = |story| Entry::Story { story, meta_id: meta_id.clone(), placement };
        entries.extend(stories.into_iter().map(story));
    }

    fn story(
        &self,
        file: &str,
        facts: &StoryFacts,
        export: &StoryExport,
        title: &str,
        project_tags: &[String],
    ) -> Result<Story, Diagnostic> {
        let listed = &export.listed;
        let is_annotated = listed.annotated.holds(self.options.version);
        let empty_id = |error: IdError| {
            diagnostic(
                &export.place,
                DiagnosticSeverity::Error,
                "story-id-empty",
                error.to_string(),
                "give it a title and an export name with letters or digits",
            )
        };
        let id = match &listed.id {
            Some(id) => id.clone(),
            None => {
                let base = facts.meta.id.as_deref().filter(|id| !id.is_empty()).unwrap_or(title);
                to_id(base, &name_of_export(&export.export_name)).map_err(empty_id)?
            }
        };
        let mut args = Args::default();
        self.overlay(&mut args, file, &facts.meta.args, 0);
        self.overlay(&mut args, file, &export.args, 0);
        let own_component = facts.meta.component.as_ref();
        let tags = self.tags(facts, export, project_tags);
        let tests = self.tests(export, &id, &tags).map_err(empty_id)?;
        let name = listed.name.as_ref().filter(|_| is_annotated).unwrap_or(&listed.plain_name);
        Ok(Story {
            id,
            title: title.to_owned(),
            name: name.clone(),
            export_name: export.export_name.clone(),
            declared: export.place.clone(),
            component: own_component.map(|component| component.name.clone()),
            component_file: own_component.and_then(|component| component.file(file, self.imports)),
            args: args.known,
            open_args: args.open,
            tags: combine_tags(tags.iter()),
            has_play: export.has_play || facts.meta.has_play,
            tests,
            design_url: export.design_url.clone().or_else(|| facts.meta.design_url.clone()),
        })
    }

    /// The tags of all levels, before any takes another away.
    fn tags(&self, facts: &StoryFacts, export: &StoryExport, project_tags: &[String]) -> Vec<String> {
        let version = self.options.version;
        let is_annotated = export.listed.annotated.holds(version);
        let tags_play = version.is_some_and(Version::tags_play);
        let play = |play: Option<Since>| {
            (tags_play && play.is_some_and(|since| since.holds(version))).then(|| "play-fn".to_owned())
        };
        let own_tags = export.listed.tags.iter().filter(|_| is_annotated).cloned();
        let own_play = play(export.listed.play.filter(|_| is_annotated));
        let meta = facts.meta.tags.iter().cloned().chain(play(facts.meta.listed_play));
        project_tags.iter().cloned().chain(meta).chain(own_tags).chain(own_play).collect()
    }

    fn tests(&self, export: &StoryExport, id: &str, tags: &[String]) -> Result<Vec<StoryTest>, IdError> {
        if self.options.is_before(10) {
            return Ok(Vec::new());
        }
        let (none, mark) = ("!autodocs".to_owned(), "test-fn".to_owned());
        let test = |test: &TestExport| {
            Ok(StoryTest {
                id: test_id(id, &test.name)?,
                name: test.name.clone(),
                tags: combine_tags(tags.iter().chain([&none]).chain(&test.tags).chain([&mark])),
                place: test.place.clone(),
            })
        };
        export.tests.iter().map(test).collect()
    }

    /// Lays parts over args.
    fn overlay(&self, args: &mut Args, file: &str, parts: &[ArgPart], depth: u32) {
        for part in parts {
            match part {
                ArgPart::Set(name, fact) => args.set(name, self.value(file, fact)),
                ArgPart::SpreadUnknown(text) => args.shadow(text),
                ArgPart::SpreadImport(reference) => self.spread(args, file, reference, depth),
            }
        }
    }

    fn value(&self, file: &str, fact: &ArgFact) -> Option<ArgValue> {
        match fact {
            ArgFact::Literal(json) => Some(ArgValue::Literal(json.clone())),
            ArgFact::Undefined => None,
            ArgFact::Computed(text) => Some(ArgValue::Computed(text.clone())),
            ArgFact::Import(reference) => {
                let known = self.imports.constant(file, &reference.specifier, &reference.path);
                Some(known.map_or_else(|| ArgValue::Computed(reference.text.clone()), ArgValue::Literal))
            }
        }
    }

    /// Spreads what another module exports: a story's args, a meta's, or a constant object.
    fn spread(&self, args: &mut Args, file: &str, reference: &Reference, depth: u32) {
        let target = self.imports.file(file, &reference.specifier);
        let facts = target.as_deref().and_then(|target| self.files.get_key_value(target));
        let path: Vec<&str> = reference.path.iter().map(String::as_str).collect();
        if let Some((target, facts)) = facts
            && depth < DEPTH
        {
            let story = |name: &str| facts.stories.iter().find(|story| story.export_name == name);
            match path[..] {
                ["default", "args"] => {
                    self.overlay(args, target, &facts.meta.args, depth + 1);
                    return;
                }
                [name, "args"] | [name, "input", "args"] if story(name).is_some() => {
                    let own = story(name).map_or(&[][..], |story| &story.args);
                    self.overlay(args, target, own, depth + 1);
                    return;
                }
                [name, "composed", "args"] if story(name).is_some() => {
                    self.overlay(args, target, &facts.meta.args, depth + 1);
                    let own = story(name).map_or(&[][..], |story| &story.args);
                    self.overlay(args, target, own, depth + 1);
                    return;
                }
                _ => {}
            }
        }
        match self.imports.constant(file, &reference.specifier, &reference.path) {
            Some(Json::Object(members)) => {
                for (name, value) in members {
                    args.set(&name, Some(ArgValue::Literal(value)));
                }
            }
            _ => args.shadow(&reference.text),
        }
    }
}

/// Args while they are laid over each other.
#[derive(Default)]
struct Args {
    known: BTreeMap<String, ArgValue>,
    open: Vec<String>,
}

impl Args {
    fn set(&mut self, name: &str, value: Option<ArgValue>) {
        match value {
            Some(value) => self.known.insert(name.to_owned(), value),
            // `undefined` takes the arg away again: the component's default holds.
            None => self.known.remove(name),
        };
    }

    /// Something unknown was spread: it may have replaced any arg so far.
    fn shadow(&mut self, text: &str) {
        for value in self.known.values_mut() {
            *value = ArgValue::Computed(format!("...{text}"));
        }
        self.open.push(format!("...{text}"));
    }
}

/// Adds tags up: `!tag` takes one away that came before.
pub(super) fn combine_tags<'t>(tags: impl Iterator<Item = &'t String>) -> Vec<String> {
    let mut combined: Vec<String> = Vec::new();
    for tag in tags {
        match tag.strip_prefix('!') {
            Some(removed) => combined.retain(|tag| tag != removed),
            None if combined.contains(tag) => {}
            None => combined.push(tag.clone()),
        }
    }
    combined
}

fn not_shown(file: &str) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        place: None,
        severity: DiagnosticSeverity::Warning,
        code: "story-not-shown".into(),
        message: "no `stories` entry of a Storybook matches this file, so its stories are left out".into(),
        hint: Some("add its folder to `stories` in .storybook/main, or remove the file".into()),
    }
}

fn diagnostic(
    place: &Place,
    severity: DiagnosticSeverity,
    code: &str,
    message: String,
    hint: &str,
) -> Diagnostic {
    Diagnostic {
        file: place.file.to_string(),
        place: Some(TextPlace { line: place.line, column: 1, start: place.start, end: place.end }),
        severity,
        code: code.to_owned(),
        message,
        hint: Some(hint.to_owned()),
    }
}
