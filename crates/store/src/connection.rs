//! Connections to either database.
//!
//! SQLite has one writer: a pool of one connection whose transactions begin `IMMEDIATE`, so that they never fail
//! half-way for want of the lock, beside a pool of readers. PostgreSQL has one pool.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _, PgConnection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    address::Address,
    dialect::Backend,
    error::{Error, Result},
    transaction::{Connection, ReadTx, Tx},
};

/// How long SQLite waits for another process to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);
/// How long to wait before a new file is switched to its log once more.
const SWITCH_PAUSE: Duration = Duration::from_millis(5);
/// How long to wait for a server's first word.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 10;

/// The registry's database.
#[derive(Clone)]
pub struct Store {
    pub(crate) pools: Pools,
    address: Address,
}

#[derive(Clone)]
pub(crate) enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("address", &self.address.shown()).finish()
    }
}

impl Store {
    /// Opens the database at `sqlite://path` (made if it does not exist; its folder must) or `postgres://…`. The
    /// tables are left as they are: see [`Store::migrate`].
    ///
    /// # Errors
    /// When the address is none, or nothing answers there. No message holds a password.
    pub async fn connect(url: &str) -> Result<Self> {
        let address = Address::parse(url)?;
        let opened = match &address {
            Address::Sqlite(path) => connect_sqlite(path).await,
            Address::Postgres(url) => connect_postgres(url).await,
        };
        let pools = opened.map_err(|error| Error::unreachable(&address, url, &error))?;
        Ok(Self { pools, address })
    }

    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// As [`Store::connect`] and [`Store::migrate`].
    pub async fn open(url: &str) -> Result<Self> {
        let store = Self::connect(url).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Which database it is.
    pub fn backend(&self) -> Backend {
        match self.pools {
            Pools::Sqlite { .. } => Backend::Sqlite,
            Pools::Postgres(_) => Backend::Postgres,
        }
    }

    /// The address, without its password.
    pub fn address(&self) -> String {
        self.address.shown()
    }

    /// The database's file, when it is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.address {
            Address::Sqlite(path) => Some(path),
            Address::Postgres(_) => None,
        }
    }

    /// Begins a transaction that may write. On SQLite there is one at a time: keep it short.
    ///
    /// # Errors
    /// When another process keeps the database for too long, or it can't be reached.
    pub async fn begin(&self) -> Result<Tx> {
        let connection = match &self.pools {
            Pools::Sqlite { writer, .. } => {
                Connection::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await.map_err(sqlite_error)?)
            }
            Pools::Postgres(pool) => Connection::Postgres(pool.begin().await.map_err(postgres_error)?),
        };
        Ok(Tx(ReadTx { connection }))
    }

    /// Begins a transaction that reads one consistent state. Dropping it ends it.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn read(&self) -> Result<ReadTx> {
        let connection = match &self.pools {
            Pools::Sqlite { readers, .. } => Connection::Sqlite(readers.begin().await.map_err(sqlite_error)?),
            Pools::Postgres(pool) => Connection::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await
                    .map_err(postgres_error)?,
            ),
        };
        Ok(ReadTx { connection })
    }

    /// Closes all connections. On SQLite this writes the log back into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

async fn connect_sqlite(path: &Path) -> Result<Pools, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A committed transaction survives a power cut: the journal of writes counts on it.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT);
    // The writer comes first: it makes the file and switches it to its log.
    let writer = first_of_sqlite(&options).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options.create_if_missing(false).pragma("query_only", "ON"));
    Ok(Pools::Sqlite { writer, readers })
}

/// Of several processes that switch one new file to its log, SQLite refuses all but one at once, whatever the time they
/// would wait: each would wait for the others. They try again.
async fn first_of_sqlite(options: &SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let pool = || SqlitePoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
    let began = Instant::now();
    loop {
        match pool().connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && began.elapsed() < BUSY_TIMEOUT => {
                tokio::time::sleep(SWITCH_PAUSE).await;
            }
            done => return done,
        }
    }
}

/// Whether SQLite says `SQLITE_BUSY`, or one of its extensions, of which it is the lowest byte.
fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: u32 = 5;
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

async fn connect_postgres(url: &str) -> Result<Pools, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.application_name("lockstep").options([("timezone", "UTC")]);
    // The pool would knock again and again until its time is over; one knock tells whether somebody is there.
    let probe = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&options));
    let probe = probe.await.map_err(|_| {
        sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "nobody answers there"))
    })??;
    probe.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options);
    Ok(Pools::Postgres(pool))
}

pub(crate) fn sqlite_error(error: sqlx::Error) -> Error {
    Error::of_driver(Backend::Sqlite, error)
}

pub(crate) fn postgres_error(error: sqlx::Error) -> Error {
    Error::of_driver(Backend::Postgres, error)
}
