-- Which streams the next events of a shard belong to, and the position behind them.
WITH next_events AS (
  SELECT position, stream_id
  FROM events
  WHERE shard = %(shard)s AND position > %(after)s
  ORDER BY position
  LIMIT %(limit)s
)
SELECT
  coalesce(array_agg(DISTINCT stream_id), '{}'),
  coalesce(max(position), %(after)s)::bigint
FROM next_events
