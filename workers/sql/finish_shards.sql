-- Shards of which no chunk is owed any more are built: from here on they follow the log.
UPDATE all_checkpoints
SET is_built = true
WHERE NOT is_built AND NOT EXISTS (
  SELECT FROM rebuilds
  WHERE rebuilds.generation = all_checkpoints.generation
    AND rebuilds.shard = all_checkpoints.shard
    AND done_at IS NULL
)
