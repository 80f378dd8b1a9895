-- What a channel is told and when, whose it is, what nobody wants to hear of, and which events one message tells of.

ALTER TABLE notification_channels ADD COLUMN rules TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(rules));
ALTER TABLE notification_channels ADD COLUMN owner TEXT CHECK (length(owner) = 36) REFERENCES users (id);

-- The event whose message told of this one, too.
ALTER TABLE notification_deliveries ADD COLUMN told_with TEXT CHECK (length(told_with) = 36)
    REFERENCES notification_events (id);
CREATE INDEX notification_deliveries_told_with ON notification_deliveries (told_with, channel_id)
    WHERE told_with IS NOT NULL;

CREATE TABLE notification_mutes (
    id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
    component  TEXT NOT NULL,
    channel_id TEXT CHECK (length(channel_id) = 36) REFERENCES notification_channels (id),
    until      TEXT CHECK (until GLOB '????-??-??T??:??:??.??????Z'),
    reason     TEXT NOT NULL DEFAULT '',
    created_by TEXT NOT NULL CHECK (length(created_by) = 36) REFERENCES users (id),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
        CHECK (created_at GLOB '????-??-??T??:??:??.??????Z')
) STRICT;
