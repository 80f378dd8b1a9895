//! The two databases, and the few words in which their SQL differs.

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// The embedded default: one file.
    Sqlite,
    /// For teams, with several processes.
    Postgres,
}

impl std::fmt::Display for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite database",
            Self::Postgres => "PostgreSQL database",
        })
    }
}

impl Backend {
    /// Ends a `SELECT` whose rows this transaction takes, leaving out those that another one is taking. SQLite has
    /// one writer at a time and needs nothing.
    pub(crate) fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "FOR UPDATE SKIP LOCKED",
        }
    }

    /// Ends a `SELECT` whose rows this transaction takes, waiting for those that another one is taking.
    pub(crate) fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "FOR UPDATE",
        }
    }
}
