-- What a channel is told and when, whose it is, what nobody wants to hear of, and which events one message tells of.

ALTER TABLE notification_channels ADD COLUMN rules jsonb NOT NULL DEFAULT '{}';
ALTER TABLE notification_channels ADD COLUMN owner uuid REFERENCES users (id);

-- The event whose message told of this one, too.
ALTER TABLE notification_deliveries ADD COLUMN told_with uuid REFERENCES notification_events (id);
CREATE INDEX notification_deliveries_told_with ON notification_deliveries (told_with, channel_id)
    WHERE told_with IS NOT NULL;

CREATE TABLE notification_mutes (
    id         uuid PRIMARY KEY,
    component  text NOT NULL,
    channel_id uuid REFERENCES notification_channels (id),
    until      timestamptz,
    reason     text NOT NULL DEFAULT '',
    created_by uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT now()
);
