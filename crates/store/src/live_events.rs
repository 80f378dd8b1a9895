//! `live_events`: what happens, for who looks on. The tables write it themselves, whoever writes them, and keep the newest
//! of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use sqlx::postgres::PgListener;

use crate::{
    connection::{Pools, Store, postgres_error},
    error::Result,
    row::record,
    transaction::ReadTx,
    value::values,
};

/// How often SQLite is looked at: it tells nobody of what is written, and the look is cheap.
const LOOK: Duration = Duration::from_millis(200);
/// How long PostgreSQL's word is waited for: a connection that is lost may have lost one.
const LONGEST: Duration = Duration::from_secs(5);
/// What PostgreSQL says when there is something new; the migration says it.
const CHANNEL: &str = "lockstep_events";

record! {
    /// Something that happened.
    LiveEvent in "live_events" {
        /// Its number: whoever comes later has a higher one, and is seen later.
        seq: i64;
        /// What it is about: `operation`, `component`, `drift` or `session`.
        kind: String;
        /// The particulars.
        data: Json;
        /// When.
        created_at: DateTime<Utc>;
    }
}

/// At most `limit` events after that number, in order.
///
/// # Errors
/// When the database fails.
pub async fn after(tx: &mut ReadTx, seq: i64, limit: usize) -> Result<Vec<LiveEvent>> {
    let sql = format!("{} WHERE seq > $1 ORDER BY seq LIMIT $2", LiveEvent::select());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.fetch(sql, values![seq, limit]).await?.iter().map(LiveEvent::read).collect()
}

/// The lowest and the highest number that is kept; nothing where nothing has happened yet.
///
/// # Errors
/// When the database fails.
pub async fn kept(tx: &mut ReadTx) -> Result<Option<(i64, i64)>> {
    let sql = "SELECT MIN(seq) AS lowest, MAX(seq) AS highest FROM live_events";
    let Some(row) = tx.fetch_one(sql, Vec::new()).await? else { return Ok(None) };
    let (lowest, highest): (Option<i64>, Option<i64>) = (row.get("lowest")?, row.get("highest")?);
    Ok(lowest.zip(highest))
}

/// Waits until something may have happened: PostgreSQL says so, whichever process wrote it; SQLite is looked at often.
pub struct Waiting(Option<PgListener>);

impl Waiting {
    /// Begins to listen. On PostgreSQL this keeps a connection.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn begin(store: &Store) -> Result<Self> {
        let Pools::Postgres(pool) = &store.pools else { return Ok(Self(None)) };
        let mut listener = PgListener::connect_with(pool).await.map_err(postgres_error)?;
        listener.listen(CHANNEL).await.map_err(postgres_error)?;
        Ok(Self(Some(listener)))
    }

    /// Waits for the next word, and not for ever.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn next(&mut self) -> Result<()> {
        let Some(listener) = &mut self.0 else {
            tokio::time::sleep(LOOK).await;
            return Ok(());
        };
        match tokio::time::timeout(LONGEST, listener.try_recv()).await {
            // Several words at once need one look.
            Ok(Ok(_)) => while listener.next_buffered().is_some() {},
            Ok(Err(error)) => return Err(postgres_error(error)),
            Err(_) => {}
        }
        Ok(())
    }
}
