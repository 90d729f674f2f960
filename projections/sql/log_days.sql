-- The rolled day and the missed days before it, in order, each once.
INSERT INTO day_rolls (shard, day, rolled_at)
SELECT %(shard)s, day::date, %(now)s
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
ON CONFLICT DO NOTHING
