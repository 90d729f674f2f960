-- Keep an account that cannot be folded, with the reason, since the first failure.
INSERT INTO quarantine (shard, account_id, account_version, error, projector, since, tried_at)
VALUES (
  %(shard)s, %(account_id)s, %(account_version)s, %(error)s, %(projector)s, %(now)s, %(now)s
)
ON CONFLICT (shard, account_id) DO UPDATE SET
  account_version = excluded.account_version,
  error = excluded.error,
  projector = excluded.projector,
  tries = quarantine.tries + 1,
  tried_at = excluded.tried_at
