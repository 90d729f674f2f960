-- How many of an incident are not clean yet.
SELECT count(*) FROM incident_members WHERE number = %(number)s AND cleared_at IS NULL
