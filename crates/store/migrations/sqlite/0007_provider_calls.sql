-- What was asked of providers with a quota: how many calls each credential made, minute by minute, and since when it has to
-- wait, so that no process calls before the time that another one was told.

CREATE TABLE provider_calls (
    credential_id TEXT NOT NULL CHECK (length(credential_id) = 36) REFERENCES credential_records (id) ON DELETE CASCADE,
    tier          TEXT NOT NULL,
    minute        TEXT NOT NULL CHECK (minute GLOB '????-??-??T??:??:??.??????Z'),
    calls         INTEGER NOT NULL,
    PRIMARY KEY (credential_id, tier, minute)
) STRICT;

CREATE TABLE provider_limits (
    credential_id TEXT NOT NULL CHECK (length(credential_id) = 36) REFERENCES credential_records (id) ON DELETE CASCADE,
    resource      TEXT NOT NULL,
    call          TEXT NOT NULL,
    told_at       TEXT NOT NULL CHECK (told_at GLOB '????-??-??T??:??:??.??????Z'),
    until         TEXT NOT NULL CHECK (until GLOB '????-??-??T??:??:??.??????Z'),
    kind          TEXT,
    plan          TEXT,
    upgrade       TEXT,
    PRIMARY KEY (credential_id, resource)
) STRICT;
