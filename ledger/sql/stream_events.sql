-- All events of some streams, stream by stream in the order asked, by one index scan per stream.
SELECT found.*
FROM unnest(%(shards)b::integer[], %(stream_ids)b::text[])
  WITH ORDINALITY AS asked (shard, stream_id, ordinal)
CROSS JOIN LATERAL (
  SELECT
    shard, position, stream_id, version, topic, effective_on, recorded_at, key, state, digest
  FROM events
  WHERE events.shard = asked.shard AND events.stream_id = asked.stream_id
  ORDER BY version
  OFFSET 0
) AS found
ORDER BY asked.ordinal, found.version
