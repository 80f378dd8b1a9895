//! What a registry holds at this moment, in numbers: for who watches a hub. They are the same at each process of it.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    drift::Severity,
    merge::Moved,
    notification::DispatchStatus,
    queue::EntryState,
    registry::MappingStatus,
    undo::{Outcome, UndoAction},
};
use lockstep_design::figma::client::{Quota, Tier, Window};
use lockstep_store::{
    Store,
    measures::{self, QueueMeasure, QuotaMeasure},
};

use crate::{credentials::Metadata, error::EngineError, fetch::tier_name};

/// The numbers of a registry. What there is none of is zero, not absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measures {
    /// How many components of the drift queue stand how, and for how long the oldest of them has waited.
    pub queue: Vec<(EntryState, i64, TimeDelta)>,
    /// How many components stand how to their design components.
    pub components: Vec<(MappingStatus, i64)>,
    /// How many open changes there are of each kind: who moved, and how bad it is, each as its own word.
    pub drift: Vec<(String, String, i64)>,
    /// How many deliveries of notifications stand how.
    pub deliveries: Vec<(DispatchStatus, i64)>,
    /// How many undos and redos ended how.
    pub undos: Vec<(UndoAction, Outcome, i64)>,
    /// How many calls each credential may still make before its provider refuses, where that is known: those that read
    /// files, which are the scarce ones.
    pub quotas: Vec<(String, i64)>,
}

/// The numbers of a registry, by one query for each of them, all of one moment.
///
/// # Errors
/// When the registry fails.
pub async fn measures(store: &Store, now: DateTime<Utc>) -> Result<Measures, EngineError> {
    let mut tx = store.read().await?;
    let entries = measures::queue(&mut tx).await?;
    let mapped = measures::mappings(&mut tx).await?;
    let changes = measures::drift(&mut tx).await?;
    let delivered = measures::deliveries(&mut tx).await?;
    let undone = measures::undos(&mut tx).await?;
    let told = measures::quotas(&mut tx, tier_name(Tier::One), now).await?;
    drop(tx);
    let of = |status| mapped.iter().filter(|row| row.status == status).map(|row| row.components).sum();
    let components = MappingStatus::ALL.iter().map(|status| (*status, of(*status))).collect();
    let of = |status| delivered.iter().filter(|row| row.status == status).map(|row| row.deliveries).sum();
    let deliveries = DispatchStatus::ALL.iter().map(|status| (*status, of(*status))).collect();
    let mut undos = Vec::new();
    for (action, outcome) in
        UndoAction::ALL.iter().flat_map(|action| Outcome::ALL.iter().map(move |one| (action, one)))
    {
        let same = undone.iter().filter(|row| row.action == *action && row.outcome == *outcome);
        undos.push((*action, *outcome, same.map(|row| row.events).sum()));
    }
    let mut drift = Vec::new();
    for (moved, severity) in kinds() {
        let same = changes.iter().filter(|row| row.moved == moved && row.severity == severity);
        let count = same.map(|row| row.changes).sum();
        drift.push((moved, severity, count));
    }
    Ok(Measures {
        queue: by_state(&entries, now),
        components,
        drift,
        deliveries,
        undos,
        quotas: left(&told)?,
    })
}

fn by_state(entries: &[QueueMeasure], now: DateTime<Utc>) -> Vec<(EntryState, i64, TimeDelta)> {
    let of = |state: &EntryState| {
        let same = entries.iter().filter(|row| EntryState::of(row.attempts, row.is_leased) == *state);
        let (count, oldest) = same.fold((0, None::<DateTime<Utc>>), |(count, oldest), row| {
            let older = oldest.map_or(row.oldest, |oldest| oldest.min(row.oldest));
            (count + row.entries, Some(older))
        });
        let age = oldest.map_or_else(TimeDelta::zero, |oldest| (now - oldest).max(TimeDelta::zero()));
        (*state, count, age)
    };
    EntryState::ALL.iter().map(of).collect()
}

/// Each kind of change, as reports spell it.
fn kinds() -> Vec<(String, String)> {
    let moved = [Moved::CodeAhead, Moved::DesignAhead, Moved::Conflict, Moved::Undetermined];
    let severities = [Severity::Low, Severity::Medium, Severity::High];
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    moved
        .iter()
        .flat_map(|moved| severities.iter().map(move |severity| (moved, severity)))
        .map(|(moved, severity)| (word(serde_json::json!(moved)), word(serde_json::json!(severity))))
        .collect()
}

/// Of several limits of a credential the tightest counts.
fn left(told: &[QuotaMeasure]) -> Result<Vec<(String, i64)>, EngineError> {
    let mut left: Vec<(String, i64)> = Vec::new();
    for row in told {
        let Some(quota) = Quota::of(Tier::One, row.kind.as_deref(), row.plan.as_deref()) else { continue };
        let used = match quota.per {
            Window::Minute => row.in_minute,
            Window::Month => row.in_month,
        };
        let calls = (i64::from(quota.calls) - used).max(0);
        let metadata: Metadata = serde_json::from_value(row.metadata.clone())?;
        let name = metadata.shown_name();
        match left.iter_mut().find(|(known, _)| *known == name) {
            Some((_, fewest)) => *fewest = calls.min(*fewest),
            None => left.push((name, calls)),
        }
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use lockstep_core::ids::CredentialId;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_waits_is_as_old_as_its_oldest() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
        let row = |attempts, is_leased, entries, minutes| QueueMeasure {
            attempts,
            is_leased,
            entries,
            oldest: now - TimeDelta::minutes(minutes),
        };
        let rows = [
            row(0, false, 3, 5),
            row(1, false, 1, 9),
            row(2, false, 1, 20),
            row(0, true, 2, 1),
            row(5, false, 1, 50),
        ];
        let told = by_state(&rows, now);
        let told: Vec<_> =
            told.iter().map(|(state, count, age)| (*state, *count, age.num_minutes())).collect();
        let expected = [
            (EntryState::Waiting, 3, 5),
            (EntryState::Running, 2, 1),
            (EntryState::Retrying, 2, 20),
            (EntryState::Failed, 1, 50),
        ];
        assert_eq!(told, expected);
        assert_eq!(by_state(&[], now)[0], (EntryState::Waiting, 0, TimeDelta::zero()));
    }

    #[test]
    fn what_is_left_is_the_least_of_what_was_told() {
        let row = |name: &str, kind: Option<&str>, plan: Option<&str>| QuotaMeasure {
            credential: CredentialId::from(Uuid::nil()),
            metadata: json!({ "name": name, "vendor": "figma", "reference": "env:X", "fingerprint": "abcdef" }),
            kind: kind.map(str::to_owned),
            plan: plan.map(str::to_owned),
            in_minute: 3,
            in_month: 8,
        };
        let rows = [
            row("figma", Some("high"), Some("org")),
            row("figma", Some("high"), Some("pro")),
            row("viewer", Some("low"), None),
            row("unsaid", None, None),
        ];
        assert_eq!(left(&rows).unwrap(), [("figma".to_owned(), 7), ("viewer".to_owned(), 0)]);
    }

    #[test]
    fn each_kind_of_change_has_its_word() {
        let all = kinds();
        assert_eq!(all.len(), 12);
        assert_eq!(all[0], ("code_ahead".to_owned(), "low".to_owned()));
    }
}
