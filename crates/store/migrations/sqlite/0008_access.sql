-- Who may sign in to a hub, and with what. Of every secret only a hash is kept: of passwords a slow one, of what the hub
-- makes up itself (links, sessions, tokens) its SHA-256.

ALTER TABLE api_tokens ADD COLUMN scopes TEXT NOT NULL DEFAULT '["read"]' CHECK (json_valid(scopes));

CREATE TABLE user_passwords (
    user_id TEXT NOT NULL PRIMARY KEY CHECK (length(user_id) = 36) REFERENCES users (id),
    password_hash TEXT NOT NULL,
    changed_at TEXT NOT NULL CHECK (changed_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;

-- What lets somebody choose a password, once; for a user, or for whoever comes first.
CREATE TABLE sign_in_links (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    user_id TEXT CHECK (length(user_id) = 36) REFERENCES users (id),
    link_hash TEXT NOT NULL UNIQUE,
    created_by TEXT CHECK (length(created_by) = 36) REFERENCES users (id),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    expires_at TEXT NOT NULL CHECK (expires_at GLOB '????-??-??T??:??:??.??????Z'),
    used_at TEXT CHECK (used_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX sign_in_links_user_id ON sign_in_links (user_id);

CREATE TABLE user_sessions (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    user_id TEXT NOT NULL CHECK (length(user_id) = 36) REFERENCES users (id),
    session_hash TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??.??????Z'),
    expires_at TEXT NOT NULL CHECK (expires_at GLOB '????-??-??T??:??:??.??????Z'),
    ended_at TEXT CHECK (ended_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX user_sessions_user_id ON user_sessions (user_id);
CREATE INDEX user_sessions_expires_at ON user_sessions (expires_at);

-- How often it failed lately, by whom or from where.
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_failed_at TEXT NOT NULL CHECK (last_failed_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
CREATE INDEX sign_in_failures_last_failed_at ON sign_in_failures (last_failed_at);
