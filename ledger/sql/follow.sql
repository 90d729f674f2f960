-- The next events of a shard.  Positions have no gaps and commit in order: none appears behind.
SELECT shard, position, stream_id, version, topic, effective_on, recorded_at, key, state, digest
FROM events
WHERE shard = %(shard)s AND position > %(after)s
ORDER BY position
LIMIT %(limit)s
