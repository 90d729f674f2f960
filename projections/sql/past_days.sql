-- Of a shard: when the day was rolled, if it was, and the last day that was rolled at an instant.
SELECT
  (SELECT rolled_at FROM day_rolls WHERE shard = %(shard)s AND day = %(day)s) AS rolled_at,
  (SELECT max(day) FROM day_rolls WHERE shard = %(shard)s AND rolled_at <= %(at)s) AS last_day
