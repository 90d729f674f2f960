-- Finds the accounts that change with a new day without looking at those that do not.
CREATE INDEX IF NOT EXISTS all_receipts_by_change ON all_receipts (generation, shard, changes_on)
