-- Who may sign in to a hub, and with what. Of every secret only a hash is kept: of passwords a slow one, of what the hub
-- makes up itself (links, sessions, tokens) its SHA-256.

ALTER TABLE api_tokens ADD COLUMN scopes jsonb NOT NULL DEFAULT '["read"]';

CREATE TABLE user_passwords (
    user_id       uuid PRIMARY KEY REFERENCES users (id),
    password_hash text NOT NULL,
    changed_at    timestamptz NOT NULL
);

-- What lets somebody choose a password, once; for a user, or for whoever comes first.
CREATE TABLE sign_in_links (
    id         uuid PRIMARY KEY,
    user_id    uuid REFERENCES users (id),
    link_hash  text NOT NULL UNIQUE,
    created_by uuid REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX sign_in_links_user_id ON sign_in_links (user_id);

CREATE TABLE user_sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id),
    session_hash text NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz
);
CREATE INDEX user_sessions_user_id ON user_sessions (user_id);
CREATE INDEX user_sessions_expires_at ON user_sessions (expires_at);

-- How often it failed lately, by whom or from where.
CREATE TABLE sign_in_failures (
    subject        text PRIMARY KEY,
    failures       integer NOT NULL,
    last_failed_at timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_last_failed_at ON sign_in_failures (last_failed_at);
