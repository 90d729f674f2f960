-- The next accounts whose state changes with the passing of days alone.
SELECT account_id
FROM receipts
WHERE shard = %(shard)s AND changes_on <= %(day)s
  AND NOT EXISTS (
    SELECT FROM quarantine
    WHERE quarantine.shard = receipts.shard AND quarantine.account_id = receipts.account_id
  )
ORDER BY changes_on, account_id
LIMIT %(limit)s
