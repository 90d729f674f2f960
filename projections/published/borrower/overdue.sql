-- For the borrower who asks: one row a draw, overdue or not.
-- The barrier keeps his own functions off the rows of others.
CREATE VIEW borrower.overdue WITH (security_barrier = true) AS
SELECT
  overdue.account_id, overdue.draw_id, overdue.currency, overdue.status, overdue.days_late,
  overdue.days_past_due, overdue.bucket, overdue.ageing::jsonb AS ageing,
  overdue.late_since, overdue.overdue_since, overdue.late_total, overdue.overdue_penalty,
  overdue.overdue_fee, overdue.overdue_interest, overdue.overdue_principal,
  overdue.overdue_total, overdue.outstanding_total, overdue.next_due_on, overdue.credit_balance,
  overdue.risk_class,
  standing.as_of,
  standing.changes_on,
  standing.is_behind
FROM overdue
JOIN standing
  ON standing.shard = overdue.shard AND standing.account_id = overdue.account_id
JOIN own_accounts
  ON own_accounts.shard = overdue.shard AND own_accounts.account_id = overdue.account_id
