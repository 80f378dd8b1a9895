-- Drift that alarmed and no longer does, which a digest tells of: the last report has what is open alone.

CREATE TABLE closed_drift (
    component_id uuid NOT NULL REFERENCES component_artifacts (id),
    path         text NOT NULL,
    opened_at    timestamptz NOT NULL,
    closed_at    timestamptz NOT NULL,
    PRIMARY KEY (component_id, path, opened_at)
);
CREATE INDEX closed_drift_closed_at ON closed_drift (closed_at);

-- Whoever writes a report: what it has no more is closed, and what it has again is open. A change that a person set aside
-- alarms nobody.
CREATE FUNCTION lockstep_drift_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO closed_drift (component_id, path, opened_at, closed_at)
        SELECT NEW.id, was ->> 'path', (was ->> 'since')::timestamptz, NEW.updated_at
        FROM jsonb_array_elements(OLD.drift) AS was
        WHERE was -> 'aside' IS NULL AND was -> 'since' IS NOT NULL
          AND NOT EXISTS (
              SELECT 1 FROM jsonb_array_elements(NEW.drift) AS still
              WHERE still -> 'aside' IS NULL AND still -> 'path' = was -> 'path'
                AND still -> 'since' = was -> 'since')
        ON CONFLICT (component_id, path, opened_at) DO UPDATE SET closed_at = excluded.closed_at;
    DELETE FROM closed_drift
    WHERE component_id = NEW.id
      AND (path, opened_at) IN (
          SELECT still ->> 'path', (still ->> 'since')::timestamptz
          FROM jsonb_array_elements(NEW.drift) AS still
          WHERE still -> 'aside' IS NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER component_artifacts_drift_closed AFTER UPDATE OF drift ON component_artifacts
    FOR EACH ROW
    WHEN (jsonb_typeof(OLD.drift) = 'array' AND OLD.drift IS DISTINCT FROM NEW.drift)
    EXECUTE FUNCTION lockstep_drift_closed();
