//! What there is to say of the database itself.

use chrono::{DateTime, Utc};

use crate::{connection::Store, dialect::Backend, error::Result, migrate, transaction::ReadTx};

/// The database at a glance.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Info {
    /// `sqlite` or `postgres`.
    pub backend: &'static str,
    /// The address, without its password.
    pub address: String,
    /// The version of the database's own software.
    pub server_version: String,
    /// The schema's version; 0 for an empty database.
    pub schema_version: i64,
    /// When it came to that version.
    pub migrated_at: Option<DateTime<Utc>>,
    /// The tables, by name.
    pub tables: Vec<TableInfo>,
    /// The size in bytes: of the file with its log, or what the server says.
    pub size: u64,
}

/// A table at a glance.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: i64,
}

impl Store {
    /// What time it is where the database is; nothing where that is here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clock(&self) -> Result<Option<DateTime<Utc>>> {
        match self.backend() {
            Backend::Sqlite => Ok(None),
            Backend::Postgres => {
                let row = self.read().await?.fetch_one("SELECT clock_timestamp() AS at", Vec::new()).await?;
                row.map(|row| row.get("at")).transpose()
            }
        }
    }

    /// When something was last written into the audit log.
    ///
    /// # Errors
    /// When the database fails, or has no tables yet.
    pub async fn last_written(&self) -> Result<Option<DateTime<Utc>>> {
        let sql = "SELECT at FROM audit_log ORDER BY seq DESC LIMIT 1";
        let row = self.read().await?.fetch_one(sql, Vec::new()).await?;
        row.map(|row| row.get("at")).transpose()
    }

    /// Looks at the database as it is; it need not be migrated.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn info(&self) -> Result<Info> {
        let mut tx = self.read().await?;
        let history = migrate::history(&mut tx).await?;
        let (backend, version) = match self.backend() {
            Backend::Sqlite => ("sqlite", "SELECT sqlite_version() AS version"),
            Backend::Postgres => ("postgres", "SELECT current_setting('server_version') AS version"),
        };
        let server_version = match tx.fetch_one(version, Vec::new()).await? {
            Some(row) => row.get("version")?,
            None => String::new(),
        };
        let size = match self.file() {
            Some(file) => file_size(file),
            None => database_size(&mut tx).await?,
        };
        Ok(Info {
            backend,
            address: self.address(),
            server_version,
            schema_version: history.last().map_or(0, |applied| applied.version),
            migrated_at: history.last().map(|applied| applied.applied_at),
            tables: tables(&mut tx).await?,
            size,
        })
    }
}

fn file_size(file: &std::path::Path) -> u64 {
    ["", "-wal"]
        .iter()
        .map(|suffix| {
            let mut path = file.as_os_str().to_owned();
            path.push(suffix);
            std::fs::metadata(path).map_or(0, |metadata| metadata.len())
        })
        .sum()
}

async fn database_size(tx: &mut ReadTx) -> Result<u64> {
    let sql = "SELECT pg_database_size(current_database()) AS size";
    let size: i64 = match tx.fetch_one(sql, Vec::new()).await? {
        Some(row) => row.get("size")?,
        None => 0,
    };
    Ok(u64::try_from(size).unwrap_or(0))
}

async fn tables(tx: &mut ReadTx) -> Result<Vec<TableInfo>> {
    let sql = match tx.backend() {
        Backend::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        Backend::Postgres => {
            "SELECT CAST(table_name AS text) AS name FROM information_schema.tables
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"
        }
    };
    let names: Vec<String> =
        tx.fetch(sql, Vec::new()).await?.iter().map(|row| row.get("name")).collect::<Result<_>>()?;
    let mut tables = Vec::with_capacity(names.len());
    for name in names {
        // A name from the catalogue, quoted: another program's tables may be called anything.
        let sql = format!("SELECT count(*) AS rows FROM \"{}\"", name.replace('"', "\"\""));
        let rows = match tx.fetch_one(sql, Vec::new()).await? {
            Some(row) => row.get("rows")?,
            None => 0,
        };
        tables.push(TableInfo { name, rows });
    }
    Ok(tables)
}
