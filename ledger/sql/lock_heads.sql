-- Queues the writers of a shard.  All lock in the order of shards: none waits in a ring.
SELECT shard, position, recorded_at
FROM heads
WHERE shard = ANY (%(shards)b::integer[])
ORDER BY shard
FOR UPDATE
