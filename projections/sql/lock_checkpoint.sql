-- Take the turn to project a shard, and see how far it is.
SELECT shard, position, business_date, rolled_to, moved_at
FROM checkpoints
WHERE shard = %(shard)s
FOR UPDATE
