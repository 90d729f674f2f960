-- A turn beside others that build chunks of the same shard; who follows or heals it has to wait.
SELECT
  generation, shard, position, business_date, rolled_to, moved_at, is_built,
  state = 'live' AS is_live
FROM all_checkpoints
JOIN generations ON number = generation
WHERE shard = %(shard)s AND recipe = %(recipe)s
  AND CASE
    WHEN %(generation)s::integer IS NULL THEN state = 'live'
    ELSE number = %(generation)s
  END
FOR SHARE OF all_checkpoints
