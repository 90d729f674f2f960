-- Owe the rebuild of some shards; one that is under way begins again.
INSERT INTO rebuilds (shard) SELECT unnest(%(shards)s::integer[])
ON CONFLICT (shard) DO UPDATE SET after = excluded.after
