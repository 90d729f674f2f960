-- A receipt, if the page is not the one that was shown last; and one in each month all the same, so
-- that what goes with an old month is never the last that is known.  Of one account so many a day:
-- who changes his client with each look shall not fill the disk.  Answers whether there was room,
-- and whether a receipt was written.
WITH room AS (
  SELECT count(*) < %(a_day)s AS there
  FROM (
    SELECT
    FROM display_receipts
    WHERE shard = %(shard)s AND account_id = %(account_id)s
      AND shown_at > %(shown_at)s::timestamptz - interval '1 day'
    LIMIT %(a_day)s
  ) AS of_the_day
), changed AS (
  INSERT INTO display_last AS last (shard, account_id, view, viewer, client, digest, shown_at)
  SELECT
    %(shard)s, %(account_id)s, %(view)s, %(viewer)s, %(client)s, %(digest)s, %(shown_at)s
  FROM room
  WHERE there
  ON CONFLICT (shard, account_id, view, viewer, client)
  DO UPDATE SET digest = excluded.digest, shown_at = excluded.shown_at
  WHERE last.digest <> excluded.digest
    OR date_trunc('month', last.shown_at, 'UTC') <> date_trunc('month', excluded.shown_at, 'UTC')
  RETURNING true
), written AS (
  INSERT INTO display_receipts (
    shown_at, shard, account_id, view, viewer, role, client, client_class, as_of, account_version,
    stream_version, policy_id, policy_version, source, cache, withheld, digest, page
  )
  SELECT
    %(shown_at)s, %(shard)s, %(account_id)s, %(view)s, %(viewer)s, %(role)s, %(client)s,
    %(client_class)s, %(as_of)s, %(account_version)s, %(stream_version)s, %(policy_id)s,
    %(policy_version)s, %(source)s, %(cache)s, %(withheld)s, %(digest)s, %(page)s
  FROM changed
  RETURNING true
)
SELECT there, EXISTS (SELECT FROM written) FROM room
