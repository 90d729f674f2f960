-- A few events, and the ends of their streams and shards moved to them: unlike COPY, an INSERT
-- travels in a pipeline, and what it has written need not be sent again to be moved to.
WITH written AS (
  INSERT INTO events (
    shard, position, stream_id, version, topic, effective_on, recorded_at, key, state, digest
  )
  SELECT *
  FROM unnest(
    %(shard)b::integer[], %(position)b::bigint[], %(stream_id)b::text[], %(version)b::integer[],
    %(topic)b::text[], %(effective_on)b::date[], %(recorded_at)b::timestamptz[], %(key)b::text[],
    %(state)b::bytea[], %(digest)b::bytea[]
  )
  RETURNING shard, position, stream_id, version, recorded_at, digest
), moved AS (
  INSERT INTO streams (shard, stream_id, version, digest)
  SELECT DISTINCT ON (shard, stream_id) shard, stream_id, version, digest
  FROM written
  ORDER BY shard, stream_id, version DESC
  ON CONFLICT (shard, stream_id)
  DO UPDATE SET version = excluded.version, digest = excluded.digest
)
UPDATE heads
SET position = reached.position, recorded_at = reached.recorded_at
FROM (
  SELECT DISTINCT ON (shard) shard, position, recorded_at
  FROM written
  ORDER BY shard, position DESC
) AS reached
WHERE heads.shard = reached.shard
