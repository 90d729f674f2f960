-- Queues the writers of a shard; all lock in the order of shards, so none waits for another in a ring.
SELECT shard, position, recorded_at
FROM heads
WHERE shard = ANY (%(shards)s)
ORDER BY shard
FOR UPDATE
