-- Take the turn at a chunk that is owed and that nobody else is at.
SELECT rebuilds.generation, shard, chunk, after, upto, state = 'live' AS in_place
FROM rebuilds
JOIN generations ON number = rebuilds.generation
WHERE shard = %(shard)s AND done_at IS NULL AND state <> 'old' AND recipe = %(recipe)s
ORDER BY rebuilds.generation, chunk
LIMIT 1
FOR UPDATE OF rebuilds SKIP LOCKED
