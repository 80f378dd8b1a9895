-- The registry: users, components on both sides, stories, baselines, and what is known of their coverage.

CREATE TYPE mapping_status AS ENUM ('unmapped', 'mapped', 'drift');
CREATE TYPE user_role AS ENUM ('viewer', 'developer', 'maintainer', 'admin');
CREATE TYPE user_kind AS ENUM ('os_user', 'local', 'oidc');

-- `updated_at` is the writer's time when it gives one, else the database's.
CREATE FUNCTION lockstep_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION lockstep_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

CREATE TABLE users (
    id           uuid PRIMARY KEY,
    name         text NOT NULL UNIQUE,
    display_name text NOT NULL DEFAULT '',
    role         user_role NOT NULL,
    kind         user_kind NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    disabled_at  timestamptz
);

CREATE TABLE api_tokens (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id),
    name         text NOT NULL,
    token_hash   text NOT NULL UNIQUE,
    fingerprint  text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX api_tokens_user_id ON api_tokens (user_id);

CREATE TABLE component_artifacts (
    id                uuid PRIMARY KEY,
    name              text NOT NULL UNIQUE,
    variants          jsonb NOT NULL,
    last_story_update timestamptz,
    mapping_status    mapping_status NOT NULL DEFAULT 'unmapped',
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    package           text,
    file              text,
    detail            jsonb NOT NULL DEFAULT '{}',
    contract_hash     text,
    drift             jsonb,
    last_synced_at    timestamptz,
    gone_at           timestamptz
);
CREATE TRIGGER component_artifacts_touch BEFORE UPDATE ON component_artifacts
    FOR EACH ROW EXECUTE FUNCTION lockstep_touch();

CREATE TABLE design_artifacts (
    id                    uuid PRIMARY KEY,
    component_id          uuid REFERENCES component_artifacts (id),
    variant_refs          jsonb NOT NULL,
    last_design_change_at timestamptz NOT NULL,
    diff_hash             text NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    source                text NOT NULL,
    node_id               text NOT NULL,
    name                  text NOT NULL,
    kind                  text NOT NULL DEFAULT 'component',
    detail                jsonb NOT NULL DEFAULT '{}',
    gone_at               timestamptz,
    UNIQUE (source, node_id)
);
CREATE INDEX design_artifacts_component_id ON design_artifacts (component_id);
CREATE TRIGGER design_artifacts_touch BEFORE UPDATE ON design_artifacts
    FOR EACH ROW EXECUTE FUNCTION lockstep_touch();

CREATE TABLE stories (
    id           uuid PRIMARY KEY,
    story_id     text NOT NULL UNIQUE,
    component_id uuid REFERENCES component_artifacts (id),
    title        text NOT NULL,
    name         text NOT NULL,
    export_name  text NOT NULL,
    file         text NOT NULL,
    detail       jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    gone_at      timestamptz
);
CREATE INDEX stories_component_id ON stories (component_id);
CREATE TRIGGER stories_touch BEFORE UPDATE ON stories
    FOR EACH ROW EXECUTE FUNCTION lockstep_touch();

CREATE TABLE coverage_reports (
    id                   uuid PRIMARY KEY,
    component_id         uuid NOT NULL REFERENCES component_artifacts (id),
    generated_at         timestamptz NOT NULL,
    variant_coverage_pct numeric NOT NULL CHECK (variant_coverage_pct BETWEEN 0 AND 100),
    missing_variants     jsonb NOT NULL,
    missing_tests        jsonb NOT NULL,
    warnings             jsonb,
    variant_hash         text NOT NULL,
    confirmed_at         timestamptz,
    UNIQUE (component_id, variant_hash)
);
CREATE INDEX coverage_reports_component_id_generated_at
    ON coverage_reports (component_id, generated_at DESC);

CREATE TABLE coverage_reports_archive (
    id                   uuid PRIMARY KEY,
    component_id         uuid NOT NULL REFERENCES component_artifacts (id),
    generated_at         timestamptz NOT NULL,
    variant_coverage_pct numeric NOT NULL CHECK (variant_coverage_pct BETWEEN 0 AND 100),
    missing_variants     jsonb NOT NULL,
    missing_tests        jsonb NOT NULL,
    warnings             jsonb,
    variant_hash         text NOT NULL,
    confirmed_at         timestamptz,
    archived_at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX coverage_reports_archive_component_id_generated_at
    ON coverage_reports_archive (component_id, generated_at DESC);

CREATE TABLE drift_queue (
    id              uuid PRIMARY KEY,
    component_id    uuid NOT NULL UNIQUE,
    queued_at       timestamptz NOT NULL,
    attempt_count   int NOT NULL DEFAULT 0,
    last_attempt_at timestamptz,
    leased_by       text,
    leased_until    timestamptz,
    last_error      text
);
CREATE INDEX drift_queue_queued_at ON drift_queue (queued_at);
