-- Of the accounts of the next events those under penalty rules, and the position behind the events.
-- An account is no news again for what its own assessment has appended.
WITH next_events AS (
  SELECT position, stream_id
  FROM events
  WHERE shard = %(shard)s AND position > %(after)s
  ORDER BY position
  LIMIT %(limit)s
), touched AS (
  SELECT DISTINCT stream_id FROM next_events
), concerned AS (
  SELECT touched.stream_id
  FROM touched
  JOIN streams ON streams.shard = %(shard)s AND streams.stream_id = touched.stream_id
  LEFT JOIN assessments
    ON assessments.shard = %(shard)s AND assessments.account_id = touched.stream_id
  WHERE assessments.version IS DISTINCT FROM streams.version
    AND EXISTS (
      SELECT
      FROM events
      WHERE events.shard = %(shard)s AND events.stream_id = touched.stream_id
        AND topic = 'draw.made'
        AND (
          position('"late_fee":{'::bytea IN state) > 0
          OR position('"penalty_interest":{'::bytea IN state) > 0
        )
    )
)
SELECT
  (SELECT coalesce(array_agg(stream_id ORDER BY stream_id), '{}') FROM concerned),
  coalesce(max(position), %(after)s)::bigint
FROM next_events
