-- For the borrower who asks: one row an installment.
-- The barrier keeps his own functions off the rows of others.
CREATE VIEW borrower.schedule WITH (security_barrier = true) AS
SELECT
  repayment_schedule.account_id, repayment_schedule.draw_id, repayment_schedule.number,
  repayment_schedule.due_on, repayment_schedule.penalty, repayment_schedule.fee,
  repayment_schedule.interest, repayment_schedule.principal, repayment_schedule.paid,
  repayment_schedule.waived, repayment_schedule.written_off, repayment_schedule.cancelled,
  repayment_schedule.outstanding, repayment_schedule.balance, repayment_schedule.status,
  repayment_schedule.days_late, repayment_schedule.settled_on,
  standing.as_of,
  standing.changes_on,
  standing.is_behind
FROM repayment_schedule
JOIN standing
  ON standing.shard = repayment_schedule.shard
  AND standing.account_id = repayment_schedule.account_id
JOIN own_accounts
  ON own_accounts.shard = repayment_schedule.shard
  AND own_accounts.account_id = repayment_schedule.account_id
