//! The whole state of one component on both sides, stored by its hash.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::{
    baseline::Baseline,
    contract::{Contract, canonical_json, sha256_hex},
    mapping::Rules,
};
use lockstep_design::{NodeId, figma};
use lockstep_store::{ReadTx, Tx, snapshots};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    documents::{DesignTexts, Documents},
    error::EngineError,
    journal::NodeIntent,
    registry::Current,
    workspace::{Workspace, WorkspacePath, files::WorkspaceFiles as _},
};

/// The state of one component: what a sync or an undo may change, and what it depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ComponentState {
    /// The component's name.
    pub(crate) component: String,
    /// The files of code that were touched, with their texts; `None` where no file is.
    pub(crate) files: BTreeMap<WorkspacePath, Option<String>>,
    /// The design nodes that were touched.
    pub(crate) nodes: Vec<NodeRecord>,
    /// What code states.
    pub(crate) code: Contract,
    /// What the design states, in its own spelling.
    pub(crate) design: Contract,
    /// The address of the design component.
    pub(crate) address: String,
    /// How names correspond.
    pub(crate) rules: Rules,
    /// What both agreed on.
    pub(crate) baseline: Option<Baseline>,
}

/// A design node as its file has it, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NodeRecord {
    /// The design file.
    pub(crate) file: WorkspacePath,
    /// The node.
    pub(crate) node: NodeId,
    /// Its bytes, and those of its entries in the file's lists.
    pub(crate) state: figma::NodeState,
}

/// What a state is about: the files and nodes that were or will be touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(crate) files: Vec<WorkspacePath>,
    pub(crate) nodes: Vec<(WorkspacePath, NodeId)>,
}

impl ComponentState {
    /// The state of a component as it is now.
    pub(crate) fn capture(
        workspace: &Workspace,
        current: &Current,
        index: usize,
        touched: &Touched,
    ) -> Result<Self, EngineError> {
        let texts = DesignTexts::of(workspace);
        Self::capture_from(workspace, &Documents::known(&texts, &current.sides), current, index, touched)
    }

    /// The same where the design files were read before.
    pub(crate) fn capture_from(
        workspace: &Workspace,
        documents: &Documents<'_>,
        current: &Current,
        index: usize,
        touched: &Touched,
    ) -> Result<Self, EngineError> {
        let entry = &current.entries[index];
        let code = &current.sides.components[index];
        let mut files = BTreeMap::new();
        for path in &touched.files {
            files.insert(path.clone(), workspace.text(path)?);
        }
        let mut nodes = Vec::new();
        for (file, node) in &touched.nodes {
            let (text, document) = documents.open(file)?;
            let state = figma::node_state(document, node)
                .map_err(|error| EngineError::design(error, text.as_bytes()))?;
            nodes.push(NodeRecord { file: file.clone(), node: node.clone(), state });
        }
        let design = current.design(index);
        Ok(Self {
            component: code.name.clone(),
            files,
            nodes,
            code: code.component.statement.contract.clone(),
            design: design.map(|design| design.component.statement.contract.clone()).unwrap_or_default(),
            address: design.map(crate::sides::DesignEntry::address).unwrap_or_default(),
            rules: entry.link.as_ref().map(|link| link.rules.clone()).unwrap_or_default(),
            baseline: entry.baseline.clone(),
        })
    }

    /// Reads a stored state.
    pub(crate) async fn load(tx: &mut ReadTx, hash: &str) -> Result<Self, EngineError> {
        Ok(serde_json::from_slice(&snapshots::get(tx, hash).await?)?)
    }

    /// Reads stored states, in the order of their hashes.
    pub(crate) async fn load_all(tx: &mut ReadTx, hashes: &[&str]) -> Result<Vec<Self>, EngineError> {
        let contents = snapshots::get_all(tx, hashes).await?;
        let state = |hash: &&str| {
            let content = contents.get(*hash).map(Vec::as_slice).unwrap_or_default();
            Ok(serde_json::from_slice(content)?)
        };
        hashes.par_iter().map(state).collect()
    }

    /// What the state is about.
    pub(crate) fn touched(&self) -> Touched {
        Touched {
            files: self.files.keys().cloned().collect(),
            nodes: self.nodes.iter().map(|record| (record.file.clone(), record.node.clone())).collect(),
        }
    }

    /// What is to be written so that its nodes are there.
    pub(crate) fn node_intents(&self) -> Vec<NodeIntent> {
        let intent = |record: &NodeRecord| {
            let (file, node) = (record.file.clone(), record.node.clone());
            Some(NodeIntent { file, node, after: record.state.hash().ok()? })
        };
        self.nodes.iter().filter_map(intent).collect()
    }

    /// What differs between this state and another, in words; empty when they are equal.
    pub(crate) fn moved(&self, now: &Self) -> Vec<String> {
        let mut moved = Vec::new();
        for (path, text) in &self.files {
            match (text, now.files.get(path).and_then(Option::as_ref)) {
                (Some(_), None) => moved.push(format!("{path} was removed")),
                (None, Some(_)) => moved.push(format!("{path} exists again")),
                (Some(then), Some(now)) if then != now => moved.push(format!("{path} was edited")),
                _ => {}
            }
        }
        for (then, now) in self.nodes.iter().zip(&now.nodes) {
            // What stands around a node is no part of its state.
            if !then.state.is_like(&now.state) {
                moved.push(format!("the node {} of {} was edited", then.node, then.file));
            }
        }
        let mut other = |same: bool, what: &str| {
            if !same {
                moved.push(what.to_owned());
            }
        };
        other(self.address == now.address && self.rules == now.rules, "the mapping changed");
        other(self.baseline == now.baseline, "the baseline moved on");
        if moved.is_empty() {
            let mut other = |same: bool, what: &str| {
                if !same {
                    moved.push(what.to_owned());
                }
            };
            other(self.code == now.code, "the code contract changed through another file");
            other(self.design == now.design, "the design contract changed");
        }
        moved
    }
}

/// A state as it is stored: its bytes, and their SHA-256, by which it is known.
pub(crate) struct Kept {
    pub(crate) hash: String,
    content: Vec<u8>,
}

impl Kept {
    pub(crate) fn of(state: &ComponentState) -> Result<Self, EngineError> {
        let content = canonical_json(state)?.into_bytes();
        Ok(Self { hash: sha256_hex(&content), content })
    }
}

/// Stores states.
pub(crate) async fn keep(tx: &mut Tx, states: &[Kept], at: DateTime<Utc>) -> Result<(), EngineError> {
    let contents = states.iter().map(|state| (state.hash.as_str(), state.content.as_slice())).collect();
    Ok(snapshots::put_all(tx, &contents, at).await?)
}

impl Workspace {
    /// A file's text; nothing where no file is.
    pub(crate) fn text(&self, path: &WorkspacePath) -> Result<Option<String>, EngineError> {
        let Some(bytes) = self.files.read(path)? else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|_| {
            EngineError::refused("not-text", format!("{path} is not UTF-8 any more"), "save it as UTF-8")
        })
    }
}
