//! What happens in a registry, as it happens: for who looks on. The tables write it themselves, whoever works.

use lockstep_core::queue::EntryState;
use lockstep_store::{Store, live_events, measures};

pub use lockstep_store::live_events::{LiveEvent, Waiting};

use crate::error::EngineError;

/// At most `limit` events after that number, in order.
///
/// # Errors
/// When the registry fails.
pub async fn after(store: &Store, seq: i64, limit: usize) -> Result<Vec<LiveEvent>, EngineError> {
    Ok(live_events::after(&mut store.read().await?, seq, limit).await?)
}

/// The lowest and the highest number that is kept; zero where nothing has happened yet.
///
/// # Errors
/// When the registry fails.
pub async fn kept(store: &Store) -> Result<(i64, i64), EngineError> {
    Ok(live_events::kept(&mut store.read().await?).await?.unwrap_or_default())
}

/// Begins to wait for what happens.
///
/// # Errors
/// When the registry can't be reached.
pub async fn waiting(store: &Store) -> Result<Waiting, EngineError> {
    Ok(Waiting::begin(store).await?)
}

/// How many components of the drift queue stand how.
///
/// # Errors
/// When the registry fails.
pub async fn depth(store: &Store) -> Result<Vec<(EntryState, i64)>, EngineError> {
    let rows = measures::queue(&mut store.read().await?).await?;
    let of = |state: &EntryState| {
        let same = rows.iter().filter(|row| EntryState::of(row.attempts, row.is_leased) == *state);
        (*state, same.map(|row| row.entries).sum())
    };
    Ok(EntryState::ALL.iter().map(of).collect())
}
