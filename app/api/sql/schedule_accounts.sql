-- The next accounts with an installment that the filters let through, in the order of ids.
SELECT DISTINCT account_id
FROM repayment_schedule
WHERE account_id > %(after)s
  AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(due_from)s::date IS NULL OR due_on >= %(due_from)s)
  AND (%(due_to)s::date IS NULL OR due_on <= %(due_to)s)
ORDER BY account_id
LIMIT %(limit)s
