-- The registry: users, components on both sides, stories, baselines, and what is known of their coverage.
--
-- Throughout: ids are UUIDs as text, times are UTC text of one width down to the microsecond (so that they sort), JSON is
-- text that json_valid accepts, and words are held to their vocabulary by a CHECK.

CREATE TABLE users (
    id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    name         TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL DEFAULT '',
    role         TEXT NOT NULL
        CHECK (role IN ('viewer', 'developer', 'maintainer', 'admin')),
    kind         TEXT NOT NULL
        CHECK (kind IN ('os_user', 'local', 'oidc')),
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    disabled_at  TEXT CHECK (disabled_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;

CREATE TABLE api_tokens (
    id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    user_id      TEXT NOT NULL CHECK (length(user_id) = 36) REFERENCES users (id),
    name         TEXT NOT NULL,
    token_hash   TEXT NOT NULL UNIQUE,
    fingerprint  TEXT NOT NULL,
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    expires_at   TEXT CHECK (expires_at GLOB '????-??-??T??:??:??.??????Z'),
    last_used_at TEXT CHECK (last_used_at GLOB '????-??-??T??:??:??.??????Z'),
    revoked_at   TEXT CHECK (revoked_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX api_tokens_user_id ON api_tokens (user_id);

CREATE TABLE component_artifacts (
    id                TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    name              TEXT NOT NULL UNIQUE,
    variants          TEXT NOT NULL CHECK (json_valid(variants)),
    last_story_update TEXT CHECK (last_story_update GLOB '????-??-??T??:??:??.??????Z'),
    mapping_status    TEXT NOT NULL DEFAULT 'unmapped'
        CHECK (mapping_status IN ('unmapped', 'mapped', 'drift')),
    created_at        TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at        TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    package           TEXT,
    file              TEXT,
    detail            TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    contract_hash     TEXT,
    drift             TEXT CHECK (json_valid(drift)),
    last_synced_at    TEXT CHECK (last_synced_at GLOB '????-??-??T??:??:??.??????Z'),
    gone_at           TEXT CHECK (gone_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE TRIGGER component_artifacts_touch AFTER UPDATE ON component_artifacts
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE component_artifacts SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

CREATE TABLE design_artifacts (
    id                    TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    component_id          TEXT CHECK (length(component_id) = 36) REFERENCES component_artifacts (id),
    variant_refs          TEXT NOT NULL CHECK (json_valid(variant_refs)),
    last_design_change_at TEXT NOT NULL CHECK (last_design_change_at GLOB '????-??-??T??:??:??.??????Z'),
    diff_hash             TEXT NOT NULL,
    created_at            TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at            TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    source                TEXT NOT NULL,
    node_id               TEXT NOT NULL,
    name                  TEXT NOT NULL,
    kind                  TEXT NOT NULL DEFAULT 'component',
    detail                TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    gone_at               TEXT CHECK (gone_at GLOB '????-??-??T??:??:??.??????Z'),
    UNIQUE (source, node_id)
) STRICT;
CREATE INDEX design_artifacts_component_id ON design_artifacts (component_id);
CREATE TRIGGER design_artifacts_touch AFTER UPDATE ON design_artifacts
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE design_artifacts SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

CREATE TABLE stories (
    id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    story_id     TEXT NOT NULL UNIQUE,
    component_id TEXT CHECK (length(component_id) = 36) REFERENCES component_artifacts (id),
    title        TEXT NOT NULL,
    name         TEXT NOT NULL,
    export_name  TEXT NOT NULL,
    file         TEXT NOT NULL,
    detail       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    gone_at      TEXT CHECK (gone_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX stories_component_id ON stories (component_id);
CREATE TRIGGER stories_touch AFTER UPDATE ON stories
    WHEN NEW.updated_at IS OLD.updated_at
BEGIN
    UPDATE stories SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') WHERE id = NEW.id;
END;

CREATE TABLE coverage_reports (
    id                   TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    component_id         TEXT NOT NULL CHECK (length(component_id) = 36) REFERENCES component_artifacts (id),
    generated_at         TEXT NOT NULL CHECK (generated_at GLOB '????-??-??T??:??:??.??????Z'),
    variant_coverage_pct REAL NOT NULL CHECK (variant_coverage_pct BETWEEN 0 AND 100),
    missing_variants     TEXT NOT NULL CHECK (json_valid(missing_variants)),
    missing_tests        TEXT NOT NULL CHECK (json_valid(missing_tests)),
    warnings             TEXT CHECK (json_valid(warnings)),
    variant_hash         TEXT NOT NULL,
    confirmed_at         TEXT CHECK (confirmed_at GLOB '????-??-??T??:??:??.??????Z'),
    UNIQUE (component_id, variant_hash)
) STRICT;
CREATE INDEX coverage_reports_component_id_generated_at
    ON coverage_reports (component_id, generated_at DESC);

CREATE TABLE coverage_reports_archive (
    id                   TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    component_id         TEXT NOT NULL CHECK (length(component_id) = 36) REFERENCES component_artifacts (id),
    generated_at         TEXT NOT NULL CHECK (generated_at GLOB '????-??-??T??:??:??.??????Z'),
    variant_coverage_pct REAL NOT NULL CHECK (variant_coverage_pct BETWEEN 0 AND 100),
    missing_variants     TEXT NOT NULL CHECK (json_valid(missing_variants)),
    missing_tests        TEXT NOT NULL CHECK (json_valid(missing_tests)),
    warnings             TEXT CHECK (json_valid(warnings)),
    variant_hash         TEXT NOT NULL,
    confirmed_at         TEXT CHECK (confirmed_at GLOB '????-??-??T??:??:??.??????Z'),
    archived_at          TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (archived_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX coverage_reports_archive_component_id_generated_at
    ON coverage_reports_archive (component_id, generated_at DESC);

CREATE TABLE drift_queue (
    id              TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    component_id    TEXT NOT NULL UNIQUE CHECK (length(component_id) = 36),
    queued_at       TEXT NOT NULL CHECK (queued_at GLOB '????-??-??T??:??:??.??????Z'),
    attempt_count   INTEGER NOT NULL DEFAULT 0,
    last_attempt_at TEXT CHECK (last_attempt_at GLOB '????-??-??T??:??:??.??????Z'),
    leased_by       TEXT,
    leased_until    TEXT CHECK (leased_until GLOB '????-??-??T??:??:??.??????Z'),
    last_error      TEXT
) STRICT;
CREATE INDEX drift_queue_queued_at ON drift_queue (queued_at);
