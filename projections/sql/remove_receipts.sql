-- The receipts of one shard of a generation that goes.
DELETE FROM all_receipts WHERE generation = %(generation)s AND shard = %(shard)s
