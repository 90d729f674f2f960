-- The log for people who ask in SQL: states as jsonb, digests as text.
CREATE VIEW events_readable AS
SELECT
  shard, position, stream_id, version, topic, effective_on, recorded_at, key,
  as_json(state) AS state,
  encode(digest, 'hex') AS digest
FROM events
