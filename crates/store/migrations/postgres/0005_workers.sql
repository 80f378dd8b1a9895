-- What workers need: which change of a component an entry of the drift queue stands for, what decides how the component
-- is compared (so that it can be evaluated without its files), and the schedules that every registry begins with.

-- Rises with every change that is queued: a worker that finds it risen evaluates the component again.
ALTER TABLE drift_queue ADD COLUMN changes bigint NOT NULL DEFAULT 1;
DROP INDEX drift_queue_queued_at;
CREATE INDEX drift_queue_queued_at ON drift_queue (queued_at, id);

ALTER TABLE component_artifacts ADD COLUMN judged_by jsonb;
ALTER TABLE component_artifacts ADD COLUMN input_hash text;

INSERT INTO schedules (id, name, cron, timezone, action, enabled) VALUES
    ('5c4ed01e-0000-4000-8000-000000000001', 'nightly-maintenance', '30 3 * * *', 'UTC', 'maintain', true),
    ('5c4ed01e-0000-4000-8000-000000000002', 'nightly-sync', '30 2 * * *', 'UTC', 'sync', false);
