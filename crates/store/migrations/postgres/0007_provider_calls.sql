-- What was asked of providers with a quota: how many calls each credential made, minute by minute, and since when it has to
-- wait, so that no process calls before the time that another one was told.

CREATE TABLE provider_calls (
    credential_id uuid NOT NULL REFERENCES credential_records (id) ON DELETE CASCADE,
    tier          text NOT NULL,
    minute        timestamptz NOT NULL,
    calls         bigint NOT NULL,
    PRIMARY KEY (credential_id, tier, minute)
);

CREATE TABLE provider_limits (
    credential_id uuid NOT NULL REFERENCES credential_records (id) ON DELETE CASCADE,
    resource      text NOT NULL,
    call          text NOT NULL,
    told_at       timestamptz NOT NULL,
    until         timestamptz NOT NULL,
    kind          text,
    plan          text,
    upgrade       text,
    PRIMARY KEY (credential_id, resource)
);
