-- Every shard begins at position 0 of its log.
INSERT INTO checkpoints (shard) SELECT generate_series(0, %(shards)s - 1) ON CONFLICT DO NOTHING
