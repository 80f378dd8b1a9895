//! The sync journal: before the first byte of a component changes, its state and what will be written are durable.
//!
//! Components that stand apart are written together, each with an entry of its own: the entries of such a group go from
//! phase to phase in one transaction, and a group that is left unfinished is brought back as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use lockstep_core::{
    contract::sha256_hex,
    ids::{ComponentId, JournalId, OperationId},
    registry::{JournalKind, JournalPhase},
};
use lockstep_design::NodeId;
use lockstep_store::{Error as StoreError, ReadTx, journal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    context::Engine,
    error::EngineError,
    failpoint,
    process::{self, Claim},
    snapshot::{ComponentState, Kept, keep},
    workspace::{
        Workspace, WorkspacePath,
        files::{FileError, Replacement, WorkspaceFiles},
    },
};

/// The code of the error that says that a write could not be brought back.
pub(crate) const HALF_DONE: &str = "half-done";

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
    pub(crate) before: Option<Arc<str>>,
    pub(crate) after: Option<Arc<str>>,
}

/// One design node that is about to be replaced, by the hash that it gets: enough to tell after a crash that it is what
/// was written, whatever else somebody edited in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NodeIntent {
    pub(crate) file: WorkspacePath,
    pub(crate) node: NodeId,
    pub(crate) after: String,
}

/// What an entry says beside its columns.
#[derive(Serialize)]
struct Detail<'a> {
    files: Vec<&'a FileIntent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nodes: Vec<NodeIntent>,
    /// The first entry of the group, where several components are written together.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<JournalId>,
}

impl FileWrite {
    fn replacement(&self) -> Replacement<'_> {
        Replacement { path: &self.file, bytes: self.after.as_ref().map(|text| text.as_bytes()) }
    }

    fn intent(&self) -> FileIntent {
        let hash = |text: &Option<Arc<str>>| text.as_ref().map(|text| sha256_hex(text.as_bytes()));
        FileIntent { file: self.file.clone(), before: hash(&self.before), after: hash(&self.after) }
    }
}

/// What a write of a component belongs to.
pub(crate) struct Purpose {
    pub(crate) operation: OperationId,
    pub(crate) component: ComponentId,
    pub(crate) kind: JournalKind,
}

/// One component's part in a write.
pub(crate) struct Part<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) before: &'a ComponentState,
    /// Those of the written files that are written for it.
    pub(crate) files: BTreeSet<WorkspacePath>,
    /// Its design nodes, as they will be.
    pub(crate) nodes: Vec<NodeIntent>,
}

/// A journalled write that has begun. It holds its components until it is committed or rolled back.
#[must_use = "a write that has begun must be committed or rolled back"]
pub(crate) struct Prepared {
    /// The entry of each component, in the order of the parts.
    entries: Vec<JournalId>,
    phase: JournalPhase,
    writes: Vec<FileWrite>,
    /// Of the whole group: it is left as a whole, or not at all.
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
        nodes: Vec<NodeIntent>,
        writes: Vec<FileWrite>,
    ) -> Result<Prepared, EngineError> {
        let files = writes.iter().map(|write| write.file.clone()).collect();
        self.prepare_together(vec![Part { purpose, before, files, nodes }], writes).await
    }

    /// The same for several components whose files are written together: all of them are held, or none.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub(crate) async fn prepare_together(
        &self,
        parts: Vec<Part<'_>>,
        writes: Vec<FileWrite>,
    ) -> Result<Prepared, EngineError> {
        let intents: Vec<FileIntent> = writes.par_iter().map(FileWrite::intent).collect();
        let kept = parts.par_iter().map(|part| Kept::of(part.before)).collect::<Result<Vec<_>, _>>()?;
        let entries: Vec<JournalId> = parts.iter().map(|_| Uuid::now_v7().into()).collect();
        let group = entries.first().filter(|_| parts.len() > 1);
        let entry = |((id, Part { purpose, files, nodes, .. }), kept): ((&JournalId, Part<'_>), &Kept)| {
            let own: Vec<_> = intents.iter().filter(|intent| files.contains(&intent.file)).collect();
            journal::JournalEntry {
                id: *id,
                sync_operation_id: Some(purpose.operation),
                component_id: purpose.component,
                kind: purpose.kind,
                phase: JournalPhase::Intent,
                pre_snapshot: kept.hash.clone(),
                post_snapshot: None,
                detail: json!(Detail { files: own, nodes, group: group.copied() }),
                process: process::token(),
                started_at: self.now(),
                finished_at: None,
            }
        };
        let begun = entries.iter().zip(parts).zip(&kept).map(entry).collect();
        let mut tx = self.store.begin().await?;
        keep(&mut tx, &kept, self.now()).await?;
        journal::begin_all(&mut tx, begun).await?;
        let claim = Claim::of(entries.first().map_or_else(Uuid::nil, |first| first.uuid()));
        let prepared = Prepared { entries, phase: JournalPhase::Intent, writes, claim };
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
        let files = &engine.workspace.files;
        let replaced = files.replace_all(&self.writes.iter().map(FileWrite::replacement).collect::<Vec<_>>());
        if let Err(error) = replaced {
            // Which of them were replaced is seen in the files.
            self.writes
                .retain(|write| !files.hash(&write.file).is_ok_and(|now| now == write.intent().before));
            return Err(self.give_up(engine, error.into()).await);
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
            HALF_DONE,
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
        // All entries are in one phase.
        let Some(first) = self.entries.first() else { return Err(error) };
        let stored = journal::get(&mut tx, *first).await;
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
        journal::advance_all(&mut tx, &self.entries, self.phase, JournalPhase::RolledBack, engine.now())
            .await?;
        tx.commit().await?;
        self.claim.end();
        Ok(())
    }

    /// Frees the components as written, each with its state after, in the transaction that records what was done; that ends
    /// with [`Prepared::conclude`].
    pub(crate) async fn commit_together<'p>(
        &self,
        engine: &Engine,
        tx: &mut lockstep_store::Tx,
        post_snapshots: impl Iterator<Item = &'p str>,
    ) -> Result<(), EngineError> {
        let posts: Vec<_> = self.entries.iter().copied().zip(post_snapshots).collect();
        journal::set_post_snapshots(tx, &posts).await?;
        journal::advance_all(tx, &self.entries, self.phase, JournalPhase::Committed, engine.now()).await?;
        Ok(())
    }

    /// The first file that is not what it was when the write was worked out. Asked before anything is written.
    pub(crate) fn moved(&self, engine: &Engine) -> Result<Option<&WorkspacePath>, EngineError> {
        for write in &self.writes {
            if engine.workspace.files.read(&write.file)?.as_deref()
                != write.before.as_ref().map(|text| text.as_bytes())
            {
                return Ok(Some(&write.file));
            }
        }
        Ok(None)
    }

    async fn advance(&mut self, engine: &Engine, to: JournalPhase) -> Result<(), EngineError> {
        let mut tx = engine.store.begin().await?;
        journal::advance_all(&mut tx, &self.entries, self.phase, to, engine.now()).await?;
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

/// What a journalled write was to make of each design node.
fn node_intents(entry: &journal::JournalEntry) -> Result<Vec<NodeIntent>, EngineError> {
    // An entry of an earlier version has none.
    match entry.detail.get("nodes") {
        Some(nodes) => Ok(serde_json::from_value(nodes.clone())?),
        None => Ok(Vec::new()),
    }
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
        for group in groups(unfinished.into_iter().filter(is_abandoned)) {
            match self.recover_group(&group).await {
                // Another process was faster: it brings the files back.
                Err(EngineError::Store(StoreError::Lost { .. })) => {}
                done => {
                    let done = done?;
                    done.iter().for_each(|one| self.progress().recovered(one));
                    recovered.extend(done);
                }
            }
        }
        self.conclude_abandoned().await?;
        self.abort_abandoned_sessions().await?;
        Ok(recovered)
    }

    /// Whether a write stands half-done that nobody is about to end, asked by one who holds the files. A process gives its
    /// locks back a moment before it counts as dead: such a write is looked at again for that long.
    pub(crate) async fn has_left_writes(&self) -> Result<bool, EngineError> {
        for _ in 0..25 {
            let unfinished = journal::unfinished(&mut self.store.read().await?).await?;
            if unfinished.iter().any(is_abandoned) {
                return Ok(true);
            }
            if !unfinished.iter().any(|entry| process::is_here(&entry.process)) {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(false)
    }

    /// Brings back what was written together, and frees its components, in one transaction: a group is never left half.
    async fn recover_group(&self, group: &[journal::JournalEntry]) -> Result<Vec<Recovered>, EngineError> {
        let _held = self.lock_files().await?;
        let mut tx = self.store.begin().await?;
        for entry in group {
            journal::take_over(&mut tx, entry.id, &entry.process, &process::token()).await?;
        }
        let mut claim = Claim::of(group.first().map_or_else(Uuid::nil, group_of));
        tx.commit().await?;
        let mut tx = self.store.read().await?;
        let (mut before, mut written, mut nodes) = (Vec::new(), Vec::new(), Vec::new());
        for entry in group {
            before.push(ComponentState::load(&mut tx, &entry.pre_snapshot).await?);
            written.push(intents(entry)?);
            nodes.extend(node_intents(entry)?);
        }
        drop(tx);
        let mut said = BTreeMap::new();
        for intent in written.iter().flatten() {
            if !said.contains_key(&intent.file) {
                said.insert(&intent.file, bring_back(&self.workspace, intent, &before, &nodes)?);
                failpoint::pass("recovery.file")?;
            }
        }
        let mut recovered = Vec::new();
        let mut tx = self.store.begin().await?;
        for ((entry, before), intents) in group.iter().zip(before).zip(&written) {
            let files = intents.iter().filter_map(|intent| said.get(&intent.file)).flatten();
            let files: Vec<String> = files.cloned().collect();
            journal::advance(&mut tx, entry.id, entry.phase, JournalPhase::RolledBack, self.now()).await?;
            let detail = json!({ "component": before.component, "kind": entry.kind, "files": files });
            self.audit(&mut tx, "recover", lockstep_core::undo::Outcome::Done, 1, detail).await?;
            let operation = entry.sync_operation_id;
            recovered.push(Recovered { component: before.component, operation, files });
        }
        failpoint::pass("recovery.recording")?;
        tx.commit().await?;
        claim.end();
        Ok(recovered)
    }
}

/// Whether nobody is about to end a write.
pub(crate) fn is_abandoned(entry: &journal::JournalEntry) -> bool {
    process::is_abandoned(group_of(entry), &entry.process)
}

/// The first entry of the group that one belongs to; its own id where it was written by itself.
fn group_of(entry: &journal::JournalEntry) -> Uuid {
    let group = entry.detail["group"].as_str().and_then(|group| group.parse().ok());
    group.unwrap_or_else(|| entry.id.uuid())
}

/// The entries that were written together, each such group once, in their order.
fn groups(entries: impl Iterator<Item = journal::JournalEntry>) -> Vec<Vec<journal::JournalEntry>> {
    let mut groups: Vec<(Uuid, Vec<journal::JournalEntry>)> = Vec::new();
    for entry in entries {
        let group = group_of(&entry);
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, entries)) => entries.push(entry),
            None => groups.push((group, vec![entry])),
        }
    }
    groups.into_iter().map(|(_, entries)| entries).collect()
}

/// Brings one file back when it holds what the dead process wrote, and of a design file that was edited since each node
/// that does; says what was done.
fn bring_back(
    workspace: &Workspace,
    intent: &FileIntent,
    before: &[ComponentState],
    nodes: &[NodeIntent],
) -> Result<Vec<String>, EngineError> {
    let file = &intent.file;
    workspace.files.remove_leftovers(file)?;
    let now = workspace.files.hash(file)?;
    if now == intent.before {
        return Ok(Vec::new());
    }
    if now != intent.after {
        let left = || vec![format!("{file} was edited since and is left as it is")];
        let nodes: Vec<_> = nodes.iter().filter(|node| node.file == *file).collect();
        let Some((text, left_nodes)) = crate::design_files::without(workspace, file, before, &nodes) else {
            return Ok(left());
        };
        put(&workspace.files, file, Some(&text))?;
        let mut said = vec![format!("{file} was edited since: what was written into it was taken back")];
        said.extend(
            left_nodes
                .iter()
                .map(|node| format!("the node {node} of {file} was edited since and is left as it is")),
        );
        return Ok(said);
    }
    let text = match before.iter().find_map(|state| state.files.get(file)) {
        Some(text) => text.clone(),
        None => Some(crate::design_files::as_before(workspace, intent, before)?),
    };
    put(&workspace.files, file, text.as_deref())?;
    Ok(vec![format!("{file} was brought back")])
}
