-- The next accounts whose rows may not be trusted today, up to an account if one is named: a list
-- must look at them itself.
SELECT streams.stream_id
FROM streams
LEFT JOIN receipts
  ON receipts.shard = streams.shard AND receipts.account_id = streams.stream_id
WHERE position('/' IN streams.stream_id) = 0
  AND streams.stream_id > %(after)s
  AND (%(up_to)s::text IS NULL OR streams.stream_id <= %(up_to)s)
  AND (
    receipts.account_id IS NULL
    OR receipts.account_version <> streams.version
    OR receipts.changes_on <= %(today)s
    OR receipts.as_of > %(today)s
    OR receipts.projector <> %(projector)s
  )
ORDER BY streams.stream_id
LIMIT %(limit)s
