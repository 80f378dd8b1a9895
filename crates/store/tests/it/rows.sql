DELETE FROM schedules;
INSERT INTO users (id, name, role, kind) VALUES ('00000000-0000-0000-0000-0000000000a1', 'ada', 'admin', 'os_user');
INSERT INTO api_tokens (id, user_id, name, token_hash, fingerprint)
    VALUES ('00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-0000000000a1', 'ci', 'hash', 'f');
INSERT INTO user_passwords (user_id, password_hash, changed_at)
    VALUES ('00000000-0000-0000-0000-0000000000a1', 'p', '2026-01-01T00:00:00.000000Z');
INSERT INTO sign_in_links (id, user_id, link_hash, created_by, expires_at)
    VALUES ('00000000-0000-0000-0000-0000000000a5', '00000000-0000-0000-0000-0000000000a1', 'l',
            '00000000-0000-0000-0000-0000000000a1', '2026-01-01T00:00:00.000000Z');
INSERT INTO user_sessions (id, user_id, session_hash, last_seen_at, expires_at)
    VALUES ('00000000-0000-0000-0000-0000000000a6', '00000000-0000-0000-0000-0000000000a1', 's',
            '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z');
INSERT INTO sign_in_failures (subject, failures, last_failed_at) VALUES ('ada', 1, '2026-01-01T00:00:00.000000Z');
INSERT INTO component_artifacts (id, name, variants) VALUES ('00000000-0000-0000-0000-0000000000c1', 'Button', '[]');
INSERT INTO component_artifacts (id, name, variants) VALUES ('00000000-0000-0000-0000-0000000000c2', 'Card', '[]');
INSERT INTO design_artifacts (id, component_id, variant_refs, last_design_change_at, diff_hash, source, node_id, name)
    VALUES ('00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000c1', '{}',
            '2026-01-01T00:00:00.000000Z', 'h', 'kit', '1:2', 'Button');
INSERT INTO stories (id, story_id, component_id, title, name, export_name, file)
    VALUES ('00000000-0000-0000-0000-0000000000b1', 'button--primary', '00000000-0000-0000-0000-0000000000c1',
            'Button', 'Primary', 'Primary', 'b.tsx');
INSERT INTO sync_operations (id, initiated_by, "timestamp", components_affected, direction_modes, diff_summary,
                             reversible_until, operation_hash)
    VALUES ('00000000-0000-0000-0000-0000000000e1', '00000000-0000-0000-0000-0000000000a1',
            '2026-01-01T00:00:00.000000Z', '[]', '{}', '{}', '2026-01-02T00:00:00.000000Z', 'o1');
INSERT INTO component_baselines (id, component_id, contract, design_artifact_id, sync_operation_id)
    VALUES ('00000000-0000-0000-0000-0000000000c5', '00000000-0000-0000-0000-0000000000c1', '{}',
            '00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000e1');
INSERT INTO undo_stack_entries (id, sync_operation_id, pre_state_hash, post_state_hash, expiration, component_id)
    VALUES ('00000000-0000-0000-0000-0000000000e2', '00000000-0000-0000-0000-0000000000e1', 'a', 'b',
            '2026-01-02T00:00:00.000000Z', '00000000-0000-0000-0000-0000000000c1');
INSERT INTO undo_events (id, sync_operation_id, action, outcome, at)
    VALUES ('00000000-0000-0000-0000-0000000000e3', '00000000-0000-0000-0000-0000000000e1', 'undo', 'done',
            '2026-01-01T00:00:00.000000Z');
INSERT INTO sync_journal (id, sync_operation_id, component_id, kind, pre_snapshot, process, started_at)
    VALUES ('00000000-0000-0000-0000-0000000000e4', '00000000-0000-0000-0000-0000000000e1',
            '00000000-0000-0000-0000-0000000000c1', 'sync', 'a', 'host:1', '2026-01-01T00:00:00.000000Z');
INSERT INTO credential_records (id, provider_type, metadata)
    VALUES ('00000000-0000-0000-0000-0000000000f1', 'design', '{}');
INSERT INTO notification_channels (id, name, kind, categories, settings)
    VALUES ('00000000-0000-0000-0000-0000000000f2', 'team', 'slack', '[]', '{}');
INSERT INTO notification_events (id, type, payload_summary, channel_targets)
    VALUES ('00000000-0000-0000-0000-0000000000f3', 'digest', '{}', '[]');
INSERT INTO notification_deliveries (id, event_id, channel_id)
    VALUES ('00000000-0000-0000-0000-0000000000f4', '00000000-0000-0000-0000-0000000000f3',
            '00000000-0000-0000-0000-0000000000f2');
INSERT INTO notification_mutes (id, component, channel_id, created_by)
    VALUES ('00000000-0000-0000-0000-0000000000f5', 'Button', '00000000-0000-0000-0000-0000000000f2',
            '00000000-0000-0000-0000-0000000000a1');
UPDATE notification_channels SET owner = '00000000-0000-0000-0000-0000000000a1';
UPDATE notification_deliveries SET told_with = '00000000-0000-0000-0000-0000000000f3';
INSERT INTO coverage_reports (id, component_id, generated_at, variant_coverage_pct, missing_variants, missing_tests,
                              variant_hash)
    VALUES ('00000000-0000-0000-0000-0000000000b2', '00000000-0000-0000-0000-0000000000c1',
            '2026-01-01T00:00:00.000000Z', 62.5, '[]', '[]', 'v');
INSERT INTO coverage_reports_archive (id, component_id, generated_at, variant_coverage_pct, missing_variants,
                                      missing_tests, variant_hash)
    VALUES ('00000000-0000-0000-0000-0000000000b3', '00000000-0000-0000-0000-0000000000c1',
            '2026-01-01T00:00:00.000000Z', 62.5, '[]', '[]', 'v');
INSERT INTO browser_test_sessions (id, story_id, start_time, correlation_id)
    VALUES ('00000000-0000-0000-0000-0000000000b4', '00000000-0000-0000-0000-0000000000b1',
            '2026-01-01T00:00:00.000000Z', '00000000-0000-0000-0000-00000000cccc');
INSERT INTO test_artifacts (id, session_id, kind, media_type, content_hash, size, path)
    VALUES ('00000000-0000-0000-0000-0000000000b5', '00000000-0000-0000-0000-0000000000b4', 'screenshot',
            'image/png', 'h', 1, 'p.png');
INSERT INTO drift_queue (id, component_id, queued_at)
    VALUES ('00000000-0000-0000-0000-0000000000c3', '00000000-0000-0000-0000-0000000000c1',
            '2026-01-01T00:00:00.000000Z');
INSERT INTO closed_drift (component_id, path, opened_at, closed_at)
    VALUES ('00000000-0000-0000-0000-0000000000c1', 'properties/size', '2026-01-01T00:00:00.000000Z',
            '2026-01-02T00:00:00.000000Z');
INSERT INTO state_snapshots (hash, content, size) VALUES ('h', @blob@, 0);
INSERT INTO schedules (id, name, cron, action, created_by)
    VALUES ('00000000-0000-0000-0000-0000000000a3', 'nightly', '0 3 * * *', 'maintain',
            '00000000-0000-0000-0000-0000000000a1');
INSERT INTO audit_log (seq, id, at, actor, actor_name, action, outcome, previous_hash, entry_hash)
    VALUES (1, '00000000-0000-0000-0000-0000000000a4', '2026-01-01T00:00:00.000000Z',
            '00000000-0000-0000-0000-0000000000a1', 'ada', 'sync', 'done', '0', 'e1');
INSERT INTO leases (name, holder, process, until)
    VALUES ('maintenance', '00000000-0000-0000-0000-0000000000f9', 'host:1', '2026-01-01T00:00:00.000000Z');
INSERT INTO provider_calls (credential_id, tier, minute, calls)
    VALUES ('00000000-0000-0000-0000-0000000000f1', 'one', '2026-01-01T00:00:00.000000Z', 2);
INSERT INTO provider_limits (credential_id, resource, call, told_at, until)
    VALUES ('00000000-0000-0000-0000-0000000000f1', 'KEY', 'GET /', '2026-01-01T00:00:00.000000Z',
            '2026-01-02T00:00:00.000000Z');
INSERT INTO idempotency_keys (user_id, key, request_hash, holder, until)
    VALUES ('00000000-0000-0000-0000-0000000000a1', 'k', 'h', '00000000-0000-0000-0000-0000000000fa',
            '2026-01-01T00:01:00.000000Z');
