//! From the facts of all story files to stories: titles, ids, effective args, tags.

use std::collections::{BTreeMap, HashMap};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};
use serde_json::Value as Json;

use super::{
    facts::{ArgFact, ArgPart, StoryExport, StoryFacts, Title},
    id::{name_of_export, to_id},
    options::{Matcher, StoryOptions},
    title::{title_of, title_without_storybook},
};
use crate::{
    imports::{Imports, Reference},
    model::{ArgValue, Place, Story},
};

/// How many files a chain of spread args may pass through.
const DEPTH: u32 = 16;

/// Makes the stories of a workspace out of the facts of its files, given by file.
///
/// A file that no `stories` entry matches is left out, with a diagnostic, when all entries are known.
pub fn resolve(
    all: &[(&str, &StoryFacts)],
    options: &StoryOptions,
    imports: &dyn Imports,
) -> (Vec<Story>, Vec<Diagnostic>) {
    let mut all = all.to_vec();
    all.sort_by_key(|(file, _)| *file);
    let resolution = Resolution { files: all.iter().copied().collect(), imports };
    let matcher = Matcher::of(options);
    let mut diagnostics = Vec::new();
    let mut stories: Vec<Story> = Vec::new();
    for (file, facts) in &all {
        diagnostics.extend(facts.diagnostics.iter().cloned());
        let shown = matcher.shown(file);
        if shown.is_none() && matcher.is_complete() {
            if !facts.stories.is_empty() {
                diagnostics.push(not_shown(file));
            }
            continue;
        }
        let written = match &facts.meta.title {
            Title::Written(title) => Some(title.as_str()),
            Title::Inferred | Title::Computed(_) => None,
        };
        let title = match shown {
            Some(shown) => title_of(file, shown.entry, written),
            None => written.map_or_else(|| title_without_storybook(file), str::to_owned),
        };
        let project_tags = shown.map_or(&[][..], |shown| shown.tags);
        for export in &facts.stories {
            match resolution.story(file, facts, export, &title, project_tags) {
                Ok(story) => stories.push(story),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
    }
    keep_first_of_each_id(&mut stories, &mut diagnostics);
    (stories, diagnostics)
}

struct Resolution<'f> {
    files: HashMap<&'f str, &'f StoryFacts>,
    imports: &'f dyn Imports,
}

impl<'f> Resolution<'f> {
    fn story(
        &self,
        file: &str,
        facts: &StoryFacts,
        export: &StoryExport,
        title: &str,
        project_tags: &[String],
    ) -> Result<Story, Diagnostic> {
        let default_name = name_of_export(&export.export_name);
        let id = match &export.id {
            Some(id) => id.clone(),
            None => to_id(facts.meta.id.as_deref().unwrap_or(title), &default_name).map_err(|error| {
                diagnostic(
                    &export.place,
                    DiagnosticSeverity::Error,
                    "story-id-empty",
                    error.to_string(),
                    "give it a title and an export name with letters or digits",
                )
            })?,
        };
        let mut args = Args::default();
        self.overlay(&mut args, file, &facts.meta.args, 0);
        self.overlay(&mut args, file, &export.args, 0);
        let own_component = facts.meta.component.as_ref();
        Ok(Story {
            id,
            title: title.to_owned(),
            name: export.name.clone().unwrap_or(default_name),
            export_name: export.export_name.clone(),
            declared: export.place.clone(),
            component: own_component.map(|component| component.name.clone()),
            component_file: own_component.and_then(|component| component.file(file, self.imports)),
            args: args.known,
            tags: combine_tags(project_tags.iter().chain(&facts.meta.tags).chain(&export.tags)),
            has_play: export.has_play || facts.meta.has_play,
            design_url: export.design_url.clone().or_else(|| facts.meta.design_url.clone()),
        })
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
    }
}

/// Storybook's tags: every story has `dev` and `test`; `!tag` takes one away that an outer level gave.
fn combine_tags<'t>(tags: impl Iterator<Item = &'t String>) -> Vec<String> {
    let mut combined: Vec<String> = vec!["dev".to_owned(), "test".to_owned()];
    for tag in tags {
        match tag.strip_prefix('!') {
            Some(removed) => combined.retain(|tag| tag != removed),
            None if combined.contains(tag) => {}
            None => combined.push(tag.clone()),
        }
    }
    combined
}

fn keep_first_of_each_id(stories: &mut Vec<Story>, diagnostics: &mut Vec<Diagnostic>) {
    let mut first: HashMap<String, String> = HashMap::new();
    stories.retain(|story| match first.get(&story.id) {
        None => {
            let place = format!("{}:{}", story.declared.file, story.declared.line);
            first.insert(story.id.clone(), place);
            true
        }
        Some(other) => {
            diagnostics.push(diagnostic(
                &story.declared,
                DiagnosticSeverity::Error,
                "story-duplicate-id",
                format!("the story id `{}` is taken by {other}", story.id),
                "rename one of the exports, or give the metas different titles",
            ));
            false
        }
    });
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
