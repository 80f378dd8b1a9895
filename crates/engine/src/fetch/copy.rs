//! The copy of a live file in the workspace, and what is known of it: kept beside the registry, so that it is this
//! checkout's own, whoever else shares the registry.

use chrono::{DateTime, Utc};
use lockstep_core::contract::sha256_hex;
use lockstep_design::figma::{
    self,
    client::{FileMeta, WholeFile},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::EngineError,
    workspace::{
        Workspace, WorkspacePath,
        config::{DesignFile, LIVE_FOLDER, file_stem},
        files::WorkspaceFiles as _,
    },
};

/// A copy of a live file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveCopy {
    /// The key that it was asked for by.
    pub key: String,
    /// The file's name in Figma.
    pub name: String,
    /// Its version.
    pub version: String,
    /// When it was last modified, as Figma says.
    pub modified_at: String,
    /// When Figma's cheap answer said that it was last touched.
    touched_at: String,
    /// When it was fetched.
    pub fetched_at: DateTime<Utc>,
    /// When Figma last said that this is still its version.
    pub checked_at: DateTime<Utc>,
    /// How many pages it has.
    pub pages: usize,
    /// Its size.
    pub bytes: usize,
    /// What it hashes to: another file is none of Figma's.
    hash: String,
}

impl LiveCopy {
    /// What was fetched.
    pub(super) fn of(key: &str, file: &WholeFile, meta: &FileMeta, at: DateTime<Utc>) -> Self {
        Self {
            key: key.to_owned(),
            name: file.name.clone(),
            version: file.version.clone(),
            modified_at: file.last_modified.clone(),
            touched_at: meta.last_touched_at.clone(),
            fetched_at: at,
            checked_at: at,
            pages: file.pages,
            bytes: file.bytes.len(),
            hash: sha256_hex(&file.bytes),
        }
    }

    /// Whether Figma has this very version.
    pub(super) fn is_current(&self, meta: &FileMeta) -> bool {
        match &meta.version {
            Some(version) => *version == self.version,
            None => meta.last_touched_at == self.touched_at,
        }
    }
}

/// The copy of a file, where there is one that is as it was fetched.
///
/// # Errors
/// When it can't be read.
pub(super) fn read(
    workspace: &Workspace,
    file: &DesignFile,
    key: &str,
) -> Result<Option<LiveCopy>, EngineError> {
    let Some(known) = workspace.files.read(&record(file))? else { return Ok(None) };
    // A record that can't be understood is of another version of Lockstep: the file is fetched again.
    let known = serde_json::from_slice::<LiveCopy>(&known).ok().filter(|known| known.key == key);
    let Some(known) = known else { return Ok(None) };
    let hash = workspace.files.hash(&file.file)?;
    Ok(hash.is_some_and(|hash| hash == known.hash).then_some(known))
}

/// Writes down what is known of a copy.
///
/// # Errors
/// When the disk fails.
pub(super) fn write_record(
    workspace: &Workspace,
    file: &DesignFile,
    copy: &LiveCopy,
) -> Result<(), EngineError> {
    let mut text = serde_json::to_vec_pretty(copy)?;
    text.push(b'\n');
    Ok(workspace.files.write(&record(file), &text)?)
}

/// Whether the copy may be written where the workspace says: nothing but a design file is ever replaced.
///
/// # Errors
/// When something else stands there, or it can't be read.
pub(super) fn check_place(workspace: &Workspace, file: &DesignFile) -> Result<(), EngineError> {
    match workspace.files.read(&file.file)? {
        Some(bytes) if !bytes.is_empty() && figma::read(&bytes, file.file.as_str()).is_err() => {
            let message = format!("{} is something else than a Figma file, and is not replaced", file.file);
            let hint = "let `file` name another place, or remove what stands there";
            Err(EngineError::entry(Some(file.place), "not-a-figma-file", message, Some(hint)))
        }
        _ => Ok(()),
    }
}

/// Where it is written down what is known of a copy.
fn record(file: &DesignFile) -> WorkspacePath {
    let text = format!("{LIVE_FOLDER}/{}.fetched.json", file_stem(&file.name));
    WorkspacePath::new(&text).unwrap_or_default()
}
