//! What can go wrong with the store, and what to do about it.

use std::borrow::Cow;

use lockstep_core::{contract::CanonicalError, ids::ComponentId, step::IllegalStep};

use crate::{
    address::{Address, redact_in},
    dialect::Backend,
};

/// The store's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

const GONE: &str = "check that the server runs; the next run goes on from what was begun";

/// What can go wrong with the store. No message holds a password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is of no database that Lockstep knows.
    #[error("`{url}` is no database address: {why}")]
    BadUrl {
        /// The address, its password left out.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The database can't be reached or opened.
    #[error("can't open the database `{url}`: {why}")]
    Unreachable {
        /// The address, its password left out.
        url: String,
        /// Why.
        why: String,
        /// What to do.
        hint: &'static str,
    },
    /// The database is from a newer Lockstep.
    #[error("the database is at schema version {found}, and this Lockstep knows versions up to {known}")]
    NewerSchema {
        /// The database's version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The database is from an older Lockstep, and has not been migrated.
    #[error("the database is at schema version {found} of {known}")]
    NotMigrated {
        /// The database's version; 0 for an empty one.
        found: i64,
        /// The version needed.
        known: i64,
    },
    /// A migration is not the one that the database was made with.
    #[error(
        "schema version {version} of the database was made by another migration than the `{name}` of this Lockstep"
    )]
    ChangedMigration {
        /// The migration's version.
        version: i64,
        /// The migration's name.
        name: String,
    },
    /// A migration did not run; the database is as it was before.
    #[error("the migration `{name}` failed and was rolled back: {source}")]
    Migration {
        /// The migration's name.
        name: &'static str,
        /// Why.
        source: Box<Error>,
    },
    /// A value that the tables don't admit.
    #[error("the {backend} refused a row: {constraint}: {detail}")]
    Constraint {
        /// Which database.
        backend: Backend,
        /// What kind of rule was violated.
        constraint: Constraint,
        /// The database's own words.
        detail: String,
    },
    /// Another process holds the database for too long, or two transactions got in each other's way.
    #[error("the {backend} is busy: {detail}")]
    Busy {
        /// Which database.
        backend: Backend,
        /// The database's own words.
        detail: String,
    },
    /// The database's place is full, read-only or damaged.
    #[error("the {backend} can't go on: {detail}")]
    Unusable {
        /// Which database.
        backend: Backend,
        /// The database's own words.
        detail: String,
        /// What to do.
        hint: &'static str,
    },
    /// The database's user may not do what the registry needs.
    #[error("the {backend} forbids it: {detail}")]
    Forbidden {
        /// Which database.
        backend: Backend,
        /// The database's own words.
        detail: String,
    },
    /// There is no such row.
    #[error("there is no {what} `{which}`")]
    NotFound {
        /// What was looked for: `sync operation`.
        what: &'static str,
        /// By which id or name.
        which: String,
    },
    /// More than one row goes by that beginning of an id.
    #[error("`{prefix}` is the beginning of {count} or more ids of {what}s; write more of it")]
    Ambiguous {
        /// What was looked for.
        what: &'static str,
        /// The beginning given.
        prefix: String,
        /// How many were found, at least.
        count: usize,
    },
    /// The step is not one of the state machine's.
    #[error(transparent)]
    IllegalStep(#[from] IllegalStep),
    /// Another process changed the row in the meantime.
    #[error("{what} `{which}` is no longer `{expected}` but `{found}`: another process was faster")]
    Lost {
        /// What was to be changed.
        what: &'static str,
        /// Its id.
        which: String,
        /// The state it was thought to be in.
        expected: String,
        /// The state it is in.
        found: String,
    },
    /// Another unfinished write holds the component.
    #[error(
        "component `{component}` is being written by another process ({by}, {kind}); wait for it, or try again"
    )]
    Locked {
        /// The component.
        component: ComponentId,
        /// The process that holds it.
        by: String,
        /// What it is doing.
        kind: &'static str,
    },
    /// A stored value that this Lockstep can't read.
    #[error("the column `{column}` holds a value that can't be read: {why}")]
    Unreadable {
        /// The column.
        column: String,
        /// Why.
        why: String,
    },
    /// A snapshot's content does not have its hash.
    #[error("the snapshot `{hash}` is damaged: {why}")]
    DamagedSnapshot {
        /// Its hash.
        hash: String,
        /// What is wrong.
        why: String,
    },
    /// A value that has no exact canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// A text with a NUL character, which PostgreSQL can't hold.
    #[error("a text with a NUL character can't be stored: {0:?}")]
    NulCharacter(String),
    /// Anything else that the database says.
    #[error("the {backend} failed: {detail}")]
    Database {
        /// Which database.
        backend: Backend,
        /// The database's own words.
        detail: String,
    },
}

/// The kinds of rules that tables hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// There is one such row already.
    Unique,
    /// A row that it points at does not exist, or one that is pointed at would go.
    ForeignKey,
    /// A value is missing.
    NotNull,
    /// A value outside its type or set of words.
    Check,
}

impl std::fmt::Display for Constraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unique => "there is one already",
            Self::ForeignKey => "it points at a row that does not exist, or is pointed at",
            Self::NotNull => "a value is missing",
            Self::Check => "a value is not one of its type",
        })
    }
}

impl Error {
    /// Whether a table's rule of that kind was violated.
    pub fn violates(&self, kind: Constraint) -> bool {
        matches!(self, Self::Constraint { constraint, .. } if *constraint == kind)
    }

    pub(crate) fn not_found(what: &'static str, which: impl ToString) -> Self {
        Self::NotFound { what, which: which.to_string() }
    }

    pub(crate) fn unreadable(column: &str, why: impl ToString) -> Self {
        Self::Unreadable { column: column.to_owned(), why: why.to_string() }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<Cow<'static, str>> {
        let hint = match self {
            Self::BadUrl { .. } => "write `sqlite://path/to/lockstep.db` or `postgres://user@host/database`",
            Self::Unreachable { hint, .. } | Self::Unusable { hint, .. } => hint,
            Self::NewerSchema { .. } => "use a newer Lockstep, or another database",
            Self::NotMigrated { .. } => "run `lockstep db migrate`",
            Self::ChangedMigration { .. } => "use the Lockstep that made it, or another database",
            Self::Migration { source, .. } => return source.hint(),
            Self::Busy { .. } => "try again",
            Self::Forbidden { .. } => {
                "grant the database's user the right to read and write its tables and to make them"
            }
            _ => return None,
        };
        Some(Cow::Borrowed(hint))
    }

    /// Sorts why a database could not be opened.
    pub(crate) fn unreachable(address: &Address, url: &str, error: &sqlx::Error) -> Self {
        let database = error.as_database_error();
        let why = match (database, error) {
            (Some(database), _) => database.message().to_owned(),
            (None, sqlx::Error::Io(error)) => error.to_string(),
            (None, sqlx::Error::Configuration(error)) => error.to_string(),
            (None, error) => error.to_string(),
        };
        let code = database.and_then(|database| database.code()).unwrap_or_default();
        let hint = match (address, code.as_ref()) {
            (Address::Sqlite(_), code) => {
                code.parse().ok().and_then(sqlite_hint).unwrap_or("check the address")
            }
            (Address::Postgres(_), "28P01" | "28000") => "check the user and the password in the address",
            (Address::Postgres(_), "3D000") => "make it with `createdb`, or name another in the address",
            (Address::Postgres(_), "53300" | "57P03") => "the server is busy: try again",
            (Address::Postgres(_), _) if matches!(error, sqlx::Error::Io(_)) => {
                "check that the server runs, and its host and port in the address"
            }
            (Address::Postgres(_), _) => "check the address",
        };
        let why = redact_in(why.trim_start_matches("error with configuration: "), url);
        Self::Unreachable { url: address.shown(), why, hint }
    }

    /// Sorts what the driver says.
    #[doc(hidden)]
    pub fn of_driver(backend: Backend, error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        let Some(database) = error.as_database_error() else {
            let detail = error.to_string();
            return match error {
                sqlx::Error::PoolTimedOut => Self::Busy { backend, detail },
                sqlx::Error::Io(_) if backend == Backend::Postgres => {
                    Self::Unusable { backend, detail, hint: GONE }
                }
                // The connection is still in a transaction whose end failed: a full disk lets none end.
                sqlx::Error::InvalidSavePointStatement => Self::Unusable {
                    backend,
                    detail: "the transaction before could not be ended".to_owned(),
                    hint: "make room on the disk, and check that it can be written",
                },
                _ => Self::Database { backend, detail },
            };
        };
        let detail = database.message().to_owned();
        let code = database.code().unwrap_or_default();
        let constraint = match database.kind() {
            ErrorKind::UniqueViolation => Some(Constraint::Unique),
            ErrorKind::ForeignKeyViolation => Some(Constraint::ForeignKey),
            ErrorKind::NotNullViolation => Some(Constraint::NotNull),
            ErrorKind::CheckViolation => Some(Constraint::Check),
            _ => other_violation(backend, &code),
        };
        if let Some(constraint) = constraint {
            return Self::Constraint { backend, constraint, detail };
        }
        match (backend, code.as_ref()) {
            // Serialisation failure, deadlock, lock timeout.
            (Backend::Postgres, "40001" | "40P01" | "55P03") => Self::Busy { backend, detail },
            // The server shuts down, or the connection is lost.
            (Backend::Postgres, "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006") => {
                Self::Unusable { backend, detail, hint: GONE }
            }
            (Backend::Postgres, "53100") => {
                Self::Unusable { backend, detail, hint: "make room on the server's disk" }
            }
            (Backend::Postgres, "25006") => {
                Self::Unusable { backend, detail, hint: "connect to a server that can be written to" }
            }
            (Backend::Postgres, "42501") => Self::Forbidden { backend, detail },
            (Backend::Sqlite, code) => {
                let code: u32 = code.parse().unwrap_or_default();
                match sqlite_hint(code) {
                    _ if matches!(code & 0xff, 5 | 6) => Self::Busy { backend, detail },
                    Some(hint) => Self::Unusable { backend, detail, hint },
                    None => Self::Database { backend, detail },
                }
            }
            _ => Self::Database { backend, detail },
        }
    }
}

/// What to do when SQLite can't use its file, by its result code.
fn sqlite_hint(code: u32) -> Option<&'static str> {
    match code & 0xff {
        8 => Some("make the database file, those beside it (-wal, -shm) and their folder writable"),
        // A full disk says so or not, depending on which of the files could not grow.
        10 => Some("make room on the disk that the database file is on, and check that it works"),
        11 | 26 => {
            Some("the file is no intact SQLite database: put back a copy, or move it away and scan again")
        }
        13 => Some("make room on the disk"),
        14 => Some("check that its folder exists and both can be written"),
        _ => None,
    }
}

/// Violations that the driver does not sort: a word that is not in an enum, malformed JSON, a number out of range, no time; on
/// SQLite a value of another type in a STRICT table, and what a trigger refuses.
fn other_violation(backend: Backend, code: &str) -> Option<Constraint> {
    match (backend, code) {
        (Backend::Postgres, "22P02" | "22003" | "22007" | "22008") => Some(Constraint::Check),
        (Backend::Sqlite, "3091" | "1811") => Some(Constraint::Check),
        _ => None,
    }
}
