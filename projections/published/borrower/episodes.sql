-- For the borrower who asks: one row a period of being overdue.
-- The barrier keeps his own functions off the rows of others.
CREATE VIEW borrower.episodes WITH (security_barrier = true) AS
SELECT
  episodes.account_id, episodes.draw_id, episodes.number, episodes.began_on, episodes.ended_on,
  episodes.due_on, episodes.worst_days_past_due, episodes.worst_overdue_total, episodes.currency,
  standing.as_of,
  standing.changes_on,
  standing.is_behind
FROM episodes
JOIN standing
  ON standing.shard = episodes.shard AND standing.account_id = episodes.account_id
JOIN own_accounts
  ON own_accounts.shard = episodes.shard AND own_accounts.account_id = episodes.account_id
