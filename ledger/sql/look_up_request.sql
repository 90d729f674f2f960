-- What the log holds of a request: the ends of its streams, behind 0; then the events whose keys
-- it names, behind the place of each in the request.  So a stream that is named often is sent once.
-- OFFSET 0 keeps both lookups index scans, one for each that is asked: as a join or as IN (SELECT
-- unnest) the planner may scan the whole table.
SELECT
  0 AS ordinal,
  stream.shard, NULL AS position, stream.stream_id, stream.version, NULL AS topic,
  NULL AS effective_on, NULL AS recorded_at, NULL AS key, NULL AS state, stream.digest
FROM unnest(%(stream_shards)b::integer[], %(stream_ids)b::text[]) AS asked (shard, stream_id)
CROSS JOIN LATERAL (
  SELECT shard, stream_id, version, digest
  FROM streams
  WHERE streams.shard = asked.shard AND streams.stream_id = asked.stream_id
  OFFSET 0
) AS stream
UNION ALL
SELECT
  asked.ordinal,
  found.shard, found.position, found.stream_id, found.version, found.topic, found.effective_on,
  found.recorded_at, found.key, found.state, found.digest
FROM unnest(%(shards)b::integer[], %(of_streams)b::text[], %(keys)b::text[])
  WITH ORDINALITY AS asked (shard, stream_id, key, ordinal)
CROSS JOIN LATERAL (
  SELECT *
  FROM events
  WHERE events.shard = asked.shard AND events.stream_id = asked.stream_id AND events.key = asked.key
  OFFSET 0
) AS found
