-- A shard begins with nothing assessed: all that is in its log is news.
INSERT INTO assessment_progress (shard)
SELECT generate_series(0, %(shards)s - 1)
ON CONFLICT DO NOTHING
