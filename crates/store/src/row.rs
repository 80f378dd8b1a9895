//! Rows on their way out, and the declaration of what a table's rows look like.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use sqlx::{Row as _, TypeInfo as _, ValueRef as _, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use crate::{
    dialect::Backend,
    error::{Error, Result},
    transaction::ReadTx,
    value::{StoredWord, values},
};

/// A row of either database.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// A column's value.
    pub(crate) fn get<T: FromRequired>(&self, column: &str) -> Result<T> {
        T::required(self, column)
    }

    fn decoded<T>(&self, column: &str, value: Result<T, sqlx::Error>) -> Result<T> {
        let backend = match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        };
        value.map_err(|error| match error {
            sqlx::Error::ColumnDecode { source, .. } => Error::unreadable(column, source),
            sqlx::Error::ColumnNotFound(_) => Error::unreadable(column, "there is no such column"),
            other => Error::of_driver(backend, other),
        })
    }
}

/// The one row whose id begins so, of a query that asks for at most two of those that are like `$1`.
pub(crate) async fn one_of_prefix(
    tx: &mut ReadTx,
    what: &'static str,
    sql: String,
    prefix: &str,
) -> Result<Row> {
    let prefix = prefix.trim().to_ascii_lowercase();
    if prefix.is_empty() || !prefix.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        return Err(Error::not_found(what, prefix));
    }
    let mut rows = tx.fetch(sql, values![format!("{prefix}%")]).await?;
    match (rows.pop(), rows.len()) {
        (None, _) => Err(Error::not_found(what, prefix)),
        (Some(row), 0) => Ok(row),
        (Some(_), others) => Err(Error::Ambiguous { what, prefix, count: others + 1 }),
    }
}

/// What can be read from a column; `None` is NULL.
pub(crate) trait FromColumn: Sized {
    fn read(row: &Row, column: &str) -> Result<Option<Self>>;
}

/// What a field of a record may be: a value, or an `Option` of one.
pub(crate) trait FromRequired: Sized {
    fn required(row: &Row, column: &str) -> Result<Self>;
}

impl<T: FromColumn> FromRequired for T {
    fn required(row: &Row, column: &str) -> Result<Self> {
        T::read(row, column)?.ok_or_else(|| Error::unreadable(column, "it is NULL"))
    }
}

impl<T: FromColumn> FromRequired for Option<T> {
    fn required(row: &Row, column: &str) -> Result<Self> {
        T::read(row, column)
    }
}

fn text(row: &Row, column: &str) -> Result<Option<String>> {
    match row {
        Row::Sqlite(sqlite) => row.decoded(column, sqlite.try_get_unchecked(column)),
        // Unchecked, for native enums are read as texts too.
        Row::Postgres(postgres) => row.decoded(column, postgres.try_get_unchecked(column)),
    }
}

fn parsed<T>(row: &Row, column: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>> {
    text(row, column)?.map(|text| parse(&text).map_err(|why| Error::unreadable(column, why))).transpose()
}

impl FromColumn for String {
    fn read(row: &Row, column: &str) -> Result<Option<Self>> {
        text(row, column)
    }
}

impl FromColumn for Uuid {
    fn read(row: &Row, column: &str) -> Result<Option<Self>> {
        match row {
            Row::Sqlite(_) => {
                parsed(row, column, |text| text.parse().map_err(|error: uuid::Error| error.to_string()))
            }
            Row::Postgres(postgres) => row.decoded(column, postgres.try_get(column)),
        }
    }
}

impl FromColumn for Json {
    fn read(row: &Row, column: &str) -> Result<Option<Self>> {
        match row {
            Row::Sqlite(_) => {
                parsed(row, column, |text| serde_json::from_str(text).map_err(|error| error.to_string()))
            }
            Row::Postgres(postgres) => row.decoded(column, postgres.try_get(column)),
        }
    }
}

impl FromColumn for DateTime<Utc> {
    fn read(row: &Row, column: &str) -> Result<Option<Self>> {
        match row {
            Row::Sqlite(_) => parsed(row, column, |text| {
                text.parse().map_err(|error: chrono::ParseError| error.to_string())
            }),
            Row::Postgres(postgres) => row.decoded(column, postgres.try_get(column)),
        }
    }
}

impl FromColumn for i64 {
    fn read(row: &Row, column: &str) -> Result<Option<Self>> {
        match row {
            Row::Sqlite(sqlite) => row.decoded(column, sqlite.try_get_unchecked(column)),
            Row::Postgres(postgres) => {
                let value = row.decoded(column, postgres.try_get_raw(column))?;
                match value.type_info().name() {
                    "INT4" => {
                        Ok(row.decoded(column, postgres.try_get::<Option<i32>, _>(column))?.map(Self::from))
                    }
                    _ => row.decoded(column, postgres.try_get(column)),
                }
            }
        }
    }
}

impl FromColumn for f64 {
    fn read(row: &Row, column: &str) -> Result<Option<Self>> {
        match row {
            Row::Sqlite(sqlite) => row.decoded(column, sqlite.try_get_unchecked(column)),
            Row::Postgres(postgres) => row.decoded(column, postgres.try_get(column)),
        }
    }
}

impl FromColumn for bool {
    fn read(row: &Row, column: &str) -> Result<Option<Self>> {
        match row {
            Row::Sqlite(sqlite) => row.decoded(column, sqlite.try_get_unchecked(column)),
            Row::Postgres(postgres) => row.decoded(column, postgres.try_get(column)),
        }
    }
}

impl FromColumn for Vec<u8> {
    fn read(row: &Row, column: &str) -> Result<Option<Self>> {
        match row {
            Row::Sqlite(sqlite) => row.decoded(column, sqlite.try_get_unchecked(column)),
            Row::Postgres(postgres) => row.decoded(column, postgres.try_get(column)),
        }
    }
}

impl<W: StoredWord> FromColumn for W {
    fn read(row: &Row, column: &str) -> Result<Option<Self>> {
        parsed(row, column, |text| W::of_word(text).map_err(|error| error.to_string()))
    }
}

/// Declares a table's row: a struct whose fields are the columns, how it is read, and how it is inserted whole.
///
/// A field reads the column of its name, or the expression after `=` (`"type"`); it is inserted into the column of its
/// name, or into the one after `=`.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $name:ident in $table:literal {
            $($(#[$doc:meta])* $field:ident : $ty:ty $(= $column:literal)? $(, read $read:literal)?;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        pub struct $name { $($(#[$doc])* pub $field: $ty,)+ }

        #[allow(dead_code, reason = "not every table needs each of these")]
        impl $name {
            /// `SELECT …, … FROM table`.
            pub(crate) fn select() -> String {
                format!("SELECT {} FROM {}", Self::columns(), $table)
            }

            /// The columns as they are read, for `SELECT` and `RETURNING`.
            pub(crate) fn columns() -> String {
                [$($crate::row::record!(@read $field $(= $column)? $(, $read)?)),+].join(", ")
            }

            /// `INSERT INTO table (…) VALUES ($1, …)`.
            pub(crate) fn insert_into() -> String {
                let columns = [$($crate::row::record!(@column $field $(= $column)?)),+];
                let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
                format!("INSERT INTO {} ({}) VALUES ({})", $table, columns.join(", "), places.join(", "))
            }

            /// The values of all columns, in the order of [`Self::insert_into`].
            pub(crate) fn into_values(self) -> Vec<$crate::value::Value> {
                vec![$($crate::value::Value::from(self.$field)),+]
            }

            pub(crate) fn read(row: &$crate::row::Row) -> $crate::error::Result<Self> {
                Ok(Self { $($field: row.get(stringify!($field))?),+ })
            }
        }
    };
    (@read $field:ident = $column:literal, $read:literal) => { concat!($read, " AS ", stringify!($field)) };
    (@read $field:ident = $column:literal) => { concat!($column, " AS ", stringify!($field)) };
    (@read $field:ident, $read:literal) => { concat!($read, " AS ", stringify!($field)) };
    (@read $field:ident) => { stringify!($field) };
    (@column $field:ident = $column:literal) => { $column };
    (@column $field:ident) => { stringify!($field) };
}

pub(crate) use record;
