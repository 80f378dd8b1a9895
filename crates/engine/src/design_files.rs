//! The design files of a workspace: found by their short names, read as text, and nodes put back into them.

use lockstep_core::{contract::sha256_hex, edit::apply_text_edits};
use lockstep_design::figma;

use crate::{
    error::EngineError,
    journal::FileIntent,
    snapshot::{ComponentState, NodeRecord},
    workspace::{Workspace, WorkspacePath, config::DesignFile, files::WorkspaceFiles as _},
};

impl Workspace {
    /// The file of a `[[design]]` entry, by its short name.
    pub(crate) fn design_path(&self, name: &str) -> Result<WorkspacePath, EngineError> {
        let file = self
            .config
            .design_file(name)
            .ok_or_else(|| EngineError::Bug(format!("there is no design file `{name}`")))?;
        Ok(file.file.clone())
    }

    /// The bytes of a design file.
    pub(crate) fn read_design(&self, file: &DesignFile) -> Result<Vec<u8>, EngineError> {
        let unusable =
            |message: String, hint| EngineError::entry(Some(file.place), "unreadable-design", message, hint);
        match self.files.read(&file.file) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => {
                Err(unusable(format!("the design file {} is not there", file.file), Some(missing(file))))
            }
            Err(error) => Err(unusable(format!("the design file is of no use: {error}"), error.hint())),
        }
    }

    /// The text of a design file.
    pub(crate) fn design_text(&self, path: &WorkspacePath) -> Result<String, EngineError> {
        self.text(path)?.ok_or_else(|| {
            EngineError::refused(
                "changed-since",
                format!("the design file {path} is no longer there"),
                "put it back, then try again",
            )
        })
    }
}

fn missing(file: &DesignFile) -> &'static str {
    match file.live {
        Some(_) => "`lockstep fetch` brings it",
        None => "fetch it again, or change this entry",
    }
}

/// The text of a design file as it is now, with the nodes of a state put back.
pub(crate) fn with_nodes_of(
    workspace: &Workspace,
    file: &WorkspacePath,
    state: &ComponentState,
) -> Result<String, EngineError> {
    let text = workspace.design_text(file)?;
    restored(text, file, state.nodes.iter().filter(|record| record.file == *file))
}

/// The text of a design file before components were written together, from what it holds since.
pub(crate) fn as_before(
    workspace: &Workspace,
    intent: &FileIntent,
    before: &[ComponentState],
) -> Result<String, EngineError> {
    let (file, text) = (&intent.file, workspace.design_text(&intent.file)?);
    let records: Vec<&NodeRecord> =
        before.iter().flat_map(|state| &state.nodes).filter(|record| record.file == *file).collect();
    // At once, where that gives the very bytes; else one after another, the last first.
    if records.len() > 1
        && let Some(at_once) = restored_at_once(&text, file, &records)
        && Some(sha256_hex(at_once.as_bytes())) == intent.before
    {
        return Ok(at_once);
    }
    restored(text, file, records.into_iter().rev())
}

fn restored<'r>(
    mut text: String,
    file: &WorkspacePath,
    records: impl Iterator<Item = &'r NodeRecord>,
) -> Result<String, EngineError> {
    for record in records {
        let restored = figma::restore(text.as_bytes(), &record.state, file.as_str());
        let bytes = restored.map_err(|error| EngineError::design(error, text.as_bytes()))?;
        text = String::from_utf8(bytes).map_err(|error| EngineError::Bug(error.to_string()))?;
    }
    Ok(text)
}

fn restored_at_once(text: &str, file: &WorkspacePath, records: &[&NodeRecord]) -> Option<String> {
    let document = figma::Document::parse(text.as_bytes(), file.as_str()).ok()?;
    let edits = records.iter().map(|record| figma::restore_edits(&document, &record.state).ok());
    apply_text_edits(text, &edits.collect::<Option<Vec<_>>>()?.concat()).ok()
}
