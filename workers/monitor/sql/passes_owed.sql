-- The shards whose pass over the day can go on now.
SELECT shard
FROM monitor_passes
WHERE day IS DISTINCT FROM %(day)s
  OR finished_at IS NULL AND (next_at IS NULL OR next_at <= %(now)s)
ORDER BY shard
