//! Both sides as they stand now: what the code packages and the design files of a workspace say.

mod names;
mod sharing;
mod storable;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, OnceLock},
};

use lockstep_code::{
    Rereading, ScanError,
    callers::Callers,
    model::{CodeConnection, ScanMark, ScannedComponent, Story},
};
use lockstep_core::{
    contract::{fingerprint, sha256_hex},
    diagnostic::{Diagnostic, DiagnosticSeverity},
};
use lockstep_design::DesignComponent;
use serde::Serialize;

use crate::{
    documents::Documents,
    error::EngineError,
    progress::{Progress, Stage},
    snapshot::Touched,
    workspace::{
        Workspace, WorkspacePath,
        config::{CodePackage, DesignFile},
        files::WorkspaceFiles as _,
    },
};
use sharing::Declaring;
pub(crate) use sharing::places_of;

/// Everything that was read of both sides.
#[derive(Debug, Clone, Default)]
pub struct Sides {
    /// The components, sorted by name; names are unique.
    pub components: Vec<CodeEntry>,
    /// The stories of all packages.
    pub stories: Vec<Arc<Story>>,
    /// The Code Connect connections of all packages.
    pub connections: Vec<CodeConnection>,
    /// The design components, in the order of the design files.
    pub designs: Vec<DesignEntry>,
    /// What was wrong with files; the rest was read.
    pub diagnostics: Vec<Diagnostic>,
    /// How many code files were read or found unchanged.
    pub files: usize,
    /// Whether every file of code could be used: else what is missing may be in one that could not.
    pub code_is_whole: bool,
    /// The same of the design files.
    pub design_is_whole: bool,
    /// The hash of what it was read from, where that can be told without reading it again: see [`standing`].
    pub(crate) made_of: Option<String>,
    /// The hash of each design file of which all design components are here.
    design_hashes: BTreeMap<WorkspacePath, String>,
    /// Who uses what, once it was asked for.
    callers: OnceLock<Arc<Callers>>,
    /// Which components have declarations in which file, once it was asked for.
    declaring: OnceLock<Declaring>,
    /// The packages as edits are tried on them, once it was asked for.
    rereadings: OnceLock<Arc<[Rereading]>>,
    /// Who is about which component: see [`Sides::stories_of`].
    about: About,
}

/// Which stories and connections name a component, by the name that it is exported under.
#[derive(Debug, Clone, Default)]
struct About {
    stories: HashMap<String, Vec<usize>>,
    connections: HashMap<String, Vec<usize>>,
}

impl Sides {
    /// Which files of the workspace use which components. Read when it is first asked for: most plans don't.
    ///
    /// # Errors
    /// When a package's folder can't be read.
    pub(crate) fn callers(&self, workspace: &Workspace) -> Result<&Callers, EngineError> {
        if let Some(known) = self.callers.get() {
            return Ok(known);
        }
        let packages: Vec<_> =
            workspace.config.code.iter().map(|package| scan_options(workspace, package)).collect();
        let callers = lockstep_code::callers(&packages)?;
        Ok(self.callers.get_or_init(|| Arc::new(callers)))
    }

    /// What tests the components, as the files say now.
    ///
    /// # Errors
    /// When a package's folder can't be read.
    pub(crate) fn testing(
        &self,
        workspace: &Workspace,
    ) -> Result<lockstep_code::testing::Testing, EngineError> {
        let packages: Vec<_> =
            workspace.config.code.iter().map(|package| scan_options(workspace, package)).collect();
        Ok(lockstep_code::read_testing(&packages)?)
    }

    /// The other components with a declaration in one of the files that a component has its own in, in order. Only
    /// these can share one with it.
    pub(crate) fn neighbours_of(&self, index: usize) -> BTreeSet<usize> {
        let declaring = self.declaring.get_or_init(|| Declaring::new(&self.components));
        declaring.neighbours(&self.components, index)
    }

    /// The packages in memory, for trying edits on them. Read when first asked for.
    ///
    /// # Errors
    /// When a package's folder can't be read.
    pub(crate) fn rereadings(&self, workspace: &Workspace) -> Result<&[Rereading], EngineError> {
        if let Some(known) = self.rereadings.get() {
            return Ok(known);
        }
        let packages = workspace.config.code.iter();
        let read =
            packages.filter_map(|package| Rereading::of(&scan_options(workspace, package)).transpose());
        let read = read.collect::<Result<Arc<[_]>, _>>()?;
        Ok(self.rereadings.get_or_init(|| read))
    }

    /// Takes over what was read for edits from the sides before some files were written; where a file came or went, it is
    /// read again when it is asked for. `texts` are the files of code that were written, with what they hold now.
    pub(crate) fn follow(&mut self, before: &mut Self, texts: &BTreeMap<&str, Option<&str>>) {
        let held: Option<BTreeMap<&str, &str>> =
            texts.iter().map(|(file, text)| Some((*file, (*text)?))).collect();
        let (Some(held), true) = (held, before.components.len() == self.components.len()) else { return };
        if let Some(rereadings) = before.rereadings.take() {
            rereadings.iter().for_each(|package| package.follow(&held));
            self.rereadings = rereadings.into();
        }
        if let Some(mut callers) = before.callers.take() {
            let places = before
                .components
                .iter()
                .zip(&self.components)
                .map(|(then, now)| (&then.component.declared, &now.component.declared));
            let moved = places.filter(|(then, now)| {
                then.file == now.file && held.contains_key(&*now.file) && then.start != now.start
            });
            Arc::make_mut(&mut callers).moved(moved);
            self.callers = callers.into();
        }
    }

    /// Holds what the sides before found too only once.
    fn share_code(&mut self, before: &Self) {
        for now in &mut self.components {
            let then = before.components.binary_search_by(|then| then.name.cmp(&now.name));
            let then = then.ok().map(|place| &before.components[place].component);
            if let Some(same) = then.filter(|then| **then == now.component) {
                now.component = Arc::clone(same);
            }
        }
        for (now, then) in self.stories.iter_mut().zip(&before.stories) {
            if now == then {
                *now = Arc::clone(then);
            }
        }
    }

    /// The design components of a design file that has this hash; none where others were read of it, or not all are kept.
    pub(crate) fn read_of(
        &self,
        source: &str,
        file: &WorkspacePath,
        hash: &str,
    ) -> Option<Vec<Arc<DesignComponent>>> {
        let is_same = self.design_hashes.get(file).is_some_and(|read| read == hash);
        let of_file = self.designs.iter().filter(|design| design.source == source);
        is_same.then(|| of_file.map(|design| Arc::clone(&design.component)).collect())
    }

    /// The stories of a component.
    pub fn stories_of(&self, index: usize) -> impl Iterator<Item = &Story> {
        let entry = &self.components[index];
        let named = self.about.stories.get(&entry.component.name).into_iter().flatten();
        named
            .filter_map(|place| self.stories.get(*place).map(Arc::as_ref))
            .filter(move |story| entry.is_in(story.component_file.as_deref()))
    }

    /// The Code Connect connections of a component.
    pub fn connections_of(&self, index: usize) -> impl Iterator<Item = &CodeConnection> {
        let entry = &self.components[index];
        let named = self.about.connections.get(&entry.component.name).into_iter().flatten();
        named
            .filter_map(|place| self.connections.get(*place))
            .filter(move |connection| entry.is_in(connection.component_file.as_deref()))
    }

    /// What a registry recorded of both sides: components and design components in their order.
    pub(crate) fn recorded(
        components: Vec<CodeEntry>,
        designs: Vec<DesignEntry>,
        stories: Vec<Story>,
    ) -> Self {
        let stories = stories.into_iter().map(Arc::new).collect();
        Self { components, designs, stories, ..Self::default() }.with_index()
    }

    fn with_index(mut self) -> Self {
        let mut about = About::default();
        for (place, story) in self.stories.iter().enumerate() {
            if let Some(name) = &story.component {
                about.stories.entry(name.clone()).or_default().push(place);
            }
        }
        for (place, connection) in self.connections.iter().enumerate() {
            if let Some(name) = &connection.component {
                about.connections.entry(name.clone()).or_default().push(place);
            }
        }
        self.about = about;
        self
    }
}

/// A component under the name that the registry knows it by.
#[derive(Debug, Clone)]
pub struct CodeEntry {
    /// Its unique name: as exported, or qualified by its package where two packages export one name.
    pub name: String,
    /// What the scan found; the readings of one run that found the same share it.
    pub component: Arc<ScannedComponent>,
}

impl CodeEntry {
    /// Whether what names this component and says in which file it is means this one. The file decides only where two
    /// packages export one name.
    fn is_in(&self, file: Option<&str>) -> bool {
        self.name == self.component.name || file.is_some_and(|file| *file == *self.component.declared.file)
    }
}

/// A design component and the design file it is in.
#[derive(Debug, Clone)]
pub struct DesignEntry {
    /// The short name of the `[[design]]` entry.
    pub source: String,
    /// What the reading found; the readings of one run that found the same share it.
    pub component: Arc<DesignComponent>,
}

impl DesignEntry {
    /// Whether both are one design component of one file.
    pub(crate) fn is_row_of(&self, other: &Self) -> bool {
        self.source == other.source && self.component.node_id == other.component.node_id
    }

    /// Its address: `acme#10:1`.
    pub fn address(&self) -> String {
        format!("{}#{}", self.source, self.component.node_id)
    }
}

/// Reads both sides of a workspace.
///
/// # Errors
/// When a package's folder or a design file can't be read at all. A source file that can't be read is a diagnostic.
pub fn read(workspace: &Workspace, progress: &dyn Progress) -> Result<Sides, EngineError> {
    let mut sides = Sides::default();
    let (mut components, mut made_of) = (Vec::new(), MadeOf::default());
    for package in &workspace.config.code {
        progress.begin(Stage::ReadCode, package.root.as_str());
        let (scan, mark) = read_code(workspace, package)?;
        made_of.code.push(mark);
        components.extend(names::in_package(package, scan.components));
        sides.stories.extend(scan.stories.into_iter().map(Arc::new));
        sides.connections.extend(scan.connections);
        sides.diagnostics.extend(scan.diagnostics);
        sides.files += scan.files;
    }
    let (components, mut duplicates) = names::made_unique(components);
    sides.components = components;
    sides.diagnostics.append(&mut duplicates);
    sides.diagnostics.extend(storable::retain_code(&mut sides.components, &mut sides.stories));
    sides.code_is_whole = no_errors(&sides.diagnostics);
    let of_code = sides.diagnostics.len();
    for file in &workspace.config.design {
        progress.begin(Stage::ReadDesign, file.file.as_str());
        let (scan, hash) = read_design(workspace, file)?;
        made_of.designs.push(Some(hash.clone()));
        sides.diagnostics.extend(scan.diagnostics);
        sides.designs.extend(
            scan.components
                .into_iter()
                .map(|component| DesignEntry { source: file.name.clone(), component: component.into() }),
        );
        let left_out = storable::retain_designs(&mut sides.designs, file.file.as_str());
        if left_out.is_empty() {
            sides.design_hashes.insert(file.file.clone(), hash);
        }
        sides.diagnostics.extend(left_out);
    }
    sides.design_is_whole = no_errors(&sides.diagnostics[of_code..]);
    sides.diagnostics.sort();
    sides.diagnostics.dedup();
    sides.made_of = made_of.hash()?;
    progress.end();
    Ok(sides.with_index())
}

fn no_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().all(|found| found.severity != DiagnosticSeverity::Error)
}

/// Reads again what was written, and takes the rest from the reading before. Findings are not gathered again. The design
/// files are those of the documents, which were not opened before anything was written.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_again(
    workspace: &Workspace,
    before: &Sides,
    written: &Touched,
    documents: &Documents<'_>,
) -> Result<Sides, EngineError> {
    let mut sides = Sides {
        files: before.files,
        code_is_whole: before.code_is_whole,
        design_is_whole: before.design_is_whole,
        ..Sides::default()
    };
    if written.files.is_empty() {
        sides.components.clone_from(&before.components);
        sides.stories.clone_from(&before.stories);
        sides.connections.clone_from(&before.connections);
        sides.callers.clone_from(&before.callers);
        sides.rereadings.clone_from(&before.rereadings);
    } else {
        let mut components = Vec::new();
        for package in &workspace.config.code {
            let (scan, _) = read_code(workspace, package)?;
            components.extend(names::in_package(package, scan.components));
            sides.stories.extend(scan.stories.into_iter().map(Arc::new));
            sides.connections.extend(scan.connections);
        }
        sides.components = names::made_unique(components).0;
        storable::retain_code(&mut sides.components, &mut sides.stories);
        sides.share_code(before);
    }
    for file in &workspace.config.design {
        if written.nodes.iter().any(|(path, _)| *path == file.file) {
            let (_, document) = documents.open(&file.file)?;
            let known: HashMap<_, _> = before
                .designs
                .iter()
                .filter(|design| design.source == file.name)
                .map(|design| (&design.component.node_id, &design.component))
                .collect();
            let entry = |component: &Arc<DesignComponent>| {
                let same = known.get(&component.node_id).filter(|known| *component == ***known);
                let component = Arc::clone(same.map_or(component, |same| *same));
                DesignEntry { source: file.name.clone(), component }
            };
            sides.designs.extend(document.design_components().iter().map(entry));
            let left_out = storable::retain_designs(&mut sides.designs, file.file.as_str());
            if left_out.is_empty() {
                sides.design_hashes.insert(file.file.clone(), sha256_hex(document.text().as_bytes()));
            }
        } else {
            sides.designs.extend(before.designs.iter().filter(|design| design.source == file.name).cloned());
            let hash = before.design_hashes.get_key_value(&file.file);
            sides.design_hashes.extend(hash.map(|(file, hash)| (file.clone(), hash.clone())));
        }
    }
    Ok(sides.with_index())
}

/// What sides were read from: the marks of the packages and the hashes of the design files, in their order.
#[derive(Default, Serialize)]
struct MadeOf {
    code: Vec<Option<ScanMark>>,
    designs: Vec<Option<String>>,
}

impl MadeOf {
    fn hash(&self) -> Result<Option<String>, EngineError> {
        let is_all = self.code.iter().all(Option::is_some) && self.designs.iter().all(Option::is_some);
        Ok(is_all.then(|| fingerprint(self)).transpose()?)
    }
}

/// The hash of what the sides are read from now, where all of the code is as it was when it was read last.
///
/// # Errors
/// When a package's folder or a design file can't be read.
pub(crate) fn standing(workspace: &Workspace) -> Result<Option<String>, EngineError> {
    let mut made_of = MadeOf::default();
    for package in &workspace.config.code {
        let options = scan_options(workspace, package);
        made_of.code.push(lockstep_code::standing(&options).map_err(|error| unusable(package, error))?);
    }
    if made_of.code.iter().all(Option::is_some) {
        let hashes = workspace.config.design.iter().map(|file| workspace.files.hash(&file.file));
        made_of.designs = hashes.collect::<Result<_, _>>()?;
        return made_of.hash();
    }
    Ok(None)
}

/// Scans one package of code; with the mark of the result.
///
/// # Errors
/// When its folder can't be read.
fn read_code(
    workspace: &Workspace,
    package: &CodePackage,
) -> Result<(lockstep_code::model::CodeScan, Option<ScanMark>), EngineError> {
    lockstep_code::scan_marked(&scan_options(workspace, package)).map_err(|error| unusable(package, error))
}

fn unusable(package: &CodePackage, error: ScanError) -> EngineError {
    match error {
        ScanError::Folder { source, .. } => EngineError::entry(
            package.place,
            "unreadable-package",
            format!("the folder {} of this package can't be read: {source}", package.root),
            Some("name the folder that holds its package.json"),
        ),
        ScanError::Outside { .. } => EngineError::entry(
            package.place,
            "outside-workspace",
            format!(
                "the folder {} of this package leads out of the workspace through a symbolic link",
                package.root
            ),
            Some("put the package itself into the workspace: nothing outside is read or written"),
        ),
        error @ (ScanError::Glob { .. } | ScanError::Threads(_)) => error.into(),
    }
}

fn scan_options(workspace: &Workspace, package: &CodePackage) -> lockstep_code::ScanOptions {
    let mut options = lockstep_code::ScanOptions::new(&workspace.folder, package.root.as_str());
    options.include.clone_from(&package.include);
    options.exclude.clone_from(&package.exclude);
    options.framework = package.framework;
    if !package.stories.is_empty() {
        options.stories.clone_from(&package.stories);
    }
    options.cache = Some(workspace.folder.join(".lockstep/cache"));
    options
}

/// Reads one design file; with the hash of its bytes.
///
/// # Errors
/// When the file is missing or is no design file.
fn read_design(
    workspace: &Workspace,
    file: &DesignFile,
) -> Result<(lockstep_design::DesignScan, String), EngineError> {
    let bytes = workspace.read_design(file)?;
    let scan = lockstep_design::figma::read(&bytes, file.file.as_str())
        .map_err(|error| EngineError::design(error, &bytes))?;
    Ok((scan, sha256_hex(&bytes)))
}
