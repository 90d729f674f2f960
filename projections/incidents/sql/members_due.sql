-- Who is to be looked at now, incident by incident and shard by shard.
SELECT incidents.number, cause, shard, account_id, tries
FROM incident_members
JOIN incidents USING (number)
WHERE closed_at IS NULL AND cleared_at IS NULL AND next_try_at <= %(now)s
ORDER BY incidents.number, shard, account_id
LIMIT %(limit)s
