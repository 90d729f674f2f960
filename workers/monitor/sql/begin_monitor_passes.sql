-- A shard begins with nothing looked at.
INSERT INTO monitor_passes (shard)
SELECT generate_series(0, %(shards)s - 1)
ON CONFLICT DO NOTHING
