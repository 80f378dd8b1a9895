//! A registry's file as a copy, and a copy in its place. PostgreSQL has programs of its own for that.

use std::path::Path;

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    connection::{Pools, Store, sqlite_error},
    error::Result,
};

impl Store {
    /// Writes a copy of an SQLite registry into a new file: one consistent state, also while others write. Gives whether
    /// it is an SQLite registry; else nothing was done.
    ///
    /// # Errors
    /// When the file is there already or can't be written, or the database fails.
    pub async fn copy_to(&self, file: &Path) -> Result<bool> {
        let Pools::Sqlite { writer, .. } = &self.pools else { return Ok(false) };
        let mut connection = writer.acquire().await.map_err(sqlite_error)?;
        sqlx::query("VACUUM INTO $1")
            .bind(file.to_string_lossy().into_owned())
            .execute(&mut *connection)
            .await
            .map_err(sqlite_error)?;
        Ok(true)
    }
}

/// What is wrong with an SQLite file, page by page and row by row; nothing when it is whole.
///
/// # Errors
/// When it can't be read at all.
pub async fn damage(file: &Path) -> Result<Option<String>> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(sqlite_error)?;
    let checked = sqlx::query_scalar::<_, String>("PRAGMA integrity_check(3)");
    let found = checked.fetch_all(&mut connection).await.map_err(sqlite_error)?;
    connection.close().await.map_err(sqlite_error)?;
    Ok((found != ["ok"]).then(|| found.join("; ")))
}

/// Writes all that is beside an SQLite file into it, so that it can be moved. Gives whether nobody else has it open; else
/// it is as it was.
///
/// # Errors
/// When it can't be opened, or the database fails.
pub async fn is_alone(file: &Path) -> Result<bool> {
    let options = SqliteConnectOptions::new().filename(file);
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(sqlite_error)?;
    // Only who is alone may take the log away.
    let told = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = DELETE");
    let told = told.fetch_one(&mut connection).await;
    let is_alone = match told {
        Ok(mode) => mode == "delete",
        Err(error) if error.as_database_error().is_some_and(|error| error.message().contains("locked")) => {
            false
        }
        Err(error) => return Err(sqlite_error(error)),
    };
    connection.close().await.map_err(sqlite_error)?;
    Ok(is_alone)
}
