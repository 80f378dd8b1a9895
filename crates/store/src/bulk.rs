//! Many rows in few statements: each statement sees a table `batch` of at most 500 rows.
//!
//! On PostgreSQL the batch is one array a column (`UNNEST`), so that the statement's text is always the same; on SQLite it is a
//! `VALUES` list, for which 500 rows of this code's widest batches stay well below its limit of 32,766 values.

use sqlx::{Arguments as _, AssertSqlSafe, postgres::PgArguments};

use crate::{
    dialect::Backend,
    error::{Error, Result},
    row::Row,
    transaction::{ReadTx, Tx},
    value::{Datum, Kind, Value},
};

/// How many rows go into one statement.
pub(crate) const BATCH: usize = 500;

/// The places of so many values in a list: `$1, $2, $3`.
pub(crate) fn places(count: usize) -> String {
    (1..=count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// The rows of a selection where a column is one of these ids, in as many statements as that takes.
pub(crate) async fn fetch_of<I: Copy + Into<Value>>(
    tx: &mut ReadTx,
    select: &str,
    column: &'static str,
    ids: &[I],
) -> Result<Vec<Row>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(BATCH) {
        let sql = format!("{select} WHERE {column} IN ({})", places(chunk.len()));
        found.extend(tx.fetch(sql, chunk.iter().map(|id| (*id).into()).collect()).await?);
    }
    Ok(found)
}

/// A column of a batch.
pub(crate) type Column = (&'static str, Kind);

/// Runs `statement`, which reads from `batch`, over all rows; gives the number of rows it changed.
///
/// An `INSERT … SELECT … FROM batch` needs `WHERE true` before its `ON CONFLICT`, or SQLite takes the latter for a join.
pub(crate) async fn run(
    tx: &mut Tx,
    columns: &[Column],
    rows: Vec<Vec<Value>>,
    statement: &str,
) -> Result<u64> {
    run_each(tx, columns, rows.into_iter(), statement).await
}

/// [`run`] over rows that are made as they are written: no more of them is held at a time than goes into one statement.
pub(crate) async fn run_each(
    tx: &mut Tx,
    columns: &[Column],
    rows: impl Iterator<Item = Vec<Value>>,
    statement: &str,
) -> Result<u64> {
    let mut changed = 0;
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Vec<Value>> = rows.by_ref().take(BATCH).collect();
        changed += match tx.backend() {
            Backend::Sqlite => {
                let sql = format!("WITH {} {statement}", sqlite_batch(columns, chunk.len()));
                tx.execute(sql, chunk.into_iter().flatten().collect()).await?
            }
            Backend::Postgres => {
                let sql = format!("WITH {} {statement}", postgres_batch(columns));
                execute_unnested(tx, columns, chunk, sql).await?
            }
        };
    }
    Ok(changed)
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Values in the order of their places: SQLite looks numbered places up by name, one after another, for each value.
fn sqlite_batch(columns: &[Column], rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    format!("batch ({}) AS (VALUES {})", names(columns), vec![row.as_str(); rows].join(", "))
}

fn postgres_batch(columns: &[Column]) -> String {
    let arrays: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(index, (_, kind))| {
            let place = index + 1;
            match kind {
                Kind::Uuid => format!("${place}::uuid[]"),
                Kind::Text => format!("${place}::text[]"),
                Kind::Json => format!("${place}::jsonb[]"),
                Kind::Time => format!("${place}::timestamptz[]"),
                Kind::Int => format!("${place}::bigint[]"),
                Kind::Double => format!("${place}::float8[]"),
                Kind::Bool => format!("${place}::boolean[]"),
                Kind::Bytes => format!("${place}::bytea[]"),
                Kind::Enum(name) => format!("${place}::text[]::{name}[]"),
            }
        })
        .collect();
    format!("batch ({}) AS (SELECT * FROM UNNEST({}))", names(columns), arrays.join(", "))
}

async fn execute_unnested(
    tx: &mut Tx,
    columns: &[Column],
    rows: Vec<Vec<Value>>,
    sql: String,
) -> Result<u64> {
    let failed = |detail: String| Error::Database { backend: Backend::Postgres, detail };
    let mut transposed: Vec<Vec<Option<Datum>>> =
        columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (value, column) in row.into_iter().zip(&mut transposed) {
            value.check()?;
            column.push(value.datum);
        }
    }
    let mut arguments = PgArguments::default();
    for ((_, kind), column) in columns.iter().zip(transposed) {
        add_array(&mut arguments, *kind, column).map_err(|error| failed(error.to_string()))?;
    }
    let Some(transaction) = tx.postgres() else {
        return Err(failed("a batch of arrays is for PostgreSQL only".to_owned()));
    };
    sqlx::query_with(AssertSqlSafe(sql), arguments)
        .execute(&mut **transaction)
        .await
        .map(|done| done.rows_affected())
        .map_err(|error| Error::of_driver(Backend::Postgres, error))
}

fn add_array(
    arguments: &mut PgArguments,
    kind: Kind,
    column: Vec<Option<Datum>>,
) -> Result<(), sqlx::error::BoxDynError> {
    macro_rules! add {
        ($variant:ident) => {
            arguments.add(
                column
                    .into_iter()
                    .map(|datum| match datum {
                        Some(Datum::$variant(value)) => Some(value),
                        _ => None,
                    })
                    .collect::<Vec<_>>(),
            )
        };
    }
    match kind {
        Kind::Uuid => add!(Uuid),
        Kind::Text | Kind::Enum(_) => add!(Text),
        Kind::Json => add!(Json),
        Kind::Time => add!(Time),
        Kind::Int => add!(Int),
        Kind::Double => add!(Double),
        Kind::Bool => add!(Bool),
        Kind::Bytes => add!(Bytes),
    }
}
