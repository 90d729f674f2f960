-- The next accounts whose state changes with the passing of days alone.
SELECT account_id
FROM all_receipts
WHERE generation = %(generation)s AND shard = %(shard)s AND changes_on <= %(day)s
  AND NOT EXISTS (
    SELECT FROM all_quarantine
    WHERE all_quarantine.generation = all_receipts.generation
      AND all_quarantine.shard = all_receipts.shard
      AND all_quarantine.account_id = all_receipts.account_id
  )
ORDER BY changes_on, account_id
LIMIT %(limit)s
