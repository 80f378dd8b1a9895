use lockstep_store::{Error, SCHEMA_VERSION, Store};

use crate::world::{World, on_each, on_each_empty};

#[tokio::test]
async fn an_empty_database_is_migrated_once() {
    on_each_empty(async |world| {
        let info = world.store.info().await.unwrap();
        assert_eq!((info.schema_version, info.tables.len()), (0, 0));
        let error = world.store.check_schema().await.unwrap_err();
        assert!(matches!(error, Error::NotMigrated { found: 0, .. }), "{error}");
        assert!(error.hint().unwrap().contains("lockstep db migrate"), "{error}");
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
            let url = world.url().to_owned();
            tasks.push(tokio::spawn(async move {
                let store = Store::connect(&url).await.unwrap();
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
                    "the database is at schema version {newer}, and this Lockstep knows versions up to {SCHEMA_VERSION}"
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
        assert_eq!(
            (rows("users"), rows("stories"), rows("schema_migrations")),
            (Some(1), Some(0), Some(SCHEMA_VERSION))
        );
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_processes_may_make_the_file_at_once() {
    for _ in 0..20 {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite://{}/lockstep.db", folder.path().display());
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { Store::open(&url).await.unwrap().close().await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_full_or_read_only_database_is_said_to_be_so() {
    let template = crate::world::TEMPLATE.sqlite().await;
    let world = World::of(Store::connect(template.url()).await.unwrap(), template);
    let user = "INSERT INTO users (id, name, role, kind) VALUES (
                    '00000000-0000-0000-0000-0000000000a1', printf('%.*c', 9000000, 'x'), 'admin', 'local')";
    for (setting, hint) in [
        ("PRAGMA max_page_count = 10", "make room on the disk"),
        ("PRAGMA query_only = ON", "and their folder writable"),
    ] {
        let error = world.sql(&format!("{setting}; {user}")).await.unwrap_err();
        let error = Error::of_driver(world.store.backend(), error);
        assert!(
            matches!(error, Error::Unusable { .. }) && error.hint().is_some_and(|said| said.contains(hint)),
            "{error}"
        );
    }
    let mut tx = world.store.read().await.unwrap();
    assert_eq!(lockstep_store::users::list(&mut tx).await.unwrap(), []);
    drop(tx);
    world.store.close().await;
}
