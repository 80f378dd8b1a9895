-- Drift that alarmed and no longer does, which a digest tells of: the last report has what is open alone.

CREATE TABLE closed_drift (
    component_id TEXT NOT NULL CHECK (length(component_id) = 36) REFERENCES component_artifacts (id),
    path         TEXT NOT NULL,
    opened_at    TEXT NOT NULL CHECK (opened_at GLOB '????-??-??T??:??:??.??????Z'),
    closed_at    TEXT NOT NULL CHECK (closed_at GLOB '????-??-??T??:??:??.??????Z'),
    PRIMARY KEY (component_id, path, opened_at)
) STRICT;
CREATE INDEX closed_drift_closed_at ON closed_drift (closed_at);

-- Whoever writes a report: what it has no more is closed, and what it has again is open. A change that a person set aside
-- alarms nobody. JSON has as many digits of a second as there are.
CREATE TRIGGER component_artifacts_drift_closed AFTER UPDATE OF drift ON component_artifacts
    WHEN OLD.drift IS NOT NULL AND OLD.drift IS NOT NEW.drift
BEGIN
    INSERT INTO closed_drift (component_id, path, opened_at, closed_at)
        SELECT NEW.id, was.value ->> 'path',
               substr(was.value ->> 'since', 1, 19) || '.'
                   || substr(rtrim(substr(was.value ->> 'since', 21), 'Z') || '000000', 1, 6) || 'Z',
               NEW.updated_at
        FROM json_each(OLD.drift) AS was
        WHERE was.value ->> 'aside' IS NULL AND was.value ->> 'since' IS NOT NULL
          AND NOT EXISTS (
              SELECT 1 FROM json_each(NEW.drift) AS still
              WHERE still.value ->> 'aside' IS NULL AND still.value ->> 'path' = was.value ->> 'path'
                AND still.value ->> 'since' = was.value ->> 'since')
        ON CONFLICT (component_id, path, opened_at) DO UPDATE SET closed_at = excluded.closed_at;
    DELETE FROM closed_drift
    WHERE component_id = NEW.id
      AND (path, opened_at) IN (
          SELECT still.value ->> 'path',
                 substr(still.value ->> 'since', 1, 19) || '.'
                     || substr(rtrim(substr(still.value ->> 'since', 21), 'Z') || '000000', 1, 6) || 'Z'
          FROM json_each(NEW.drift) AS still
          WHERE still.value ->> 'aside' IS NULL);
END;
