-- The shards of the ledger.
SELECT shard FROM heads ORDER BY shard
