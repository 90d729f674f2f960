-- The least that a look at an account can cost: one row by its primary key.
SELECT status, overdue_total
FROM overdue
WHERE shard = %(shard)s AND account_id = %(account_id)s
LIMIT 1
