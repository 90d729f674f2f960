-- The event as the backup has it.
INSERT INTO events (
  shard, position, stream_id, version, topic, effective_on, recorded_at, key, state, digest
)
VALUES (
  %(shard)s, %(position)s, %(stream_id)s, %(version)s, %(topic)s, %(effective_on)s,
  %(recorded_at)s, %(key)s, decode(%(state)s, 'hex'), decode(%(digest)s, 'hex')
)
ON CONFLICT (shard, position) DO UPDATE SET
  state = excluded.state, effective_on = excluded.effective_on
