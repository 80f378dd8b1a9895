//! The design files of a workspace: found by their short names, read as text, and nodes put back into them.

use lockstep_design::figma;

use crate::{
    error::EngineError,
    snapshot::ComponentState,
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
    let mut text = workspace.design_text(file)?;
    for record in state.nodes.iter().filter(|record| record.file == *file) {
        let restored = figma::restore(text.as_bytes(), &record.state, file.as_str());
        let bytes = restored.map_err(|error| EngineError::design(error, text.as_bytes()))?;
        text = String::from_utf8(bytes).map_err(|error| EngineError::Bug(error.to_string()))?;
    }
    Ok(text)
}
