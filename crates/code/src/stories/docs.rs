//! Pages of documentation: those that are made of a component's stories, and those written in MDX.

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};

use super::{
    id::to_id,
    mdx::MdxFacts,
    options::{Shown, StoryOptions, Storybook},
    order::Entry,
    title::title_of,
};
use crate::model::{DocsKind, DocsPage, Story};

/// The name of a page where nobody says another.
const DEFAULT_NAME: &str = "Docs";

impl Storybook {
    pub(super) fn docs_name(&self) -> &str {
        self.docs_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(DEFAULT_NAME)
    }

    /// Whether stories that are tagged so have a page made of them.
    pub(super) fn makes_pages(&self, options: &StoryOptions) -> bool {
        let switched_off = options.is_before(9) && self.autodocs == Some(false);
        self.has_docs && !switched_off
    }
}

/// The page that is made of one file's stories, when one of them is tagged for it.
pub(super) fn page_of_stories(
    stories: &[Story],
    meta_id: Option<&str>,
    shown: Option<&Shown<'_>>,
    options: &StoryOptions,
) -> Option<DocsPage> {
    const TAG: &str = "autodocs";
    let makes_pages = shown.is_none_or(|shown| shown.storybook.makes_pages(options));
    let tagged = stories.iter().any(|story| story.tags.iter().any(|tag| tag == TAG));
    let first = stories.first().filter(|_| makes_pages && tagged)?;
    let name = shown.map_or(DEFAULT_NAME, |shown| shown.storybook.docs_name());
    Some(DocsPage {
        id: to_id(meta_id.unwrap_or(&first.title), name).ok()?,
        title: first.title.clone(),
        name: name.to_owned(),
        file: first.declared.file.clone(),
        kind: DocsKind::Stories,
        tags: first.tags.clone(),
        stories: Vec::new(),
    })
}

/// The stories of one file that a page imports.
#[derive(Clone, Copy)]
struct Imported<'e> {
    file: &'e str,
    placement: usize,
    /// The first of them.
    story: &'e Story,
    meta_id: Option<&'e str>,
}

/// The page that a file in MDX is; nothing for a pattern of pages.
pub(super) fn written_page(
    file: &str,
    facts: &MdxFacts,
    shown: &Shown<'_>,
    options: &StoryOptions,
    entries: &[Entry],
) -> Result<Option<DocsPage>, Diagnostic> {
    let meta = &facts.meta;
    if facts.refused || meta.is_template {
        return Ok(None);
    }
    let imported: Vec<Imported<'_>> =
        facts.imports.iter().flat_map(|module| files_of(module, file, entries)).collect();
    let about = match &meta.of {
        None => None,
        Some(module) => {
            let target = absolute(module, file);
            let found = imported.iter().rev().find(|imported| imported.file.starts_with(&target));
            Some(*found.ok_or_else(|| no_stories(file, module))?)
        }
    };
    let title = match about {
        Some(about) => about.story.title.clone(),
        None => title_of(file, shown.entry, meta.title.as_deref()),
    };
    let default_name = shown.storybook.docs_name();
    let name = match (&meta.name, about) {
        (Some(name), _) => name.as_str(),
        (None, Some(about)) => name_beside(file, about.file, default_name),
        (None, None) => default_name,
    };
    let own_id = meta.id.as_deref().filter(|_| !options.is_before(10));
    let id_from = about.and_then(|about| about.meta_id).or(own_id).unwrap_or(&title);
    let id = to_id(id_from, name).map_err(|error| {
        refused(file, error.to_string(), "give the page a title and a name with letters or digits")
    })?;
    // What the stories' meta took away comes back here, as it does in Storybook.
    let mut inherited = options.tags_of(Some(shown.storybook));
    inherited.extend(about.iter().flat_map(|about| about.story.tags.iter().cloned()));
    let kind = if about.is_some() { DocsKind::Attached } else { DocsKind::Unattached };
    let mark = if about.is_some() { "attached-mdx" } else { "unattached-mdx" }.to_owned();
    let mut stories: Vec<String> = imported.iter().map(|imported| imported.file.to_owned()).collect();
    stories.sort_unstable();
    Ok(Some(DocsPage {
        tags: super::resolve::combine_tags(inherited.iter().chain(&meta.tags).chain([&mark])),
        name: name.to_owned(),
        file: file.into(),
        id,
        title,
        kind,
        stories,
    }))
}

/// The files with stories that a module specifier may mean.
fn files_of<'e>(module: &str, from: &str, entries: &'e [Entry]) -> Vec<Imported<'e>> {
    let target = absolute(module, from);
    let means = |file: &str| {
        file.strip_prefix(target.as_str()).is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix('.').is_some_and(|end| !end.is_empty() && !end.contains('.'))
        })
    };
    let mut found: Vec<Imported<'_>> = Vec::new();
    for entry in entries {
        let Entry::Story { story, meta_id, placement } = entry else { continue };
        let file: &str = &story.declared.file;
        // A file that two entries of `stories` match is imported once for each.
        let is_new = found.iter().all(|known| (known.file, known.placement) != (file, *placement));
        if is_new && means(file) {
            found.push(Imported { file, placement: *placement, story, meta_id: meta_id.as_deref() });
        }
    }
    found
}

/// A module specifier as a path of the workspace; names of packages stay.
fn absolute(module: &str, from: &str) -> String {
    if !module.starts_with('.') {
        return module.to_owned();
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    super::storybook::joined(folder, module).unwrap_or_else(|| module.to_owned())
}

/// The name of a page beside stories: the default where both files are called alike, else the page's file.
fn name_beside<'n>(page: &'n str, stories: &str, default_name: &'n str) -> &'n str {
    fn stem(path: &str) -> &str {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.split('.').next().unwrap_or(name)
    }
    if stem(page) == stem(stories) { default_name } else { stem(page) }
}

fn no_stories(file: &str, module: &str) -> Diagnostic {
    refused(
        file,
        format!("`of` means the stories in `{module}`, which this Storybook does not show"),
        "import a story file that `stories` of .storybook/main lists",
    )
}

fn refused(file: &str, message: String, hint: &str) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        place: None,
        severity: DiagnosticSeverity::Warning,
        code: "docs-page-refused".to_owned(),
        message: format!("{message}; Storybook refuses the page"),
        hint: Some(hint.to_owned()),
    }
}
