//! The entries of a Storybook in its order, and which of those with one id is kept.

use std::collections::HashMap;

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};

use crate::model::{DocsKind, DocsPage, FilePath, Story};

/// A story or a page.
#[derive(Debug)]
pub(super) enum Entry {
    Story {
        story: Story,
        meta_id: Option<String>,
        /// Which entry of `stories` it is shown by.
        placement: usize,
    },
    Page {
        page: DocsPage,
        placement: usize,
    },
}

impl Entry {
    fn id(&self) -> &str {
        match self {
            Self::Story { story, .. } => &story.id,
            Self::Page { page, .. } => &page.id,
        }
    }

    fn placement(&self) -> usize {
        match self {
            Self::Story { placement, .. } | Self::Page { placement, .. } => *placement,
        }
    }

    fn file(&self) -> &FilePath {
        match self {
            Self::Story { story, .. } => &story.declared.file,
            Self::Page { page, .. } => &page.file,
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Story { story, .. } => format!("{}:{}", story.declared.file, story.declared.line),
            Self::Page { page, .. } if page.kind == DocsKind::Stories => {
                format!("the page `{}` that is made of {}", page.name, page.file)
            }
            Self::Page { page, .. } => page.file.to_string(),
        }
    }
}

/// The stories and the pages in order, each id once.
pub(super) fn without_duplicates(
    mut entries: Vec<Entry>,
    project_makes_pages: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Story>, Vec<DocsPage>) {
    entries.sort_by(|a, b| (a.placement(), a.file()).cmp(&(b.placement(), b.file())));
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    let mut known: HashMap<String, usize> = HashMap::new();
    for entry in entries {
        let Some(&index) = known.get(entry.id()) else {
            known.insert(entry.id().to_owned(), kept.len());
            kept.push(entry);
            continue;
        };
        diagnostics.extend(problem(&kept[index], &entry, project_makes_pages));
        choose(&mut kept[index], entry);
    }
    let mut stories = Vec::new();
    let mut pages = Vec::new();
    for entry in kept {
        match entry {
            Entry::Story { story, .. } => stories.push(story),
            Entry::Page { page, .. } => pages.push(page),
        }
    }
    (stories, pages)
}

/// Stories go before pages, written pages before those that are made of stories; else the first counts.
fn choose(first: &mut Entry, second: Entry) {
    if first.file() == second.file() {
        return;
    }
    let replaces = match (&mut *first, &second) {
        (Entry::Page { .. }, Entry::Story { .. }) => true,
        (Entry::Page { page: made, .. }, Entry::Page { page: other, .. })
            if made.kind == DocsKind::Stories =>
        {
            if other.kind == DocsKind::Stories {
                made.stories.push(other.file.to_string());
                made.stories.extend(other.stories.iter().cloned());
            }
            other.kind != DocsKind::Stories
        }
        _ => false,
    };
    if replaces {
        *first = second;
    }
}

/// What is wrong with two entries of one id.
fn problem(first: &Entry, second: &Entry, project_makes_pages: bool) -> Option<Diagnostic> {
    const RENAME: &str = "rename one of the exports, or give the metas different titles";
    let taken = |id: &str, by: &Entry| format!("the story id `{id}` is taken by {}", by.place());
    match (first, second) {
        // One story, shown by two entries of `stories` under one title.
        (Entry::Story { story: first, .. }, Entry::Story { story: second, .. })
            if first.declared == second.declared =>
        {
            None
        }
        (_, Entry::Story { story, .. }) => {
            Some(at(story, "story-duplicate-id", taken(&story.id, first), RENAME))
        }
        (Entry::Story { story, .. }, Entry::Page { .. }) => {
            Some(at(story, "story-duplicate-id", taken(&story.id, second), RENAME))
        }
        (Entry::Page { page: first, .. }, Entry::Page { page: second, .. }) if first.file == second.file => {
            None
        }
        (Entry::Page { page: first, .. }, Entry::Page { page: second, .. }) => {
            let (made, written) = match (first.kind, second.kind) {
                (DocsKind::Stories, DocsKind::Stories) => return None,
                (DocsKind::Stories, _) => (first, second),
                (_, DocsKind::Stories) => (second, first),
                _ => {
                    let message = format!(
                        "the page `{}` of `{}` is written twice: here, and in {}",
                        second.name, second.title, first.file
                    );
                    let hint = "tell them apart: `<Meta of={…} name=\"Other name\" />`";
                    return Some(of_page(second, message, hint));
                }
            };
            (!project_makes_pages).then(|| {
                let message = format!(
                    "`{}` has this page, and its stories are tagged `autodocs` in {}, which makes another of the same name",
                    written.title, made.file
                );
                of_page(written, message, "take the tag away, or give this page a name of its own")
            })
        }
    }
}

fn of_page(page: &DocsPage, message: String, hint: &str) -> Diagnostic {
    Diagnostic {
        file: page.file.to_string(),
        place: None,
        severity: DiagnosticSeverity::Warning,
        code: "docs-page-duplicate".to_owned(),
        message,
        hint: Some(hint.to_owned()),
    }
}

fn at(story: &Story, code: &str, message: String, hint: &str) -> Diagnostic {
    let place = &story.declared;
    Diagnostic {
        file: place.file.to_string(),
        place: Some(TextPlace { line: place.line, column: 1, start: place.start, end: place.end }),
        severity: DiagnosticSeverity::Error,
        code: code.to_owned(),
        message,
        hint: Some(hint.to_owned()),
    }
}
