-- Keep that events waited for longer than is prompt; positions have no gaps, so the first that the
-- step took stands right behind its beginning.
INSERT INTO projection_delays (shard, position, after_position, recorded_at, projected_at)
SELECT shard, %(position)s, %(after)s, recorded_at, %(now)s
FROM events
WHERE shard = %(shard)s AND position = %(after)s + 1
  AND recorded_at < %(now)s - make_interval(secs => %(prompt_seconds)s)
ON CONFLICT DO NOTHING
