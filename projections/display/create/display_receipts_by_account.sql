-- Finds what an account's page said at an instant; each month has its part of it.
CREATE INDEX IF NOT EXISTS display_receipts_by_account
ON display_receipts (shard, account_id, shown_at)
