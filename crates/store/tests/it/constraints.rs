use chrono::{DateTime, Utc};
use lockstep_core::{
    credential::{CredentialStatus, ProviderType},
    notification::{ChannelKind, DispatchStatus, EventType},
    operation::OperationStatus,
    registry::{JournalKind, JournalPhase, MappingStatus, UserKind},
    role::Role,
    session::{ArtifactKind, SessionStatus},
    undo::{Outcome, UndoAction},
    word::Word,
};
use lockstep_store::{Constraint, Error};

use crate::world::{World, on_each};

const NOBODY: &str = "00000000-0000-0000-0000-00000000dead";

impl World {
    /// Holds that a statement is refused for that reason, in the words that the store sorts errors into.
    async fn refuses(&self, sql: &str, constraint: Constraint) {
        match self.sql(sql).await {
            Ok(()) => panic!("accepted: {sql}"),
            Err(error) => {
                let error = Error::of_driver(self.store.backend(), error);
                assert!(error.violates(constraint), "{sql}: {error}");
            }
        }
    }
}

fn is_append_only(table: &str) -> bool {
    matches!(table, "audit_log" | "undo_events")
}

#[tokio::test]
async fn a_missing_value_is_refused() {
    on_each(async |world| {
        world.fill().await;
        let columns = world.columns().await;
        let mut checked = 0;
        for column in columns.iter().filter(|column| !column.nullable && column.name != "seq") {
            let names: Vec<String> = columns
                .iter()
                .filter(|other| other.table == column.table)
                .map(|other| format!("\"{}\"", other.name))
                .collect();
            let missing = format!("\"{}\"", column.name);
            let values: Vec<&str> =
                names.iter().map(|name| if *name == missing { "NULL" } else { name.as_str() }).collect();
            let (table, names, values) = (&column.table, names.join(", "), values.join(", "));
            let sql = format!("INSERT INTO {table} ({names}) SELECT {values} FROM {table}");
            world.refuses(&sql, Constraint::NotNull).await;
            checked += 1;
        }
        assert!(checked > 100, "{checked}");
    })
    .await;
}

#[tokio::test]
async fn a_reference_to_nothing_is_refused() {
    on_each(async |world| {
        world.fill().await;
        let keys = world.foreign_keys().await;
        assert_eq!(keys.len(), 37);
        for (table, column) in keys {
            if !is_append_only(&table) {
                world
                    .refuses(&format!("UPDATE {table} SET {column} = '{NOBODY}'"), Constraint::ForeignKey)
                    .await;
            }
        }
        for sql in [
            "INSERT INTO undo_events (id, sync_operation_id, action, outcome, at)
             VALUES ('$', '$', 'undo', 'done', '2026-01-01T00:00:00.000000Z')",
            "INSERT INTO audit_log (seq, id, at, actor, actor_name, action, outcome, previous_hash, entry_hash)
             VALUES (2, '$', '2026-01-01T00:00:00.000000Z', '$', 'eve', 'sync', 'done', 'e1', 'e2')",
            "DELETE FROM component_artifacts WHERE name = 'Button'",
            "DELETE FROM users",
            "DELETE FROM sync_operations",
            "DELETE FROM stories",
        ] {
            world.refuses(&sql.replace('$', NOBODY), Constraint::ForeignKey).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_second_one_is_refused() {
    on_each(async |world| {
        world.fill().await;
        let mut unique = world.unique().await;
        unique.retain(|index| index != "sync_journal(component_id)");
        let columns = world.columns().await;
        let tables: std::collections::BTreeSet<&str> =
            columns.iter().map(|column| column.table.as_str()).collect();
        // A copy of a row under another primary key, but for what the constraint covers made different.
        for index in &unique {
            let (table, covered) = index.trim_end_matches(')').split_once('(').unwrap();
            let covered: Vec<&str> = covered.split(", ").collect();
            let names: Vec<&str> =
                columns.iter().filter(|c| c.table == table).map(|c| c.name.as_str()).collect();
            let other = |name: &str| -> String {
                let is_unique = unique
                    .iter()
                    .any(|other| other.strip_prefix(table).is_some_and(|rest| rest == format!("({name})")));
                match name {
                    _ if covered.contains(&name) => format!("\"{name}\""),
                    "id" => format!("'{NOBODY}'"),
                    "seq" => "2".to_owned(),
                    _ if is_unique => "'another'".to_owned(),
                    _ => format!("\"{name}\""),
                }
            };
            let values: Vec<String> = names.iter().map(|name| other(name)).collect();
            let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            let limit = if table == "component_artifacts" { "WHERE name = 'Button'" } else { "" };
            let sql = format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} {limit}",
                quoted.join(", "),
                values.join(", ")
            );
            world.refuses(&sql, Constraint::Unique).await;
        }
        assert_eq!(unique.len(), 18, "{unique:#?}");
        for table in tables {
            // Every primary key, too.
            let limit = if table == "component_artifacts" { "WHERE name = 'Button'" } else { "" };
            let sql = format!("INSERT INTO {table} SELECT * FROM {table} {limit}");
            world.refuses(&sql, Constraint::Unique).await;
        }
    })
    .await;
}

#[tokio::test]
async fn one_unfinished_write_per_component() {
    on_each(async |world| {
        world.fill().await;
        let sql = "INSERT INTO sync_journal (id, component_id, kind, pre_snapshot, process, started_at, finished_at)
                   VALUES ('00000000-0000-0000-0000-00000000000$', '00000000-0000-0000-0000-0000000000c1', 'sync',
                           'a', 'host:2', '2026-01-01T00:00:00.000000Z', @)";
        let finished = sql.replace('@', "'2026-01-01T00:00:00.000000Z'");
        world.sql(&finished.replace('$', "1")).await.unwrap();
        world.sql(&finished.replace('$', "2")).await.unwrap();
        world.refuses(&sql.replace('@', "NULL").replace('$', "3"), Constraint::Unique).await;
    })
    .await;
}

/// Each enum column takes the words of its vocabulary and no others.
#[tokio::test]
async fn a_word_outside_the_vocabulary_is_refused() {
    fn words<W: Word>() -> Vec<&'static str> {
        W::all().iter().map(|word| word.word()).collect()
    }
    let columns: [(&str, &str, Vec<&str>); 18] = [
        ("component_artifacts", "mapping_status", words::<MappingStatus>()),
        ("users", "role", words::<Role>()),
        ("users", "kind", words::<UserKind>()),
        ("sync_operations", "status", words::<OperationStatus>()),
        ("sync_journal", "kind", words::<JournalKind>()),
        ("sync_journal", "phase", words::<JournalPhase>()),
        ("credential_records", "provider_type", words::<ProviderType>()),
        ("credential_records", "status", words::<CredentialStatus>()),
        ("notification_events", "type", words::<EventType>()),
        ("notification_events", "dispatch_status", words::<DispatchStatus>()),
        ("notification_deliveries", "status", words::<DispatchStatus>()),
        ("notification_channels", "kind", words::<ChannelKind>()),
        ("browser_test_sessions", "status", words::<SessionStatus>()),
        ("test_artifacts", "kind", words::<ArtifactKind>()),
        ("undo_events", "action", words::<UndoAction>()),
        ("undo_events", "outcome", words::<Outcome>()),
        ("audit_log", "outcome", words::<Outcome>()),
        ("component_artifacts", "mapping_status", vec!["unmapped", "mapped", "drift"]),
    ];
    on_each(async |world| {
        world.fill().await;
        if !world.is_sqlite() {
            let enums =
                world.columns().await.iter().filter(|column| column.kind.starts_with("enum ")).count();
            assert_eq!(enums, columns.len() - 1, "each enum column is here");
        }
        for (table, column, words) in &columns {
            if is_append_only(table) {
                continue;
            }
            for word in words {
                world.sql(&format!("UPDATE {table} SET {column} = '{word}'")).await.unwrap();
            }
            for word in ["nonsense", "", "Valid"] {
                world.refuses(&format!("UPDATE {table} SET {column} = '{word}'"), Constraint::Check).await;
            }
        }
        for sql in [
            "INSERT INTO undo_events (id, sync_operation_id, action, outcome, at)
             SELECT '$', sync_operation_id, 'nonsense', 'done', at FROM undo_events",
            "INSERT INTO undo_events (id, sync_operation_id, action, outcome, at)
             SELECT '$', sync_operation_id, 'undo', 'nonsense', at FROM undo_events",
            "INSERT INTO audit_log (seq, id, at, actor_name, action, outcome, previous_hash, entry_hash)
             VALUES (2, '$', '2026-01-01T00:00:00.000000Z', 'eve', 'sync', 'nonsense', 'e1', 'e2')",
        ] {
            world.refuses(&sql.replace('$', NOBODY), Constraint::Check).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    on_each(async |world| {
        world.fill().await;
        let mut checked = 0;
        for column in world.columns().await {
            let (table, name) = (&column.table, &column.name);
            let is_json = match column.kind.as_str() {
                "jsonb" => true,
                "text" => world.has_json_check(table, name).await,
                _ => false,
            };
            if is_json && !is_append_only(table) {
                world.refuses(&format!("UPDATE {table} SET {name} = '{{'"), Constraint::Check).await;
                world.sql(&format!("UPDATE {table} SET {name} = '{{\"a\": [1]}}'")).await.unwrap();
                checked += 1;
            }
        }
        assert_eq!(checked, 36);
    })
    .await;
}

impl World {
    async fn has_json_check(&self, table: &str, column: &str) -> bool {
        self.is_sqlite()
            && self
                .text(&format!("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = '{table}'"))
                .await
                .is_some_and(|sql| sql.contains(&format!("json_valid({column})")))
    }
}

#[tokio::test]
async fn what_is_out_of_range_or_of_another_type_is_refused() {
    on_each(async |world| {
        world.fill().await;
        for table in ["coverage_reports", "coverage_reports_archive"] {
            for number in ["-0.1", "100.1"] {
                let sql = format!("UPDATE {table} SET variant_coverage_pct = {number}");
                world.refuses(&sql, Constraint::Check).await;
            }
            for number in ["0", "100", "33.3"] {
                world.sql(&format!("UPDATE {table} SET variant_coverage_pct = {number}")).await.unwrap();
            }
        }
        for sql in [
            "UPDATE sync_operations SET duration_ms = 'long'",
            "UPDATE drift_queue SET attempt_count = 'many'",
            "UPDATE schedules SET enabled = '7'",
            "UPDATE component_artifacts SET created_at = 'yesterday-ish'",
            "UPDATE component_artifacts SET id = 'one'",
            "UPDATE sync_operations SET correlation_id = 'one'",
        ] {
            world.refuses(sql, Constraint::Check).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_left_out_gets_its_default() {
    on_each(async |world| {
        let begun = Utc::now();
        world.fill().await;
        for (table, column, value) in [
            ("component_artifacts", "mapping_status", "unmapped"),
            ("component_artifacts", "detail", "{}"),
            ("design_artifacts", "kind", "component"),
            ("design_artifacts", "detail", "{}"),
            ("stories", "detail", "{}"),
            ("sync_operations", "status", "pending"),
            ("sync_operations", "reason", "{}"),
            ("component_baselines", "code_identities", "{}"),
            ("component_baselines", "design_identities", "{}"),
            ("component_baselines", "undetermined", "[]"),
            ("undo_stack_entries", "position", "0"),
            ("sync_journal", "phase", "intent"),
            ("sync_journal", "detail", "{}"),
            ("credential_records", "status", "pending"),
            ("notification_events", "dispatch_status", "queued"),
            ("notification_events", "attempt_count", "0"),
            ("notification_deliveries", "status", "queued"),
            ("notification_deliveries", "attempt_count", "0"),
            ("browser_test_sessions", "status", "running"),
            ("browser_test_sessions", "detail", "{}"),
            ("drift_queue", "attempt_count", "0"),
            ("users", "display_name", ""),
            ("schedules", "timezone", "UTC"),
            ("schedules", "detail", "{}"),
            ("audit_log", "component_count", "0"),
            ("audit_log", "detail", "{}"),
        ] {
            let found = world.texts(&[], &format!("SELECT CAST({column} AS text) FROM {table}")).await;
            assert_eq!(found[0].as_deref(), Some(value), "{table}.{column}");
        }
        for (table, column, value) in [
            ("undo_stack_entries", "undone_merged", false),
            ("undo_events", "merged", false),
            ("notification_channels", "enabled", true),
            ("schedules", "enabled", true),
        ] {
            let value = match (world.is_sqlite(), value) {
                (true, true) => "1",
                (true, false) => "0",
                (false, true) => "true",
                (false, false) => "false",
            };
            let found = world.text(&format!("SELECT CAST({column} AS text) FROM {table}")).await;
            assert_eq!(found.as_deref(), Some(value), "{table}.{column}");
        }
        let mut checked = 0;
        for column in world.columns().await {
            let is_time =
                ["created_at", "updated_at", "archived_at", "touched_at"].contains(&column.name.as_str());
            if is_time && column.has_default {
                let time = world.time(&column.table, &column.name).await;
                let drift = (time - begun).num_seconds().abs();
                assert!(drift < 120, "{}.{} is {time}", column.table, column.name);
                checked += 1;
            }
            assert!(!is_time || column.has_default, "{}.{} has no default", column.table, column.name);
        }
        assert_eq!(checked, 28);
    })
    .await;
}

impl World {
    async fn time(&self, table: &str, column: &str) -> DateTime<Utc> {
        let sql = if self.is_sqlite() {
            format!("SELECT {column} FROM {table} LIMIT 1")
        } else {
            format!(
                r#"SELECT to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') FROM {table} LIMIT 1"#
            )
        };
        self.text(&sql).await.unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn updated_at_follows_every_write() {
    on_each(async |world| {
        world.fill().await;
        let columns = world.columns().await;
        let tables: Vec<&str> = columns
            .iter()
            .filter(|column| column.name == "updated_at")
            .map(|column| column.table.as_str())
            .collect();
        assert_eq!(
            tables,
            [
                "component_artifacts",
                "component_baselines",
                "credential_records",
                "design_artifacts",
                "notification_channels",
                "schedules",
                "stories"
            ]
        );
        for table in tables {
            // A writer that says when is believed; one that does not gets the database's time.
            world
                .sql(&format!("UPDATE {table} SET updated_at = '2020-01-01T00:00:00.000000Z'"))
                .await
                .unwrap();
            let told = world.time(table, "updated_at").await;
            assert_eq!(told, "2020-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap(), "{table}");
            world
                .sql(&format!("UPDATE {table} SET created_at = '2019-01-01T00:00:00.000000Z'"))
                .await
                .unwrap();
            let touched = world.time(table, "updated_at").await;
            assert!((Utc::now() - touched).num_seconds().abs() < 120, "{table}: {touched}");
        }
    })
    .await;
}
