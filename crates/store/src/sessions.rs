//! `browser_test_sessions`: stories opened in a browser.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{CorrelationId, SessionId, StoryId},
    session::SessionStatus,
    step::Machine as _,
};
use serde_json::Value as Json;

use crate::{
    error::{Error, Result},
    row::{one_of_prefix, record},
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A session.
    Session in "browser_test_sessions" {
        /// Its id.
        id: SessionId;
        /// The story.
        story_id: StoryId;
        /// When it began.
        start_time: DateTime<Utc>;
        /// When it ended.
        end_time: Option<DateTime<Utc>>;
        /// How it stands.
        status: SessionStatus;
        /// What was measured.
        performance_summary: Option<Json>;
        /// What runs through logs, traces and the sync that caused it.
        correlation_id: CorrelationId;
        /// Why it failed or was aborted.
        reason: Option<String>;
        /// The process that runs it.
        process: Option<String>;
        /// What else was found.
        detail: Json;
    }
}

const WHAT: &str = "browser test session";

/// Records a session that begins.
///
/// # Errors
/// When the story does not exist, or the database fails.
pub async fn insert(tx: &mut Tx, session: Session) -> Result<()> {
    tx.execute(Session::insert_into(), session.into_values()).await.map(drop)
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// `passed`, `failed` or `aborted`.
    pub status: SessionStatus,
    /// When.
    pub at: DateTime<Utc>,
    /// What was measured.
    pub performance_summary: Option<Json>,
    /// Why it failed or was aborted.
    pub reason: Option<String>,
    /// What else was found, in place of what was known as it began.
    pub detail: Option<Json>,
}

/// Ends a running session.
///
/// # Errors
/// When that is no step from `running`; when it has ended already ([`Error::Lost`]); when there is no such session, or the
/// database fails.
pub async fn end(tx: &mut Tx, id: SessionId, end: End) -> Result<()> {
    let to = SessionStatus::Running.step(end.status)?;
    let sql =
        "UPDATE browser_test_sessions SET status = $3, end_time = $4, performance_summary = $5, reason = $6,
               detail = coalesce($7, detail) WHERE id = $1 AND status = $2";
    let values =
        values![id, SessionStatus::Running, to, end.at, end.performance_summary, end.reason, end.detail];
    if tx.execute(sql, values).await? > 0 {
        return Ok(());
    }
    let found = get(tx, id).await?.status;
    Err(Error::Lost {
        what: WHAT,
        which: id.to_string(),
        expected: SessionStatus::Running.to_string(),
        found: found.to_string(),
    })
}

/// The session of that id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn get(tx: &mut ReadTx, id: SessionId) -> Result<Session> {
    let sql = format!("{} WHERE id = $1", Session::select());
    let row = tx.fetch_one(sql, values![id]).await?;
    Session::read(&row.ok_or_else(|| Error::not_found(WHAT, id))?)
}

/// At most `limit` sessions of a story, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_story(tx: &mut ReadTx, story: StoryId, limit: usize) -> Result<Vec<Session>> {
    let sql = format!("{} WHERE story_id = $1 ORDER BY start_time DESC LIMIT $2", Session::select());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![story, limit]).await?.iter().map(Session::read).collect()
}

/// At most `limit` sessions, newest first.
///
/// # Errors
/// When the database fails.
pub async fn latest(tx: &mut ReadTx, limit: usize) -> Result<Vec<Session>> {
    let sql = format!("{} ORDER BY start_time DESC, id LIMIT $1", Session::select());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![limit]).await?.iter().map(Session::read).collect()
}

/// The sessions that began from one moment until before another and failed, each the last one of its story in that time,
/// newest first. A story that passed when it was tried again did not fail.
///
/// # Errors
/// When the database fails.
pub async fn failed_between(
    tx: &mut ReadTx,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Session>> {
    let sql = format!(
        "{} WHERE start_time >= $1 AND start_time < $2 AND status = 'failed' AND NOT EXISTS (
             SELECT 1 FROM browser_test_sessions AS later
             WHERE later.story_id = browser_test_sessions.story_id AND later.start_time < $2
               AND (later.start_time, later.id) > (browser_test_sessions.start_time, browser_test_sessions.id)
               AND later.status IN ('passed', 'failed'))
         ORDER BY start_time DESC, id",
        Session::select()
    );
    tx.fetch(sql, values![since, until]).await?.iter().map(Session::read).collect()
}

/// At most `limit` sessions of a run, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_run(tx: &mut ReadTx, run: CorrelationId, limit: usize) -> Result<Vec<Session>> {
    let sql =
        format!("{} WHERE correlation_id = $1 ORDER BY start_time DESC, id LIMIT $2", Session::select());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![run, limit]).await?.iter().map(Session::read).collect()
}

/// The one session whose id begins so.
///
/// # Errors
/// When there is none or more than one, or the database fails.
pub async fn by_prefix(tx: &mut ReadTx, prefix: &str) -> Result<Session> {
    let sql = format!("{} WHERE CAST(id AS text) LIKE $1 LIMIT 2", Session::select());
    Session::read(&one_of_prefix(tx, WHAT, sql, prefix).await?)
}

/// The running sessions, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn running(tx: &mut ReadTx) -> Result<Vec<Session>> {
    // Written out, so that the index of these few is known to serve.
    let sql = format!("{} WHERE status = 'running' ORDER BY start_time, id", Session::select());
    tx.fetch(sql, Vec::new()).await?.iter().map(Session::read).collect()
}
