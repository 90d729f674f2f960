-- Take the turn at the pass of a shard, unless another is at it.
SELECT
  CASE WHEN day = %(day)s THEN after ELSE '' END AS after,
  day IS NOT DISTINCT FROM %(day)s AND finished_at IS NOT NULL AS is_finished,
  day IS NOT DISTINCT FROM %(day)s AND next_at > %(now)s AS is_early
FROM monitor_passes
WHERE shard = %(shard)s
FOR UPDATE SKIP LOCKED
