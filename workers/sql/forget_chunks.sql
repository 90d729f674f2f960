-- Chunks of an earlier rebuild of these shards, done or not.
DELETE FROM rebuilds WHERE generation = %(generation)s AND shard = ANY(%(shards)s)
