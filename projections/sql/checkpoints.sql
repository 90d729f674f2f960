-- How far every shard is projected.
SELECT shard, position, business_date, rolled_to, moved_at FROM checkpoints ORDER BY shard
