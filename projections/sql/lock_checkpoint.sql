-- Take the turn to project a shard of a generation (NULL: of the live one), and see how far it is.
-- Only the code whose recipe it is gets a turn.
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
FOR UPDATE OF all_checkpoints
