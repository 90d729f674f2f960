-- For analysts: the portfolio of the business date, summed up by product and bucket.
CREATE VIEW analytics.portfolio AS
SELECT
  business_date.today AS day,
  overdue.currency,
  coalesce(events_readable.state ->> 'product', events_readable.state #>> '{terms,method}')
    AS product,
  overdue.bucket,
  count(*) AS draws,
  count(DISTINCT overdue.account_id) AS accounts,
  sum(overdue.outstanding_total)::bigint AS outstanding_total,
  sum(overdue.overdue_total)::bigint AS overdue_total,
  max(overdue.days_past_due) AS worst_days_past_due,
  count(*) FILTER (WHERE standing.is_behind) AS draws_behind,
  (SELECT count(*) FROM standing AS every WHERE every.is_behind) AS accounts_behind
FROM business_date
CROSS JOIN overdue
JOIN standing
  ON standing.shard = overdue.shard AND standing.account_id = overdue.account_id
JOIN events_readable
  ON events_readable.shard = overdue.shard AND events_readable.stream_id = overdue.account_id
  AND events_readable.key = 'draw:' || overdue.draw_id
WHERE overdue.status <> 'settled'
GROUP BY business_date.today, overdue.currency, product, overdue.bucket
