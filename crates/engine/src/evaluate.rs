//! The drift of a component from what the registry holds of it, for who has no files of the workspace: the statements
//! of both sides as the last scan recorded them, how they are linked and judged, and the baseline.

use chrono::{DateTime, Utc};
use lockstep_core::{
    baseline::Baseline,
    ids::DesignId,
    mapping::{MappingSource, Rules, compare},
    registry::MappingStatus,
    statement::Statement,
};
use lockstep_store::evaluations::{Evaluated, Recorded, RecordedDesign};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    decisions::Decisions,
    link::Link,
    registry::{Compared, SeenChange, policy_of},
    workspace::config::Config,
};

/// What decides how a component is compared. A scan records it beside the component, from `lockstep.toml` and from what
/// code says of the design.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JudgedBy {
    /// The design component it stands for.
    pub(crate) design: DesignId,
    pub(crate) linked_by: MappingSource,
    pub(crate) rules: Rules,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) interaction_states: Option<Vec<String>>,
    #[serde(flatten)]
    pub(crate) decisions: Decisions,
}

impl JudgedBy {
    pub(crate) fn of(design: DesignId, link: &Link, decisions: &Decisions, config: &Config) -> Self {
        Self {
            design,
            linked_by: link.source.clone(),
            rules: link.rules.clone(),
            interaction_states: config.compare.interaction_states.clone(),
            decisions: decisions.clone(),
        }
    }
}

/// Why a component could not be evaluated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CanNotEvaluate {
    #[error(
        "what the registry holds as {what} can't be read: {source}; scan its workspace with this version of Lockstep"
    )]
    Unreadable { what: &'static str, source: serde_json::Error },
    #[error("the registry does not say how it is compared; scan its workspace with this version of Lockstep")]
    NotJudged,
    #[error(
        "the design component that it stands for is not there any more; scan its workspace to link it anew"
    )]
    NoDesign,
}

/// What the registry holds of a component.
pub(crate) struct Evidence {
    pub(crate) recorded: Recorded,
    pub(crate) judged_by: Option<JudgedBy>,
    pub(crate) design: Option<RecordedDesign>,
    pub(crate) baseline: Option<Baseline>,
}

/// What an evaluation found.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) status: MappingStatus,
    /// What is recorded; nothing where the registry says so already.
    pub(crate) evaluated: Option<Evaluated>,
    /// The baseline from now on, where it is another one.
    pub(crate) baseline: Option<(Baseline, DesignId)>,
    /// How many changes alarm.
    pub(crate) changes: usize,
    /// Of those: first seen now.
    pub(crate) appeared: usize,
    /// Changes of the last report that are there no more.
    pub(crate) resolved: usize,
}

/// What a registry says about how a component is compared.
pub(crate) fn judged_by(recorded: &Recorded) -> Result<Option<JudgedBy>, CanNotEvaluate> {
    recorded.judged_by.as_ref().map(|json| read("its mapping", json)).transpose()
}

/// Evaluates a component at a time.
pub(crate) fn evaluate(evidence: Evidence, at: DateTime<Utc>) -> Result<Verdict, CanNotEvaluate> {
    let Evidence { recorded, judged_by, design, baseline } = evidence;
    // What an older version wrote in another form was first seen now.
    let seen: Vec<SeenChange> =
        recorded.drift.as_ref().and_then(|drift| read("its drift", drift).ok()).unwrap_or_default();
    let Some(judged_by) = judged_by else {
        return if recorded.input_hash.is_some() {
            Err(CanNotEvaluate::NotJudged)
        } else {
            Ok(unlinked(&recorded, seen.len()))
        };
    };
    let design = design.ok_or(CanNotEvaluate::NoDesign)?;
    let code_states: Statement = statement("what code states", recorded.statement.as_ref())?;
    let design_states: Statement = statement("what the design states", design.statement.as_ref())?;
    let policy = policy_of(judged_by.interaction_states.as_deref());
    let comparison = compare(&code_states, &design_states, &judged_by.rules, &policy);
    let contract_hash = comparison.code.hash().to_string();
    let diff_hash = comparison.design.hash().to_string();
    let compared = Compared::of(comparison.into(), baseline.as_ref(), judged_by.decisions, &seen, at);
    let agreed = compared.agreement(baseline.is_some());
    let now_seen = compared.seen();
    let is_there = |change: &&SeenChange| now_seen.iter().any(|now| now.path == change.path);
    let resolved = seen.iter().filter(|change| !is_there(change)).count();
    let evaluated = Evaluated {
        id: recorded.id,
        mapping_status: compared.status(),
        contract_hash: Some(contract_hash),
        drift: Some(json!(now_seen)),
        design: Some((design.id, diff_hash)),
    };
    let is_known = recorded.mapping_status == evaluated.mapping_status
        && recorded.contract_hash == evaluated.contract_hash
        && recorded.drift == evaluated.drift
        && evaluated.design.as_ref().is_some_and(|(_, hash)| *hash == design.diff_hash);
    Ok(Verdict {
        status: compared.status(),
        evaluated: (!is_known).then_some(evaluated),
        baseline: agreed.filter(|agreed| baseline.as_ref() != Some(agreed)).map(|agreed| (agreed, design.id)),
        changes: compared.drift.reported.len(),
        appeared: compared.new_since(at),
        resolved,
    })
}

/// One that stands for no design component has no drift.
fn unlinked(recorded: &Recorded, resolved: usize) -> Verdict {
    let evaluated = Evaluated {
        id: recorded.id,
        mapping_status: MappingStatus::Unmapped,
        contract_hash: None,
        drift: None,
        design: None,
    };
    let is_known = recorded.mapping_status == MappingStatus::Unmapped
        && recorded.contract_hash.is_none()
        && recorded.drift.is_none();
    Verdict {
        status: MappingStatus::Unmapped,
        evaluated: (!is_known).then_some(evaluated),
        baseline: None,
        changes: 0,
        appeared: 0,
        resolved,
    }
}

fn statement(what: &'static str, json: Option<&Value>) -> Result<Statement, CanNotEvaluate> {
    read(what, json.unwrap_or(&Value::Null))
}

fn read<T: DeserializeOwned>(what: &'static str, json: &Value) -> Result<T, CanNotEvaluate> {
    T::deserialize(json).map_err(|source| CanNotEvaluate::Unreadable { what, source })
}
