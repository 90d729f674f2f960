-- How far this code has come in every shard of every generation that it projects.
SELECT
  generation, shard, position, business_date, rolled_to, moved_at, is_built,
  state = 'live' AS is_live
FROM all_checkpoints
JOIN generations ON number = generation
WHERE is_built AND state <> 'old' AND recipe = %(recipe)s
ORDER BY state = 'live' DESC, shard
