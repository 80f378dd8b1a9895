//! What stands beside the components: stories, the Storybook that shows them, and Code Connect files.

use std::{cell::RefCell, hash::BuildHasher as _, path::Path};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};
use oxc_ast::ast::Program;
use serde_json::Value as Json;

use super::{
    answers::{Answer, Noted},
    confined,
    constants::Constants,
    links::Linker,
    manifest::Manifest,
    read::{self, FileReader},
    walk::Found,
};
use crate::{
    code_connect::{self, CodeConnectConfig},
    imports::Imports,
    model::{CodeConnection, DocsPage, Story},
    stories::{self, MdxFacts, StoryOptions, Version},
};

/// Larger indexes are not read.
const MAX_INDEX_BYTES: u64 = 64 << 20;

/// The stories and connections of a package.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pub stories: Vec<Story>,
    pub docs: Vec<DocsPage>,
    pub connections: Vec<CodeConnection>,
    pub diagnostics: Vec<Diagnostic>,
    pub files: usize,
    /// What was asked of the other files.
    pub asked: Vec<Answer>,
}

/// Reads the stories and connections that a walk found. `package` is relative to the workspace, `storybook` the version
/// that the package depends on.
pub(super) fn read(
    reader: &FileReader<'_>,
    found: &Found,
    package: &str,
    storybook: Option<Version>,
    modules: &Modules<'_, '_>,
) -> Beside {
    let mut beside = Beside::default();
    let noted = Noted::of(modules);
    beside.stories(reader, found, package, storybook, modules, &noted);
    beside.connections(reader, found, package, &noted);
    beside.asked = noted.into_answers();
    beside
}

/// What tells apart which stories, pages and connections there are.
pub(super) fn key(found: &Found) -> u64 {
    foldhash::quality::FixedState::default().hash_one((&found.stories, &found.pages, &found.connections))
}

/// Imports as the scan resolves them.
pub(super) struct Modules<'l, 'p> {
    linker: RefCell<&'l mut Linker>,
    constants: &'l Constants<'p>,
}

impl<'l, 'p> Modules<'l, 'p> {
    /// Imports as a linker and the files that it linked know them.
    pub fn of(linker: &'l mut Linker, constants: &'l Constants<'p>) -> Self {
        Self { linker: RefCell::new(linker), constants }
    }
}

impl Imports for Modules<'_, '_> {
    fn file(&self, from: &str, specifier: &str) -> Option<String> {
        self.linker.borrow_mut().target(from, specifier).map(|file| file.to_string())
    }

    fn declaration(&self, from: &str, specifier: &str, name: &str) -> Option<String> {
        let file = self.file(from, specifier)?;
        Some(self.constants.declaring_file(&file, name).unwrap_or(file))
    }

    fn constant(&self, from: &str, specifier: &str, path: &[String]) -> Option<Json> {
        self.constants.value(&self.file(from, specifier)?, path)
    }
}

impl Beside {
    fn stories(
        &mut self,
        reader: &FileReader<'_>,
        found: &Found,
        package: &str,
        storybook: Option<Version>,
        modules: &Modules<'_, '_>,
        imports: &dyn Imports,
    ) {
        let files: Vec<&str> = found.stories.iter().map(String::as_str).collect();
        let facts = self.lowered(reader, &files, stories::lower);
        let mut options = self.storybooks(reader, package, &mut modules.linker.borrow_mut());
        options.version = storybook.or_else(|| Manifest::read(reader.root, reader.root).storybook);
        let pages = self.pages(reader, found, &options);
        let all: Vec<_> = facts.iter().map(|(file, facts)| (*file, facts)).collect();
        let pages: Vec<_> = pages.iter().map(|(file, facts)| (*file, facts)).collect();
        let mut resolved = stories::resolve(&all, &pages, &options, imports);
        self.diagnostics.append(&mut resolved.diagnostics);
        self.docs = resolved.docs;
        let mut stories = resolved.stories;
        for folder in folders(package) {
            let path = joined(folder, "storybook-static/index.json");
            let full = reader.root.join(&path);
            if !modules.linker.borrow_mut().is_file(&path)
                || !std::fs::metadata(&full).is_ok_and(|file| file.len() <= MAX_INDEX_BYTES)
            {
                continue;
            }
            let index = std::fs::read(&full).map_err(|error| error.to_string());
            match index.and_then(|bytes| stories::index::read(&bytes).map_err(|error| error.to_string())) {
                Ok(index) => {
                    self.diagnostics.extend(stories::index::reconcile(&mut stories, &index, folder));
                }
                Err(error) => self.diagnostics.push(unreadable(&path, "storybook-index-unreadable", error)),
            }
            break;
        }
        self.stories = stories;
    }

    /// The pages that the Storybooks show; other files in MDX are none of theirs.
    fn pages<'f>(
        &mut self,
        reader: &FileReader<'_>,
        found: &'f Found,
        options: &StoryOptions,
    ) -> Vec<(&'f str, MdxFacts)> {
        let shown = options.shown(&found.pages);
        self.files += shown.len();
        let read = read::at_desks(&shown, |file, desk| (*file, reader.page(file, desk)));
        let mut pages = Vec::with_capacity(read.len());
        for (file, page) in read {
            match page {
                Ok(page) => pages.push((file, page)),
                Err(diagnostic) => self.diagnostics.push(*diagnostic),
            }
        }
        pages
    }

    /// The `.storybook` folders of the package and of the workspace.
    fn storybooks(&mut self, reader: &FileReader<'_>, package: &str, linker: &mut Linker) -> StoryOptions {
        let mut files = Vec::new();
        for folder in folders(package) {
            let storybook = joined(folder, ".storybook");
            let Ok(entries) = std::fs::read_dir(reader.root.join(&storybook)) else { continue };
            let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
            let paths = names.map(|name| joined(&storybook, &name));
            files.extend(paths.filter(|path| stories::is_storybook_file(path) && linker.is_file(path)));
            break;
        }
        files.sort_unstable();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let facts = self.lowered(reader, &files, stories::lower_storybook);
        for (_, facts) in &facts {
            self.diagnostics.extend(facts.diagnostics.iter().cloned());
        }
        let all: Vec<_> = facts.iter().map(|(file, facts)| (*file, facts)).collect();
        stories::options_of(&all)
    }

    fn connections(&mut self, reader: &FileReader<'_>, found: &Found, package: &str, imports: &dyn Imports) {
        let (config, folder) = self.code_connect_config(reader, package);
        let files = match config.files() {
            Ok(files) => files,
            Err(error) => {
                let path = joined(folder, CONFIG);
                self.diagnostics.push(unreadable(&path, "code-connect-config", error.to_string()));
                return;
            }
        };
        let inside = |file: &str| match folder {
            "" => files.contain(file),
            folder => file
                .strip_prefix(folder)
                .and_then(|file| file.strip_prefix('/'))
                .is_some_and(|file| files.contain(file)),
        };
        let read: Vec<&str> =
            found.connections.iter().map(String::as_str).filter(|file| inside(file)).collect();
        let facts = self.lowered(reader, &read, code_connect::lower);
        let all: Vec<_> = facts.iter().map(|(file, facts)| (*file, facts)).collect();
        let (connections, mut diagnostics) = code_connect::resolve(&all, &config, imports);
        self.connections = connections;
        self.diagnostics.append(&mut diagnostics);
    }

    /// The nearest `figma.config.json`, and its folder.
    fn code_connect_config<'f>(
        &mut self,
        reader: &FileReader<'_>,
        package: &'f str,
    ) -> (CodeConnectConfig, &'f str) {
        for folder in folders(package) {
            let path = joined(folder, CONFIG);
            let read = match confined::text(reader.root, &reader.root.join(&path)) {
                Ok(None) => continue,
                Ok(Some(text)) => code_connect::read_config(&text).map_err(|error| error.to_string()),
                Err(error) => Err(format!("the file can't be read: {error}")),
            };
            let config = read.unwrap_or_else(|error| {
                self.diagnostics.push(unreadable(&path, "code-connect-config", error));
                CodeConnectConfig::default()
            });
            return (config, folder);
        }
        (CodeConnectConfig::default(), "")
    }

    /// Parses files and lowers each; files that hold nothing of the kind are left out.
    fn lowered<'f, T: Send>(
        &mut self,
        reader: &FileReader<'_>,
        files: &[&'f str],
        lower: fn(&Program<'_>, &str, &str) -> Option<T>,
    ) -> Vec<(&'f str, T)> {
        self.files += files.len();
        let read = read::at_desks(files, |file, desk| {
            (*file, reader.lowered(file, desk, |program, text| lower(program, text, file)))
        });
        let mut facts = Vec::with_capacity(read.len());
        for (file, (lowered, mut diagnostics)) in read {
            self.diagnostics.append(&mut diagnostics);
            facts.extend(lowered.flatten().map(|lowered| (file, lowered)));
        }
        facts
    }
}

const CONFIG: &str = "figma.config.json";

/// The folders that configure a package: its own, then the workspace's.
fn folders(package: &str) -> Vec<&str> {
    if package.is_empty() { vec![""] } else { vec![package, ""] }
}

fn joined(folder: &str, path: &str) -> String {
    Path::new(folder).join(path).to_string_lossy().into_owned()
}

fn unreadable(file: &str, code: &str, message: String) -> Diagnostic {
    let (message, hint) = match message.split_once("; ") {
        Some((message, hint)) => (message.to_owned(), hint.to_owned()),
        None => (message, "correct it, or remove it".to_owned()),
    };
    Diagnostic {
        file: file.to_owned(),
        place: None,
        severity: DiagnosticSeverity::Error,
        code: code.to_owned(),
        message,
        hint: Some(hint),
    }
}
