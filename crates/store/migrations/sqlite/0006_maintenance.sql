-- Who may do what only one process does at a time, and indexes by which maintenance finds what is old without reading
-- the rest.

CREATE TABLE leases (
    name    TEXT NOT NULL PRIMARY KEY,
    holder  TEXT NOT NULL CHECK (length(holder) = 36),
    process TEXT NOT NULL,
    until   TEXT NOT NULL CHECK (until GLOB '????-??-??T??:??:??.??????Z')
) STRICT;

CREATE INDEX coverage_reports_last_found ON coverage_reports (COALESCE(confirmed_at, generated_at));
DROP INDEX state_snapshots_touched_at;
CREATE INDEX state_snapshots_touched_at ON state_snapshots (touched_at, hash);
