//! `leases`: what only one process may do at a time, on whichever machine, until it is done or has died.

use chrono::{DateTime, Utc};
use lockstep_core::ids::CorrelationId;

use crate::{
    error::{Error, Result},
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A lease.
    Lease in "leases" {
        /// What it is for.
        name: String;
        /// The run that holds it.
        holder: CorrelationId;
        /// That run's process.
        process: String;
        /// Until when it is that run's, unless it is extended.
        until: DateTime<Utc>;
    }
}

/// Takes a lease that nobody holds at `now`; gives the one that stands instead where somebody does.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &mut Tx, lease: Lease, now: DateTime<Utc>) -> Result<Option<Lease>> {
    let name = lease.name.clone();
    let sql = "INSERT INTO leases (name, holder, process, until) VALUES ($1, $2, $3, $4)
               ON CONFLICT (name) DO UPDATE SET
                   holder = excluded.holder, process = excluded.process, until = excluded.until
               WHERE leases.until <= $5";
    let values = values![lease.name, lease.holder, lease.process, lease.until, now];
    if tx.execute(sql, values).await? > 0 {
        return Ok(None);
    }
    held(tx, &name).await
}

/// Takes a lease from a run whose process has died.
///
/// # Errors
/// When another process was faster ([`Error::Lost`]), or the database fails.
pub async fn take_over(tx: &mut Tx, from: &Lease, lease: Lease) -> Result<()> {
    let sql = "UPDATE leases SET holder = $2, process = $3, until = $4 WHERE name = $1 AND holder = $5";
    let values = values![lease.name, lease.holder, lease.process, lease.until, from.holder];
    match tx.execute(sql, values).await? {
        0 => Err(lost(tx, from).await?),
        _ => Ok(()),
    }
}

/// Keeps a lease for longer. In the transaction of the work itself this holds off everybody else until that ends.
///
/// # Errors
/// When another run has taken it since ([`Error::Lost`]), or the database fails.
pub async fn extend(tx: &mut Tx, lease: &Lease, until: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE leases SET until = $3 WHERE name = $1 AND holder = $2";
    match tx.execute(sql, values![&lease.name, lease.holder, until]).await? {
        0 => Err(lost(tx, lease).await?),
        _ => Ok(()),
    }
}

/// Gives a lease back; one that another run has taken since stays with it.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Tx, lease: &Lease) -> Result<()> {
    let sql = "DELETE FROM leases WHERE name = $1 AND holder = $2";
    tx.execute(sql, values![&lease.name, lease.holder]).await.map(drop)
}

/// The lease of that name, where somebody has one.
///
/// # Errors
/// When the database fails.
pub async fn held(tx: &mut ReadTx, name: &str) -> Result<Option<Lease>> {
    let sql = format!("{} WHERE name = $1", Lease::select());
    tx.fetch_one(sql, values![name]).await?.as_ref().map(Lease::read).transpose()
}

async fn lost(tx: &mut ReadTx, lease: &Lease) -> Result<Error> {
    let found = held(tx, &lease.name).await?;
    Ok(Error::Lost {
        what: "lease",
        which: lease.name.clone(),
        expected: lease.process.clone(),
        found: found.map_or_else(|| "nobody".to_owned(), |found| found.process),
    })
}
