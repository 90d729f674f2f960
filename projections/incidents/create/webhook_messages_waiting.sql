-- Finds what waits without looking at what was delivered.
CREATE INDEX IF NOT EXISTS webhook_messages_waiting
ON webhook_messages (incident, number) WHERE delivered_at IS NULL
