-- The next accounts that the day calls for.
SELECT account_id
FROM assessments
WHERE shard = %(shard)s AND next_on <= %(day)s
ORDER BY next_on, account_id
LIMIT %(limit)s
