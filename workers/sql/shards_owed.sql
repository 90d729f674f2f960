-- The shards of which this code still owes chunks.
SELECT DISTINCT shard
FROM rebuilds
JOIN generations ON number = rebuilds.generation
WHERE done_at IS NULL AND state <> 'old' AND recipe = %(recipe)s
ORDER BY shard
