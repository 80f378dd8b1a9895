use std::collections::BTreeMap;

use lockstep_store::Store;

use crate::{
    catalogue::Column,
    world::{TEMPLATE, World, on_each},
};

/// The entities of the data model, with PostgreSQL's names of their types; a question mark means nullable.
const DATA_MODEL: &str = "
component_artifacts
    id uuid, name text, variants jsonb, last_story_update timestamptz?, mapping_status enum mapping_status,
    created_at timestamptz, updated_at timestamptz
design_artifacts
    id uuid, component_id uuid?, variant_refs jsonb, last_design_change_at timestamptz, diff_hash text,
    created_at timestamptz, updated_at timestamptz
sync_operations
    id uuid, initiated_by uuid, timestamp timestamptz, components_affected jsonb, direction_modes jsonb,
    diff_summary jsonb, reversible_until timestamptz, operation_hash text, status enum operation_status,
    duration_ms integer?
undo_stack_entries
    id uuid, sync_operation_id uuid, pre_state_hash text, post_state_hash text, expiration timestamptz,
    created_at timestamptz, undone_at timestamptz?
credential_records
    id uuid, provider_type enum provider_type, status enum credential_status, last_validation_time timestamptz?,
    rotation_due timestamptz?, metadata jsonb, created_at timestamptz, updated_at timestamptz
notification_events
    id uuid, type enum event_type, created_at timestamptz, payload_summary jsonb, channel_targets jsonb,
    dispatch_status enum dispatch_status
coverage_reports
    id uuid, component_id uuid, generated_at timestamptz, variant_coverage_pct numeric, missing_variants jsonb,
    missing_tests jsonb, warnings jsonb?
browser_test_sessions
    id uuid, story_id uuid, start_time timestamptz, end_time timestamptz?, status enum session_status,
    performance_summary jsonb?, correlation_id uuid
drift_queue
    id uuid, component_id uuid, queued_at timestamptz, attempt_count integer, last_attempt_at timestamptz?";

#[tokio::test]
async fn the_data_model_is_there_to_the_letter() {
    on_each(async |world| {
        let columns: BTreeMap<(String, String), Column> = world
            .columns()
            .await
            .into_iter()
            .map(|column| ((column.table.clone(), column.name.clone()), column))
            .collect();
        let mut table = "";
        let mut checked = 0;
        for line in DATA_MODEL.lines().filter(|line| !line.is_empty()) {
            if !line.starts_with(' ') {
                table = line;
                continue;
            }
            for field in line.split(',').map(str::trim).filter(|field| !field.is_empty()) {
                let (name, kind) = field.split_once(' ').unwrap();
                let (kind, nullable) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
                let column = &columns[&(table.to_owned(), name.to_owned())];
                assert_eq!(column.nullable, nullable, "{table}.{name}");
                if !world.is_sqlite() {
                    assert_eq!(
                        column.kind.replace("timestamp with time zone", "timestamptz"),
                        kind,
                        "{table}.{name}"
                    );
                }
                checked += 1;
            }
        }
        assert_eq!(checked, 64);
    })
    .await;
}

#[tokio::test]
async fn both_databases_have_the_same_schema() {
    let sqlite = TEMPLATE.sqlite().await;
    let Some(postgres) = TEMPLATE.postgres().await else { return };
    let open = async |database| {
        let database: lockstep_testkit::database::TestDatabase = database;
        World::of(Store::connect(database.url()).await.unwrap(), database)
    };
    let (sqlite, postgres) = (open(sqlite).await, open(postgres).await);
    let shared = |columns: Vec<Column>| -> Vec<Column> {
        columns
            .into_iter()
            .map(|column| {
                let kind = match column.kind.as_str() {
                    "uuid" | "text" | "jsonb" | "timestamp with time zone" => "text",
                    "integer" | "bigint" | "boolean" => "integer",
                    "numeric" => "real",
                    "bytea" => "blob",
                    kind if kind.starts_with("enum ") => "text",
                    kind => kind,
                };
                Column { kind: kind.to_owned(), ..column }
            })
            // A primary key that is SQLite's own row number is never NULL, whatever it says.
            .map(|column| Column { nullable: column.nullable && column.name != "seq", ..column })
            .collect()
    };
    assert_eq!(shared(sqlite.columns().await), shared(postgres.columns().await));
    assert_eq!(sqlite.foreign_keys().await, postgres.foreign_keys().await);
    assert_eq!(sqlite.indexes().await, postgres.indexes().await);
    assert_eq!(sqlite.unique().await, postgres.unique().await);
    sqlite.store.close().await;
    postgres.store.close().await;
}

/// Each index, with a query that it is for. Where the query orders, the index spares the sorting.
const QUERIES: &[(&str, &str)] = &[
    ("api_tokens_user_id", "SELECT id FROM api_tokens WHERE user_id = $ID"),
    ("audit_log_correlation_id", "SELECT id FROM audit_log WHERE correlation_id = $ID"),
    (
        "browser_test_sessions_running",
        "SELECT process FROM browser_test_sessions WHERE status = 'running' ORDER BY start_time, id",
    ),
    (
        "browser_test_sessions_start_time",
        "SELECT status FROM browser_test_sessions ORDER BY start_time DESC, id LIMIT 5",
    ),
    (
        "browser_test_sessions_story_id_start_time",
        "SELECT id FROM browser_test_sessions WHERE story_id = $ID ORDER BY start_time DESC",
    ),
    ("closed_drift_closed_at", "SELECT path FROM closed_drift WHERE closed_at >= $TIME ORDER BY closed_at"),
    (
        "coverage_reports_archive_component_id_generated_at",
        "SELECT id FROM coverage_reports_archive WHERE component_id = $ID ORDER BY generated_at DESC",
    ),
    (
        "coverage_reports_component_id_generated_at",
        "SELECT id FROM coverage_reports WHERE component_id = $ID ORDER BY generated_at DESC",
    ),
    (
        "coverage_reports_last_found",
        "SELECT id FROM coverage_reports WHERE COALESCE(confirmed_at, generated_at) < $TIME
         ORDER BY COALESCE(confirmed_at, generated_at)",
    ),
    (
        "credential_records_provider_type_status",
        "SELECT id FROM credential_records WHERE provider_type = 'design' AND status = 'valid'",
    ),
    ("design_artifacts_component_id", "SELECT id FROM design_artifacts WHERE component_id = $ID"),
    ("drift_queue_queued_at", "SELECT id FROM drift_queue ORDER BY queued_at LIMIT 5"),
    (
        "idempotency_keys_until",
        "SELECT user_id, key FROM idempotency_keys WHERE until <= $TIME ORDER BY until",
    ),
    (
        "notification_deliveries_told_with",
        "SELECT event_id FROM notification_deliveries WHERE told_with = $ID AND channel_id = $ID",
    ),
    (
        "notification_events_due",
        "SELECT id FROM notification_events WHERE dispatch_status IN ('queued', 'retrying') ORDER BY created_at",
    ),
    (
        "notification_events_type_created_at",
        "SELECT id FROM notification_events WHERE type = 'digest' ORDER BY created_at DESC",
    ),
    ("schedules_next_run_at", "SELECT id FROM schedules WHERE enabled = $TRUE AND next_run_at <= $TIME"),
    ("sign_in_failures_last_failed_at", "SELECT failures FROM sign_in_failures WHERE last_failed_at < $TIME"),
    ("sign_in_links_user_id", "SELECT id FROM sign_in_links WHERE user_id = $ID"),
    (
        "state_snapshots_touched_at",
        "SELECT size FROM state_snapshots WHERE (touched_at, hash) > ($TIME, 'a') ORDER BY touched_at, hash",
    ),
    ("stories_component_id", "SELECT id FROM stories WHERE component_id = $ID"),
    ("sync_journal_lock", "SELECT id FROM sync_journal WHERE component_id = $ID AND finished_at IS NULL"),
    ("sync_journal_sync_operation_id", "SELECT id FROM sync_journal WHERE sync_operation_id = $ID"),
    (
        "sync_operations_timestamp",
        r#"SELECT status FROM sync_operations ORDER BY "timestamp" DESC, id DESC LIMIT 5"#,
    ),
    ("test_artifacts_session_id", "SELECT id FROM test_artifacts WHERE session_id = $ID"),
    ("undo_events_sync_operation_id", "SELECT id FROM undo_events WHERE sync_operation_id = $ID ORDER BY at"),
    (
        "undo_stack_entries_expiration",
        "SELECT id FROM undo_stack_entries WHERE undone_at IS NULL AND expiration < $TIME",
    ),
    ("undo_stack_entries_post_state_hash", "SELECT id FROM undo_stack_entries WHERE post_state_hash = 'x'"),
    ("undo_stack_entries_pre_state_hash", "SELECT id FROM undo_stack_entries WHERE pre_state_hash = 'x'"),
    (
        "undo_stack_entries_sync_operation_id",
        "SELECT id FROM undo_stack_entries WHERE sync_operation_id = $ID",
    ),
    ("user_sessions_expires_at", "SELECT id FROM user_sessions WHERE expires_at < $TIME"),
    ("user_sessions_user_id", "SELECT id FROM user_sessions WHERE user_id = $ID"),
];

/// Each unique constraint that is looked up by, with PostgreSQL's name of it.
const LOOKUPS: &[(&str, &str)] = &[
    ("component_artifacts_name_key", "SELECT id FROM component_artifacts WHERE name = 'Button'"),
    ("sync_operations_operation_hash_key", "SELECT id FROM sync_operations WHERE operation_hash = 'x'"),
    (
        "design_artifacts_source_node_id_key",
        "SELECT id FROM design_artifacts WHERE source = 'kit' AND node_id = '1:2'",
    ),
    ("stories_story_id_key", "SELECT id FROM stories WHERE story_id = 'x'"),
    ("component_baselines_component_id_key", "SELECT id FROM component_baselines WHERE component_id = $ID"),
    ("drift_queue_component_id_key", "SELECT id FROM drift_queue WHERE component_id = $ID"),
    ("api_tokens_token_hash_key", "SELECT id FROM api_tokens WHERE token_hash = 'x'"),
    ("user_sessions_session_hash_key", "SELECT id FROM user_sessions WHERE session_hash = 'x'"),
    ("users_name_key", "SELECT id FROM users WHERE name = 'ada'"),
    (
        "coverage_reports_component_id_variant_hash_key",
        "SELECT id FROM coverage_reports WHERE component_id = $ID AND variant_hash = 'x'",
    ),
];

impl World {
    async fn plan(&self, query: &str) -> String {
        let query = query
            .replace("$ID", "'00000000-0000-0000-0000-000000000001'")
            .replace("$TIME", "'2026-01-01T00:00:00.000000Z'")
            .replace("$TRUE", if self.is_sqlite() { "1" } else { "true" });
        let lines = if self.is_sqlite() {
            self.texts(&[], &format!("EXPLAIN QUERY PLAN {query}")).await
        } else {
            let settings =
                ["SET enable_seqscan = off", "SET enable_bitmapscan = off", "SET enable_sort = off"];
            self.texts(&settings, &format!("EXPLAIN {query}")).await
        };
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

#[tokio::test]
async fn each_index_serves_the_query_that_it_is_for() {
    on_each(async |world| {
        let named: Vec<&str> = QUERIES.iter().map(|(index, _)| *index).collect();
        assert_eq!(world.indexes().await, named, "each index has a query here");
        for (index, query) in QUERIES {
            let plan = world.plan(query).await;
            let used = plan.split([' ', '\n']).any(|word| word == *index);
            assert!(used, "{query}\n{plan}");
            assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{query}\n{plan}");
        }
        for (index, query) in LOOKUPS {
            let plan = world.plan(query).await;
            let expected = if world.is_sqlite() { "SEARCH" } else { index };
            assert!(plan.contains(expected), "{query}\n{plan}");
            assert!(!world.is_sqlite() || plan.contains("sqlite_autoindex_"), "{query}\n{plan}");
        }
        // Partial: it can't serve what it does not hold.
        let plan = world.plan("SELECT id FROM undo_stack_entries WHERE expiration < $TIME").await;
        assert!(!plan.contains("undo_stack_entries_expiration"), "{plan}");
    })
    .await;
}

#[tokio::test]
async fn descending_indexes_are_descending() {
    on_each(async |world| {
        let definition = if world.is_sqlite() {
            "SELECT sql FROM sqlite_schema WHERE name = "
        } else {
            "SELECT indexdef FROM pg_indexes WHERE indexname = "
        };
        for (index, column) in [
            ("notification_events_type_created_at", "created_at DESC"),
            ("coverage_reports_component_id_generated_at", "generated_at DESC"),
            ("browser_test_sessions_story_id_start_time", "start_time DESC"),
        ] {
            let sql = world.text(&format!("{definition}'{index}'")).await.unwrap();
            assert!(sql.contains(column), "{sql}");
        }
    })
    .await;
}
