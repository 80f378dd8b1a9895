-- Credentials, notifications, browser test sessions, schedules, and the audit log.

-- No secret is ever stored here: `metadata` says where it is kept, and its fingerprint.
CREATE TABLE credential_records (
    id                   TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    provider_type        TEXT NOT NULL
        CHECK (provider_type IN ('notification', 'design', 'documentation', 'testing', 'ai', 'analytics')),
    status               TEXT NOT NULL DEFAULT 'pending'
        CHECK (status IN ('valid', 'revoked', 'expired', 'pending')),
    last_validation_time TEXT CHECK (last_validation_time GLOB '????-??-??T??:??:??.??????Z'),
    rotation_due         TEXT CHECK (rotation_due GLOB '????-??-??T??:??:??.??????Z'),
    metadata             TEXT NOT NULL CHECK (json_valid(metadata)),
    created_at           TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at           TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX credential_records_provider_type_status ON credential_records (provider_type, status);
CREATE TRIGGER credential_records_touch AFTER UPDATE ON credential_records
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE credential_records SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

CREATE TABLE notification_channels (
    id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    name          TEXT NOT NULL UNIQUE,
    kind          TEXT NOT NULL
        CHECK (kind IN ('slack', 'slack_webhook', 'webhook', 'email')),
    categories    TEXT NOT NULL CHECK (json_valid(categories)),
    settings      TEXT NOT NULL CHECK (json_valid(settings)),
    credential_id TEXT CHECK (length(credential_id) = 36) REFERENCES credential_records (id),
    enabled       INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at    TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at    TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE TRIGGER notification_channels_touch AFTER UPDATE ON notification_channels
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE notification_channels SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

CREATE TABLE notification_events (
    id              TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    type            TEXT NOT NULL
        CHECK (type IN ('sync_completed', 'drift_detected', 'coverage_summary', 'digest', 'credential_status', 'browser_test_failure')),
    created_at      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    payload_summary TEXT NOT NULL CHECK (json_valid(payload_summary)),
    channel_targets TEXT NOT NULL CHECK (json_valid(channel_targets)),
    dispatch_status TEXT NOT NULL DEFAULT 'queued'
        CHECK (dispatch_status IN ('queued', 'sent', 'failed', 'retrying')),
    attempt_count   INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT CHECK (next_attempt_at GLOB '????-??-??T??:??:??.??????Z'),
    claimed_by      TEXT,
    claimed_until   TEXT CHECK (claimed_until GLOB '????-??-??T??:??:??.??????Z'),
    correlation_id  TEXT CHECK (length(correlation_id) = 36)
) STRICT;
CREATE INDEX notification_events_type_created_at ON notification_events (type, created_at DESC);
CREATE INDEX notification_events_due ON notification_events (created_at)
    WHERE dispatch_status IN ('queued', 'retrying');

CREATE TABLE notification_deliveries (
    id              TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    event_id        TEXT NOT NULL CHECK (length(event_id) = 36) REFERENCES notification_events (id),
    channel_id      TEXT NOT NULL CHECK (length(channel_id) = 36) REFERENCES notification_channels (id),
    status          TEXT NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'sent', 'failed', 'retrying')),
    attempt_count   INTEGER NOT NULL DEFAULT 0,
    last_attempt_at TEXT CHECK (last_attempt_at GLOB '????-??-??T??:??:??.??????Z'),
    delivered_at    TEXT CHECK (delivered_at GLOB '????-??-??T??:??:??.??????Z'),
    last_error      TEXT,
    created_at      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    -- One delivery per event and channel, however often it is tried.
    UNIQUE (event_id, channel_id)
) STRICT;

CREATE TABLE browser_test_sessions (
    id                  TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    story_id            TEXT NOT NULL CHECK (length(story_id) = 36) REFERENCES stories (id),
    start_time          TEXT NOT NULL CHECK (start_time GLOB '????-??-??T??:??:??.??????Z'),
    end_time            TEXT CHECK (end_time GLOB '????-??-??T??:??:??.??????Z'),
    status              TEXT NOT NULL DEFAULT 'running'
        CHECK (status IN ('running', 'passed', 'failed', 'aborted')),
    performance_summary TEXT CHECK (json_valid(performance_summary)),
    correlation_id      TEXT NOT NULL CHECK (length(correlation_id) = 36),
    reason              TEXT,
    process             TEXT,
    detail              TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail))
) STRICT;
CREATE INDEX browser_test_sessions_story_id_start_time
    ON browser_test_sessions (story_id, start_time DESC);

CREATE TABLE test_artifacts (
    id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    session_id   TEXT NOT NULL CHECK (length(session_id) = 36) REFERENCES browser_test_sessions (id),
    kind         TEXT NOT NULL
        CHECK (kind IN ('screenshot', 'visual_diff', 'console_log', 'accessibility', 'trace')),
    media_type   TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    size         INTEGER NOT NULL,
    path         TEXT NOT NULL,
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX test_artifacts_session_id ON test_artifacts (session_id);

CREATE TABLE schedules (
    id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    name          TEXT NOT NULL UNIQUE,
    cron          TEXT NOT NULL,
    timezone      TEXT NOT NULL DEFAULT 'UTC',
    action        TEXT NOT NULL,
    detail        TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    enabled       INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_by    TEXT CHECK (length(created_by) = 36) REFERENCES users (id),
    next_run_at   TEXT CHECK (next_run_at GLOB '????-??-??T??:??:??.??????Z'),
    last_run_at   TEXT CHECK (last_run_at GLOB '????-??-??T??:??:??.??????Z'),
    last_result   TEXT CHECK (json_valid(last_result)),
    claimed_by    TEXT,
    claimed_until TEXT CHECK (claimed_until GLOB '????-??-??T??:??:??.??????Z'),
    created_at    TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at    TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX schedules_next_run_at ON schedules (next_run_at) WHERE enabled = 1;
CREATE TRIGGER schedules_touch AFTER UPDATE ON schedules
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE schedules SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- Append-only, each entry's hash covering the one before it.
CREATE TABLE audit_log (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    at              TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.??????Z'),
    actor           TEXT CHECK (length(actor) = 36) REFERENCES users (id),
    actor_name      TEXT NOT NULL,
    action          TEXT NOT NULL,
    outcome         TEXT NOT NULL
        CHECK (outcome IN ('done', 'refused', 'failed')),
    component_count INTEGER NOT NULL DEFAULT 0,
    correlation_id  TEXT CHECK (length(correlation_id) = 36),
    detail          TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    previous_hash   TEXT NOT NULL UNIQUE,
    entry_hash      TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX audit_log_correlation_id ON audit_log (correlation_id);
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;
