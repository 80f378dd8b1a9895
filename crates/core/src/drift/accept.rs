//! Differences that a team has accepted: they stay visible and alarm again once they change.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Change;
use crate::contract::ContractPath;

/// A difference that was accepted as it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Where.
    pub path: ContractPath,
    /// What code said then. Where nobody wrote down either side, whatever differs here is accepted; where only one was
    /// written down, the other had nothing.
    pub code: Option<Value>,
    /// What the design said then.
    pub design: Option<Value>,
    /// Why it is fine.
    pub reason: String,
}

/// Whether an acceptance still covers a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It is about something else.
    Unrelated,
    /// It covers the change.
    Holds,
    /// It was about this place, but what stands there has changed since.
    Outdated,
}

impl Accepted {
    /// Whether this acceptance covers `change`.
    pub fn covers(&self, change: &Change) -> Acceptance {
        if self.path != change.path {
            return Acceptance::Unrelated;
        }
        let same = |then: &Option<Value>, now: &Value| then.as_ref().unwrap_or(&Value::Null) == now;
        let anything = self.code.is_none() && self.design.is_none();
        if anything || (same(&self.code, &change.code) && same(&self.design, &change.design)) {
            Acceptance::Holds
        } else {
            Acceptance::Outdated
        }
    }
}
