-- Accounts whose rows may not be trusted today: behind the log, of an old day, of other code,
-- without a receipt.
SELECT streams.stream_id
FROM streams
LEFT JOIN receipts
  ON receipts.shard = streams.shard AND receipts.account_id = streams.stream_id
WHERE position('/' IN streams.stream_id) = 0
  AND (
    receipts.account_id IS NULL
    OR receipts.account_version <> streams.version
    OR receipts.changes_on <= %(today)s
    OR receipts.as_of > %(today)s
    OR receipts.projector <> %(projector)s
    OR NOT receipts.contents ? %(table)s
  )
ORDER BY streams.stream_id
