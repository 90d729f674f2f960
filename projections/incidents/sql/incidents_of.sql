-- What was wrong with an account, or with its whole shard, at an instant; at any without one.
SELECT
  incidents.number, cause, opened_at, closed_at, account_id <> '' AS is_of_account,
  joined_at, cleared_at, evidence, proof
FROM incident_members
JOIN incidents USING (number)
WHERE shard = %(shard)s AND account_id IN (%(account_id)s, '')
  AND (%(at)s::timestamptz IS NULL
    OR joined_at <= %(at)s AND (cleared_at IS NULL OR cleared_at > %(at)s))
ORDER BY joined_at, incidents.number
