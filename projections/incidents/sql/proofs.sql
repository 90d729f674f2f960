-- The proofs of some of those whom an incident concerns.
SELECT shard, account_id, cleared_at, proof
FROM incident_members
WHERE number = %(number)s AND cleared_at IS NOT NULL
ORDER BY shard, account_id
LIMIT %(limit)s
