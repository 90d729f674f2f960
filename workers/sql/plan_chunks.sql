-- Cut the accounts of some shards into chunks.  An account that is opened later needs none: its
-- events stand behind the position from which the generation follows the log.
INSERT INTO rebuilds (generation, shard, chunk, after, upto, accounts)
SELECT
  %(generation)s, shard, chunk,
  coalesce(lag(upto) OVER (PARTITION BY shard ORDER BY chunk), ''), upto, accounts
FROM (
  SELECT shard, chunk, max(stream_id) AS upto, count(*) AS accounts
  FROM (
    SELECT
      shard, stream_id,
      (row_number() OVER (PARTITION BY shard ORDER BY stream_id) - 1) / %(accounts)s AS chunk
    FROM streams
    WHERE shard = ANY(%(shards)s) AND position('/' IN stream_id) = 0
  ) AS numbered
  GROUP BY shard, chunk
) AS chunks
