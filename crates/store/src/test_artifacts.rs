//! `test_artifacts`: what sessions leave behind.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ArtifactId, SessionId},
    session::ArtifactKind,
};

use crate::{
    error::Result,
    row::record,
    transaction::{ReadTx, Tx},
    value::values,
};

record! {
    /// A file that a session left behind.
    TestArtifact in "test_artifacts" {
        /// Its id.
        id: ArtifactId;
        /// The session.
        session_id: SessionId;
        /// What it is.
        kind: ArtifactKind;
        /// Its media type.
        media_type: String;
        /// The SHA-256 of its content.
        content_hash: String;
        /// Its size in bytes.
        size: i64;
        /// Where it is kept.
        path: String;
        /// When it was made.
        created_at: DateTime<Utc>;
    }
}

/// Records an artifact.
///
/// # Errors
/// When the session does not exist, or the database fails.
pub async fn insert(tx: &mut Tx, artifact: TestArtifact) -> Result<()> {
    tx.execute(TestArtifact::insert_into(), artifact.into_values()).await.map(drop)
}

/// The artifacts of a session, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_session(tx: &mut ReadTx, session: SessionId) -> Result<Vec<TestArtifact>> {
    let sql = format!("{} WHERE session_id = $1 ORDER BY created_at, id", TestArtifact::select());
    tx.fetch(sql, values![session]).await?.iter().map(TestArtifact::read).collect()
}
