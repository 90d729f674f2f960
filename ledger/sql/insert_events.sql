-- A few events: unlike COPY, an INSERT travels in a pipeline with the statements around it.
INSERT INTO events (
  shard, position, stream_id, version, topic, effective_on, recorded_at, key, state, digest
)
SELECT *
FROM unnest(
  %(shard)b::integer[], %(position)b::bigint[], %(stream_id)b::text[], %(version)b::integer[],
  %(topic)b::text[], %(effective_on)b::date[], %(recorded_at)b::timestamptz[], %(key)b::text[],
  %(state)b::bytea[], %(digest)b::bytea[]
)
