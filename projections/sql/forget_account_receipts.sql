-- Make place for the new receipts of some accounts.
DELETE FROM all_receipts
WHERE generation = %(generation)s AND shard = %(shard)s AND account_id = ANY(%(account_ids)s)
