//! Reading a package: which files there are, what each says, and what they say together.
//!
//! **What a library exports.** The entries are the source files that `package.json` points to (`source`, `exports`,
//! `module`, `main`, `types`); where it points to built files only, `src/index.*` or `index.*`; where there is no
//! index, the files of `exports/`; else every source file. What the entries export, directly or by re-export, is what
//! the library exports.

mod answers;
mod beside;
mod cache;
mod callers;
mod components;
mod confined;
mod constants;
mod elements;
mod entries;
mod files;
mod installed;
mod links;
mod listings;
mod manifest;
mod read;
mod remarks;
mod reread;
mod run;
mod stamp;
mod testing;
mod walk;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::{
    Framework,
    model::{CodeScan, ScanMark},
    resolve::FileId,
};
use cache::{Opened, ScanCache};
use run::Run;

pub use callers::callers;
pub use read::MAX_FILE_BYTES;
pub(crate) use read::nested_too_deeply;
pub use reread::Rereading;
pub use testing::testing;

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
    Ok(scan_marked(options)?.0)
}

/// [`scan`], with the mark by which the result is known while nothing that it was made of changes: none where it could not
/// be kept.
///
/// # Errors
/// As [`scan`].
pub fn scan_marked(options: &ScanOptions) -> Result<(CodeScan, Option<ScanMark>), ScanError> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    pool.install(|| scan_here(options))
}

/// The mark of the last scan that was kept, if nothing that it was made of changed since. What it found is not read.
///
/// # Errors
/// As [`scan`].
pub fn standing(options: &ScanOptions) -> Result<Option<ScanMark>, ScanError> {
    let (root, _) = folders(options)?;
    let Some(cache) = ScanCache::of(options, &root) else { return Ok(None) };
    let bytes = cache.bytes();
    let opened = bytes.as_deref().and_then(|bytes| cache.open(bytes));
    Ok(opened.as_ref().and_then(Opened::standing).cloned())
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

fn scan_here(options: &ScanOptions) -> Result<(CodeScan, Option<ScanMark>), ScanError> {
    let (root, package) = folders(options)?;
    let cache = ScanCache::of(options, &root);
    let bytes = cache.as_ref().and_then(ScanCache::bytes);
    let opened = cache.as_ref().zip(bytes.as_deref()).and_then(|(cache, bytes)| cache.open(bytes));
    if let Some((opened, known)) = opened.as_ref().and_then(|opened| Some((opened, opened.unchanged()?))) {
        return Ok((known, Some(opened.mark.clone())));
    }
    // What a manifest says is said of files that have one path.
    let opened = opened.filter(|_| options.framework != Framework::CustomElements);
    let last = opened.and_then(Opened::last);
    let run = Run { options, root: &root, package: &package, cache: cache.as_ref(), last };
    let (scan, mark, project) = run.finish()?;
    // To free what was read of thousands of files takes its time too.
    project.files.into_par_iter().with_min_len(64).for_each(drop);
    Ok((scan, mark))
}

fn folder(path: &Path) -> Result<PathBuf, ScanError> {
    let error = |source| ScanError::Folder { path: path.to_owned(), source };
    let canonical = std::fs::canonicalize(path).map_err(error)?;
    std::fs::read_dir(&canonical).map_err(error)?;
    Ok(canonical)
}

/// The id of the file at a position of the project's list.
fn file_id(index: usize) -> FileId {
    FileId(u32::try_from(index).unwrap_or(u32::MAX))
}
