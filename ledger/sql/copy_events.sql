-- COPY is the fastest way in; binary spares both sides the text form of digests and states.
COPY events (
  shard, position, stream_id, version, topic, effective_on, recorded_at, key, state, digest
) FROM STDIN (FORMAT binary)
