-- Accounts that could be folded again leave the quarantine.
DELETE FROM quarantine WHERE shard = %(shard)s AND account_id = ANY(%(account_ids)s)
