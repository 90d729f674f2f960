-- The shard is rebuilt.
DELETE FROM rebuilds WHERE shard = %(shard)s
