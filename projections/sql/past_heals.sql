-- The heals of an account, the first one first.
SELECT healed_at, was_drifted, account_version, projector, as_of, changes_on, projected_at
FROM heals
WHERE shard = %(shard)s AND account_id = %(account_id)s
ORDER BY healed_at
