-- How far one shard of the live generation is projected.
SELECT
  generation, shard, position, business_date, rolled_to, moved_at, is_built,
  true AS is_live
FROM all_checkpoints
WHERE generation = (SELECT number FROM generations WHERE state = 'live') AND shard = %(shard)s
