-- The rolled day and the missed days before it, in order, each once; of one shard or (NULL) of all.
INSERT INTO day_rolls (shard, day, rolled_at)
SELECT point.shard, missed::date, %(now)s
FROM all_checkpoints AS point
CROSS JOIN generate_series(
  coalesce((SELECT max(day) + 1 FROM day_rolls WHERE day_rolls.shard = point.shard), rolled_to),
  rolled_to,
  interval '1 day'
) AS missed
WHERE generation = %(generation)s AND coalesce(point.shard = %(shard)s, true)
ON CONFLICT DO NOTHING
