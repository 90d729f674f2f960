-- The accounts whose rows say overdue, the longest first.
SELECT account_id
FROM overdue_v2
WHERE generation = %(generation)s AND status = 'overdue'
GROUP BY account_id
ORDER BY max(days_past_due) DESC, account_id
LIMIT %(limit)s
