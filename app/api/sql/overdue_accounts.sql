-- The next accounts with a row of `overdue` that the filters let through, in the order of ids.
SELECT DISTINCT account_id
FROM overdue
WHERE account_id > %(after)s
  AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(bucket)s::text IS NULL OR bucket = %(bucket)s)
  AND (%(days_min)s::integer IS NULL OR days_past_due >= %(days_min)s)
  AND (%(days_max)s::integer IS NULL OR days_past_due <= %(days_max)s)
ORDER BY account_id
LIMIT %(limit)s
