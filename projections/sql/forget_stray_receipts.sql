-- Take away the receipts of accounts that have no events.
DELETE FROM all_receipts
WHERE generation = %(generation)s AND shard = ANY(%(shards)s) AND NOT EXISTS (
  SELECT FROM streams
  WHERE streams.shard = all_receipts.shard AND streams.stream_id = all_receipts.account_id
)
