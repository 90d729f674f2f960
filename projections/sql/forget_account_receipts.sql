-- Make place for the new receipts of some accounts, or for none where an account has no events.
DELETE FROM receipts WHERE shard = %(shard)s AND account_id = ANY(%(account_ids)s)
