//! `schedules`: what happens by itself, and when.

use chrono::{DateTime, Utc};
use lockstep_core::ids::{ScheduleId, UserId};
use serde_json::Value as Json;

use crate::{
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A schedule.
    Schedule in "schedules" {
        /// Its id.
        id: ScheduleId;
        /// Its unique name.
        name: String;
        /// When, as a cron expression.
        cron: String;
        /// In which time zone.
        timezone: String;
        /// What happens.
        action: String;
        /// The particulars.
        detail: Json;
        /// Whether it runs.
        enabled: bool;
        /// Who made it.
        created_by: Option<UserId>;
        /// When it runs next.
        next_run_at: Option<DateTime<Utc>>;
        /// When it last ran.
        last_run_at: Option<DateTime<Utc>>;
        /// What came of it.
        last_result: Option<Json>;
        /// Who is running it.
        claimed_by: Option<String>;
        /// Until when it is theirs.
        claimed_until: Option<DateTime<Utc>>;
        /// When it was made.
        created_at: DateTime<Utc>;
        /// When the row was last changed.
        updated_at: DateTime<Utc>;
    }
}

const WHAT: &str = "schedule";

/// Makes a schedule, or changes what the one of that id does and when. How it last ran stays.
///
/// # Errors
/// When the name is taken, the user does not exist, or the database fails.
pub async fn put(tx: &mut Tx, schedule: Schedule) -> Result<()> {
    let sql = format!(
        "{} ON CONFLICT (id) DO UPDATE SET
             name = excluded.name, cron = excluded.cron, timezone = excluded.timezone, action = excluded.action,
             detail = excluded.detail, enabled = excluded.enabled, next_run_at = excluded.next_run_at,
             updated_at = excluded.updated_at",
        Schedule::insert_into()
    );
    tx.execute(sql, schedule.into_values()).await.map(drop)
}

/// The schedule of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: ScheduleId) -> Result<Schedule> {
    let sql = format!("{} WHERE id = $1", Schedule::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    Schedule::read(&row.ok_or_else(|| Error::not_found(WHAT, id))?)
}

/// The schedule of that name.
///
/// # Errors
/// When the database fails.
pub async fn by_name(tx: &mut ReadTx, name: &str) -> Result<Option<Schedule>> {
    let sql = format!("{} WHERE name = $1", Schedule::select());
    tx.fetch_one(sql, values![name]).await?.as_ref().map(Schedule::read).transpose()
}

/// Takes a schedule away for good.
///
/// # Errors
/// When the database fails.
pub async fn remove(tx: &mut Tx, id: ScheduleId) -> Result<()> {
    tx.execute("DELETE FROM schedules WHERE id = $1", values![id]).await.map(drop)
}

/// Says when a schedule runs next that has no time yet; another one's word stands.
///
/// # Errors
/// When the database fails.
pub async fn arm(tx: &mut Tx, id: ScheduleId, next_run_at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE schedules SET next_run_at = $2 WHERE id = $1 AND next_run_at IS NULL";
    tx.execute(sql, values![id, next_run_at]).await.map(drop)
}

/// Makes a claim last until then, as long as it holds.
///
/// # Errors
/// When the database fails.
pub async fn renew(tx: &mut Tx, id: ScheduleId, by: &str, until: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE schedules SET claimed_until = $3 WHERE id = $1 AND claimed_by = $2";
    tx.execute(sql, values![id, by, until]).await.map(drop)
}

/// Takes back the claims of a process that has died.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Tx, dead: &str) -> Result<u64> {
    let sql = "UPDATE schedules SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by = $1";
    tx.execute(sql, values![dead]).await
}

/// All schedules, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<Schedule>> {
    let rows = tx.fetch(format!("{} ORDER BY name", Schedule::select()), Vec::new()).await?;
    rows.iter().map(Schedule::read).collect()
}

/// Whether any schedule is due that does this and that nobody has taken.
///
/// # Errors
/// When the database fails.
pub async fn is_due(tx: &mut ReadTx, action: &str, now: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT id FROM schedules
               WHERE enabled = $3 AND next_run_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2)
                 AND action = $1
               LIMIT 1";
    Ok(tx.fetch_one(sql, values![action, now, true]).await?.is_some())
}

/// Takes one schedule that is due, until `until`, of those that do one of these; of two machines, one gets it.
///
/// # Errors
/// When the database fails.
pub async fn claim_due(
    tx: &mut Tx,
    actions: &[&str],
    by: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Schedule>> {
    let sql = format!(
        "WITH picked AS MATERIALIZED (
             SELECT id FROM schedules
             WHERE enabled = $4 AND next_run_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2)
               AND action IN ({})
             ORDER BY next_run_at LIMIT 1 {})
         UPDATE schedules SET claimed_by = $1, claimed_until = $3, updated_at = $2
         WHERE id IN (SELECT id FROM picked)
         RETURNING {}",
        (5..5 + actions.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", "),
        tx.backend().skip_locked(),
        Schedule::columns()
    );
    let mut values = values![by, now, until, true];
    values.extend(actions.iter().map(|action| (*action).to_owned().into()));
    tx.fetch_one(sql, values).await?.as_ref().map(Schedule::read).transpose()
}

/// Writes down that a claimed schedule ran, and when it runs next.
///
/// # Errors
/// When another process has claimed it since ([`Error::Lost`]); when there is none, or the database fails.
pub async fn record_run(
    tx: &mut Tx,
    id: ScheduleId,
    by: &str,
    result: Json,
    ran_at: DateTime<Utc>,
    next_run_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let sql = "UPDATE schedules SET last_run_at = $3, last_result = $4, next_run_at = $5, claimed_by = NULL,
                   claimed_until = NULL, updated_at = $3
               WHERE id = $1 AND claimed_by = $2";
    if tx.execute(sql, values![id, by, ran_at, result, next_run_at]).await? > 0 {
        return Ok(());
    }
    let found = get(tx, id).await?.claimed_by.unwrap_or_else(|| "nobody".to_owned());
    Err(Error::Lost { what: WHAT, which: id.to_string(), expected: by.to_owned(), found })
}
