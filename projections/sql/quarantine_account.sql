-- Keep an account that cannot be folded, with the reason, since the first failure: that of the live
-- generation, where another one is built.
INSERT INTO all_quarantine AS held (
  generation, shard, account_id, account_version, error, failed_topic, failed_version,
  failed_position, projector, tried_by, since, tries, tried_at
)
VALUES (
  %(generation)s, %(shard)s, %(account_id)s, %(account_version)s, %(error)s, %(failed_topic)s,
  %(failed_version)s, %(failed_position)s, %(projector)s, ARRAY[%(code)s],
  coalesce(
    (SELECT since FROM quarantine WHERE shard = %(shard)s AND account_id = %(account_id)s),
    %(now)s
  ),
  1 + coalesce(
    (SELECT tries FROM quarantine WHERE shard = %(shard)s AND account_id = %(account_id)s), 0
  ),
  %(now)s
)
ON CONFLICT (generation, shard, account_id) DO UPDATE SET
  account_version = excluded.account_version,
  error = excluded.error,
  failed_topic = excluded.failed_topic,
  failed_version = excluded.failed_version,
  failed_position = excluded.failed_position,
  projector = excluded.projector,
  tried_by = CASE
    WHEN held.account_version = excluded.account_version
      THEN array_remove(held.tried_by, %(code)s) || excluded.tried_by
    ELSE excluded.tried_by
  END,
  tries = held.tries + 1,
  tried_at = excluded.tried_at
