-- The receipts of some accounts.
SELECT account_id, account_version, digest, projector, as_of, changes_on, contents, projected_at
FROM receipts
WHERE shard = %(shard)s AND account_id = ANY(%(account_ids)s)
