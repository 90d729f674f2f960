-- Moves the ends of streams and shards to the events just written, in one round trip.
WITH moved AS (
  INSERT INTO streams (shard, stream_id, version, digest)
  SELECT *
  FROM unnest(
    %(stream_shards)b::integer[], %(stream_ids)b::text[], %(versions)b::integer[],
    %(digests)b::bytea[]
  )
  ON CONFLICT (shard, stream_id)
  DO UPDATE SET version = excluded.version, digest = excluded.digest
)
UPDATE heads
SET position = reached.position, recorded_at = reached.recorded_at
FROM unnest(%(shards)b::integer[], %(positions)b::bigint[], %(recorded_ats)b::timestamptz[])
  AS reached (shard, position, recorded_at)
WHERE heads.shard = reached.shard
