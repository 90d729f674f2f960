-- Finds the accounts that change with a new day without looking at those that do not.
CREATE INDEX IF NOT EXISTS receipts_by_change ON receipts (shard, changes_on)
