-- Where a shard does not fit itself: a gap, a recorded time that runs backwards, an event of no
-- stream, an end that is not the head's.
WITH placed AS (
  SELECT
    stream_id, position, recorded_at,
    lag(position, 1, 0::bigint) OVER in_order AS previous_position,
    lag(recorded_at) OVER in_order AS previous_recorded_at
  FROM events
  WHERE shard = %(shard)s
  WINDOW in_order AS (ORDER BY position)
)
SELECT
  stream_id, position,
  format('position %%s was expected after %%s', previous_position + 1, previous_position)
FROM placed
WHERE position <> previous_position + 1
UNION ALL
SELECT
  stream_id, position,
  format('it was recorded at %%s, before the position before it', recorded_at)
FROM placed
WHERE recorded_at < previous_recorded_at
UNION ALL
SELECT min(stream_id), min(position), 'its stream has no head'
FROM events
WHERE shard = %(shard)s AND NOT EXISTS (
  SELECT FROM streams WHERE streams.shard = events.shard AND streams.stream_id = events.stream_id
)
GROUP BY stream_id
UNION ALL
SELECT
  NULL, reached.position,
  format('shard %%s ends at position %%s, but its head is at %%s',
    %(shard)s::integer, reached.position, heads.position)
FROM (SELECT coalesce(max(position), 0) AS position FROM events WHERE shard = %(shard)s) AS reached
LEFT JOIN heads ON heads.shard = %(shard)s
WHERE heads.position IS DISTINCT FROM reached.position
