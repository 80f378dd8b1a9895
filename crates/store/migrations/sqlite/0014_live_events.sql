-- What happens, for who looks on: told by the tables themselves, whoever writes them, in the same transaction. The newest ten
-- thousand or so are kept, so that a reader that was away goes on where it was.

CREATE TABLE live_events (
    seq        INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    data       TEXT NOT NULL CHECK (json_valid(data)),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;

CREATE TRIGGER live_events_kept AFTER INSERT ON live_events WHEN NEW.seq % 256 = 0
BEGIN
    DELETE FROM live_events WHERE seq <= NEW.seq - 10000;
END;

CREATE TRIGGER sync_operations_begun AFTER INSERT ON sync_operations
BEGIN
    INSERT INTO live_events (kind, data) VALUES ('operation', json_object(
        'operation', NEW.id, 'status', NEW.status, 'components', json_array_length(NEW.components_affected)));
END;
CREATE TRIGGER sync_operations_went_on AFTER UPDATE OF status ON sync_operations WHEN OLD.status IS NOT NEW.status
BEGIN
    INSERT INTO live_events (kind, data) VALUES ('operation', json_object(
        'operation', NEW.id, 'status', NEW.status, 'components', json_array_length(NEW.components_affected)));
END;

CREATE TRIGGER sync_journal_begun AFTER INSERT ON sync_journal
BEGIN
    INSERT INTO live_events (kind, data) SELECT 'component', json_object(
        'operation', NEW.sync_operation_id, 'action', NEW.kind, 'phase', NEW.phase, 'component', name)
    FROM component_artifacts WHERE id = NEW.component_id;
END;
CREATE TRIGGER sync_journal_ended AFTER UPDATE OF finished_at ON sync_journal
    WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
    INSERT INTO live_events (kind, data) SELECT 'component', json_object(
        'operation', NEW.sync_operation_id, 'action', NEW.kind, 'phase', NEW.phase, 'component', name)
    FROM component_artifacts WHERE id = NEW.component_id;
END;

-- A change that a person set aside alarms nobody.
CREATE TRIGGER component_artifacts_drifted_anew AFTER INSERT ON component_artifacts WHEN NEW.mapping_status = 'drift'
BEGIN
    INSERT INTO live_events (kind, data) VALUES ('drift', json_object(
        'component', NEW.name, 'mapping_status', NEW.mapping_status, 'changes', (
            SELECT count(*) FROM json_each(NEW.drift) AS change WHERE change.value ->> 'aside' IS NULL)));
END;
CREATE TRIGGER component_artifacts_drifted AFTER UPDATE OF drift ON component_artifacts
    WHEN OLD.drift IS NOT NEW.drift AND (OLD.mapping_status = 'drift' OR NEW.mapping_status = 'drift')
BEGIN
    INSERT INTO live_events (kind, data) VALUES ('drift', json_object(
        'component', NEW.name, 'mapping_status', NEW.mapping_status, 'changes', (
            SELECT count(*) FROM json_each(NEW.drift) AS change WHERE change.value ->> 'aside' IS NULL)));
END;

CREATE TRIGGER browser_test_sessions_begun AFTER INSERT ON browser_test_sessions
BEGIN
    INSERT INTO live_events (kind, data) SELECT 'session', json_object(
        'session', NEW.id, 'status', NEW.status, 'correlation_id', NEW.correlation_id, 'story', story_id)
    FROM stories WHERE id = NEW.story_id;
END;
CREATE TRIGGER browser_test_sessions_ended AFTER UPDATE OF status ON browser_test_sessions
    WHEN OLD.status IS NOT NEW.status
BEGIN
    INSERT INTO live_events (kind, data) SELECT 'session', json_object(
        'session', NEW.id, 'status', NEW.status, 'correlation_id', NEW.correlation_id, 'story', story_id)
    FROM stories WHERE id = NEW.story_id;
END;
