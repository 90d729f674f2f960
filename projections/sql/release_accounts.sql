-- Accounts that could be folded again leave the quarantine.
DELETE FROM all_quarantine
WHERE generation = %(generation)s AND shard = %(shard)s AND account_id = ANY(%(account_ids)s)
