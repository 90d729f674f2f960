-- The first generation begins at position 0 of every shard, where nothing is to be built.
INSERT INTO all_checkpoints (generation, shard, is_built)
SELECT number, shard, true FROM generations, generate_series(0, %(shards)s - 1) AS shard
