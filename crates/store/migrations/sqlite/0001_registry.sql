-- The registry: users, components on both sides, stories, baselines, and what is known of their coverage.

CREATE TABLE users (
    id           TEXT NOT NULL PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL DEFAULT '',
    role         TEXT NOT NULL
        CHECK (role IN ('viewer', 'developer', 'maintainer', 'admin')),
    kind         TEXT NOT NULL
        CHECK (kind IN ('os_user', 'local', 'oidc')),
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    disabled_at  TEXT
) STRICT;

CREATE TABLE api_tokens (
    id           TEXT NOT NULL PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL,
    token_hash   TEXT NOT NULL UNIQUE,
    fingerprint  TEXT NOT NULL,
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    expires_at   TEXT,
    last_used_at TEXT,
    revoked_at   TEXT
) STRICT;
CREATE INDEX api_tokens_user_id ON api_tokens (user_id);

CREATE TABLE component_artifacts (
    id                TEXT NOT NULL PRIMARY KEY,
    name              TEXT NOT NULL UNIQUE,
    variants          TEXT NOT NULL CHECK (json_valid(variants)),
    last_story_update TEXT,
    mapping_status    TEXT NOT NULL DEFAULT 'unmapped'
        CHECK (mapping_status IN ('unmapped', 'mapped', 'drift')),
    created_at        TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at        TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    package           TEXT,
    file              TEXT,
    detail            TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    contract_hash     TEXT,
    drift             TEXT CHECK (json_valid(drift)),
    last_synced_at    TEXT,
    gone_at           TEXT
) STRICT;
CREATE TRIGGER component_artifacts_touch AFTER UPDATE ON component_artifacts
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE component_artifacts SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

CREATE TABLE design_artifacts (
    id                    TEXT NOT NULL PRIMARY KEY,
    component_id          TEXT REFERENCES component_artifacts (id),
    variant_refs          TEXT NOT NULL CHECK (json_valid(variant_refs)),
    last_design_change_at TEXT NOT NULL,
    diff_hash             TEXT NOT NULL,
    created_at            TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at            TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    source                TEXT NOT NULL,
    node_id               TEXT NOT NULL,
    name                  TEXT NOT NULL,
    kind                  TEXT NOT NULL DEFAULT 'component',
    detail                TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    gone_at               TEXT,
    UNIQUE (source, node_id)
) STRICT;
CREATE INDEX design_artifacts_component_id ON design_artifacts (component_id);
CREATE TRIGGER design_artifacts_touch AFTER UPDATE ON design_artifacts
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE design_artifacts SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

CREATE TABLE stories (
    id           TEXT NOT NULL PRIMARY KEY,
    story_id     TEXT NOT NULL UNIQUE,
    component_id TEXT REFERENCES component_artifacts (id),
    title        TEXT NOT NULL,
    name         TEXT NOT NULL,
    export_name  TEXT NOT NULL,
    file         TEXT NOT NULL,
    detail       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    gone_at      TEXT
) STRICT;
CREATE INDEX stories_component_id ON stories (component_id);
CREATE TRIGGER stories_touch AFTER UPDATE ON stories
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE stories SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

CREATE TABLE coverage_reports (
    id                   TEXT NOT NULL PRIMARY KEY,
    component_id         TEXT NOT NULL REFERENCES component_artifacts (id),
    generated_at         TEXT NOT NULL,
    variant_coverage_pct REAL NOT NULL CHECK (variant_coverage_pct BETWEEN 0 AND 100),
    missing_variants     TEXT NOT NULL CHECK (json_valid(missing_variants)),
    missing_tests        TEXT NOT NULL CHECK (json_valid(missing_tests)),
    warnings             TEXT CHECK (json_valid(warnings)),
    variant_hash         TEXT NOT NULL,
    confirmed_at         TEXT,
    UNIQUE (component_id, variant_hash)
) STRICT;
CREATE INDEX coverage_reports_component_id_generated_at
    ON coverage_reports (component_id, generated_at DESC);

CREATE TABLE coverage_reports_archive (
    id                   TEXT NOT NULL PRIMARY KEY,
    component_id         TEXT NOT NULL REFERENCES component_artifacts (id),
    generated_at         TEXT NOT NULL,
    variant_coverage_pct REAL NOT NULL CHECK (variant_coverage_pct BETWEEN 0 AND 100),
    missing_variants     TEXT NOT NULL CHECK (json_valid(missing_variants)),
    missing_tests        TEXT NOT NULL CHECK (json_valid(missing_tests)),
    warnings             TEXT CHECK (json_valid(warnings)),
    variant_hash         TEXT NOT NULL,
    confirmed_at         TEXT,
    archived_at          TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
) STRICT;
CREATE INDEX coverage_reports_archive_component_id_generated_at
    ON coverage_reports_archive (component_id, generated_at DESC);

CREATE TABLE drift_queue (
    id              TEXT NOT NULL PRIMARY KEY,
    component_id    TEXT NOT NULL UNIQUE,
    queued_at       TEXT NOT NULL,
    attempt_count   INTEGER NOT NULL DEFAULT 0,
    last_attempt_at TEXT,
    leased_by       TEXT,
    leased_until    TEXT,
    last_error      TEXT
) STRICT;
CREATE INDEX drift_queue_queued_at ON drift_queue (queued_at);
