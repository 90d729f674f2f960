-- How the accounts of a shard stand in the live generation and in a new one.  Rows say different
-- things for their code alone only where both are of the same version and hold on the same day.
SELECT
  account_id,
  CASE
    WHEN live.account_version >= failing.account_version THEN 'failing'
    WHEN live.account_id IS NULL THEN 'added'
    WHEN new.account_id IS NULL AND streams.stream_id IS NULL THEN 'removed'
    WHEN live.account_version IS DISTINCT FROM new.account_version
      OR coalesce(live.changes_on <= new.as_of, false)
      OR coalesce(new.changes_on <= live.as_of, false) THEN 'moved'
    ELSE 'comparable'
  END AS standing,
  failing.error
FROM (
  SELECT account_id, account_version, as_of, changes_on
  FROM all_receipts WHERE generation = %(live)s AND shard = %(shard)s
) AS live
FULL JOIN (
  SELECT account_id, account_version, as_of, changes_on
  FROM all_receipts WHERE generation = %(new)s AND shard = %(shard)s
) AS new USING (account_id)
-- In the quarantine of the new one.  Where the live one is of the same version, it could fold it.
LEFT JOIN (
  SELECT account_id, account_version, error
  FROM all_quarantine WHERE generation = %(new)s AND shard = %(shard)s
) AS failing USING (account_id)
LEFT JOIN streams ON streams.shard = %(shard)s AND streams.stream_id = account_id
ORDER BY account_id
