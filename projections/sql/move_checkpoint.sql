-- Move forward, in the transaction that wrote the rows; never backwards.
UPDATE all_checkpoints
SET position = greatest(position, %(position)s), moved_at = %(now)s
WHERE generation = %(generation)s AND shard = %(shard)s
