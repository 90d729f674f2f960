-- The stay of an account in the quarantine at an instant, ended (history) or not (quarantine).
SELECT account_version, error, projector, tries, since, released_at
FROM quarantine_history
WHERE shard = %(shard)s AND account_id = %(account_id)s AND since <= %(at)s AND released_at > %(at)s
UNION ALL
SELECT account_version, error, projector, tries, since, NULL
FROM quarantine
WHERE shard = %(shard)s AND account_id = %(account_id)s AND since <= %(at)s
LIMIT 1
