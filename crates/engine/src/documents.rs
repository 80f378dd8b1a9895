//! The design files of a workspace, each read and indexed once, however many of its components are looked at.

use std::{cell::OnceCell, collections::BTreeMap, sync::Arc};

use lockstep_core::contract::sha256_hex;
use lockstep_design::{DesignComponent, figma};

use crate::{
    error::EngineError,
    sides::Sides,
    workspace::{Workspace, WorkspacePath},
};

/// The texts of a workspace's design files, read when they are first asked for.
pub(crate) struct DesignTexts<'w> {
    workspace: &'w Workspace,
    texts: BTreeMap<WorkspacePath, OnceCell<Arc<str>>>,
}

/// The same files, indexed when they are first asked for.
pub(crate) struct Documents<'t> {
    texts: &'t DesignTexts<'t>,
    /// What was read of them before, which is not read again where they are the same.
    sides: Option<&'t Sides>,
    documents: BTreeMap<WorkspacePath, OnceCell<figma::Document<'t>>>,
}

impl<'w> DesignTexts<'w> {
    /// Of a workspace; nothing is read yet.
    pub(crate) fn of(workspace: &'w Workspace) -> Self {
        let files = workspace.config.design.iter();
        Self { workspace, texts: files.map(|file| (file.file.clone(), OnceCell::new())).collect() }
    }

    fn text(&self, file: &WorkspacePath) -> Result<&Arc<str>, EngineError> {
        let text = self.texts.get(file).ok_or_else(|| no_design(file))?;
        if let Some(known) = text.get() {
            return Ok(known);
        }
        let read = self.workspace.design_text(file)?;
        Ok(text.get_or_init(|| read.into()))
    }
}

impl<'t> Documents<'t> {
    /// The documents of these texts.
    pub(crate) fn of(texts: &'t DesignTexts<'t>) -> Self {
        let documents = texts.texts.keys().map(|file| (file.clone(), OnceCell::new())).collect();
        Self { documents, texts, sides: None }
    }

    /// The same, where these sides were read before.
    pub(crate) fn known(texts: &'t DesignTexts<'t>, sides: &'t Sides) -> Self {
        Self { sides: Some(sides), ..Self::of(texts) }
    }

    /// A design file's text, and the places of its nodes.
    pub(crate) fn open(
        &self,
        file: &WorkspacePath,
    ) -> Result<(&'t Arc<str>, &figma::Document<'t>), EngineError> {
        let text = self.texts.text(file)?;
        let document = self.documents.get(file).ok_or_else(|| no_design(file))?;
        if let Some(known) = document.get() {
            return Ok((text, known));
        }
        let parsed = match self.read_of(file, text) {
            Some(read) => figma::Document::of_known(text.as_bytes(), file.as_str(), read),
            None => figma::Document::parse(text.as_bytes(), file.as_str()),
        };
        let parsed = parsed.map_err(|error| EngineError::design(error, text.as_bytes()))?;
        Ok((text, document.get_or_init(|| parsed)))
    }

    fn read_of(&self, file: &WorkspacePath, text: &str) -> Option<Vec<Arc<DesignComponent>>> {
        let sides = self.sides?;
        let design = self.texts.workspace.config.design.iter().find(|design| design.file == *file)?;
        sides.read_of(&design.name, file, &sha256_hex(text.as_bytes()))
    }
}

fn no_design(file: &WorkspacePath) -> EngineError {
    EngineError::Bug(format!("{file} is no design file of this workspace"))
}
