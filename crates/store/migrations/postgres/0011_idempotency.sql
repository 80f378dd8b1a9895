-- What was answered to requests that named a key, so that the same request again is answered, and not done, again.
CREATE TABLE idempotency_keys (
    user_id      uuid NOT NULL REFERENCES users (id),
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash text NOT NULL,
    -- The request that has it in hand, or had.
    holder       uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- Without an answer: when others may take it; with one: when it is forgotten.
    until        timestamptz NOT NULL,
    status       int,
    location     text,
    content      bytea,
    size         int,
    PRIMARY KEY (user_id, key),
    CHECK ((status IS NULL) = (content IS NULL) AND (status IS NULL) = (size IS NULL))
);
CREATE INDEX idempotency_keys_until ON idempotency_keys (until);
