-- How far one shard is projected.
SELECT shard, position, business_date, rolled_to, moved_at FROM checkpoints WHERE shard = %(shard)s
