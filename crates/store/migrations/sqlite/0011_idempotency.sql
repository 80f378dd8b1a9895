-- What was answered to requests that named a key, so that the same request again is answered, and not done, again.
CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL CHECK (length(user_id) = 36) REFERENCES users (id),
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash TEXT NOT NULL,
    -- The request that has it in hand, or had.
    holder TEXT NOT NULL CHECK (length(holder) = 36),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    -- Without an answer: when others may take it; with one: when it is forgotten.
    until TEXT NOT NULL CHECK (until GLOB '????-??-??T??:??:??.??????Z'),
    status INTEGER,
    location TEXT,
    content BLOB,
    size INTEGER,
    PRIMARY KEY (user_id, key),
    CHECK ((status IS NULL) = (content IS NULL) AND (status IS NULL) = (size IS NULL))
) STRICT;
CREATE INDEX idempotency_keys_until ON idempotency_keys (until);
