//! Where module specifiers lead.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use foldhash::{HashMap, HashMapExt};
use lockstep_core::diagnostic::Diagnostic;
use rayon::prelude::*;

use super::{
    file_id,
    installed::Installed,
    listings::Listings,
    manifest::{Manifest, TsConfig},
    walk::relative,
};
use crate::{
    facts::Text,
    markup::MarkupKind,
    resolve::{FileId, Link, Project, SourceFile},
};

/// A file may be imported without these, in the order in which TypeScript looks.
const EXTENSIONS: &[&str] = &["ts", "tsx", "d.ts", "js", "jsx", "mts", "mjs", "cts", "cjs"];
/// A module that a library reaches through this many files outside its package is enough.
const MAX_OUTSIDE_FILES: usize = 5_000;

/// Resolves specifiers against the files that are known, and finds those outside the package that are needed.
pub(super) struct Linker {
    root: PathBuf,
    /// Files by path: read already, or about to be.
    known: HashMap<Arc<str>, Option<FileId>>,
    /// What else is in the folders that specifiers lead to.
    listings: Listings,
    /// Where specifiers that are no paths lead, from wherever they are written.
    named: HashMap<Box<str>, Option<Arc<str>>>,
    read: usize,
    outside: usize,
    configs: Vec<TsConfig>,
    /// The packages of the workspace, by name.
    packages: HashMap<String, WorkspacePackage>,
    /// What was found so far: a file, the position of a specifier in it, the path that it leads to.
    found: Vec<(FileId, usize, Arc<str>)>,
    /// The folders whose contents say which packages there are.
    workspace_folders: Vec<PathBuf>,
    installed: Installed,
    /// What is wrong with the files that configure packages.
    pub diagnostics: Vec<Diagnostic>,
}

struct WorkspacePackage {
    folder: String,
    manifest: Manifest,
}

impl Linker {
    pub fn new(root: &Path, package: &Path, sources: &[String]) -> Self {
        let mut packages = HashMap::new();
        let mut diagnostics = Vec::new();
        let top = Manifest::read(root, root);
        let mut folders = vec![root.to_owned()];
        folders.extend((package != root).then(|| package.to_owned()));
        for glob in &top.workspaces {
            folders.extend(workspace_folders(root, glob));
        }
        for folder in folders {
            let mut manifest = Manifest::read(root, &folder);
            diagnostics.append(&mut manifest.diagnostics);
            if let (Some(name), Some(folder)) = (manifest.name.clone(), relative(root, &folder)) {
                packages.entry(name).or_insert(WorkspacePackage { folder, manifest });
            }
        }
        let bases =
            top.workspaces.iter().filter_map(|glob| glob.split_once('*')).map(|(base, _)| root.join(base));
        let workspace_folders = bases.collect();
        let mut places = vec![package];
        places.extend((package != root).then_some(root));
        let configs =
            places.into_iter().filter_map(|folder| TsConfig::read(root, folder, &mut diagnostics)).collect();
        let known = sources.iter().map(|path| (Arc::from(path.as_str()), None)).collect();
        Self {
            root: root.to_owned(),
            known,
            listings: Listings::of(root),
            named: HashMap::new(),
            read: 0,
            outside: 0,
            configs,
            packages,
            found: Vec::new(),
            workspace_folders,
            installed: Installed::new(root),
            diagnostics,
        }
    }

    /// Takes note of files that were just read, in the order in which the project will hold them.
    pub fn register(&mut self, files: &[SourceFile]) {
        for file in files {
            self.known.insert(file.path.shared(), Some(file_id(self.read)));
            self.read += 1;
        }
    }

    /// What was looked for outside the files walked, found or not, and what the packages and paths were read from.
    pub fn consulted(&self) -> Vec<String> {
        let mut all = self.listings.consulted();
        all.extend(self.packages.values().filter_map(|package| joined(&package.folder, "package.json")));
        let configs = self.configs.iter().flat_map(|config| &config.files);
        all.extend(configs.filter_map(|file| clean(&self.root, file)));
        all.extend(self.workspace_folders.iter().filter_map(|folder| relative(&self.root, folder)));
        all.extend(self.installed.consulted());
        all
    }

    /// Whether a path is read, or about to be.
    pub fn is_known(&self, path: &str) -> bool {
        self.known.contains_key(path)
    }

    /// The id of a file that was read.
    pub fn id(&self, path: &str) -> Option<FileId> {
        self.known.get(path).copied().flatten()
    }

    /// Finds out where the specifiers of newly read files lead; gives the files that are to be read next.
    pub fn link(&mut self, files: &[SourceFile]) -> Vec<Arc<str>> {
        // Most lead to files that are known, which needs nothing but looking.
        let here: &Self = self;
        let near: Vec<Vec<Option<Arc<str>>>> = files
            .par_iter()
            .with_min_len(16)
            .map_init(String::new, |path, file| {
                let near = |specifier: &Text| here.known_near(&file.path, specifier, path).cloned();
                file.specifiers().iter().map(near).collect()
            })
            .collect();
        let mut next: Vec<Arc<str>> = Vec::new();
        for (file, near) in files.iter().zip(near) {
            let Some(from) = self.id(&file.path) else { continue };
            for (at, (specifier, near)) in file.specifiers().iter().zip(near).enumerate() {
                let target = near.or_else(|| self.target(&file.path, specifier));
                let installed = || self.installed.target(&file.path, specifier).map(Arc::from);
                let Some(target) = target.or_else(installed) else { continue };
                if !self.known.contains_key(&target) {
                    if self.outside >= MAX_OUTSIDE_FILES {
                        continue;
                    }
                    self.outside += 1;
                    self.known.insert(target.clone(), None);
                    next.push(target.clone());
                }
                self.found.push((from, at, target));
            }
        }
        next.sort_unstable();
        next
    }

    /// Fills in the links, once every file has an id.
    pub fn settle(&mut self, project: &mut Project) {
        for (from, at, target) in std::mem::take(&mut self.found) {
            if let Some(id) = self.id(&target) {
                project.files[from.0 as usize].links[at] = Link::File(id);
            }
        }
    }

    /// The path of the file that a specifier in a file leads to.
    pub fn target(&mut self, from: &str, specifier: &str) -> Option<Arc<str>> {
        if is_asset(specifier) {
            return None;
        }
        if specifier.starts_with('.') {
            return self.file_at(&joined(folder_of(from), specifier)?);
        }
        if let Some(known) = self.named.get(specifier) {
            return known.clone();
        }
        let target = self.named_target(specifier);
        self.named.insert(specifier.into(), target.clone());
        target
    }

    fn named_target(&mut self, specifier: &str) -> Option<Arc<str>> {
        let candidates: Vec<PathBuf> =
            self.configs.iter().flat_map(|config| config.candidates(specifier)).collect();
        for candidate in candidates {
            if let Some(path) = clean(&self.root, &candidate)
                && let Some(file) = self.file_at(&path)
            {
                return Some(file);
            }
        }
        self.package_file(specifier)
    }

    /// The known file that a relative specifier leads to; `path` is room to spell it in.
    fn known_near(&self, from: &str, specifier: &str, path: &mut String) -> Option<&Arc<str>> {
        if !specifier.starts_with('.') || is_asset(specifier) {
            return None;
        }
        join_into(path, folder_of(from), specifier)?;
        known_at(&self.known, path).filter(|known| !is_plain_script(known))
    }

    /// A package of the workspace by its name: `@acme/core`, `@acme/core/button`.
    fn package_file(&mut self, specifier: &str) -> Option<Arc<str>> {
        let split = match specifier.strip_prefix('@') {
            Some(scoped) => {
                scoped.find('/').and_then(|at| scoped[at + 1..].find('/').map(|next| at + next + 2))
            }
            None => specifier.find('/'),
        };
        let (name, subpath) = split.map_or((specifier, ""), |at| (&specifier[..at], &specifier[at + 1..]));
        let package = self.packages.get(name)?;
        let folder = package.folder.clone();
        let wanted = if subpath.is_empty() { ".".to_owned() } else { format!("./{subpath}") };
        let mut candidates: Vec<String> = package
            .manifest
            .targets
            .iter()
            .filter(|(known, _)| *known == wanted)
            .filter(|(_, target)| !is_built(target))
            .filter_map(|(_, target)| joined(&folder, target))
            .collect();
        for base in ["", "src", "exports"] {
            candidates
                .extend(joined(&joined(&folder, base)?, if subpath.is_empty() { "index" } else { subpath }));
        }
        candidates.into_iter().find_map(|candidate| self.file_at(&candidate))
    }

    /// The script that a path without, or with another, extension means.
    pub fn script_at(&mut self, path: &str) -> Option<String> {
        self.file_at(path).map(|file| file.to_string())
    }

    /// The file that a path without, or with another, extension means.
    fn file_at(&mut self, path: &str) -> Option<Arc<str>> {
        let listings = &mut self.listings;
        let mut room = path.to_owned();
        let Some(known) = known_at(&self.known, &mut room).cloned() else {
            return each_candidate(&mut room, |path| listings.is_file(path).then(|| Arc::from(path)));
        };
        if !is_plain_script(&known) {
            return Some(known);
        }
        // Declarations beside a script were not walked, and say more.
        let declared = each_candidate(&mut room, |path| match path {
            _ if path == &*known => Some(None),
            _ if path.contains(".d.") && listings.is_file(path) => Some(Some(Arc::from(path))),
            _ => None,
        });
        declared.flatten().or(Some(known))
    }

    /// Whether a path inside the workspace is a file inside it.
    pub fn is_file(&mut self, path: &str) -> bool {
        self.listings.is_file(path)
    }
}

fn known_at<'k>(known: &'k HashMap<Arc<str>, Option<FileId>>, path: &mut String) -> Option<&'k Arc<str>> {
    each_candidate(path, |candidate| known.get_key_value(candidate).map(|(known, _)| known))
}

/// Whether a file has no types of its own.
fn is_plain_script(path: &str) -> bool {
    [".js", ".jsx", ".mjs", ".cjs"].iter().any(|ending| path.ends_with(ending))
}

/// Calls a function with every path that a path may mean, the likeliest first, until it gives something. The path is
/// spelt into, and left as it was.
fn each_candidate<T>(path: &mut String, mut found: impl FnMut(&str) -> Option<T>) -> Option<T> {
    let length = path.len();
    if let Some((stem, extension)) = path.rsplit_once('.') {
        // TypeScript sources import each other by the names of what they are built to.
        let sources: &[&str] = match extension {
            "js" | "jsx" => &["ts", "tsx", "d.ts"],
            "mjs" => &["mts", "d.mts"],
            "cjs" => &["cts", "d.cts"],
            _ => &[],
        };
        let is_file_name = EXTENSIONS.contains(&extension) || MarkupKind::of(path).is_some();
        let stem = stem.len();
        let built = path[stem..].to_owned();
        for source in sources {
            path.truncate(stem + 1);
            path.push_str(source);
            if let Some(found) = found(path) {
                return Some(found);
            }
        }
        path.truncate(stem);
        path.push_str(&built);
        if is_file_name && let Some(found) = found(path) {
            return Some(found);
        }
    }
    for middle in [".", if length == 0 { "index." } else { "/index." }] {
        for extension in EXTENSIONS {
            path.truncate(length);
            path.push_str(middle);
            path.push_str(extension);
            if let Some(found) = found(path) {
                return Some(found);
            }
        }
    }
    path.truncate(length);
    None
}

fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl TsConfig {
    /// The paths that a specifier may stand for.
    fn candidates(&self, specifier: &str) -> Vec<PathBuf> {
        let mut candidates = Vec::new();
        for (pattern, targets) in &self.paths {
            let matched = match pattern.split_once('*') {
                Some((before, after)) => specifier
                    .strip_prefix(before)
                    .and_then(|rest| rest.strip_suffix(after))
                    .map(str::to_owned),
                None => (pattern == specifier).then(String::new),
            };
            if let Some(matched) = matched {
                candidates.extend(
                    targets
                        .iter()
                        .map(|target| PathBuf::from(target.to_string_lossy().replacen('*', &matched, 1))),
                );
                break;
            }
        }
        candidates.extend(self.base.as_ref().map(|base| base.join(specifier)));
        candidates
    }
}

/// Whether a specifier means something that bundlers turn into a module.
fn is_asset(specifier: &str) -> bool {
    let extension = specifier.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(
        extension,
        "css"
            | "scss"
            | "sass"
            | "less"
            | "json"
            | "svg"
            | "png"
            | "jpg"
            | "gif"
            | "webp"
            | "woff2"
            | "md"
            | "mdx"
    )
}

/// Whether a published path is a build and not a source.
pub(super) fn is_built(target: &str) -> bool {
    target.ends_with(".d.ts") || is_in_build(target)
}

/// Whether a path leads into a folder of built files.
pub(super) fn is_in_build(target: &str) -> bool {
    let folders = target.trim_start_matches("./").split('/');
    folders.into_iter().any(|part| matches!(part, "dist" | "build" | "esm" | "cjs" | "umd" | "es" | "out"))
}

/// A path relative to a folder, without `.` and `..`; `None` when it leaves the workspace.
pub(super) fn joined(folder: &str, path: &str) -> Option<String> {
    let mut joined = String::with_capacity(folder.len() + path.len() + 1);
    join_into(&mut joined, folder, path)?;
    Some(joined)
}

/// The same, spelt into a text.
fn join_into(joined: &mut String, folder: &str, path: &str) -> Option<()> {
    joined.clear();
    joined.push_str(folder);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if joined.is_empty() {
                    return None;
                }
                joined.truncate(folder_of(joined).len());
            }
            part => {
                if !joined.is_empty() {
                    joined.push('/');
                }
                joined.push_str(part);
            }
        }
    }
    Some(())
}

fn clean(root: &Path, path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.strip_prefix(root).ok()?.components() {
        match part {
            std::path::Component::Normal(part) => parts.push(part.to_str()?),
            std::path::Component::ParentDir => {
                parts.pop()?;
            }
            _ => {}
        }
    }
    Some(parts.join("/"))
}

/// The folders of `packages/*` or `packages/**`, at most two levels down.
fn workspace_folders(root: &Path, glob: &str) -> Vec<PathBuf> {
    let glob = glob.trim_start_matches("./").trim_end_matches('/');
    let Some((base, stars)) = glob.split_once('*') else { return vec![root.join(glob)] };
    let mut folders = subfolders(&root.join(base));
    if stars.starts_with('*') {
        folders.extend(folders.clone().iter().flat_map(|folder| subfolders(folder)));
    } else if let Some(rest) = stars.strip_prefix('/') {
        folders = folders
            .iter()
            .flat_map(|folder| match rest {
                "*" => subfolders(folder),
                rest => vec![folder.join(rest)],
            })
            .collect();
    }
    folders.retain(|folder| folder.join("package.json").is_file());
    folders
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| {
            entry.file_type().is_ok_and(|kind| kind.is_dir()) && entry.file_name() != "node_modules"
        })
        .map(|entry| entry.path())
        .collect();
    folders.sort_unstable();
    folders
}
