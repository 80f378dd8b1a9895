-- Sync operations, what takes them back, and what survives a crash in the middle of one.

CREATE TABLE sync_operations (
    id                  TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    initiated_by        TEXT NOT NULL CHECK (length(initiated_by) = 36) REFERENCES users (id),
    "timestamp"         TEXT NOT NULL CHECK ("timestamp" GLOB '????-??-??T??:??:??.??????Z'),
    components_affected TEXT NOT NULL CHECK (json_valid(components_affected)),
    direction_modes     TEXT NOT NULL CHECK (json_valid(direction_modes)),
    diff_summary        TEXT NOT NULL CHECK (json_valid(diff_summary)),
    reversible_until    TEXT NOT NULL CHECK (reversible_until GLOB '????-??-??T??:??:??.??????Z'),
    operation_hash      TEXT NOT NULL UNIQUE,
    status              TEXT NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'running', 'completed', 'partial', 'failed')),
    duration_ms         INTEGER,
    reason              TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(reason)),
    correlation_id      TEXT CHECK (length(correlation_id) = 36)
) STRICT;
CREATE INDEX sync_operations_timestamp ON sync_operations ("timestamp" DESC, id DESC);

CREATE TABLE component_baselines (
    id                 TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    component_id       TEXT NOT NULL UNIQUE CHECK (length(component_id) = 36) REFERENCES component_artifacts (id),
    contract           TEXT NOT NULL CHECK (json_valid(contract)),
    code_identities    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(code_identities)),
    design_identities  TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(design_identities)),
    undetermined       TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(undetermined)),
    design_artifact_id TEXT CHECK (length(design_artifact_id) = 36) REFERENCES design_artifacts (id),
    sync_operation_id  TEXT CHECK (length(sync_operation_id) = 36) REFERENCES sync_operations (id),
    created_at         TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at         TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE TRIGGER component_baselines_touch AFTER UPDATE ON component_baselines
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE component_baselines SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

-- Content by hash, compressed; `touched_at` keeps what has just been put again from being swept away.
CREATE TABLE state_snapshots (
    hash       TEXT NOT NULL PRIMARY KEY,
    content    BLOB NOT NULL,
    size       INTEGER NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    touched_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (touched_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX state_snapshots_touched_at ON state_snapshots (touched_at);

CREATE TABLE undo_stack_entries (
    id                TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    sync_operation_id TEXT NOT NULL CHECK (length(sync_operation_id) = 36) REFERENCES sync_operations (id),
    pre_state_hash    TEXT NOT NULL,
    post_state_hash   TEXT NOT NULL,
    expiration        TEXT NOT NULL CHECK (expiration GLOB '????-??-??T??:??:??.??????Z'),
    created_at        TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    undone_at         TEXT CHECK (undone_at GLOB '????-??-??T??:??:??.??????Z'),
    component_id      TEXT NOT NULL CHECK (length(component_id) = 36) REFERENCES component_artifacts (id),
    position          INTEGER NOT NULL DEFAULT 0,
    undone_by         TEXT CHECK (length(undone_by) = 36) REFERENCES users (id),
    undone_merged     INTEGER NOT NULL DEFAULT 0 CHECK (undone_merged IN (0, 1)),
    redone_at         TEXT CHECK (redone_at GLOB '????-??-??T??:??:??.??????Z'),
    redone_by         TEXT CHECK (length(redone_by) = 36) REFERENCES users (id),
    UNIQUE (sync_operation_id, component_id)
) STRICT;
CREATE INDEX undo_stack_entries_sync_operation_id ON undo_stack_entries (sync_operation_id);
CREATE INDEX undo_stack_entries_expiration ON undo_stack_entries (expiration) WHERE undone_at IS NULL;
CREATE INDEX undo_stack_entries_pre_state_hash ON undo_stack_entries (pre_state_hash);
CREATE INDEX undo_stack_entries_post_state_hash ON undo_stack_entries (post_state_hash);

-- Every undo, redo and refused attempt, for good.
CREATE TABLE undo_events (
    id                TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    sync_operation_id TEXT NOT NULL CHECK (length(sync_operation_id) = 36) REFERENCES sync_operations (id),
    component_id      TEXT CHECK (length(component_id) = 36) REFERENCES component_artifacts (id),
    action            TEXT NOT NULL
        CHECK (action IN ('undo', 'redo')),
    outcome           TEXT NOT NULL
        CHECK (outcome IN ('done', 'refused', 'failed')),
    merged            INTEGER NOT NULL DEFAULT 0 CHECK (merged IN (0, 1)),
    actor             TEXT CHECK (length(actor) = 36) REFERENCES users (id),
    at                TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.??????Z'),
    reason            TEXT,
    correlation_id    TEXT CHECK (length(correlation_id) = 36)
) STRICT;
CREATE INDEX undo_events_sync_operation_id ON undo_events (sync_operation_id, at);
CREATE TRIGGER undo_events_no_update BEFORE UPDATE ON undo_events
BEGIN
    SELECT RAISE(ABORT, 'undo_events is append-only');
END;
CREATE TRIGGER undo_events_no_delete BEFORE DELETE ON undo_events
BEGIN
    SELECT RAISE(ABORT, 'undo_events is append-only');
END;

CREATE TABLE sync_journal (
    id                TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    sync_operation_id TEXT CHECK (length(sync_operation_id) = 36) REFERENCES sync_operations (id),
    component_id      TEXT NOT NULL CHECK (length(component_id) = 36) REFERENCES component_artifacts (id),
    kind              TEXT NOT NULL
        CHECK (kind IN ('sync', 'undo', 'redo')),
    phase             TEXT NOT NULL DEFAULT 'intent'
        CHECK (phase IN ('intent', 'writing', 'written', 'committed', 'rolled_back')),
    pre_snapshot      TEXT NOT NULL,
    post_snapshot     TEXT,
    detail            TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    process           TEXT NOT NULL,
    started_at        TEXT NOT NULL CHECK (started_at GLOB '????-??-??T??:??:??.??????Z'),
    finished_at       TEXT CHECK (finished_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX sync_journal_sync_operation_id ON sync_journal (sync_operation_id);
-- One unfinished write per component, across processes.
CREATE UNIQUE INDEX sync_journal_lock ON sync_journal (component_id) WHERE finished_at IS NULL;
