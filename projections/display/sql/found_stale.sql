-- The pages of a day, from an instant on, for which the cache held an entry that was not of them.
SELECT
  shown_at, account_id, view, viewer, role, client, client_class, as_of, account_version,
  stream_version, policy_id, policy_version, source, cache, withheld, digest, page,
  NULL::timestamptz AS changed_at
FROM display_receipts
WHERE shard = %(shard)s AND account_id = %(account_id)s AND shown_at >= %(at)s
  AND as_of = %(day)s AND cache IN ('stale', 'broken')
ORDER BY shown_at
LIMIT %(limit)s
