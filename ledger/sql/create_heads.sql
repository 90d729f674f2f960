-- Every shard has its head from the start, so an append always finds the row to lock.
INSERT INTO heads (shard)
SELECT shard FROM ledger, generate_series(0, ledger.shards - 1) AS shard
ON CONFLICT DO NOTHING
