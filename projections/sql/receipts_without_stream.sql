-- Accounts that have rows but no events: what a rebuild must take away.
SELECT account_id FROM receipts
WHERE shard = %(shard)s AND NOT EXISTS (
  SELECT FROM streams
  WHERE streams.shard = receipts.shard AND streams.stream_id = receipts.account_id
)
LIMIT %(limit)s
