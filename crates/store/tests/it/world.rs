//! A migrated database with a few rows in it, raw SQL on it, and values that are the same in every run.

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::{ComponentId, OperationId, UserId},
    operation::OperationStatus,
    registry::{MappingStatus, UserKind},
    role::Role,
};
use lockstep_store::{
    Backend, Store, components,
    components::{Found, ScannedComponent, Unfound},
    operations,
    operations::Operation,
    users,
    users::User,
};
use lockstep_testkit::database::{Template, TestDatabase};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use uuid::Uuid;

pub static TEMPLATE: Template = Template::new(|url| {
    Box::pin(async move {
        let store = Store::open(&url).await.unwrap();
        store.close().await;
    })
});

static EMPTY: Template = Template::new(|_| Box::pin(async {}));

/// A database under test.
pub struct World {
    pub store: Store,
    database: TestDatabase,
}

/// Runs a test on a migrated database of each kind.
pub async fn on_each(test: impl AsyncFn(World)) {
    TEMPLATE
        .on_each_database(async |database| {
            let world = World { store: Store::connect(database.url()).await.unwrap(), database };
            let store = world.store.clone();
            test(world).await;
            store.close().await;
        })
        .await;
}

/// Runs a test on an empty database of each kind.
pub async fn on_each_empty(test: impl AsyncFn(World)) {
    EMPTY
        .on_each_database(async |database| {
            let world = World { store: Store::connect(database.url()).await.unwrap(), database };
            let store = world.store.clone();
            test(world).await;
            store.close().await;
        })
        .await;
}

enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl World {
    pub fn of(store: Store, database: TestDatabase) -> Self {
        Self { store, database }
    }

    pub fn url(&self) -> &str {
        self.database.url()
    }

    pub fn is_sqlite(&self) -> bool {
        self.store.backend() == Backend::Sqlite
    }

    async fn raw(&self) -> Raw {
        match self.store.backend() {
            Backend::Sqlite => {
                let mut connection = SqliteConnection::connect(self.url()).await.unwrap();
                sqlx::query("PRAGMA foreign_keys = ON").execute(&mut connection).await.unwrap();
                Raw::Sqlite(connection)
            }
            Backend::Postgres => Raw::Postgres(PgConnection::connect(self.url()).await.unwrap()),
        }
    }

    /// Runs SQL as another program would.
    pub async fn sql(&self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.raw().await {
            Raw::Sqlite(mut connection) => sqlx::raw_sql(sql).execute(&mut connection).await.map(drop),
            Raw::Postgres(mut connection) => sqlx::raw_sql(sql).execute(&mut connection).await.map(drop),
        }
    }

    /// Runs statements and a query on one connection; gives the last column of `sql`'s rows, as text.
    pub async fn texts(&self, before: &[&str], sql: &str) -> Vec<Option<String>> {
        let sql = AssertSqlSafe(sql.to_owned());
        macro_rules! texts {
            ($connection:ident) => {{
                for statement in before {
                    let statement = AssertSqlSafe((*statement).to_owned());
                    sqlx::raw_sql(statement).execute(&mut $connection).await.unwrap();
                }
                let rows = sqlx::query(sql).fetch_all(&mut $connection).await.unwrap();
                rows.iter().map(|row| row.try_get_unchecked(row.len() - 1).unwrap()).collect()
            }};
        }
        match self.raw().await {
            Raw::Sqlite(mut connection) => texts!(connection),
            Raw::Postgres(mut connection) => texts!(connection),
        }
    }

    /// The only value, as text.
    pub async fn text(&self, sql: &str) -> Option<String> {
        let mut rows = self.texts(&[], sql).await;
        assert_eq!(rows.len(), 1, "{sql}");
        rows.remove(0)
    }

    /// A user.
    pub async fn user(&self) -> UserId {
        let mut tx = self.store.begin().await.unwrap();
        let user = User {
            id: id(1),
            name: "ada".into(),
            display_name: "Ada".into(),
            role: Role::Admin,
            kind: UserKind::OsUser,
            created_at: at(0),
            disabled_at: None,
        };
        let user = users::ensure(&mut tx, user).await.unwrap();
        tx.commit().await.unwrap();
        user.id
    }

    /// Components of these names, with ids from 100 on.
    pub async fn components(&self, names: &[&str]) -> Vec<ComponentId> {
        let mut tx = self.store.begin().await.unwrap();
        let scanned = names.iter().enumerate().map(|(n, name)| scanned(100 + n as u128, name)).collect();
        components::record_scan(&mut tx, scanned, |_| found("Button"), Unfound::Gone, at(0)).await.unwrap();
        let mut ids = Vec::new();
        for name in names {
            ids.push(components::by_name(&mut tx, name).await.unwrap().unwrap().id);
        }
        tx.commit().await.unwrap();
        ids
    }

    /// A pending operation with that number for its id and its hash, begun at that minute.
    pub async fn operation(&self, number: u128, minute: i64) -> OperationId {
        let user = self.user().await;
        let mut tx = self.store.begin().await.unwrap();
        operations::insert_or_get(&mut tx, operation(number, minute, user)).await.unwrap();
        tx.commit().await.unwrap();
        id(number)
    }
}

/// A pending operation.
pub fn operation(number: u128, minute: i64, user: UserId) -> Operation {
    Operation {
        id: id(number),
        initiated_by: user,
        timestamp: at(minute),
        components_affected: json!([]),
        direction_modes: json!({}),
        diff_summary: json!({}),
        reversible_until: at(minute) + TimeDelta::hours(24),
        operation_hash: format!("{number:064x}"),
        status: OperationStatus::Pending,
        duration_ms: None,
        reason: json!({}),
        correlation_id: None,
    }
}

/// A component as a scan finds it.
pub fn scanned(number: u128, name: &str) -> ScannedComponent {
    ScannedComponent {
        id: id(number),
        name: name.into(),
        scan_hash: format!("{name} as it was"),
        mapping_status: MappingStatus::Unmapped,
        contract_hash: None,
        drift: None,
    }
}

/// What a scan found of a component.
pub fn found(name: &str) -> Found {
    Found {
        package: Some("@acme/core".into()),
        file: Some(format!("src/{name}.tsx")),
        variants: json!([]),
        detail: json!({"statement": {}}),
    }
}

/// The id of that number.
pub fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

/// That many minutes after a certain time.
pub fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap() + TimeDelta::minutes(minute)
}
