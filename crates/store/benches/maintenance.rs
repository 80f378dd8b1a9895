//! How long maintenance keeps a sync waiting: a million expired rows are removed on SQLite and on PostgreSQL, while beside
//! it somebody writes as a sync does. Run by `cargo bench -p lockstep-store --bench maintenance`; a number after `--` is how
//! many rows.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_store::{
    Backend, Error, Store, Tx,
    leases::{self, Lease},
    maintenance::{self, LEASE, LEASE_NAME, in_batches},
    snapshots,
};
use lockstep_testkit::database::Template;
use sqlx::{AssertSqlSafe, Connection as _};
use uuid::Uuid;

/// Operations; each has an entry for every component.
const OPERATIONS: usize = 700;
/// How long the writer is watched without anything beside it.
const ALONE: Duration = Duration::from_secs(5);
/// How long the writer rests between two components.
const REST: Duration = Duration::from_millis(5);

static EMPTY: Template =
    Template::new(|url| Box::pin(async move { Store::open(&url).await.unwrap().close().await }));

#[tokio::main]
async fn main() {
    let rows = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    EMPTY
        .on_each_database(async |database| {
            let store = Store::connect(database.url()).await.unwrap();
            fill(database.url(), store.backend(), rows).await;
            println!("\n{}", store.backend());
            let writer = Writer::start(database.url());
            tokio::time::sleep(ALONE).await;
            writer.stop("alone");
            let writer = Writer::start(database.url());
            let start = Instant::now();
            let removed = prune(&store).await;
            println!("  {removed} rows in {:.1} s", start.elapsed().as_secs_f64());
            writer.stop("beside maintenance");
            store.close().await;
        })
        .await;
}

/// Seven of ten rows are undo entries, two are snapshots, one is a coverage report: all of them expired.
async fn fill(url: &str, backend: Backend, rows: usize) {
    let components = (rows * 7 / 10).div_ceil(OPERATIONS);
    let (old, older) = ("2026-01-02T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z");
    let numbers = |count: usize| match backend {
        Backend::Sqlite => format!(
            "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n)"
        ),
        Backend::Postgres => format!("generate_series(1, {count})"),
    };
    // Ids in no order, as random ones are.
    let id = |kind: &str, number: &str| match backend {
        Backend::Sqlite => format!(
            "substr(printf('%08x', (({number}) * 2654435761) % 4294967296), 1, 8) || '-0000-4000-{kind}-' || printf('%012x', {number})"
        ),
        Backend::Postgres => format!(
            "(lpad(to_hex((({number})::bigint * 2654435761) % 4294967296), 8, '0') || '-0000-4000-{kind}-' || lpad(to_hex({number}), 12, '0'))::uuid"
        ),
    };
    let alias = if backend == Backend::Postgres { "n (i)" } else { "n" };
    let list = |count| format!("{} AS {alias}", numbers(count));
    let (user, text) = (id("8001", "1"), |number: &str| format!("CAST({number} AS text)"));
    let bytes =
        if backend == Backend::Sqlite { "zeroblob(2000)" } else { "decode(repeat('00', 2000), 'hex')" };
    let both = match backend {
        Backend::Sqlite => format!("{} AS o CROSS JOIN {} AS c", numbers(OPERATIONS), numbers(components)),
        Backend::Postgres => {
            format!("{} AS o (i) CROSS JOIN {} AS c (i)", numbers(OPERATIONS), numbers(components))
        }
    };
    let entry = format!("o.i * {components} + c.i");
    let statements = [
        format!("INSERT INTO users (id, name, role, kind) VALUES ({user}, 'bench', 'admin', 'os_user')"),
        format!(
            "INSERT INTO component_artifacts (id, name, variants) SELECT {}, {}, '[]' FROM {}",
            id("8002", "i"),
            text("i"),
            list(components)
        ),
        format!(
            "INSERT INTO sync_operations (id, initiated_by, \"timestamp\", components_affected, direction_modes,
                 diff_summary, reversible_until, operation_hash)
             SELECT {}, {user}, '{older}', '[]', '{{}}', '{{}}', '{old}', {} FROM {}",
            id("8003", "i"),
            text("i"),
            list(OPERATIONS)
        ),
        format!(
            "INSERT INTO undo_stack_entries (id, sync_operation_id, pre_state_hash, post_state_hash, expiration,
                 component_id)
             SELECT {}, {}, {}, {}, '{old}', {} FROM {both}",
            id("8004", &entry),
            id("8003", "o.i"),
            text(&entry),
            text(&entry),
            id("8002", "c.i")
        ),
        format!(
            "INSERT INTO state_snapshots (hash, content, size, created_at, touched_at)
             SELECT {}, {bytes}, 2000, '{older}', '{older}' FROM {}",
            text("i"),
            list(rows / 5)
        ),
        format!(
            "INSERT INTO coverage_reports (id, component_id, generated_at, variant_coverage_pct, missing_variants,
                 missing_tests, variant_hash)
             SELECT {}, {}, '{older}', 50, '[]', '[]', {} FROM {}",
            id("8005", "i"),
            id("8002", &format!("1 + i % {components}")),
            text("i"),
            list(rows / 10)
        ),
    ];
    match backend {
        Backend::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
            for sql in statements {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
            }
            connection.close().await.unwrap();
        }
        Backend::Postgres => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            for sql in statements {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
            }
            connection.close().await.unwrap();
        }
    }
}

/// What `lockstep maintain` does.
async fn prune(store: &Store) -> u64 {
    let now = || Utc::now() + TimeDelta::days(365);
    let lease = Lease {
        name: LEASE_NAME.into(),
        holder: Uuid::from_u128(1).into(),
        process: "bench".into(),
        until: now() + LEASE,
    };
    let mut tx = store.begin().await.unwrap();
    leases::take(&mut tx, lease.clone(), now()).await.unwrap();
    tx.commit().await.unwrap();
    let undo = async |tx: &mut Tx, limit| maintenance::remove_expired_undo_entries(tx, now(), limit).await;
    let archive = async |tx: &mut Tx, limit| maintenance::archive_coverage(tx, now(), limit).await;
    let mut swept = snapshots::Sweep::default();
    let sweep =
        async |tx: &mut Tx, limit| maintenance::remove_unreferenced(tx, &mut swept, now(), limit).await;
    let mut removed = 0;
    removed += in_batches::<Error>(store, &lease, now, undo).await.unwrap();
    removed += in_batches::<Error>(store, &lease, now, archive).await.unwrap();
    removed += in_batches::<Error>(store, &lease, now, sweep).await.unwrap();
    removed
}

/// Somebody who writes as a sync does, on a connection and a thread of its own.
struct Writer {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Times>,
}

#[derive(Default)]
struct Times {
    /// How long it took to be let in.
    waits: Vec<Duration>,
    /// How long a transaction took in all.
    wholes: Vec<Duration>,
}

impl Writer {
    fn start(url: &str) -> Self {
        let (stop, url) = (Arc::new(AtomicBool::new(false)), url.to_owned());
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let store = Store::connect(&url).await.unwrap();
                let mut times = Times::default();
                let mut number = 0_u64;
                while !stopped.load(Ordering::Relaxed) {
                    number += 1;
                    write(&store, number, Utc::now() + TimeDelta::days(365), &mut times).await;
                    tokio::time::sleep(REST).await;
                }
                store.close().await;
                times
            })
        });
        Self { stop, thread }
    }

    fn stop(self, what: &str) {
        self.stop.store(true, Ordering::Relaxed);
        let Times { mut waits, mut wholes } = self.thread.join().unwrap();
        let count = waits.len();
        let shown = |times: &mut Vec<Duration>| {
            times.sort();
            let at =
                |share: usize| times[(times.len() * share / 1000).min(times.len() - 1)].as_secs_f64() * 1e3;
            format!("median {:.1}, 99 % {:.1}, longest {:.1} ms", at(500), at(990), at(1000))
        };
        println!("  {what}: {count} transactions");
        println!("    until it was let in:  {}", shown(&mut waits));
        println!("    until it was durable: {}", shown(&mut wholes));
    }
}

/// A component's snapshot, as a sync keeps it.
async fn write(store: &Store, number: u64, now: DateTime<Utc>, times: &mut Times) {
    let content = format!("{number} {}", now.timestamp_nanos_opt().unwrap_or_default()).repeat(100);
    let start = Instant::now();
    let mut tx = store.begin().await.unwrap();
    times.waits.push(start.elapsed());
    snapshots::put(&mut tx, content.as_bytes(), now).await.unwrap();
    tx.commit().await.unwrap();
    times.wholes.push(start.elapsed());
}
