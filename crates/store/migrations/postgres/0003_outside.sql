-- Credentials, notifications, browser test sessions, schedules, and the audit log.

CREATE TYPE provider_type AS ENUM ('notification', 'design', 'documentation', 'testing', 'ai', 'analytics');
CREATE TYPE credential_status AS ENUM ('valid', 'revoked', 'expired', 'pending');
CREATE TYPE event_type AS ENUM ('sync_completed', 'drift_detected', 'coverage_summary', 'digest',
                                'credential_status', 'browser_test_failure');
CREATE TYPE dispatch_status AS ENUM ('queued', 'sent', 'failed', 'retrying');
CREATE TYPE channel_kind AS ENUM ('slack', 'slack_webhook', 'webhook', 'email');
CREATE TYPE session_status AS ENUM ('running', 'passed', 'failed', 'aborted');
CREATE TYPE artifact_kind AS ENUM ('screenshot', 'visual_diff', 'console_log', 'accessibility', 'trace');

-- No secret is ever stored here: `metadata` says where it is kept, and its fingerprint.
CREATE TABLE credential_records (
    id                   uuid PRIMARY KEY,
    provider_type        provider_type NOT NULL,
    status               credential_status NOT NULL DEFAULT 'pending',
    last_validation_time timestamptz,
    rotation_due         timestamptz,
    metadata             jsonb NOT NULL,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX credential_records_provider_type_status ON credential_records (provider_type, status);
CREATE TRIGGER credential_records_touch BEFORE UPDATE ON credential_records
    FOR EACH ROW EXECUTE FUNCTION lockstep_touch();

CREATE TABLE notification_channels (
    id            uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    kind          channel_kind NOT NULL,
    categories    jsonb NOT NULL,
    settings      jsonb NOT NULL,
    credential_id uuid REFERENCES credential_records (id),
    enabled       boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER notification_channels_touch BEFORE UPDATE ON notification_channels
    FOR EACH ROW EXECUTE FUNCTION lockstep_touch();

CREATE TABLE notification_events (
    id              uuid PRIMARY KEY,
    type            event_type NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    payload_summary jsonb NOT NULL,
    channel_targets jsonb NOT NULL,
    dispatch_status dispatch_status NOT NULL DEFAULT 'queued',
    attempt_count   int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    claimed_by      text,
    claimed_until   timestamptz,
    correlation_id  uuid
);
CREATE INDEX notification_events_type_created_at ON notification_events (type, created_at DESC);
CREATE INDEX notification_events_due ON notification_events (created_at)
    WHERE dispatch_status IN ('queued', 'retrying');

CREATE TABLE notification_deliveries (
    id              uuid PRIMARY KEY,
    event_id        uuid NOT NULL REFERENCES notification_events (id),
    channel_id      uuid NOT NULL REFERENCES notification_channels (id),
    status          dispatch_status NOT NULL DEFAULT 'queued',
    attempt_count   int NOT NULL DEFAULT 0,
    last_attempt_at timestamptz,
    delivered_at    timestamptz,
    last_error      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    -- One delivery per event and channel, however often it is tried.
    UNIQUE (event_id, channel_id)
);

CREATE TABLE browser_test_sessions (
    id                  uuid PRIMARY KEY,
    story_id            uuid NOT NULL REFERENCES stories (id),
    start_time          timestamptz NOT NULL,
    end_time            timestamptz,
    status              session_status NOT NULL DEFAULT 'running',
    performance_summary jsonb,
    correlation_id      uuid NOT NULL,
    reason              text,
    process             text,
    detail              jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX browser_test_sessions_story_id_start_time
    ON browser_test_sessions (story_id, start_time DESC);

CREATE TABLE test_artifacts (
    id           uuid PRIMARY KEY,
    session_id   uuid NOT NULL REFERENCES browser_test_sessions (id),
    kind         artifact_kind NOT NULL,
    media_type   text NOT NULL,
    content_hash text NOT NULL,
    size         int NOT NULL,
    path         text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX test_artifacts_session_id ON test_artifacts (session_id);

CREATE TABLE schedules (
    id            uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    cron          text NOT NULL,
    timezone      text NOT NULL DEFAULT 'UTC',
    action        text NOT NULL,
    detail        jsonb NOT NULL DEFAULT '{}',
    enabled       boolean NOT NULL DEFAULT true,
    created_by    uuid REFERENCES users (id),
    next_run_at   timestamptz,
    last_run_at   timestamptz,
    last_result   jsonb,
    claimed_by    text,
    claimed_until timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX schedules_next_run_at ON schedules (next_run_at) WHERE enabled;
CREATE TRIGGER schedules_touch BEFORE UPDATE ON schedules
    FOR EACH ROW EXECUTE FUNCTION lockstep_touch();

-- Append-only, each entry's hash covering the one before it.
CREATE TABLE audit_log (
    seq             bigint PRIMARY KEY,
    id              uuid NOT NULL UNIQUE,
    at              timestamptz NOT NULL,
    actor           uuid REFERENCES users (id),
    actor_name      text NOT NULL,
    action          text NOT NULL,
    outcome         outcome NOT NULL,
    component_count int NOT NULL DEFAULT 0,
    correlation_id  uuid,
    detail          jsonb NOT NULL DEFAULT '{}',
    previous_hash   text NOT NULL UNIQUE,
    entry_hash      text NOT NULL UNIQUE
);
CREATE INDEX audit_log_correlation_id ON audit_log (correlation_id);
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION lockstep_append_only();
