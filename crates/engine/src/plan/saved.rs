//! Plans that are kept in a file: executed as they were seen, or refused as stale.

use std::borrow::Borrow;

use chrono::{DateTime, Utc};
use lockstep_core::contract::sha256_hex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bound, Plan};
use crate::{context::Engine, error::EngineError, registry::Current, request::SyncRequest};

/// A plan as it is kept in a file: what was asked for, and what it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SavedPlan {
    /// The form of the file: `lockstep.saved-plan/1`.
    pub schema: SavedPlanSchema,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What was asked for.
    pub request: SyncRequest,
    /// What it saw.
    pub bound: Bound,
}

/// The form of a saved plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SavedPlanSchema {
    /// The one that this version writes.
    #[default]
    #[serde(rename = "lockstep.saved-plan/1")]
    V1,
}

impl SavedPlan {
    /// What is kept of a plan.
    pub fn of(plan: &Plan) -> Self {
        Self {
            schema: SavedPlanSchema::V1,
            created_at: plan.created_at,
            request: plan.request.clone(),
            bound: plan.bound.clone(),
        }
    }

    /// What the plan is called by who does not keep it whole: 32 hex digits of the SHA-256 of what was asked for and what
    /// it saw. Plans that would do the same have one name.
    pub fn name(&self) -> String {
        // Both are made of texts and numbers in sorted order, which always have a form in JSON.
        let content = serde_json::to_vec(&(&self.request, &self.bound)).unwrap_or_default();
        let mut name = sha256_hex(&content);
        name.truncate(NAME_DIGITS);
        name
    }
}

/// So many digits are enough that no two plans have one name, and few enough to be repeated.
const NAME_DIGITS: usize = 32;

/// A plan as it is printed: with what of it is kept to execute it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlanDocument<P> {
    #[serde(flatten)]
    plan: P,
    saved: SavedPlan,
}

impl<P: Borrow<Plan>> PlanDocument<P> {
    /// Of a plan.
    pub fn of(plan: P) -> Self {
        Self { saved: SavedPlan::of(plan.borrow()), plan }
    }
}

impl Engine {
    /// Makes a plan anew that was seen under this name, to be executed.
    ///
    /// # Errors
    /// When it has another name by now, for something moved since it was seen; else as [`Engine::plan`].
    pub async fn plan_named(
        &self,
        request: &SyncRequest,
        name: &str,
    ) -> Result<(Current, Plan), EngineError> {
        let (current, plan) = self.plan(request).await?;
        if SavedPlan::of(&plan).name() == name {
            return Ok((current, plan));
        }
        Err(EngineError::refused(
            "stale-plan",
            "the plan is stale: something moved since it was made, or something else is asked for",
            "ask for a new one without naming a plan, and look at it",
        ))
    }

    /// Makes a saved plan anew, to be executed.
    ///
    /// # Errors
    /// When anything that it saw has moved since: it is stale, and never silently made anew.
    pub async fn saved_plan(&self, saved: &SavedPlan) -> Result<(Current, Plan), EngineError> {
        let stale = |what: &str| {
            EngineError::refused(
                "stale-plan",
                format!("the plan is stale: {what} since it was made"),
                "make a new one with `lockstep plan --save FILE`",
            )
        };
        let (current, plan) = match self.plan(&saved.request).await {
            // What the request names is no longer a change: somebody has moved it.
            Err(EngineError::NotFound { message, .. }) => return Err(stale(&message)),
            planned => planned?,
        };
        if plan.bound == saved.bound {
            return Ok((current, plan));
        }
        let components = saved
            .bound
            .components
            .iter()
            .filter(|(name, hash)| plan.bound.components.get(*name) != Some(*hash))
            .map(|(name, _)| name.clone());
        let files = saved
            .bound
            .files
            .iter()
            .filter(|(file, hash)| plan.bound.files.get(*file) != Some(*hash))
            .map(|(file, _)| file.to_string());
        let new =
            plan.bound.components.keys().filter(|name| !saved.bound.components.contains_key(*name)).cloned();
        let moved: Vec<String> = components.chain(files).chain(new).collect();
        Err(stale(&format!("{} moved", moved.join(", "))))
    }
}
