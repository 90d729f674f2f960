-- What a service without receipts would do for a page: one row of a view, believed as it stands.
SELECT * FROM overdue_v2
WHERE generation = 1 AND shard = %(shard)s AND account_id = %(account)s
LIMIT 1
