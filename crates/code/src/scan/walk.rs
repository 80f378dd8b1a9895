//! Which files a package has.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::DirEntry,
    path::{Path, PathBuf},
    sync::Arc,
};

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::gitignore::Gitignore;
use lockstep_core::diagnostic::Diagnostic;
use rayon::prelude::*;

use super::{ScanError, ScanOptions, read::problem};
use crate::Framework;

/// Folders that hold no source, wherever they are.
const SKIPPED_FOLDERS: &[&str] = &[
    "node_modules",
    "dist",
    "build",
    "esm",
    "cjs",
    "umd",
    "es",
    "out",
    "coverage",
    "storybook-static",
    "__tests__",
    "__mocks__",
    "__snapshots__",
    "bower_components",
];
/// Those of them that hold code which uses components.
const TEST_FOLDERS: &[&str] = &["__tests__", "__mocks__"];

/// The files of a package, relative to the workspace, sorted.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub sources: Vec<String>,
    /// The folders that were looked into, and the files in them that say what to ignore.
    pub folders: Vec<String>,
    pub stories: Vec<String>,
    /// Pages of documentation, in MDX.
    pub pages: Vec<String>,
    pub connections: Vec<String>,
    /// Frameworks that the package has files of, beside its own.
    pub others: BTreeSet<Framework>,
    /// Story files of a kind that is not read.
    pub unread: Vec<String>,
    /// What could not be looked at.
    pub diagnostics: Vec<Diagnostic>,
}

impl Found {
    /// Whether a file stands beside the components, so that none of them depends on it.
    pub fn is_beside(&self, path: &str) -> bool {
        [&self.stories, &self.pages, &self.connections]
            .iter()
            .any(|files| files.binary_search_by(|known| known.as_str().cmp(path)).is_ok())
    }
}

/// Walks a package. Links are not followed: what they lead to is found where it is, if it is inside at all.
pub(super) fn walk(root: &Path, package: &Path, options: &ScanOptions) -> Result<Found, ScanError> {
    walk_for(root, package, options, false)
}

/// Every file of a package that may use a component: its tests too, and what lies beside its sources.
pub(super) fn walk_all(root: &Path, package: &Path, options: &ScanOptions) -> Result<Vec<String>, ScanError> {
    let Found { mut sources, stories, connections, .. } = walk_for(root, package, options, true)?;
    sources.extend(stories);
    sources.extend(connections);
    sources.retain(|file| !file.ends_with(".mdx"));
    Ok(sources)
}

fn walk_for(root: &Path, package: &Path, options: &ScanOptions, all: bool) -> Result<Found, ScanError> {
    let wanted = Wanted {
        all,
        include: (!options.include.is_empty()).then(|| globs(&options.include)).transpose()?,
        exclude: globs(&options.exclude)?,
        stories: globs(&options.stories)?,
        // Most files are no stories, which their names tell sooner than a glob does.
        usual_stories: options.stories == ScanOptions::new("", "").stories,
        has_src: package.join("src").is_dir(),
        document: options.framework.document_extension(),
    };
    let mut found = Found::default();
    let name = relative(root, package).unwrap_or_default();
    let outside = if name.is_empty() { 0 } else { name.len() + 1 };
    let mut pending = vec![Folder { path: package.to_owned(), name, ignores: Vec::new() }];
    // Level by level, each level on every thread.
    while !pending.is_empty() {
        let levels: Vec<(Found, Vec<Folder>)> =
            pending.into_par_iter().with_min_len(4).map(|folder| folder.look(outside, &wanted)).collect();
        pending = Vec::new();
        for (mut inside, mut folders) in levels {
            pending.append(&mut folders);
            found.sources.append(&mut inside.sources);
            found.folders.append(&mut inside.folders);
            found.stories.append(&mut inside.stories);
            found.pages.append(&mut inside.pages);
            found.connections.append(&mut inside.connections);
            found.unread.append(&mut inside.unread);
            found.others.append(&mut inside.others);
            found.diagnostics.append(&mut inside.diagnostics);
        }
    }
    found.sources.sort_unstable();
    found.stories.sort_unstable();
    found.pages.sort_unstable();
    found.connections.sort_unstable();
    found.unread.sort_unstable();
    Ok(found)
}

/// A folder to look into, with what its parents and itself say to ignore.
struct Folder {
    path: PathBuf,
    /// The path inside the workspace.
    name: String,
    ignores: Vec<Arc<Gitignore>>,
}

impl Folder {
    /// The files in it that are wanted, and the folders in it to look into. Within the package, a path is spelt without
    /// its first bytes. Most of what is looked at is not wanted: its path is not even spelt.
    fn look(mut self, outside: usize, wanted: &Wanted) -> (Found, Vec<Self>) {
        let mut found = Found::default();
        let mut folders = Vec::new();
        found.folders.push(self.name.clone());
        let entries = std::fs::read_dir(&self.path).and_then(Iterator::collect::<Result<Vec<DirEntry>, _>>);
        let entries: Vec<(OsString, DirEntry)> = match entries {
            Ok(entries) => entries.into_iter().map(|entry| (entry.file_name(), entry)).collect(),
            Err(error) => {
                let message = format!("the folder can't be read: {error}");
                let hint = "check its permissions, or exclude it in the configuration";
                found.diagnostics.push(*problem(&self.name, "unreadable-folder", message, hint));
                return (found, folders);
            }
        };
        let ignore_file = self.path.join(".gitignore");
        if entries.iter().any(|(name, _)| name == ".gitignore") && ignore_file.is_file() {
            // What can't be understood in it is skipped line by line.
            self.ignores.push(Arc::new(Gitignore::new(ignore_file).0));
            found.folders.push(self.named(".gitignore"));
        }
        for (file_name, entry) in entries {
            let Ok(kind) = entry.file_type() else { continue };
            let Some(file_name) = file_name.to_str() else {
                if kind.is_dir() || wanted.reads(extension(&file_name.to_string_lossy())) {
                    let shown = Path::new(&self.name).join(&file_name);
                    let message = "the name is not UTF-8: it was left out".to_owned();
                    let problem = problem(&shown.to_string_lossy(), "name-not-utf-8", message, "rename it");
                    found.diagnostics.push(*problem);
                }
                continue;
            };
            if file_name.starts_with('.') {
                continue;
            }
            let extension = extension(file_name);
            if kind.is_dir() {
                let path = entry.path();
                let skipped = SKIPPED_FOLDERS.contains(&file_name)
                    && !(wanted.all && TEST_FOLDERS.contains(&file_name));
                if !skipped && !self.ignores(&path, true) {
                    let name = self.named(file_name);
                    folders.push(Self { path, name, ignores: self.ignores.clone() });
                }
            } else if kind.is_file() && wanted.reads(extension) {
                let path = self.named(file_name);
                let Some(role) = wanted.role(path.get(outside..).unwrap_or_default(), file_name) else {
                    continue;
                };
                if !self.ignores.is_empty() && self.ignores(&entry.path(), false) {
                    continue;
                }
                match role {
                    Role::Source => found.sources.push(path),
                    Role::Story => found.stories.push(path),
                    Role::Page => found.pages.push(path),
                    Role::Connection => found.connections.push(path),
                    Role::UnreadStory => found.unread.push(path),
                }
            } else if kind.is_file() {
                found.others.extend(
                    Framework::ALL.into_iter().filter(|framework| {
                        extension.is_some() && framework.document_extension() == extension
                    }),
                );
            }
        }
        (found, folders)
    }

    /// The path of something in it, inside the workspace.
    fn named(&self, name: &str) -> String {
        if self.name.is_empty() { name.to_owned() } else { format!("{}/{name}", self.name) }
    }

    /// The nearest word on a path counts.
    fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let words = self.ignores.iter().rev().map(|ignore| ignore.matched(path, is_folder));
        words.into_iter().find(|word| !word.is_none()).is_some_and(|word| word.is_ignore())
    }
}

/// What a file is to a scan.
enum Role {
    Source,
    Story,
    Page,
    Connection,
    UnreadStory,
}

/// Which files are wanted.
struct Wanted {
    /// Whatever may use a component, wherever it stands.
    all: bool,
    include: Option<GlobSet>,
    exclude: GlobSet,
    stories: GlobSet,
    usual_stories: bool,
    has_src: bool,
    /// The extension of files with markup that the framework has.
    document: Option<&'static str>,
}

impl Wanted {
    /// Whether files of that extension can be read at all.
    fn reads(&self, extension: Option<&str>) -> bool {
        extension.is_some_and(|extension| is_script(extension) || self.document == Some(extension))
    }

    fn role(&self, inside: &str, name: &str) -> Option<Role> {
        let may_be_story = !self.usual_stories || has_two_dots(name) && name.contains(".stor");
        let role = if name.ends_with(".stories.svelte") {
            Role::UnreadStory
        } else if is_connection(name) {
            Role::Connection
        } else if name.ends_with(".mdx") {
            Role::Page
        } else if may_be_story && self.stories.is_match(inside) {
            Role::Story
        } else if self.all && !name.contains(".d.") || self.is_source(inside) && !is_test(name) {
            Role::Source
        } else {
            return None;
        };
        (!self.exclude.is_match(inside)).then_some(role)
    }

    fn is_source(&self, inside: &str) -> bool {
        match &self.include {
            Some(include) => include.is_match(inside),
            None => !self.has_src || inside.starts_with("src/") || inside.starts_with("exports/"),
        }
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet, ScanError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|source| ScanError::Glob { glob: pattern.clone(), source })?);
    }
    set.build().map_err(|source| ScanError::Glob { glob: patterns.join(", "), source })
}

/// A path inside the workspace, with `/` between its parts; `None` when it is not valid Unicode or not inside.
pub(super) fn relative(root: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// What stands behind the last dot of a name, as paths have it.
fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
}

fn has_two_dots(name: &str) -> bool {
    name.bytes().filter(|byte| *byte == b'.').nth(1).is_some()
}

fn is_script(extension: &str) -> bool {
    matches!(extension, "ts" | "tsx" | "js" | "jsx" | "mts" | "cts" | "mjs" | "cjs" | "mdx")
}

fn is_connection(name: &str) -> bool {
    [".figma.tsx", ".figma.ts", ".figma.jsx", ".figma.js"].iter().any(|ending| name.ends_with(ending))
}

fn is_test(name: &str) -> bool {
    has_two_dots(name)
        && [".test.", ".spec.", ".d.ts", ".d.mts", ".d.cts", ".e2e.", ".stories.", ".config."]
            .iter()
            .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_stands_in_its_name() {
        for (name, ends_in, tests) in [
            ("Button.tsx", Some("tsx"), false),
            ("Button.test.tsx", Some("tsx"), true),
            ("Button.stories.tsx", Some("tsx"), true),
            ("types.d.ts", Some("ts"), true),
            ("vite.config.mts", Some("mts"), true),
            ("a.b.tsx", Some("tsx"), false),
            ("test.tsx", Some("tsx"), false),
            ("README", None, false),
            ("ends.", Some(""), false),
            (".npmrc", None, false),
        ] {
            assert_eq!((extension(name), is_test(name)), (ends_in, tests), "{name}");
        }
    }
}
