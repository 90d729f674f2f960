-- Rows that another version of the fold made, to be made again.
SELECT account_id FROM receipts
WHERE shard = %(shard)s AND projector <> %(projector)s
LIMIT %(limit)s
