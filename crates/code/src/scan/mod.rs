//! Reading a package: which files there are, what each says, and what they say together.
//!
//! **What a library exports.** The entries are the source files that `package.json` points to (`source`, `exports`,
//! `module`, `main`, `types`); where it points to built files only, `src/index.*` or `index.*`; where there is no
//! index, the files of `exports/`; else every source file. What the entries export, directly or by re-export, is what
//! the library exports.

mod beside;
mod cache;
mod callers;
mod confined;
mod constants;
mod elements;
mod entries;
mod installed;
mod links;
mod listings;
mod manifest;
mod read;
mod reread;
mod walk;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};
use rayon::prelude::*;

use crate::{
    Framework,
    model::{CodeScan, FilePath, ScannedComponent, Story},
    react::{self, Standing},
    resolve::{Evaluator, FileId, Link, Project, SourceFile},
};
use cache::ScanCache;
use elements::Elements;
use links::Linker;
use manifest::Manifest;
use read::FileReader;

pub use callers::callers;
pub use read::MAX_FILE_BYTES;
pub(crate) use read::nested_too_deeply;
pub use reread::Rereading;

/// What to scan and how.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// The workspace's folder. Nothing outside it is read.
    pub root: PathBuf,
    /// The package's folder, relative to the root; empty for the root itself.
    pub package: PathBuf,
    /// What the package is written with.
    pub framework: Framework,
    /// Globs of the source files, relative to the package. Empty: the `src` folder, or the whole package where there is
    /// none.
    pub include: Vec<String>,
    /// Globs of files to leave out, beside tests, type declarations, builds and `node_modules`.
    pub exclude: Vec<String>,
    /// Globs of story files, relative to the package.
    pub stories: Vec<String>,
    /// The folder to keep what was read in between scans. It may be deleted at any time.
    pub cache: Option<PathBuf>,
    /// The file whose exports are the library, relative to the package, where the usual rule does not find it.
    pub entry: Option<PathBuf>,
}

impl ScanOptions {
    /// The usual options for a package.
    pub fn new(root: impl Into<PathBuf>, package: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            package: package.into(),
            framework: Framework::default(),
            include: Vec::new(),
            exclude: Vec::new(),
            stories: vec!["**/*.{stories,story}.{ts,tsx,js,jsx,mjs}".to_owned()],
            cache: None,
            entry: None,
        }
    }
}

/// Why nothing could be scanned at all. What is wrong with a single file is a diagnostic instead.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The folder is not there or can't be read.
    #[error("the folder {} can't be read: {source}; check the path of the package in the configuration", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The package leads out of the workspace.
    #[error("the package {} lies outside the workspace {}; only what is inside is read", package.display(), root.display())]
    Outside {
        /// The package.
        package: PathBuf,
        /// The workspace.
        root: PathBuf,
    },
    /// A glob that can't be understood.
    #[error("`{glob}` is no valid glob: {source}")]
    Glob {
        /// The glob.
        glob: String,
        /// Why.
        source: globset::Error,
    },
    /// The threads for reading could not be started.
    #[error("no threads to read files with: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// The stack of a reading thread: the parser recurses as deeply as the code is nested. Only what is used is committed.
pub(crate) const STACK_BYTES: usize = 256 << 20;

/// Scans one package of a workspace.
///
/// # Errors
/// When the package can't be read at all. What is wrong with single files stands in [`CodeScan::diagnostics`].
pub fn scan(options: &ScanOptions) -> Result<CodeScan, ScanError> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    pool.install(|| scan_here(options))
}

/// The source files that a scan starts from, relative to the root: without stories, tests and Code Connect files.
///
/// # Errors
/// As [`scan`].
pub fn source_files(options: &ScanOptions) -> Result<Vec<PathBuf>, ScanError> {
    let (root, package) = folders(options)?;
    Ok(walk::walk(&root, &package, options)?.sources.into_iter().map(PathBuf::from).collect())
}

fn folders(options: &ScanOptions) -> Result<(PathBuf, PathBuf), ScanError> {
    let root = folder(&options.root)?;
    let package = folder(&options.root.join(&options.package))?;
    if !package.starts_with(&root) {
        return Err(ScanError::Outside { package, root });
    }
    Ok((root, package))
}

fn scan_here(options: &ScanOptions) -> Result<CodeScan, ScanError> {
    let (root, package) = folders(options)?;
    let cache = ScanCache::of(options, &root);
    if let Some(known) = cache.as_ref().and_then(ScanCache::load) {
        return Ok(known);
    }
    let mut found = walk::walk(&root, &package, options)?;
    if options.framework == Framework::CustomElements {
        // The manifest says which modules there are.
        found.sources.clear();
    }
    let manifest = Manifest::read(&root, &package);
    let own = walk::relative(&root, &package).unwrap_or_default();
    let mut linker = Linker::new(&root, &package, &found.sources);
    let mut batch: Vec<Arc<str>> = found.sources.iter().map(|path| path.as_str().into()).collect();
    let unlisted = entries::unlisted(&mut linker, &manifest, options, &own, &found.sources);
    batch.extend(unlisted.into_iter().map(Arc::from));
    let reader = FileReader { root: &root };
    let mut elements = match options.framework {
        Framework::CustomElements => Elements::read(&reader, &mut linker, &manifest, &own),
        Framework::React | Framework::Vue | Framework::Svelte => Elements::default(),
    };
    batch.extend(elements.sources(&linker).into_iter().map(Arc::from));
    let (mut project, mut diagnostics) = linked(&reader, &mut linker, batch, &own, Reach::Contracts);
    diagnostics.append(&mut elements.diagnostics);
    diagnostics.extend(found.diagnostics.iter().cloned());
    diagnostics.append(&mut linker.diagnostics);
    let entries = match options.framework {
        Framework::CustomElements => elements.add_to(&mut project, &linker),
        Framework::React | Framework::Vue | Framework::Svelte => {
            entries::entries(&project, &linker, &manifest, options, &own, &found.sources)
        }
    };
    let components = components(&project, options.framework, &entries, manifest.name.as_deref());
    diagnostics.extend(duplicates(&components));
    diagnostics.extend(found.unread.iter().map(|file| unread_stories(file)));
    if components.is_empty() {
        let listed = manifest.custom_elements.iter().map(|_| Framework::CustomElements);
        let mut others = found.others.iter().copied().chain(listed);
        let other = others.find(|other| *other != options.framework);
        diagnostics.extend(other.map(|other| another_framework(&own, options.framework, other)));
    }
    let constants = constants::Constants::of(&project);
    let mut beside = beside::read(&reader, &found, &own, manifest.storybook, &mut linker, &constants);
    if options.framework == Framework::CustomElements {
        stand_for_elements(&mut beside.stories, &components);
    }
    diagnostics.extend(beside.diagnostics);
    diagnostics.sort();
    diagnostics.dedup();
    let scan = CodeScan {
        components,
        stories: beside.stories,
        docs: beside.docs,
        connections: beside.connections,
        diagnostics,
        files: project.files.len() + beside.files,
    };
    let read: Vec<FilePath> = project.files.iter().map(|file| file.path.clone()).collect();
    let store = || {
        let Some(cache) = cache else { return };
        let mut inputs = linker.consulted();
        inputs.extend(found.folders);
        inputs.extend(read.iter().map(ToString::to_string));
        inputs.extend(found.stories.into_iter().chain(found.pages).chain(found.connections));
        inputs.extend(configuration(&own));
        inputs.sort_unstable();
        inputs.dedup();
        cache.store(&inputs, &scan);
    };
    // To free what was read of thousands of files takes its time too.
    rayon::join(store, || project.files.into_par_iter().with_min_len(64).for_each(drop));
    Ok(scan)
}

/// Which modules are read because of a file that refers to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those that its contracts depend on, in installed packages too.
    Contracts,
    /// Those of the workspace that it imports at all.
    Users,
}

/// Reads files and, in turn, those that they lead to; with what was wrong with them.
fn linked(
    reader: &FileReader<'_>,
    linker: &mut Linker,
    mut batch: Vec<Arc<str>>,
    own: &str,
    reach: Reach,
) -> (Project, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut project = Project::default();
    while !batch.is_empty() {
        let mut read: Vec<SourceFile> = read::at_desks(&batch, |path, desk| {
            let installed = installed::is_installed(path, own);
            SourceFile {
                facts: reader.facts(path, desk),
                links: Vec::new(),
                own: Path::new(&**path).starts_with(own) && !installed,
                installed,
                path: path.clone().into(),
            }
        });
        for file in &mut read {
            // What is wrong with somebody else's declarations is nothing to mend here.
            if !file.installed {
                diagnostics.append(&mut file.facts.diagnostics);
            }
            if reach == Reach::Users {
                file.facts
                    .specifiers
                    .extend(file.facts.imports.iter().map(|import| import.specifier.clone()));
                file.facts.specifiers.sort_unstable();
                file.facts.specifiers.dedup();
            }
            file.links = vec![Link::Missing; file.facts.specifiers.len()];
        }
        linker.register(&read);
        batch = linker.link(&read);
        batch.retain(|path| reach == Reach::Contracts || !installed::is_installed(path, own));
        project.files.append(&mut read);
    }
    linker.settle(&mut project);
    (project, diagnostics)
}

/// States every exported component. Each thread evaluates for itself and takes its share: what it remembers is its own.
fn components(
    project: &Project,
    framework: Framework,
    entries: &[FileId],
    package: Option<&str>,
) -> Vec<ScannedComponent> {
    const MOST_SHARES: usize = 8;
    let shares = u32::try_from(rayon::current_num_threads().clamp(1, MOST_SHARES)).unwrap_or(1);
    let mut found: Vec<(Standing, ScannedComponent)> = (0..shares)
        .into_par_iter()
        .with_max_len(1)
        .flat_map_iter(|index| {
            let texts = oxc_allocator::Allocator::new();
            let evaluator = Evaluator::new(project, &texts);
            let choices = react::Choices::default();
            let exported = framework.discover(&evaluator, entries, react::Share { index, of: shares });
            let stated = exported.into_iter().map(|exported| {
                let mut component = react::state(&evaluator, &choices, framework, &exported);
                component.package = package.map(str::to_owned);
                (exported.standing, component)
            });
            stated.collect::<Vec<_>>()
        })
        .collect();
    found.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    found.dedup_by_key(|(standing, _)| standing.origin());
    found.sort_by(|(first, a), (second, b)| (&a.name, first.origin()).cmp(&(&b.name, second.origin())));
    found.into_iter().map(|(_, component)| component).collect()
}

/// The files beside the sources that a scan depends on, there or not.
fn configuration(package: &str) -> Vec<String> {
    let names = [
        "package.json",
        "pnpm-workspace.yaml",
        "tsconfig.json",
        "figma.config.json",
        ".gitignore",
        "storybook-static/index.json",
        "node_modules/storybook/package.json",
        ".storybook",
    ];
    let storybook = ["main", "preview"].into_iter().flat_map(|name| {
        ["js", "cjs", "mjs", "ts", "cts", "mts", "jsx", "tsx"]
            .map(|extension| format!(".storybook/{name}.{extension}"))
    });
    let names: Vec<String> = names.into_iter().map(str::to_owned).chain(storybook).collect();
    let folders = if package.is_empty() { vec![""] } else { vec![package, ""] };
    folders
        .into_iter()
        .flat_map(|folder| names.iter().filter_map(|name| links::joined(folder, name)).collect::<Vec<_>>())
        .collect()
}

fn folder(path: &Path) -> Result<PathBuf, ScanError> {
    let error = |source| ScanError::Folder { path: path.to_owned(), source };
    let canonical = std::fs::canonicalize(path).map_err(error)?;
    std::fs::read_dir(&canonical).map_err(error)?;
    Ok(canonical)
}

/// Components are sorted by name: those of one name stand together.
fn duplicates(components: &[ScannedComponent]) -> Vec<Diagnostic> {
    components
        .chunk_by(|a, b| a.name == b.name)
        .filter(|same| same.len() > 1)
        .map(|same| {
            let first = &same[0].declared;
            let others: Vec<String> = same[1..]
                .iter()
                .map(|other| format!("{}:{}", other.declared.file, other.declared.line))
                .collect();
            Diagnostic {
                file: first.file.to_string(),
                place: None,
                severity: DiagnosticSeverity::Error,
                code: "duplicate-component".to_owned(),
                message: format!(
                    "`{}` is exported by {}:{} and by {}",
                    same[0].name,
                    first.file,
                    first.line,
                    others.join(" and ")
                ),
                hint: Some(
                    "rename one of them, or leave one out of the package's exports; until then neither is compared"
                        .to_owned(),
                ),
            }
        })
        .collect()
}

/// Stories name elements by their tags, which nothing imports.
fn stand_for_elements(stories: &mut [Story], elements: &[ScannedComponent]) {
    for story in stories {
        let tag = story.component.as_deref();
        if let Some(element) = elements.iter().find(|element| Some(&*element.name) == tag) {
            story.component_file = Some(element.declared.file.to_string());
        }
    }
}

/// What is said where nothing was found, and the package has files of another framework.
fn another_framework(package: &str, of: Framework, other: Framework) -> Diagnostic {
    Diagnostic {
        file: links::joined(package, "package.json").unwrap_or_default(),
        place: None,
        severity: DiagnosticSeverity::Warning,
        code: "another-framework".to_owned(),
        message: format!("no component of {of} was found, but what {other} would read is there"),
        hint: Some(format!(
            "write `framework = \"{}\"` into its `[[code]]` entry of lockstep.toml",
            other.key()
        )),
    }
}

/// What is said of story files of a kind that is not read.
fn unread_stories(file: &str) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        place: None,
        severity: DiagnosticSeverity::Warning,
        code: "story-format-unread".to_owned(),
        message: "stories in Svelte's own format are not read, so they count for no component".to_owned(),
        hint: Some("write them in CSF (`*.stories.ts`), or count without them".to_owned()),
    }
}

/// The id of the file at a position of the project's list.
fn file_id(index: usize) -> FileId {
    FileId(u32::try_from(index).unwrap_or(u32::MAX))
}
