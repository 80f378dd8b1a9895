//! Migrations: SQL written by hand for each database, embedded, run in order, all or none.

use chrono::{DateTime, Utc};
use lockstep_core::contract::sha256_hex;

use crate::{
    connection::Store,
    dialect::Backend,
    error::{Error, Result},
    transaction::{ReadTx, Serialised, Tx},
    value::values,
};

struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

const MIGRATIONS: [Migration; 14] = [
    migration!(1, "0001_registry"),
    migration!(2, "0002_operations"),
    migration!(3, "0003_outside"),
    migration!(4, "0004_scan_hashes"),
    migration!(5, "0005_workers"),
    migration!(6, "0006_maintenance"),
    migration!(7, "0007_provider_calls"),
    migration!(8, "0008_access"),
    migration!(9, "0009_coverage"),
    migration!(10, "0010_sessions"),
    migration!(11, "0011_idempotency"),
    migration!(12, "0012_closed_drift"),
    migration!(13, "0013_preferences"),
    migration!(14, "0014_live_events"),
];

/// The schema version that this code reads and writes.
pub const SCHEMA_VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

impl Migration {
    fn sql(&self, backend: Backend) -> &'static str {
        match backend {
            Backend::Sqlite => self.sqlite,
            Backend::Postgres => self.postgres,
        }
    }

    fn checksum(&self, backend: Backend) -> String {
        sha256_hex(self.sql(backend).as_bytes())
    }
}

/// What a migration run did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Migrated {
    /// The version before; 0 for an empty database.
    pub from: i64,
    /// The version now.
    pub to: i64,
    /// The names of the migrations that ran.
    pub applied: Vec<&'static str>,
}

impl Store {
    /// Brings the tables up to date. Several processes may do so at once: one does the work, the others wait and find
    /// it done. Nothing is half done when it fails.
    ///
    /// # Errors
    /// When the database is from a newer Lockstep, was made by other migrations, or refuses one.
    pub async fn migrate(&self) -> Result<Migrated> {
        let from = {
            let mut tx = self.read().await?;
            checked_version(&mut tx).await?
        };
        if from == SCHEMA_VERSION {
            return Ok(Migrated { from, to: from, applied: Vec::new() });
        }
        let mut tx = self.begin().await?;
        tx.serialise(Serialised::Migration).await?;
        // Read again: another process may have been faster.
        let from = checked_version(&mut tx).await?;
        if from == 0 {
            tx.run_script(history_table(self.backend())).await?;
        }
        let mut applied = Vec::new();
        for migration in MIGRATIONS.iter().filter(|migration| migration.version > from) {
            apply(&mut tx, migration).await?;
            applied.push(migration.name);
        }
        tx.commit().await?;
        Ok(Migrated { from, to: SCHEMA_VERSION, applied })
    }

    /// Whether the tables are of the version that this code needs.
    ///
    /// # Errors
    /// When they are older or newer: the message says what to do.
    pub async fn check_schema(&self) -> Result<()> {
        let mut tx = self.read().await?;
        match checked_version(&mut tx).await? {
            SCHEMA_VERSION => Ok(()),
            found => Err(Error::NotMigrated { found, known: SCHEMA_VERSION }),
        }
    }
}

async fn apply(tx: &mut Tx, migration: &Migration) -> Result<()> {
    let backend = tx.backend();
    let failed = |source| Error::Migration { name: migration.name, source: Box::new(source) };
    tx.run_script(migration.sql(backend)).await.map_err(failed)?;
    tx.execute(
        "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
        values![migration.version, migration.name, migration.checksum(backend)],
    )
    .await?;
    Ok(())
}

fn history_table(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => {
            "CREATE TABLE schema_migrations (
                version    INTEGER NOT NULL PRIMARY KEY,
                name       TEXT NOT NULL,
                checksum   TEXT NOT NULL,
                applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
            ) STRICT"
        }
        Backend::Postgres => {
            "CREATE TABLE schema_migrations (
                version    bigint PRIMARY KEY,
                name       text NOT NULL,
                checksum   text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )"
        }
    }
}

/// A migration that was run.
pub(crate) struct Applied {
    pub(crate) version: i64,
    name: String,
    checksum: String,
    pub(crate) applied_at: DateTime<Utc>,
}

/// The migrations that were run, oldest first.
pub(crate) async fn history(tx: &mut ReadTx) -> Result<Vec<Applied>> {
    let known = match tx.backend() {
        Backend::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'"
        }
        Backend::Postgres => {
            "SELECT table_name AS name FROM information_schema.tables
             WHERE table_schema = current_schema() AND table_name = 'schema_migrations'"
        }
    };
    if tx.fetch_one(known, Vec::new()).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = tx
        .fetch(
            "SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version",
            Vec::new(),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Applied {
                version: row.get("version")?,
                name: row.get("name")?,
                checksum: row.get("checksum")?,
                applied_at: row.get("applied_at")?,
            })
        })
        .collect()
}

/// The database's version, 0 when it is empty, once it is sure that this code can work with it.
async fn checked_version(tx: &mut ReadTx) -> Result<i64> {
    let history = history(tx).await?;
    let found = history.last().map_or(0, |applied| applied.version);
    if found > SCHEMA_VERSION {
        return Err(Error::NewerSchema { found, known: SCHEMA_VERSION });
    }
    for applied in &history {
        let same = MIGRATIONS.iter().any(|migration| {
            migration.version == applied.version && migration.checksum(tx.backend()) == applied.checksum
        });
        if !same {
            return Err(Error::ChangedMigration { version: applied.version, name: applied.name.clone() });
        }
    }
    Ok(found)
}
