//! Transactions on either database: what reads, and what may write.

use std::{
    borrow::Cow,
    ops::{Deref, DerefMut},
};

use sqlx::{AssertSqlSafe, Postgres, Sqlite, Transaction, postgres::PgArguments, sqlite::SqliteArguments};

use crate::{
    connection::{postgres_error, sqlite_error},
    dialect::Backend,
    error::Result,
    row::Row,
    value::Value,
};

pub(crate) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction that reads. Read functions take it, and a [`Tx`] is one too.
#[must_use = "a transaction that is not used reads nothing"]
pub struct ReadTx {
    pub(crate) connection: Connection,
}

/// A transaction that may write. What is not committed is rolled back when it is dropped.
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Tx(pub(crate) ReadTx);

impl Deref for Tx {
    type Target = ReadTx;

    fn deref(&self) -> &ReadTx {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut ReadTx {
        &mut self.0
    }
}

impl Tx {
    /// Makes everything that was written lasting and visible.
    ///
    /// # Errors
    /// When the database can't: then nothing was written.
    pub async fn commit(self) -> Result<()> {
        match self.0.connection {
            Connection::Sqlite(transaction) => transaction.commit().await.map_err(sqlite_error),
            Connection::Postgres(transaction) => transaction.commit().await.map_err(postgres_error),
        }
    }

    /// Takes back everything that was written. Dropping the transaction does the same, but a little later.
    ///
    /// # Errors
    /// When the connection is lost; then, too, nothing was written.
    pub async fn roll_back(self) -> Result<()> {
        match self.0.connection {
            Connection::Sqlite(transaction) => transaction.rollback().await.map_err(sqlite_error),
            Connection::Postgres(transaction) => transaction.rollback().await.map_err(postgres_error),
        }
    }

    /// Runs a statement; gives the number of rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<u64> {
        let sql = AssertSqlSafe(sql.into());
        match &mut self.0.connection {
            Connection::Sqlite(transaction) => sqlx::query_with(sql, sqlite_arguments(values)?)
                .execute(&mut **transaction)
                .await
                .map(|done| done.rows_affected())
                .map_err(sqlite_error),
            Connection::Postgres(transaction) => sqlx::query_with(sql, postgres_arguments(values)?)
                .execute(&mut **transaction)
                .await
                .map(|done| done.rows_affected())
                .map_err(postgres_error),
        }
    }

    /// Runs statements of a fixed text, several if there are.
    pub(crate) async fn run_script(&mut self, sql: &'static str) -> Result<()> {
        match &mut self.0.connection {
            Connection::Sqlite(transaction) => {
                sqlx::raw_sql(sql).execute(&mut **transaction).await.map(drop).map_err(sqlite_error)
            }
            Connection::Postgres(transaction) => {
                sqlx::raw_sql(sql).execute(&mut **transaction).await.map(drop).map_err(postgres_error)
            }
        }
    }

    /// Lets one transaction at a time pass, until it ends. SQLite has one writer anyway.
    pub(crate) async fn serialise(&mut self, on: Serialised) -> Result<()> {
        if self.backend() == Backend::Postgres {
            self.fetch("SELECT pg_advisory_xact_lock($1)", crate::value::values![on as i64]).await?;
        }
        Ok(())
    }

    pub(crate) fn postgres(&mut self) -> Option<&mut Transaction<'static, Postgres>> {
        match &mut self.0.connection {
            Connection::Postgres(transaction) => Some(transaction),
            Connection::Sqlite(_) => None,
        }
    }
}

/// What only one transaction at a time may do, with the keys of their locks on PostgreSQL.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Serialised {
    Migration = 0x4c6f_0001,
    Audit = 0x4c6f_0002,
    SignIn = 0x4c6f_0003,
}

impl ReadTx {
    /// Which database it is.
    pub fn backend(&self) -> Backend {
        match self.connection {
            Connection::Sqlite(_) => Backend::Sqlite,
            Connection::Postgres(_) => Backend::Postgres,
        }
    }

    /// Runs a statement that gives rows.
    pub(crate) async fn fetch(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        let sql = AssertSqlSafe(sql.into());
        match &mut self.connection {
            Connection::Sqlite(transaction) => sqlx::query_with(sql, sqlite_arguments(values)?)
                .fetch_all(&mut **transaction)
                .await
                .map(|rows| rows.into_iter().map(Row::Sqlite).collect())
                .map_err(sqlite_error),
            Connection::Postgres(transaction) => sqlx::query_with(sql, postgres_arguments(values)?)
                .fetch_all(&mut **transaction)
                .await
                .map(|rows| rows.into_iter().map(Row::Postgres).collect())
                .map_err(postgres_error),
        }
    }

    /// Runs a statement that gives one row or none.
    pub(crate) async fn fetch_one(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        Ok(self.fetch(sql, values).await?.into_iter().next())
    }
}

fn sqlite_arguments(values: Vec<Value>) -> Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        value.check()?;
        value.bind_sqlite(&mut arguments)?;
    }
    Ok(arguments)
}

fn postgres_arguments(values: Vec<Value>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        value.check()?;
        value.bind_postgres(&mut arguments)?;
    }
    Ok(arguments)
}
