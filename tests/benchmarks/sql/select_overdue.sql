-- What a service without receipts would do for a page: one row of a view, believed as it stands.
SELECT * FROM overdue WHERE shard = %(shard)s AND account_id = %(account)s LIMIT 1
