//! The sync journal: before the first byte of a component changes, its state and what will be written are durable.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    contract::sha256_hex,
    ids::{ComponentId, JournalId, OperationId},
    registry::{JournalKind, JournalPhase},
};
use lockstep_store::{Error as StoreError, ReadTx, journal, snapshots};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    context::Engine,
    error::EngineError,
    failpoint,
    process::{self, Claim},
    snapshot::ComponentState,
    workspace::{
        Workspace, WorkspacePath,
        files::{FileError, WorkspaceFiles},
    },
};

/// One file that is about to be replaced, by hashes: enough to tell after a crash how far the writing came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileIntent {
    pub(crate) file: WorkspacePath,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// One file with its bytes before and after.
#[derive(Debug, Clone)]
pub(crate) struct FileWrite {
    pub(crate) file: WorkspacePath,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

impl FileWrite {
    fn intent(&self) -> FileIntent {
        let hash = |text: &Option<String>| text.as_ref().map(|text| sha256_hex(text.as_bytes()));
        FileIntent { file: self.file.clone(), before: hash(&self.before), after: hash(&self.after) }
    }
}

/// What a write of a component belongs to.
pub(crate) struct Purpose {
    pub(crate) operation: OperationId,
    pub(crate) component: ComponentId,
    pub(crate) kind: JournalKind,
}

/// A journalled write that has begun. It holds the component until it is committed or rolled back.
#[must_use = "a write that has begun must be committed or rolled back"]
pub(crate) struct Prepared {
    id: JournalId,
    phase: JournalPhase,
    writes: Vec<FileWrite>,
    claim: Claim,
}

impl Engine {
    /// Makes the intent and the state before durable, and holds the component.
    ///
    /// # Errors
    /// `Locked` when another process is writing the component.
    pub(crate) async fn prepare(
        &self,
        purpose: Purpose,
        before: &ComponentState,
        writes: Vec<FileWrite>,
    ) -> Result<Prepared, EngineError> {
        let intents: Vec<FileIntent> = writes.iter().map(FileWrite::intent).collect();
        let mut tx = self.store.begin().await?;
        let pre_snapshot = snapshots::put(&mut tx, &before.content()?, self.now()).await?;
        let id = JournalId::from(Uuid::now_v7());
        let entry = journal::JournalEntry {
            id,
            sync_operation_id: Some(purpose.operation),
            component_id: purpose.component,
            kind: purpose.kind,
            phase: JournalPhase::Intent,
            pre_snapshot,
            post_snapshot: None,
            detail: json!({ "files": intents }),
            process: process::token(),
            started_at: self.now(),
            finished_at: None,
        };
        journal::begin(&mut tx, entry).await?;
        let claim = Claim::of(id.uuid());
        let prepared = Prepared { id, phase: JournalPhase::Intent, writes, claim };
        tx.commit().await?;
        failpoint::pass("journal.intent")?;
        Ok(prepared)
    }
}

impl Prepared {
    /// Writes all files. When one can't be written, those before it are brought back and the write is rolled back.
    pub(crate) async fn write(mut self, engine: &Engine) -> Result<Self, EngineError> {
        self.advance(engine, JournalPhase::Writing).await?;
        failpoint::pass("journal.writing")?;
        for done in 0..self.writes.len() {
            if let Err(error) =
                put(&engine.workspace.files, &self.writes[done].file, self.writes[done].after.as_deref())
            {
                // A file may have been replaced although its folder could not be made durable.
                let now = engine.workspace.files.hash(&self.writes[done].file);
                let untouched = now.is_ok_and(|now| now == self.writes[done].intent().before);
                self.writes.truncate(if untouched { done } else { done + 1 });
                return Err(self.give_up(engine, error.into()).await);
            }
        }
        match self.advance(engine, JournalPhase::Written).await {
            Ok(()) => {
                failpoint::pass("journal.written")?;
                Ok(self)
            }
            Err(error) => Err(self.give_up(engine, error).await),
        }
    }

    /// Brings every file back because of an error; gives the error, with what it left behind if that fails too.
    pub(crate) async fn give_up(self, engine: &Engine, error: EngineError) -> EngineError {
        let Err(second) = self.roll_back(engine).await else { return error };
        EngineError::refused(
            "half-done",
            format!("{error}, and it could not be brought back: {second}"),
            "mend that; the next run brings it back first",
        )
    }

    /// Ends the write by how its record went. When that failed, every file is brought back, unless the record stands all the
    /// same: a connection that is lost during a commit leaves that open. What can't be asked now, the next start decides.
    pub(crate) async fn conclude<T>(
        mut self,
        engine: &Engine,
        recorded: Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let Err(error) = recorded else {
            self.claim.end();
            return recorded;
        };
        let mut tx = match engine.store.read().await {
            Ok(tx) => tx,
            Err(_) => return Err(error),
        };
        let stored = journal::get(&mut tx, self.id).await;
        drop(tx);
        match stored {
            Ok(entry) if entry.phase == self.phase => Err(self.give_up(engine, error).await),
            Ok(_) => {
                self.claim.end();
                Err(error)
            }
            Err(_) => Err(error),
        }
    }

    /// Frees the component before anything was written.
    pub(crate) async fn abandon(mut self, engine: &Engine) -> Result<(), EngineError> {
        self.writes.clear();
        self.roll_back(engine).await
    }

    /// Brings every file back and frees the component.
    pub(crate) async fn roll_back(mut self, engine: &Engine) -> Result<(), EngineError> {
        for write in self.writes.iter().rev() {
            put(&engine.workspace.files, &write.file, write.before.as_deref())?;
            failpoint::pass("rollback.file")?;
        }
        let mut tx = engine.store.begin().await?;
        journal::advance(&mut tx, self.id, self.phase, JournalPhase::RolledBack, engine.now()).await?;
        tx.commit().await?;
        self.claim.end();
        Ok(())
    }

    /// Frees the component as written, in the transaction that records what was done; that ends with
    /// [`Prepared::conclude`].
    pub(crate) async fn commit(
        &self,
        engine: &Engine,
        tx: &mut lockstep_store::Tx,
        post_snapshot: &str,
    ) -> Result<(), EngineError> {
        journal::set_post_snapshot(tx, self.id, post_snapshot).await?;
        journal::advance(tx, self.id, self.phase, JournalPhase::Committed, engine.now()).await?;
        Ok(())
    }

    async fn advance(&mut self, engine: &Engine, to: JournalPhase) -> Result<(), EngineError> {
        let mut tx = engine.store.begin().await?;
        journal::advance(&mut tx, self.id, self.phase, to, engine.now()).await?;
        tx.commit().await?;
        self.phase = to;
        Ok(())
    }
}

fn put(files: &dyn WorkspaceFiles, path: &WorkspacePath, text: Option<&str>) -> Result<(), FileError> {
    match text {
        Some(text) => files.write(path, text.as_bytes()),
        None => files.remove(path),
    }
}

/// What a journalled write was to do with each file.
pub(crate) fn intents(entry: &journal::JournalEntry) -> Result<Vec<FileIntent>, EngineError> {
    Ok(serde_json::from_value(entry.detail["files"].clone())?)
}

/// The files that were written and kept since a time, with the hash that the last write of each left.
pub(crate) async fn last_writes(
    tx: &mut ReadTx,
    since: DateTime<Utc>,
) -> Result<BTreeMap<WorkspacePath, Option<String>>, EngineError> {
    let mut written = BTreeMap::new();
    for entry in journal::committed_since(tx, since).await? {
        written.extend(intents(&entry)?.into_iter().map(|intent| (intent.file, intent.after)));
    }
    Ok(written)
}

/// What recovery did with an unfinished write.
#[derive(Debug, Clone, Serialize)]
pub struct Recovered {
    /// The component.
    pub component: String,
    /// The operation.
    pub operation: Option<OperationId>,
    /// What was done: files brought back, or left because someone edited them since.
    pub files: Vec<String>,
}

impl Engine {
    /// Rolls back the unfinished writes of processes that died, and those that this process could not end, and tells
    /// whoever watches. A file that someone edited since is left as it is.
    ///
    /// # Errors
    /// When a file can't be brought back or the registry fails; the next start tries again.
    pub async fn recover(&self) -> Result<Vec<Recovered>, EngineError> {
        let mut tx = self.store.read().await?;
        let unfinished = journal::unfinished(&mut tx).await?;
        drop(tx);
        let mut recovered = Vec::new();
        for entry in unfinished.into_iter().filter(is_abandoned) {
            match self.recover_one(&entry).await {
                // Another process was faster: it brings the files back.
                Err(EngineError::Store(StoreError::Lost { .. })) => continue,
                done => recovered.push(done?),
            }
            recovered.last().into_iter().for_each(|last| self.progress().recovered(last));
        }
        self.conclude_abandoned().await?;
        Ok(recovered)
    }

    /// Whether a write stands half-done that nobody is about to end.
    pub(crate) async fn has_abandoned(&self) -> Result<bool, EngineError> {
        let mut tx = self.store.read().await?;
        Ok(journal::unfinished(&mut tx).await?.iter().any(is_abandoned))
    }

    async fn recover_one(&self, entry: &journal::JournalEntry) -> Result<Recovered, EngineError> {
        let _held = self.lock_files().await?;
        let mut tx = self.store.begin().await?;
        journal::take_over(&mut tx, entry.id, &entry.process, &process::token()).await?;
        let mut claim = Claim::of(entry.id.uuid());
        tx.commit().await?;
        let mut tx = self.store.read().await?;
        let before = ComponentState::load(&mut tx, &entry.pre_snapshot).await?;
        drop(tx);
        let intents = intents(entry)?;
        let mut said = Vec::new();
        for intent in &intents {
            said.extend(bring_back(&self.workspace, intent, &before)?);
            failpoint::pass("recovery.file")?;
        }
        let mut tx = self.store.begin().await?;
        journal::advance(&mut tx, entry.id, entry.phase, JournalPhase::RolledBack, self.now()).await?;
        let detail = json!({ "component": before.component, "kind": entry.kind, "files": said });
        self.audit(&mut tx, "recover", lockstep_core::undo::Outcome::Done, 1, detail).await?;
        failpoint::pass("recovery.recording")?;
        tx.commit().await?;
        claim.end();
        Ok(Recovered { component: before.component, operation: entry.sync_operation_id, files: said })
    }
}

fn is_abandoned(entry: &journal::JournalEntry) -> bool {
    process::is_abandoned(entry.id.uuid(), &entry.process)
}

/// Brings one file back when it holds what the dead process wrote; says what was done.
fn bring_back(
    workspace: &Workspace,
    intent: &FileIntent,
    before: &ComponentState,
) -> Result<Option<String>, EngineError> {
    workspace.files.remove_leftovers(&intent.file)?;
    let now = workspace.files.hash(&intent.file)?;
    if now == intent.before {
        return Ok(None);
    }
    if now != intent.after {
        return Ok(Some(format!("{} was edited since and is left as it is", intent.file)));
    }
    let text = match before.files.get(&intent.file) {
        Some(text) => text.clone(),
        None => Some(crate::design_files::with_nodes_of(workspace, &intent.file, before)?),
    };
    put(&workspace.files, &intent.file, text.as_deref())?;
    Ok(Some(format!("{} was brought back", intent.file)))
}
