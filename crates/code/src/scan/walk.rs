//! Which files a package has.

use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::{WalkBuilder, WalkState};

use super::{ScanError, ScanOptions};

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

/// The files of a package, relative to the workspace, sorted.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub sources: Vec<String>,
    /// The folders that were looked into, with what in them says what to ignore.
    pub folders: Vec<String>,
    pub stories: Vec<String>,
    pub connections: Vec<String>,
}

/// Walks a package. Links are not followed: what they lead to is found where it is, if it is inside at all.
pub(super) fn walk(root: &Path, package: &Path, options: &ScanOptions) -> Result<Found, ScanError> {
    let include = globs(&options.include)?;
    let exclude = globs(&options.exclude)?;
    let stories = globs(&options.stories)?;
    let has_src = package.join("src").is_dir();
    let (sender, receiver) = std::sync::mpsc::channel();
    WalkBuilder::new(package)
        .parents(false)
        .follow_links(false)
        .require_git(false)
        .git_global(false)
        .git_exclude(false)
        .ignore(false)
        .threads(rayon::current_num_threads())
        .filter_entry(|entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            !is_folder
                || entry.depth() == 0
                || !entry.file_name().to_str().is_some_and(|name| SKIPPED_FOLDERS.contains(&name))
        })
        .build_parallel()
        .run(|| {
            let sender = sender.clone();
            Box::new(move |entry| {
                if let Ok(entry) = entry
                    && let Some(kind) = entry.file_type()
                    && (kind.is_dir() || kind.is_file() && is_script(entry.path()))
                {
                    // The receiver lives as long as the walk.
                    let _ = sender.send((kind.is_dir(), entry.into_path()));
                }
                WalkState::Continue
            })
        });
    drop(sender);
    let mut found = Found::default();
    for (is_folder, path) in receiver {
        let (Ok(inside), Some(name)) = (path.strip_prefix(package), relative(root, &path)) else { continue };
        if is_folder {
            let ignores =
                if name.is_empty() { ".gitignore".to_owned() } else { format!("{name}/.gitignore") };
            found.folders.extend([name, ignores]);
            continue;
        }
        if exclude.is_match(inside) {
            continue;
        }
        if is_connection(&name) {
            found.connections.push(name);
        } else if stories.is_match(inside) {
            found.stories.push(name);
        } else if !is_test(&name) && !name.ends_with(".mdx") {
            let wanted = match (options.include.is_empty(), has_src) {
                (false, _) => include.is_match(inside),
                (true, true) => inside.starts_with("src") || inside.starts_with("exports"),
                (true, false) => true,
            };
            if wanted {
                found.sources.push(name);
            }
        }
    }
    found.sources.sort_unstable();
    found.stories.sort_unstable();
    found.connections.sort_unstable();
    Ok(found)
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

fn is_script(path: &Path) -> bool {
    let Some(extension) = path.extension().and_then(|extension| extension.to_str()) else { return false };
    matches!(extension, "ts" | "tsx" | "js" | "jsx" | "mts" | "cts" | "mjs" | "cjs" | "mdx")
}

fn is_connection(name: &str) -> bool {
    [".figma.tsx", ".figma.ts", ".figma.jsx", ".figma.js"].iter().any(|ending| name.ends_with(ending))
}

fn is_test(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    [".test.", ".spec.", ".d.ts", ".d.mts", ".d.cts", ".e2e.", ".stories.", ".config."]
        .iter()
        .any(|part| file.contains(part))
}
