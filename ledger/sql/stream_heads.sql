-- The ends of some streams; a stream without events has no row.
SELECT found.stream_id, found.version, found.digest
FROM unnest(%(shards)b::integer[], %(stream_ids)b::text[]) AS asked (shard, stream_id)
CROSS JOIN LATERAL (
  SELECT stream_id, version, digest
  FROM streams
  WHERE streams.shard = asked.shard AND streams.stream_id = asked.stream_id
  OFFSET 0
) AS found
