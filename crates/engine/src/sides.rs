//! Both sides as they stand now: what the code packages and the design files of a workspace say.

use std::collections::HashMap;

use lockstep_code::model::{CodeConnection, ScannedComponent, Story};
use lockstep_core::diagnostic::Diagnostic;
use lockstep_design::DesignComponent;

use crate::{
    error::EngineError,
    progress::{Progress, Stage},
    snapshot::Touched,
    workspace::{
        Workspace,
        config::{CodePackage, DesignFile},
    },
};

/// Everything that was read of both sides.
#[derive(Debug, Clone, Default)]
pub struct Sides {
    /// The components, sorted by name; names are unique.
    pub components: Vec<CodeEntry>,
    /// The stories of all packages.
    pub stories: Vec<Story>,
    /// The Code Connect connections of all packages.
    pub connections: Vec<CodeConnection>,
    /// The design components, in the order of the design files.
    pub designs: Vec<DesignEntry>,
    /// What was wrong with files; the rest was read.
    pub diagnostics: Vec<Diagnostic>,
    /// How many code files were read or found unchanged.
    pub files: usize,
}

/// A component under the name that the registry knows it by.
#[derive(Debug, Clone)]
pub struct CodeEntry {
    /// Its unique name: as exported, or qualified by its package where two packages export one name.
    pub name: String,
    /// What the scan found.
    pub component: ScannedComponent,
}

/// A design component and the design file it is in.
#[derive(Debug, Clone)]
pub struct DesignEntry {
    /// The short name of the `[[design]]` entry.
    pub source: String,
    /// What the reading found.
    pub component: DesignComponent,
}

impl DesignEntry {
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
    let mut components = Vec::new();
    for package in &workspace.config.code {
        progress.begin(Stage::ReadCode, package.root.as_str());
        let scan = read_code(workspace, package)?;
        components.extend(scan.components);
        sides.stories.extend(scan.stories);
        sides.connections.extend(scan.connections);
        sides.diagnostics.extend(scan.diagnostics);
        sides.files += scan.files;
    }
    sides.components = with_unique_names(components);
    for file in &workspace.config.design {
        progress.begin(Stage::ReadDesign, file.file.as_str());
        let scan = read_design(workspace, file)?;
        sides.diagnostics.extend(scan.diagnostics);
        sides.designs.extend(
            scan.components.into_iter().map(|component| DesignEntry { source: file.name.clone(), component }),
        );
    }
    progress.end();
    Ok(sides)
}

/// Reads again what was written, and takes the rest from the reading before. Findings are not gathered again.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_again(
    workspace: &Workspace,
    before: &Sides,
    written: &Touched,
) -> Result<Sides, EngineError> {
    let mut sides = Sides { files: before.files, ..Sides::default() };
    if written.files.is_empty() {
        sides.components.clone_from(&before.components);
        sides.stories.clone_from(&before.stories);
        sides.connections.clone_from(&before.connections);
    } else {
        let mut components = Vec::new();
        for package in &workspace.config.code {
            let scan = read_code(workspace, package)?;
            components.extend(scan.components);
            sides.stories.extend(scan.stories);
            sides.connections.extend(scan.connections);
        }
        sides.components = with_unique_names(components);
    }
    for file in &workspace.config.design {
        if written.nodes.iter().any(|(path, _)| *path == file.file) {
            let scan = read_design(workspace, file)?;
            let entry = |component| DesignEntry { source: file.name.clone(), component };
            sides.designs.extend(scan.components.into_iter().map(entry));
        } else {
            sides.designs.extend(before.designs.iter().filter(|design| design.source == file.name).cloned());
        }
    }
    Ok(sides)
}

/// Scans one package of code.
///
/// # Errors
/// When its folder can't be read.
pub fn read_code(
    workspace: &Workspace,
    package: &CodePackage,
) -> Result<lockstep_code::model::CodeScan, EngineError> {
    let mut options = lockstep_code::ScanOptions::new(&workspace.folder, package.root.as_str());
    options.include.clone_from(&package.include);
    options.exclude.clone_from(&package.exclude);
    options.framework = package.framework;
    if !package.stories.is_empty() {
        options.stories.clone_from(&package.stories);
    }
    options.cache = Some(workspace.folder.join(".lockstep/cache"));
    Ok(lockstep_code::scan(&options)?)
}

/// Reads one design file.
///
/// # Errors
/// When the file is missing or is no design file.
pub fn read_design(
    workspace: &Workspace,
    file: &DesignFile,
) -> Result<lockstep_design::DesignScan, EngineError> {
    let bytes = workspace.read_design(file)?;
    lockstep_design::figma::read(&bytes, file.file.as_str())
        .map_err(|error| EngineError::design(error, &bytes))
}

/// Qualifies the names that several packages export.
fn with_unique_names(components: Vec<ScannedComponent>) -> Vec<CodeEntry> {
    let mut count: HashMap<String, usize> = HashMap::new();
    for component in &components {
        *count.entry(component.name.clone()).or_default() += 1;
    }
    let mut entries: Vec<CodeEntry> = components
        .into_iter()
        .map(|component| {
            let name = match &component.package {
                Some(package) if count.get(&component.name).is_some_and(|count| *count > 1) => {
                    format!("{package}/{}", component.name)
                }
                _ => component.name.clone(),
            };
            CodeEntry { name, component }
        })
        .collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries
}
