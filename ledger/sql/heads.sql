-- The end of every shard: what a follower compares its checkpoint with.
SELECT shard, position, recorded_at FROM heads ORDER BY shard
