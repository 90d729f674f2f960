-- Of every account, how far the rows of the live generation can be trusted on the business date.
CREATE OR REPLACE VIEW standing AS
SELECT
  streams.shard,
  streams.stream_id AS account_id,
  streams.version AS recorded_version,
  receipts.account_version AS shown_version,
  receipts.as_of,
  receipts.changes_on,
  receipts.projected_at,
  (
    receipts.account_id IS NULL
    OR receipts.account_version <> streams.version
    OR receipts.as_of > business_date.today
    OR coalesce(receipts.changes_on <= business_date.today, false)
  ) AS is_behind
FROM streams
CROSS JOIN business_date
LEFT JOIN receipts
  ON receipts.shard = streams.shard AND receipts.account_id = streams.stream_id
WHERE position('/' IN streams.stream_id) = 0
