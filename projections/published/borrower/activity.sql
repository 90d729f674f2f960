-- For the borrower who asks: one row a movement of money.
-- The barrier keeps his own functions off the rows of others.
CREATE VIEW borrower.activity WITH (security_barrier = true) AS
SELECT
  activity.account_id, activity.number, activity.moved_on, activity.kind, activity.fact_id,
  activity.currency, activity.money, activity.penalty, activity.fee, activity.interest,
  activity.principal, activity.outstanding, activity.credit_balance,
  standing.as_of,
  standing.changes_on,
  standing.is_behind
FROM activity
JOIN standing
  ON standing.shard = activity.shard AND standing.account_id = activity.account_id
JOIN own_accounts
  ON own_accounts.shard = activity.shard AND own_accounts.account_id = activity.account_id
