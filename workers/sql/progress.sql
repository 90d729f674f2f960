-- How far a rebuild has come, in accounts, and how long the rest takes at the pace of its last
-- minute: nobody knows where no chunk was finished in it.
SELECT
  accounts, done, quarantined,
  CASE
    WHEN done = accounts THEN 0
    ELSE ceil((accounts - done) * seconds / nullif(recently_done, 0))::integer
  END AS seconds_left
FROM (
  SELECT
    coalesce(sum(accounts), 0)::integer AS accounts,
    coalesce(sum(accounts) FILTER (WHERE done_at IS NOT NULL), 0)::integer AS done,
    coalesce(sum(accounts) FILTER (WHERE done_at > now() - interval '1 minute'), 0)::integer
      AS recently_done,
    coalesce(sum(quarantined), 0)::integer AS quarantined,
    least(60, extract(epoch FROM now() - max(asked_at))) AS seconds
  FROM rebuilds
  WHERE generation = %(generation)s AND shard = ANY(%(shards)s)
) AS chunks
