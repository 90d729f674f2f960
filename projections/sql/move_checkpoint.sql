-- Move forward, in the transaction that wrote the rows; never backwards.
UPDATE checkpoints
SET position = greatest(position, %(position)s), moved_at = %(now)s
WHERE shard = %(shard)s
