-- Who holds the head of a shard, since when at the latest, and how many writers wait behind.
-- A row lock is not in pg_locks: the row names its transaction (xmax), and that one is there.
SELECT
  heads.shard,
  holder.pid,
  activity.usename AS role,
  activity.application_name AS application,
  activity.state,
  activity.xact_start AS since,
  (
    SELECT count(*)
    FROM pg_locks AS waiting
    WHERE NOT waiting.granted
      AND (
        waiting.transactionid = heads.xmax
        OR (
          waiting.locktype = 'tuple'
          AND waiting.relation = heads.tableoid
          AND format('(%s,%s)', waiting.page, waiting.tuple)::tid = heads.ctid
        )
      )
  ) AS waiting
FROM heads
JOIN pg_locks AS holder
  ON holder.locktype = 'transactionid' AND holder.granted AND holder.transactionid = heads.xmax
JOIN pg_stat_activity AS activity ON activity.pid = holder.pid
ORDER BY heads.shard
