-- What the log holds of a request: the end of each stream, and the event under each key, if any.
-- OFFSET 0 keeps both lookups index scans, one per event asked: as a join or as IN (SELECT unnest)
-- the planner may scan the whole table.  A new stream has no row, and no key is looked for in it.
SELECT
  asked.ordinal,
  stream.version, stream.digest,
  found.shard, found.position, found.stream_id, found.version, found.topic, found.effective_on,
  found.recorded_at, found.key, found.state, found.digest
FROM unnest(%(shards)b::integer[], %(stream_ids)b::text[], %(keys)b::text[])
  WITH ORDINALITY AS asked (shard, stream_id, key, ordinal)
CROSS JOIN LATERAL (
  SELECT version, digest
  FROM streams
  WHERE streams.shard = asked.shard AND streams.stream_id = asked.stream_id
  OFFSET 0
) AS stream
LEFT JOIN LATERAL (
  SELECT *
  FROM events
  WHERE events.shard = asked.shard AND events.stream_id = asked.stream_id AND events.key = asked.key
  OFFSET 0
) AS found ON true
