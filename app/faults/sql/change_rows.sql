-- Somebody makes the rows of an account say that all is well.
UPDATE overdue
SET status = 'current', overdue_total = 0, days_past_due = 0
WHERE account_id = %(account_id)s AND status = 'overdue'
