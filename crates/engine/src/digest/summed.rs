//! Each part of a digest, from the table that knows of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    contract::ContractPath,
    coverage::overall,
    credential::{CredentialStatus, WARNING_DAYS},
    ids::{ComponentId, UserId},
    notification::digest::{
        CoverageMove, CoverageSummed, CredentialDue, DriftSummed, Drifted, NAMED, OldestDrift, SessionFailed,
        SessionsSummed, SyncSummed, SyncsSummed,
    },
    operation::OperationStatus,
};
use lockstep_store::{
    ReadTx, Store, closed_drift, components, coverage as coverage_rows, credentials as credential_rows,
    operations, sessions as session_rows, stories, users,
};

use crate::{
    apply::report_of, credentials::Metadata, error::EngineError, registry::recorded_drift,
    report::DriftFilter,
};

type Moment = DateTime<Utc>;

pub(super) async fn syncs(tx: &mut ReadTx, since: Moment, until: Moment) -> Result<SyncsSummed, EngineError> {
    let mut summed = SyncsSummed::default();
    for (status, count) in operations::counts_between(tx, since, until).await? {
        let count = usize::try_from(count).unwrap_or_default();
        match status {
            OperationStatus::Completed => summed.completed = count,
            OperationStatus::Partial => summed.partial = count,
            OperationStatus::Failed => summed.failed = count,
            OperationStatus::Pending | OperationStatus::Running => summed.unfinished += count,
        }
    }
    let newest = operations::between(tx, since, until, NAMED).await?;
    if newest.is_empty() {
        return Ok(summed);
    }
    let names: BTreeMap<UserId, String> =
        users::list(tx).await?.into_iter().map(|user| (user.id, user.name)).collect();
    for operation in newest {
        let components = operation.components_affected.as_array().map_or(0, Vec::len);
        let results = report_of(&operation)?.components;
        summed.newest.push(SyncSummed {
            operation: operation.id,
            at: operation.timestamp,
            by: names.get(&operation.initiated_by).cloned().unwrap_or_default(),
            status: operation.status,
            components,
            names: results.into_iter().take(NAMED).map(|result| result.name).collect(),
        });
    }
    Ok(summed)
}

/// A change that alarms or did.
struct Known {
    component: String,
    path: String,
    opened_at: Moment,
    /// When it no longer did.
    closed_at: Option<Moment>,
}

/// What is open is in the last report, and what is not any more was noted as it went.
pub(super) async fn drift(
    store: &Store,
    since: Moment,
    until: Moment,
    now: Moment,
) -> Result<DriftSummed, EngineError> {
    let closed = closed_drift::since(&mut store.read().await?, since).await?;
    let mut known: Vec<Known> = closed
        .into_iter()
        .map(|row| Known {
            component: row.component,
            path: row.path,
            opened_at: row.opened_at,
            closed_at: Some(row.closed_at),
        })
        .collect();
    let filter = DriftFilter { before: Some(until), ..DriftFilter::default() };
    for component in recorded_drift(store, &[], &filter, now).await?.components {
        known.extend(component.changes.into_iter().map(|reported| Known {
            component: component.name.clone(),
            path: reported.change.path.to_string(),
            opened_at: reported.since,
            closed_at: None,
        }));
    }
    let is_open = |known: &&Known| known.opened_at < until && known.closed_at.is_none_or(|at| at >= until);
    let oldest =
        known.iter().filter(is_open).min_by_key(|known| (known.opened_at, &known.component, &known.path));
    let oldest = oldest.and_then(|known| {
        // A path that this version can't read is none that it shows.
        let path: ContractPath = serde_json::from_value(known.path.clone().into()).ok()?;
        Some(OldestDrift { component: known.component.clone(), path, since: known.opened_at })
    });
    Ok(DriftSummed {
        opened: drifted(known.iter().filter(|known| (since..until).contains(&known.opened_at))),
        closed: drifted(
            known.iter().filter(|known| known.closed_at.is_some_and(|at| (since..until).contains(&at))),
        ),
        open: drifted(known.iter().filter(is_open)),
        oldest,
    })
}

fn drifted<'k>(known: impl Iterator<Item = &'k Known>) -> Drifted {
    let mut names = BTreeSet::new();
    let mut changes = 0;
    for one in known {
        changes += 1;
        names.insert(one.component.as_str());
    }
    Drifted {
        changes,
        components: names.len(),
        names: names.into_iter().take(NAMED).map(str::to_owned).collect(),
    }
}

pub(super) async fn coverage(
    tx: &mut ReadTx,
    since: Moment,
    until: Moment,
) -> Result<CoverageSummed, EngineError> {
    let there: BTreeMap<ComponentId, String> =
        components::standing(tx).await?.into_iter().map(|row| (row.id, row.name)).collect();
    let mut points: Vec<(Moment, ComponentId, f64)> = Vec::new();
    for point in coverage_rows::timeline(tx).await? {
        let times = [Some(point.generated_at), point.confirmed_at].into_iter().flatten();
        points.extend(times.map(|at| (at, point.component_id, point.variant_coverage_pct)));
    }
    points.sort_by_key(|(at, id, _)| (*at, *id));
    let held = |end: Moment| -> BTreeMap<ComponentId, f64> {
        let before = points.iter().take_while(|(at, _, _)| *at < end);
        before.filter(|(_, id, _)| there.contains_key(id)).map(|(_, id, percent)| (*id, *percent)).collect()
    };
    let (before, after) = (held(since), held(until));
    let all = |held: &BTreeMap<ComponentId, f64>| (!held.is_empty()).then(|| overall(held.values().copied()));
    let mut moved: Vec<CoverageMove> = after
        .iter()
        .filter_map(|(id, after)| {
            let before = *before.get(id)?;
            let component = there.get(id)?.clone();
            (before.to_bits() != after.to_bits()).then_some(CoverageMove { component, before, after: *after })
        })
        .collect();
    moved.sort_by(|one, other| {
        let by = |moved: &CoverageMove| moved.after - moved.before;
        let is_up = |moved: &CoverageMove| by(moved) > 0.0;
        is_up(one)
            .cmp(&is_up(other))
            .then_with(|| by(other).abs().total_cmp(&by(one).abs()))
            .then_with(|| one.component.cmp(&other.component))
    });
    let up = moved.iter().filter(|moved| moved.after > moved.before).count();
    let down = moved.len() - up;
    moved.truncate(NAMED);
    Ok(CoverageSummed { before: all(&before), after: all(&after), up, down, moved })
}

pub(super) async fn credentials(
    tx: &mut ReadTx,
    since: Moment,
    until: Moment,
) -> Result<Vec<CredentialDue>, EngineError> {
    let ahead = WARNING_DAYS.into_iter().max().unwrap_or_default();
    let mut due = Vec::new();
    for row in credential_rows::list(tx).await? {
        let is_soon = row.rotation_due.is_some_and(|due| due <= until + TimeDelta::days(ahead));
        let wanted = match row.status {
            CredentialStatus::Valid => is_soon,
            CredentialStatus::Expired => (since..until).contains(&row.updated_at),
            CredentialStatus::Pending | CredentialStatus::Revoked => false,
        };
        if wanted {
            let metadata: Metadata = serde_json::from_value(row.metadata)?;
            let (name, vendor) = (metadata.shown_name(), metadata.vendor);
            due.push(CredentialDue { name, vendor, status: row.status, due: row.rotation_due });
        }
    }
    due.sort_by(|one, other| (one.due, &one.name).cmp(&(other.due, &other.name)));
    Ok(due)
}

pub(super) async fn sessions(
    tx: &mut ReadTx,
    since: Moment,
    until: Moment,
) -> Result<SessionsSummed, EngineError> {
    let failed = session_rows::failed_between(tx, since, until).await?;
    if failed.is_empty() {
        return Ok(SessionsSummed::default());
    }
    let names: BTreeMap<_, _> =
        stories::named(tx).await?.into_iter().map(|story| (story.id, story.story_id)).collect();
    let newest = failed
        .iter()
        .take(NAMED)
        .map(|session| SessionFailed {
            session: session.id,
            // A story that is there no more has its id left.
            story: names.get(&session.story_id).cloned().unwrap_or_else(|| session.story_id.to_string()),
            reason: session.reason.clone(),
        })
        .collect();
    Ok(SessionsSummed { failed: failed.len(), newest })
}
