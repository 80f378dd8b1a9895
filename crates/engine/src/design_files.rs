//! The design files of a workspace: found by their short names, read as text, and nodes put back into them.

use lockstep_core::{contract::sha256_hex, edit::apply_text_edits};
use lockstep_design::{NodeId, figma};

use crate::{
    error::EngineError,
    journal::{FileIntent, NodeIntent},
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

/// The text of a design file with a node put back.
pub(crate) fn with_node_of(text: String, record: &NodeRecord) -> Result<String, EngineError> {
    restored(text, &record.file, std::iter::once(record))
}

/// The text of a design file with the step from one record of a node to another taken in what it is now, and what of it is
/// left because it was edited since, in words.
pub(crate) fn merged_node(
    text: String,
    from: &NodeRecord,
    to: &NodeRecord,
) -> Result<(String, Option<String>), EngineError> {
    const SHOWN: usize = 4;
    let figma::Merged { bytes, kept } =
        figma::merge(text.as_bytes(), &from.state, &to.state, from.file.as_str())
            .map_err(|error| EngineError::design(error, text.as_bytes()))?;
    let merged = String::from_utf8(bytes).map_err(|error| EngineError::Bug(error.to_string()))?;
    let more = kept.len().saturating_sub(SHOWN);
    let mut shown = kept.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 {
        shown.push_str(&format!(" and {more} more"));
    }
    let said = (!shown.is_empty()).then(|| {
        format!(
            "the node {} of {} was edited in the same place, which is left as it is: {shown}",
            from.node, from.file
        )
    });
    Ok((merged, said))
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

/// The text of a design file that was edited since without the nodes that were written into it, and which of these were
/// edited themselves; nothing where none is to be put back.
pub(crate) fn without(
    workspace: &Workspace,
    file: &WorkspacePath,
    before: &[ComponentState],
    written: &[&NodeIntent],
) -> Option<(String, Vec<NodeId>)> {
    let text = workspace.design_text(file).ok()?;
    let document = figma::Document::parse(text.as_bytes(), file.as_str()).ok()?;
    let (mut mine, mut edited) = (Vec::new(), Vec::new());
    let records = before.iter().rev().flat_map(|state| state.nodes.iter().rev());
    for record in records.filter(|record| record.file == *file) {
        let now = figma::node_state(&document, &record.node).ok();
        let after = written.iter().find(|node| node.node == record.node).map(|node| node.after.clone());
        match now {
            Some(now) if after.is_some() && now.hash().ok() == after => mine.push(record),
            Some(now) if now.is_like(&record.state) => {}
            _ => edited.push(record.node.clone()),
        }
    }
    if mine.is_empty() {
        return None;
    }
    Some((restored(text.clone(), file, mine.into_iter()).ok()?, edited))
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
