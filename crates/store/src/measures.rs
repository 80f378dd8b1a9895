//! Numbers over several tables, for who watches a hub: each one query whose answer has few rows, however many the tables
//! have.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::CredentialId,
    notification::DispatchStatus,
    registry::MappingStatus,
    undo::{Outcome, UndoAction},
};
use serde_json::Value as Json;

use crate::{dialect::Backend, error::Result, row::record, transaction::ReadTx, value::values};

record! {
    /// Entries of the drift queue that were begun equally often.
    QueueMeasure in "drift_queue" {
        /// How often they were begun since the last change.
        attempts: i64 = "attempt_count";
        /// Whether somebody is at them.
        is_leased: bool = "(leased_by IS NOT NULL)";
        /// How many they are.
        entries: i64 = "COUNT(*)";
        /// Since when the oldest of them waits.
        oldest: DateTime<Utc> = "MIN(queued_at)";
    }
}

record! {
    /// Components that stand alike to their design components.
    MappingMeasure in "component_artifacts" {
        /// How they stand.
        status: MappingStatus = "mapping_status";
        /// How many they are.
        components: i64 = "COUNT(*)";
    }
}

record! {
    /// Deliveries of notifications that stand alike.
    DeliveryMeasure in "notification_deliveries" {
        /// How they stand.
        status: DispatchStatus;
        /// How many they are.
        deliveries: i64 = "COUNT(*)";
    }
}

record! {
    /// Undos and redos that ended alike.
    UndoMeasure in "undo_events" {
        /// What was asked for.
        action: UndoAction;
        /// How it ended.
        outcome: Outcome;
        /// How many they are.
        events: i64 = "COUNT(*)";
    }
}

/// Open changes of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftMeasure {
    /// Who moved, as the report spells it.
    pub moved: String,
    /// How bad they are, as the report spells it.
    pub severity: String,
    /// How many they are.
    pub changes: i64,
}

/// What a credential was last told of a quota, with what it has called since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaMeasure {
    /// The credential.
    pub credential: CredentialId,
    /// What else is known of it.
    pub metadata: Json,
    /// Which kind of limit, in the provider's word.
    pub kind: Option<String>,
    /// Which plan, in the provider's word.
    pub plan: Option<String>,
    /// How many calls of the tier it made in the last minute.
    pub in_minute: i64,
    /// How many in the last month.
    pub in_month: i64,
}

/// The drift queue, by how its entries stand.
///
/// # Errors
/// When the database fails.
pub async fn queue(tx: &mut ReadTx) -> Result<Vec<QueueMeasure>> {
    let sql = format!("{} GROUP BY attempt_count, (leased_by IS NOT NULL)", QueueMeasure::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(QueueMeasure::read).collect()
}

/// The components that are there, by how they stand to their design components.
///
/// # Errors
/// When the database fails.
pub async fn mappings(tx: &mut ReadTx) -> Result<Vec<MappingMeasure>> {
    let sql = format!("{} WHERE gone_at IS NULL GROUP BY mapping_status", MappingMeasure::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(MappingMeasure::read).collect()
}

/// The open changes that alarm, by who moved and how bad they are.
///
/// # Errors
/// When the database fails.
pub async fn drift(tx: &mut ReadTx) -> Result<Vec<DriftMeasure>> {
    let sql = match tx.backend() {
        Backend::Sqlite => {
            "SELECT change.value ->> 'moved' AS moved, change.value ->> 'severity' AS severity, COUNT(*) AS changes
             FROM component_artifacts, json_each(drift) AS change
             WHERE gone_at IS NULL AND change.value ->> 'aside' IS NULL AND change.value ->> 'moved' IS NOT NULL
             GROUP BY 1, 2 ORDER BY 1, 2"
        }
        Backend::Postgres => {
            "SELECT change ->> 'moved' AS moved, change ->> 'severity' AS severity, COUNT(*) AS changes
             FROM component_artifacts,
                 jsonb_array_elements(CASE jsonb_typeof(drift) WHEN 'array' THEN drift END) AS change
             WHERE gone_at IS NULL AND change ->> 'aside' IS NULL AND change ->> 'moved' IS NOT NULL
             GROUP BY 1, 2 ORDER BY 1, 2"
        }
    };
    let read = |row: &crate::row::Row| {
        let severity: Option<String> = row.get("severity")?;
        let (moved, changes) = (row.get("moved")?, row.get("changes")?);
        Ok(DriftMeasure { moved, severity: severity.unwrap_or_default(), changes })
    };
    tx.fetch(sql, Vec::new()).await?.iter().map(read).collect()
}

/// All deliveries of notifications, by how they stand.
///
/// # Errors
/// When the database fails.
pub async fn deliveries(tx: &mut ReadTx) -> Result<Vec<DeliveryMeasure>> {
    let sql = format!("{} GROUP BY status", DeliveryMeasure::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(DeliveryMeasure::read).collect()
}

/// All undos and redos, by how they ended.
///
/// # Errors
/// When the database fails.
pub async fn undos(tx: &mut ReadTx) -> Result<Vec<UndoMeasure>> {
    let sql = format!("{} GROUP BY action, outcome", UndoMeasure::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(UndoMeasure::read).collect()
}

/// What credentials were told of their quotas, with their calls of a tier, of which a month is remembered.
///
/// # Errors
/// When the database fails.
pub async fn quotas(tx: &mut ReadTx, tier: &str, now: DateTime<Utc>) -> Result<Vec<QuotaMeasure>> {
    let sql = "SELECT DISTINCT provider_limits.credential_id AS credential, metadata, kind, plan,
                   CAST(COALESCE(in_minute, 0) AS bigint) AS in_minute,
                   CAST(COALESCE(in_month, 0) AS bigint) AS in_month
               FROM provider_limits
                   JOIN credential_records ON credential_records.id = provider_limits.credential_id
                   LEFT JOIN (
                       SELECT credential_id, SUM(calls) AS in_month,
                              SUM(CASE WHEN minute > $2 THEN calls ELSE 0 END) AS in_minute
                       FROM provider_calls WHERE tier = $1 AND minute >= $3 GROUP BY credential_id
                   ) AS made ON made.credential_id = provider_limits.credential_id
               ORDER BY 1, 3, 4";
    let values = values![tier, now - TimeDelta::minutes(1), now - TimeDelta::days(30)];
    let read = |row: &crate::row::Row| {
        Ok(QuotaMeasure {
            credential: row.get("credential")?,
            metadata: row.get("metadata")?,
            kind: row.get("kind")?,
            plan: row.get("plan")?,
            in_minute: row.get("in_minute")?,
            in_month: row.get("in_month")?,
        })
    };
    tx.fetch(sql, values).await?.iter().map(read).collect()
}
