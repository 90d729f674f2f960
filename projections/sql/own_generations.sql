-- The generations that this code makes, the live one first; those whose shard is still being built
-- are not followed yet.
SELECT generation
FROM all_checkpoints
JOIN generations ON number = generation
WHERE shard = %(shard)s AND state <> 'old' AND recipe = %(recipe)s
  AND (is_built OR %(with_unbuilt)s)
ORDER BY state = 'live' DESC
