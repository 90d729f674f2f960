-- Incidents with whom they concern, the newest first.
SELECT
  incidents.number, cause, opened_at, closed_at,
  count(*) AS members,
  count(*) FILTER (WHERE cleared_at IS NULL) AS ill,
  min(shard) AS first_shard, max(shard) AS last_shard,
  min(account_id) AS first_account
FROM incidents
JOIN incident_members USING (number)
WHERE (%(number)s::bigint IS NULL OR incidents.number = %(number)s)
  AND (%(before)s::bigint IS NULL OR incidents.number < %(before)s)
  AND (NOT %(only_open)s OR closed_at IS NULL)
GROUP BY incidents.number
ORDER BY incidents.number DESC
LIMIT %(limit)s
