-- From which version of some accounts the rows of a generation were made.
SELECT account_id, account_version
FROM all_receipts
WHERE generation = %(generation)s AND shard = %(shard)s AND account_id = ANY(%(account_ids)s)
