-- Whom an incident concerns, those who are still ill first.
SELECT shard, account_id, joined_at, cleared_at, tries, evidence, proof
FROM incident_members
WHERE number = %(number)s
ORDER BY cleared_at IS NOT NULL, shard, account_id
LIMIT %(limit)s
