-- Incidents by cause: how many there were, how many are open, and how many they concern.
SELECT
  cause, count(DISTINCT number) AS opened,
  count(DISTINCT number) FILTER (WHERE closed_at IS NULL) AS open,
  count(*) FILTER (WHERE cleared_at IS NULL) AS ill
FROM incidents
JOIN incident_members USING (number)
GROUP BY cause
ORDER BY cause
