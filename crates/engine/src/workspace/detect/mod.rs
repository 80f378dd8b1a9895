//! Looks around a folder for what a workspace could consist of.

mod design_files;
mod render;

use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
};

use lockstep_code::Framework;
use serde::{Deserialize, Serialize};

use super::{WorkspacePath, config::FigmaLink};

pub use design_files::DetectedDesign;
pub use render::{ChosenDesign, render};

/// After so many entries the look around ends: it is a first guess, not a scan.
const MAX_ENTRIES: usize = 200_000;

/// Folders that hold nothing that people wrote here.
const SKIPPED_FOLDERS: [&str; 6] = ["node_modules", "dist", "build", "out", "coverage", "storybook-static"];

/// What stands in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Detected {
    /// Packages with component sources, libraries first.
    pub packages: Vec<DetectedPackage>,
    /// `.storybook` folders.
    pub storybooks: Vec<WorkspacePath>,
    /// Code Connect files.
    pub code_connect: Vec<WorkspacePath>,
    /// `figma.config.json` files.
    pub figma_configs: Vec<WorkspacePath>,
    /// Design files.
    pub designs: Vec<DetectedDesign>,
    /// The Figma file keys that Code Connect files and their configuration name, the most frequent first.
    pub figma_keys: Vec<String>,
    /// Whether the folder was too large to be looked at whole.
    pub cut_short: bool,
}

/// A package with component sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DetectedPackage {
    /// The folder of its `package.json`.
    pub root: WorkspacePath,
    /// The name in its `package.json`.
    pub name: Option<String>,
    /// What its components are written with.
    pub framework: Framework,
    /// Whether others are meant to import it.
    pub is_library: bool,
    /// The folder below `root` that holds every component source, where there is one.
    pub source_folder: Option<String>,
    /// How many component sources there are.
    pub source_files: usize,
    /// How many story files there are.
    pub story_files: usize,
    /// Whether every story stands in the source folder.
    pub stories_in_source: bool,
}

impl DetectedPackage {
    /// The globs of its sources; empty for every source file.
    pub fn include(&self) -> Vec<String> {
        let own = self.framework.document_extension().map_or(String::new(), |own| format!("{own},"));
        self.source_folder.iter().map(|folder| format!("{folder}/**/*.{{{own}ts,tsx,js,jsx}}")).collect()
    }

    /// The globs of its stories.
    pub fn stories(&self) -> Vec<String> {
        if self.story_files == 0 {
            return Vec::new();
        }
        let folder = self.source_folder.as_ref().filter(|_| self.stories_in_source);
        let prefix = folder.map_or(String::new(), |folder| format!("{folder}/"));
        vec![format!("{prefix}**/*.stories.{{ts,tsx,js,jsx}}")]
    }
}

/// A folder that can't be looked at.
#[derive(Debug, thiserror::Error)]
#[error("can't read the folder {}: {source}", folder.display())]
pub struct DetectError {
    /// The folder.
    pub folder: PathBuf,
    /// The operating system's answer.
    pub source: std::io::Error,
}

/// Looks around. What can't be read below the folder is passed over.
///
/// # Errors
/// When the folder itself can't be read.
pub fn detect(folder: &Path) -> Result<Detected, DetectError> {
    std::fs::read_dir(folder).map_err(|source| DetectError { folder: folder.to_owned(), source })?;
    let (files, cut_short) = list_files(folder);
    let mut detected = Detected { cut_short, ..Detected::default() };
    let mut packages: BTreeMap<WorkspacePath, Sources> = BTreeMap::new();
    for file in files.iter().filter(|file| file.file_name() == "package.json") {
        packages.insert(file.parent().unwrap_or_default(), Sources::default());
    }
    packages.entry(WorkspacePath::root()).or_default();
    for file in files {
        match FileKind::of(file.file_name()) {
            FileKind::Source(framework) => {
                sources_of(&mut packages, &file).components.push((file, framework))
            }
            FileKind::Story => sources_of(&mut packages, &file).stories.push(file),
            FileKind::Elements => sources_of(&mut packages, &file).lists_elements = true,
            FileKind::CodeConnect => detected.code_connect.push(file),
            FileKind::FigmaConfig => detected.figma_configs.push(file),
            FileKind::Json => detected.designs.extend(design_files::recognise(folder, file)),
            FileKind::Other => {}
        }
    }
    detected.storybooks = storybooks(folder, packages.keys());
    detected.packages =
        packages.into_iter().filter_map(|(root, sources)| describe(folder, root, &sources)).collect();
    detected.packages.sort_by_key(|package| !package.is_library);
    detected.figma_keys = figma_keys(folder, detected.code_connect.iter().chain(&detected.figma_configs));
    design_files::name_apart(&mut detected.designs);
    Ok(detected)
}

/// What stands in one package.
#[derive(Debug, Default)]
struct Sources {
    components: Vec<(WorkspacePath, Framework)>,
    stories: Vec<WorkspacePath>,
    /// Whether there is a manifest of custom elements.
    lists_elements: bool,
}

impl Sources {
    /// What most of the components are written with.
    fn framework(&self, lists_elements: bool) -> Option<Framework> {
        let count = |wanted| self.components.iter().filter(|(_, framework)| *framework == wanted).count();
        let most = Framework::ALL.into_iter().rev().max_by_key(|framework| count(*framework))?;
        match (count(most), lists_elements) {
            // Beside a manifest, a few files for React are wrappers of its elements.
            (_, true) if most == Framework::React => Some(Framework::CustomElements),
            (0, true) => Some(Framework::CustomElements),
            (0, false) => None,
            _ => Some(most),
        }
    }
}

enum FileKind {
    Source(Framework),
    Elements,
    Story,
    CodeConnect,
    FigmaConfig,
    Json,
    Other,
}

impl FileKind {
    fn of(name: &str) -> Self {
        if name == "figma.config.json" {
            return Self::FigmaConfig;
        }
        let Some((stem, extension)) = name.rsplit_once('.') else { return Self::Other };
        let script = matches!(extension, "ts" | "tsx" | "js" | "jsx");
        match extension {
            "json" if stem == "custom-elements" => Self::Elements,
            "json" => Self::Json,
            "vue" => Self::Source(Framework::Vue),
            "svelte" if !stem.ends_with(".stories") => Self::Source(Framework::Svelte),
            _ if script && stem.ends_with(".stories") => Self::Story,
            _ if script && stem.ends_with(".figma") => Self::CodeConnect,
            "tsx" | "jsx" if !stem.ends_with(".test") && !stem.ends_with(".spec") => {
                Self::Source(Framework::React)
            }
            _ => Self::Other,
        }
    }
}

fn list_files(folder: &Path) -> (Vec<WorkspacePath>, bool) {
    let walk = ignore::WalkBuilder::new(folder)
        .require_git(false)
        .max_depth(Some(16))
        .filter_entry(|entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let skipped = entry.file_name().to_str().is_some_and(|name| SKIPPED_FOLDERS.contains(&name));
            entry.depth() == 0 || !(is_folder && skipped)
        })
        .sort_by_file_name(std::cmp::Ord::cmp)
        .build();
    let mut entries = walk.filter_map(Result::ok);
    let files = entries
        .by_ref()
        .take(MAX_ENTRIES)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter_map(|entry| {
            let relative = entry.path().strip_prefix(folder).ok()?.to_str()?;
            WorkspacePath::new(&relative.replace(std::path::MAIN_SEPARATOR, "/")).ok()
        })
        .collect();
    (files, entries.next().is_some())
}

/// The package that a file belongs to: the nearest one above it.
fn sources_of<'a>(
    packages: &'a mut BTreeMap<WorkspacePath, Sources>,
    file: &WorkspacePath,
) -> &'a mut Sources {
    let mut folder = file.parent().unwrap_or_default();
    while !packages.contains_key(&folder) {
        folder = folder.parent().unwrap_or_default();
    }
    packages.entry(folder).or_default()
}

fn describe(folder: &Path, root: WorkspacePath, found: &Sources) -> Option<DetectedPackage> {
    let manifest = read_manifest(&folder.join(root.as_str()).join("package.json")).unwrap_or_default();
    let framework = found.framework(found.lists_elements || manifest.custom_elements.is_some())?;
    let own = found.components.iter().filter(|(_, of)| *of == framework);
    let sources: Vec<&WorkspacePath> = own.map(|(file, _)| file).collect();
    let stories = &found.stories;
    let below = |file: &WorkspacePath| -> Option<String> {
        let inside = file.as_str().strip_prefix(root.as_str())?.trim_start_matches('/');
        inside.split_once('/').map(|(first, _)| first.to_owned())
    };
    let first = sources.first().and_then(|file| below(file));
    let source_folder = first.filter(|first| sources.iter().all(|file| below(file).as_ref() == Some(first)));
    Some(DetectedPackage {
        framework,
        is_library: manifest.is_library(),
        name: manifest.name,
        stories_in_source: source_folder.is_some() && stories.iter().all(|file| below(file) == source_folder),
        source_folder,
        source_files: sources.len(),
        story_files: stories.len(),
        root,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Manifest {
    name: Option<String>,
    main: Option<serde_json::Value>,
    module: Option<serde_json::Value>,
    exports: Option<serde_json::Value>,
    #[serde(rename = "customElements")]
    custom_elements: Option<serde_json::Value>,
    #[serde(rename = "peerDependencies")]
    peer_dependencies: BTreeMap<String, serde_json::Value>,
}

impl Manifest {
    fn is_library(&self) -> bool {
        let has_entry = self.main.is_some() || self.module.is_some() || self.exports.is_some();
        let peers = ["react", "vue", "svelte"];
        has_entry
            || self.custom_elements.is_some()
            || peers.iter().any(|peer| self.peer_dependencies.contains_key(*peer))
    }
}

/// The most that is read of a file that people write by hand.
const MAX_SMALL_FILE: u64 = 1024 * 1024;

fn read_start(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn read_manifest(path: &Path) -> Option<Manifest> {
    serde_json::from_slice(&read_start(path, MAX_SMALL_FILE)?).ok()
}

fn storybooks<'a>(folder: &Path, packages: impl Iterator<Item = &'a WorkspacePath>) -> Vec<WorkspacePath> {
    packages
        .filter_map(|root| root.join(".storybook").ok())
        .filter(|path| folder.join(path.as_str()).is_dir())
        .collect()
}

fn figma_keys<'a>(folder: &Path, files: impl Iterator<Item = &'a WorkspacePath>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let Some(bytes) = read_start(&folder.join(file.as_str()), MAX_SMALL_FILE) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        for start in text.match_indices("https://").map(|(at, _)| at) {
            let address = text[start..].split(['"', '\'', '`', ' ', '\n', '\r', ')', '>']).next();
            if let Some(link) = address.and_then(FigmaLink::parse)
                && link.file_key.chars().all(|c| c.is_ascii_alphanumeric())
            {
                *counts.entry(link.file_key).or_default() += 1;
            }
        }
    }
    let mut keys: Vec<(String, usize)> = counts.into_iter().collect();
    keys.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    keys.into_iter().map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests;
