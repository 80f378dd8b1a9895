use lockstep_store::{Error, SCHEMA_VERSION, Store};

use crate::world::{on_each, on_each_empty};

#[tokio::test]
async fn an_empty_database_is_migrated_once() {
    on_each_empty(async |world| {
        let info = world.store.info().await.unwrap();
        assert_eq!((info.schema_version, info.tables.len()), (0, 0));
        let error = world.store.check_schema().await.unwrap_err();
        assert!(matches!(error, Error::NotMigrated { found: 0, .. }), "{error}");
        assert!(error.to_string().contains("lockstep db migrate"), "{error}");
        let first = world.store.migrate().await.unwrap();
        assert_eq!((first.from, first.to), (0, SCHEMA_VERSION));
        assert_eq!(first.applied.first(), Some(&"0001_registry"));
        let second = world.store.migrate().await.unwrap();
        assert_eq!((second.from, second.applied.len()), (SCHEMA_VERSION, 0));
        world.store.check_schema().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn several_processes_may_migrate_at_once() {
    on_each_empty(async |world| {
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let store = Store::connect(world.url()).await.unwrap();
            tasks.push(tokio::spawn(async move {
                let migrated = store.migrate().await.unwrap();
                store.close().await;
                migrated.applied.len()
            }));
        }
        let mut applied = Vec::new();
        for task in tasks {
            applied.push(task.await.unwrap());
        }
        applied.sort_unstable();
        assert_eq!(applied[..3], [0, 0, 0]);
        assert!(applied[3] > 0);
    })
    .await;
}

#[tokio::test]
async fn a_database_from_a_newer_lockstep_is_refused() {
    on_each(async |world| {
        let newer = SCHEMA_VERSION + 2;
        world
            .sql(&format!(
                "INSERT INTO schema_migrations (version, name, checksum) VALUES ({newer}, 'x', 'y')"
            ))
            .await
            .unwrap();
        for error in [world.store.migrate().await.unwrap_err(), world.store.check_schema().await.unwrap_err()]
        {
            assert_eq!(
                error.to_string(),
                format!(
                    "the database is at schema version {newer}, and this Lockstep knows versions up to \
                     {SCHEMA_VERSION}; use a newer Lockstep, or another database"
                )
            );
        }
        assert_eq!(world.store.info().await.unwrap().schema_version, newer, "looking at it is allowed");
    })
    .await;
}

#[tokio::test]
async fn a_database_made_by_other_migrations_is_refused() {
    on_each(async |world| {
        world.sql("UPDATE schema_migrations SET checksum = 'other' WHERE version = 2").await.unwrap();
        let error = world.store.migrate().await.unwrap_err();
        assert!(matches!(error, Error::ChangedMigration { version: 2, .. }), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    on_each_empty(async |world| {
        world.sql("CREATE TABLE sync_journal (other int)").await.unwrap();
        let error = world.store.migrate().await.unwrap_err();
        assert!(matches!(error, Error::Migration { name: "0002_operations", .. }), "{error}");
        let info = world.store.info().await.unwrap();
        let tables: Vec<&str> = info.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!((info.schema_version, tables), (0, vec!["sync_journal"]));
        world.sql("DROP TABLE sync_journal").await.unwrap();
        world.store.migrate().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_database_at_a_glance() {
    on_each(async |world| {
        world.user().await;
        let info = world.store.info().await.unwrap();
        assert_eq!(info.backend, if world.is_sqlite() { "sqlite" } else { "postgres" });
        assert_eq!(info.schema_version, SCHEMA_VERSION);
        assert!(info.server_version.starts_with(|first: char| first.is_ascii_digit()), "{info:?}");
        assert!(info.size > 4096 && info.migrated_at.is_some());
        let rows = |name: &str| info.tables.iter().find(|table| table.name == name).map(|table| table.rows);
        assert_eq!((rows("users"), rows("stories"), rows("schema_migrations")), (Some(1), Some(0), Some(3)));
    })
    .await;
}

#[tokio::test]
async fn a_database_that_can_not_be_opened_says_why_and_keeps_the_password() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("no.db");
    std::fs::write(&file, "this is no database, however long it may be".repeat(99)).unwrap();
    for (url, part) in [
        ("postgres://ada:s3cret@127.0.0.1:1/hub".to_owned(), "postgres://ada:***@127.0.0.1:1/hub"),
        (format!("sqlite://{}/missing/lockstep.db", folder.path().display()), "missing/lockstep.db"),
        (format!("sqlite://{}", file.display()), "not a database"),
    ] {
        let error = Store::connect(&url).await.unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("s3cret"), "{error}");
    }
}
