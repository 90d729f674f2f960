-- The streams up to this one were looked at.  A new day begins the count anew.
UPDATE monitor_passes
SET streams = %(streams)s + CASE WHEN day = %(day)s THEN streams ELSE 0 END,
  suspects = %(suspects)s + CASE WHEN day = %(day)s THEN suspects ELSE 0 END,
  begun_at = CASE WHEN day = %(day)s THEN begun_at ELSE %(now)s END,
  finished_at = CASE WHEN %(is_end)s THEN %(now)s END,
  checked_day = CASE WHEN %(is_end)s THEN %(day)s ELSE checked_day END,
  day = %(day)s, after = %(after)s, next_at = %(next_at)s
WHERE shard = %(shard)s
