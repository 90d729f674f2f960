-- Shards in which a generation is behind the live one: a reader would see a view go back.
SELECT shard
FROM all_checkpoints AS new
JOIN checkpoints AS live USING (shard)
WHERE new.generation = %(generation)s AND NOT (
  new.is_built AND new.position >= live.position
  AND (live.rolled_to IS NULL OR coalesce(new.rolled_to >= live.rolled_to, false))
)
ORDER BY shard
