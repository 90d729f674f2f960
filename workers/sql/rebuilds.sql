-- The shards whose rebuild is not finished.
SELECT shard FROM rebuilds ORDER BY shard
