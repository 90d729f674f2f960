-- How far the pass of each shard is.
SELECT shard, day, streams, suspects, begun_at, finished_at, checked_day
FROM monitor_passes
ORDER BY shard
