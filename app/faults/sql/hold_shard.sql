-- From now on nobody projects this shard.
INSERT INTO held_shards (shard) VALUES (%(shard)s) ON CONFLICT DO NOTHING
