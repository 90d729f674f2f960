-- Moves the ends of streams and shards to the events just written, in one round trip.
WITH moved AS (
  INSERT INTO streams (shard, stream_id, version, digest)
  SELECT *
  FROM unnest(
    %(stream_shards)s::integer[], %(stream_ids)s::text[], %(versions)s::integer[],
    %(digests)s::bytea[]
  )
  ON CONFLICT (shard, stream_id)
  DO UPDATE SET version = excluded.version, digest = excluded.digest
)
UPDATE heads
SET position = reached.position, recorded_at = reached.recorded_at
FROM unnest(%(shards)s::integer[], %(positions)s::bigint[], %(recorded_ats)s::timestamptz[])
  AS reached (shard, position, recorded_at)
WHERE heads.shard = reached.shard
