-- The receipts of some accounts in a generation.
SELECT account_id, account_version, digest, projector, as_of, changes_on, contents, projected_at
FROM all_receipts
WHERE generation = %(generation)s AND shard = %(shard)s AND account_id = ANY(%(account_ids)s)
