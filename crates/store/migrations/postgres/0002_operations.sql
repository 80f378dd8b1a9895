-- Sync operations, what takes them back, and what survives a crash in the middle of one.

CREATE TYPE operation_status AS ENUM ('pending', 'running', 'completed', 'partial', 'failed');
CREATE TYPE undo_action AS ENUM ('undo', 'redo');
CREATE TYPE outcome AS ENUM ('done', 'refused', 'failed');
CREATE TYPE journal_kind AS ENUM ('sync', 'undo', 'redo');
CREATE TYPE journal_phase AS ENUM ('intent', 'writing', 'written', 'committed', 'rolled_back');

CREATE TABLE sync_operations (
    id                  uuid PRIMARY KEY,
    initiated_by        uuid NOT NULL REFERENCES users (id),
    "timestamp"         timestamptz NOT NULL,
    components_affected jsonb NOT NULL,
    direction_modes     jsonb NOT NULL,
    diff_summary        jsonb NOT NULL,
    reversible_until    timestamptz NOT NULL,
    operation_hash      text NOT NULL UNIQUE,
    status              operation_status NOT NULL DEFAULT 'pending',
    duration_ms         int,
    reason              jsonb NOT NULL DEFAULT '{}',
    correlation_id      uuid
);
CREATE INDEX sync_operations_timestamp ON sync_operations ("timestamp" DESC, id DESC);

CREATE TABLE component_baselines (
    id                 uuid PRIMARY KEY,
    component_id       uuid NOT NULL UNIQUE REFERENCES component_artifacts (id),
    contract           jsonb NOT NULL,
    code_identities    jsonb NOT NULL DEFAULT '{}',
    design_identities  jsonb NOT NULL DEFAULT '{}',
    undetermined       jsonb NOT NULL DEFAULT '[]',
    design_artifact_id uuid REFERENCES design_artifacts (id),
    sync_operation_id  uuid REFERENCES sync_operations (id),
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER component_baselines_touch BEFORE UPDATE ON component_baselines
    FOR EACH ROW EXECUTE FUNCTION lockstep_touch();

-- Content by hash, compressed; `touched_at` keeps what has just been put again from being swept away.
CREATE TABLE state_snapshots (
    hash       text PRIMARY KEY,
    content    bytea NOT NULL,
    size       int NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    touched_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX state_snapshots_touched_at ON state_snapshots (touched_at);

CREATE TABLE undo_stack_entries (
    id                uuid PRIMARY KEY,
    sync_operation_id uuid NOT NULL REFERENCES sync_operations (id),
    pre_state_hash    text NOT NULL,
    post_state_hash   text NOT NULL,
    expiration        timestamptz NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now(),
    undone_at         timestamptz,
    component_id      uuid NOT NULL REFERENCES component_artifacts (id),
    position          int NOT NULL DEFAULT 0,
    undone_by         uuid REFERENCES users (id),
    undone_merged     boolean NOT NULL DEFAULT false,
    redone_at         timestamptz,
    redone_by         uuid REFERENCES users (id),
    UNIQUE (sync_operation_id, component_id)
);
CREATE INDEX undo_stack_entries_sync_operation_id ON undo_stack_entries (sync_operation_id);
CREATE INDEX undo_stack_entries_expiration ON undo_stack_entries (expiration) WHERE undone_at IS NULL;
CREATE INDEX undo_stack_entries_pre_state_hash ON undo_stack_entries (pre_state_hash);
CREATE INDEX undo_stack_entries_post_state_hash ON undo_stack_entries (post_state_hash);

-- Every undo, redo and refused attempt, for good.
CREATE TABLE undo_events (
    id                uuid PRIMARY KEY,
    sync_operation_id uuid NOT NULL REFERENCES sync_operations (id),
    component_id      uuid REFERENCES component_artifacts (id),
    action            undo_action NOT NULL,
    outcome           outcome NOT NULL,
    merged            boolean NOT NULL DEFAULT false,
    actor             uuid REFERENCES users (id),
    at                timestamptz NOT NULL,
    reason            text,
    correlation_id    uuid
);
CREATE INDEX undo_events_sync_operation_id ON undo_events (sync_operation_id, at);
CREATE TRIGGER undo_events_append_only BEFORE UPDATE OR DELETE ON undo_events
    FOR EACH ROW EXECUTE FUNCTION lockstep_append_only();

CREATE TABLE sync_journal (
    id                uuid PRIMARY KEY,
    sync_operation_id uuid REFERENCES sync_operations (id),
    component_id      uuid NOT NULL REFERENCES component_artifacts (id),
    kind              journal_kind NOT NULL,
    phase             journal_phase NOT NULL DEFAULT 'intent',
    pre_snapshot      text NOT NULL,
    post_snapshot     text,
    detail            jsonb NOT NULL DEFAULT '{}',
    process           text NOT NULL,
    started_at        timestamptz NOT NULL,
    finished_at       timestamptz
);
CREATE INDEX sync_journal_sync_operation_id ON sync_journal (sync_operation_id);
-- One unfinished write per component, across processes.
CREATE UNIQUE INDEX sync_journal_lock ON sync_journal (component_id) WHERE finished_at IS NULL;
