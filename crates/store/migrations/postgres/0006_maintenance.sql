-- Who may do what only one process does at a time, and indexes by which maintenance finds what is old without reading
-- the rest.

CREATE TABLE leases (
    name    text PRIMARY KEY,
    holder  uuid NOT NULL,
    process text NOT NULL,
    until   timestamptz NOT NULL
);

CREATE INDEX coverage_reports_last_found ON coverage_reports ((COALESCE(confirmed_at, generated_at)));
DROP INDEX state_snapshots_touched_at;
CREATE INDEX state_snapshots_touched_at ON state_snapshots (touched_at, hash);
